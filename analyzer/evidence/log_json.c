// SPDX-License-Identifier: Apache-2.0
//
// Records that are JSON objects: the journal's (`journalctl -o json`, json-sse, json-seq), docker's
// json-file, and programs' own (klog --logging-format=json, zap). Read key by key without a tree: most lines
// of a container log are these.
#include "evidence/log_line.h"

#include <string.h>

#include "util/times.h"

// ---- reading ---------------------------------------------------------------------------------

static void skip_blanks(struct text *rest)
{
    while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
        *rest = text_from(*rest, 1);
}

// A string's inside, escapes and all. *rest stands on its opening quote. A string that is cut short (the
// rest of a long line dropped) goes to the end.
static bool take_string(struct text *rest, struct text *inside)
{
    size_t from = 1;
    for (;;) {
        const char *quote = from < rest->len ? memchr(rest->ptr + from, '"', rest->len - from) : NULL;
        size_t at = quote ? (size_t)(quote - rest->ptr) : rest->len, escapes = 0;
        while (quote && at - escapes > 1 && rest->ptr[at - escapes - 1] == '\\')
            escapes++;
        if (quote && escapes % 2) {
            from = at + 1;
            continue;
        }
        *inside = text_slice(*rest, 1, at - 1);
        *rest = text_from(*rest, at + 1);
        return true;
    }
}

// Any value, as written; strings without their quotes. Nested ones are stepped over, not read.
static bool take_value(struct text *rest, struct text *value)
{
    struct text whole = *rest, ignored;
    if (!rest->len)
        return false;
    if (rest->ptr[0] == '"')
        return take_string(rest, value);
    size_t depth = 0;
    while (rest->len) {
        char c = rest->ptr[0];
        if (c == '"') {
            (void)take_string(rest, &ignored);
            continue;
        }
        if (!depth && (c == ',' || c == '}' || c == ' '))
            break;
        depth += c == '[' || c == '{';
        depth -= depth && (c == ']' || c == '}');
        *rest = text_from(*rest, 1);
        if (!depth && (c == ']' || c == '}'))
            break;
    }
    *value = text_slice(whole, 0, whole.len - rest->len);
    return value->len > 0;
}

// The next `"key": value` of an object; *rest stands behind `{` or a value. *quoted: the value is a string.
static bool take_member(struct text *rest, struct text *key, struct text *value, bool *quoted)
{
    skip_blanks(rest);
    (void)text_skip(rest, ",");
    skip_blanks(rest);
    if (!text_starts(*rest, "\"") || !take_string(rest, key))
        return false;
    skip_blanks(rest);
    if (!text_skip(rest, ":"))
        return false;
    skip_blanks(rest);
    *quoted = text_starts(*rest, "\"");
    return take_value(rest, value);
}

// ---- strings ---------------------------------------------------------------------------------

static void add_code(struct buffer *out, uint32_t code)
{
    if (code < 0x80) {
        buffer_putc(out, (char)code);
    } else if (code < 0x800) {
        buffer_putc(out, (char)(0xc0 | code >> 6));
        buffer_putc(out, (char)(0x80 | (code & 63)));
    } else if (code < 0x10000) {
        buffer_putc(out, (char)(0xe0 | code >> 12));
        buffer_putc(out, (char)(0x80 | (code >> 6 & 63)));
        buffer_putc(out, (char)(0x80 | (code & 63)));
    } else {
        buffer_putc(out, (char)(0xf0 | code >> 18));
        buffer_putc(out, (char)(0x80 | (code >> 12 & 63)));
        buffer_putc(out, (char)(0x80 | (code >> 6 & 63)));
        buffer_putc(out, (char)(0x80 | (code & 63)));
    }
}

// `u00e9` behind the backslash, a pair of surrogates as one; lone ones become U+FFFD.
static size_t add_unicode(struct buffer *out, struct text rest)
{
    uint64_t code, low;
    if (!text_to_hex(text_slice(rest, 1, 4), &code) || rest.len < 5)
        return 1;
    if (code < 0xd800 || code > 0xdfff) {
        add_code(out, (uint32_t)code);
        return 5;
    }
    if (code < 0xdc00 && text_starts(text_from(rest, 5), "\\u") &&
        text_to_hex(text_slice(rest, 7, 4), &low) && low >= 0xdc00 && low <= 0xdfff) {
        add_code(out, (uint32_t)(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)));
        return 11;
    }
    add_code(out, 0xfffd);
    return 5;
}

// A string as it was before JSON; stays where it is when nothing in it is escaped.
static struct text unescape(struct buffer *out, struct text inside)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    if (text_find_byte(inside, '\\') < 0)
        return inside;
    buffer_clear(out);
    while (inside.len) {
        ptrdiff_t at = text_find_byte(inside, '\\');
        buffer_add(out, text_slice(inside, 0, at < 0 ? inside.len : (size_t)at));
        inside = text_from(inside, at < 0 ? inside.len : (size_t)at + 1);
        if (!inside.len)
            break;
        const char *letter = memchr(letters, inside.ptr[0], sizeof letters - 1);
        size_t used = 1;
        if (inside.ptr[0] == 'u')
            used = add_unicode(out, inside);
        else
            buffer_putc(out, letter ? meanings[letter - letters] : inside.ptr[0]);
        inside = text_from(inside, used);
    }
    return buffer_text(out);
}

// MESSAGE as an array of byte numbers: what the journal does to bytes that are no UTF-8, or control bytes.
static struct text bytes_of(struct buffer *out, struct text array)
{
    uint64_t byte;
    buffer_clear(out);
    while (array.len) {
        if (byte_is_digit(array.ptr[0]) && text_take_u64(&array, &byte))
            buffer_putc(out, (char)byte);
        else
            array = text_from(array, 1);
    }
    return buffer_text(out);
}

static struct text string_value(struct buffer *out, struct text value, bool quoted)
{
    struct text inside;
    if (quoted)
        return unescape(out, value);
    if (!text_starts(value, "["))
        return text_is(value, "null") ? TEXT("") : value;
    if (text_find_byte(value, '"') < 0)
        return bytes_of(out, value);
    value = text_from(value, (size_t)text_find_byte(value, '"')); // a field that was set twice: its first
    (void)take_string(&value, &inside);
    return unescape(out, inside);
}

// ---- the journal's fields ----------------------------------------------------------------------

struct text *log_field(struct log_fields *fields, struct text name)
{
    const struct {
        const char *name;
        struct text *field;
    } known[] = {{"MESSAGE", &fields->message},
                 {"PRIORITY", &fields->priority},
                 {"SYSLOG_IDENTIFIER", &fields->ident},
                 {"_COMM", &fields->comm},
                 {"_PID", &fields->pid},
                 {"SYSLOG_PID", &fields->syslog_pid},
                 {"_SYSTEMD_UNIT", &fields->unit},
                 {"_HOSTNAME", &fields->host},
                 {"_BOOT_ID", &fields->boot},
                 {"_TRANSPORT", &fields->transport},
                 {"__REALTIME_TIMESTAMP", &fields->realtime},
                 {"_SOURCE_MONOTONIC_TIMESTAMP", &fields->monotonic}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (text_is(name, known[i].name))
            return known[i].field;
    return NULL;
}

static int64_t number_of(struct text text, uint64_t scale)
{
    uint64_t number;
    if (!text_to_u64(text, &number) || number > (uint64_t)INT64_MAX / scale)
        return ROW_NULL;
    return (int64_t)(number * scale);
}

void log_fields_line(const struct log_fields *fields, struct log_line *out)
{
    out->time = number_of(fields->realtime, 1000);
    out->clock = out->time == ROW_NULL ? CLOCK_NONE : CLOCK_UTC;
    out->host = fields->host;
    out->ident = fields->ident.len ? fields->ident : fields->comm;
    out->unit = fields->unit;
    out->pid = number_of(fields->pid.len ? fields->pid : fields->syslog_pid, 1);
    out->priority = number_of(fields->priority, 1);
    if (out->priority > 7)
        out->priority = ROW_NULL;
    out->boot = fields->boot;
    out->message = fields->message.ptr ? fields->message : TEXT("");
    out->kernel = text_is(fields->transport, "kernel") || text_is(out->ident, "kernel");
    out->printk_ns = out->kernel ? number_of(fields->monotonic, 1000) : ROW_NULL;
}

// ---- the three kinds of objects ------------------------------------------------------------------

// `"ts":1616398324656.7524`: seconds, or since klog's JSON format settled, milliseconds. By its size.
static bool number_stamp(struct text value, struct log_stamp *stamp)
{
    double number;
    if (!text_to_double(value, &number) || !(number > 1e8 && number < 1e19))
        return false;
    double us = number < 1e11   ? number * 1e6
                : number < 1e14 ? number * 1e3
                : number < 1e17 ? number
                                : number / 1e3;
    if (us > 7.2e15) // 2198: 64 bits of nanoseconds end in 2262
        return false;
    // a double holds 15 digits: microseconds of today
    *stamp = (struct log_stamp){(int64_t)us * 1000, CLOCK_UTC, ROW_NULL};
    return true;
}

static bool value_stamp(struct log_minute *minute, struct text value, bool quoted, struct log_stamp *stamp)
{
    return quoted ? stamp_iso(&value, minute, stamp) && !value.len : number_stamp(value, stamp);
}

static bool is_stamp_key(struct text key)
{
    return text_is(key, "ts") || text_is(key, "time") || text_is(key, "timestamp") ||
           text_is(key, "@timestamp") || text_is(key, "t");
}

static bool is_level_key(struct text key)
{
    return text_is(key, "level") || text_is(key, "severity") || text_is(key, "lvl");
}

bool log_json_stamp(struct log_format *format, struct text object, struct log_inner *inner)
{
    struct text key, value;
    bool quoted, found = false;
    *inner = (struct log_inner){{ROW_NULL, CLOCK_NONE, ROW_NULL}, ROW_NULL, ROW_NULL};
    object = text_from(object, 1);
    // what matters stands first or last in all of them; a huge object is not worth more than this
    for (int i = 0; i < 32 && take_member(&object, &key, &value, &quoted); i++) {
        if (!found && is_stamp_key(key))
            found = value_stamp(&format->inner, value, quoted, &inner->stamp);
        else if (quoted && is_level_key(key))
            inner->priority = log_priority_of(value);
    }
    return found;
}

// `{"log":"…\n","stream":"stdout","time":"2016-02-17T00:04:05.931087621Z"}`. A record is at most 16 KiB: a
// `log` without a newline at its end goes on in the next.
static bool docker_line(struct log_format *format, struct text log, struct text time, struct log_stamp *stamp,
                        struct log_line *out)
{
    if (!time.ptr || !stamp_iso(&time, &format->outer, stamp))
        return false;
    struct text message = unescape(&format->text, log);
    out->partial = !text_ends(message, "\n");
    if (!out->partial)
        message.len--;
    if (text_ends(message, "\r"))
        message.len--;
    out->message = message;
    return true;
}

static bool journal_line(struct log_format *format, struct log_fields *fields, bool quoted,
                         struct log_stamp *stamp, struct log_line *out)
{
    fields->message = string_value(&format->text, fields->message, quoted);
    log_fields_line(fields, out);
    *stamp = (struct log_stamp){out->time, out->clock, ROW_NULL};
    return out->clock != CLOCK_NONE;
}

static bool program_line(struct log_format *format, struct text line, struct log_stamp *stamp,
                         struct log_line *out)
{
    struct log_inner inner;
    if (!log_json_stamp(format, line, &inner))
        return false;
    out->priority = inner.priority;
    out->message = line; // as it is: rules match on its text
    *stamp = inner.stamp;
    return true;
}

bool log_json_parse(struct log_format *format, struct text line, struct log_stamp *stamp,
                    struct log_line *out)
{
    struct log_fields fields = {0};
    struct text key, value, log = {0}, time = {0}, rest = text_from(line, 1);
    bool quoted, message_quoted = true;
    while (take_member(&rest, &key, &value, &quoted)) {
        struct text *field = log_field(&fields, key);
        if (field)
            *field = value;
        if (field == &fields.message)
            message_quoted = quoted;
        else if (quoted && text_is(key, "log"))
            log = value;
        else if (quoted && text_is(key, "time"))
            time = value;
        else if (quoted && text_is(key, "stream"))
            out->errors = text_is(value, "stderr");
    }
    if (fields.realtime.ptr)
        return journal_line(format, &fields, message_quoted, stamp, out);
    if (log.ptr)
        return docker_line(format, log, time, stamp, out);
    return program_line(format, line, stamp, out);
}
