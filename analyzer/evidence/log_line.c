// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_line.h"

#include <string.h>

void log_format_init(struct log_format *format, struct text path)
{
    *format = (struct log_format){.source = log_source_of(path),
                                  .human_ns = ROW_NULL,
                                  .zone_s = ROW_NULL,
                                  .first_year = ROW_NULL,
                                  .banner_end = ROW_NULL};
}

void log_format_release(struct log_format *format)
{
    buffer_release(&format->text);
}

struct text log_line_unit(const struct log_format *format, const struct log_line *line)
{
    const struct log_source *source = &format->source;
    if (line->kernel)
        return TEXT("kernel");
    if (source->sure)
        return source->unit;
    struct text unit = line->unit.len ? log_unit_of(line->unit) : (struct text){NULL, 0};
    if (!unit.len && line->ident.len)
        unit = log_unit_of(line->ident);
    return unit.len ? unit : source->unit;
}

static void use_tag(const struct log_tag *tag, struct log_line *out)
{
    out->host = tag->host;
    out->ident = tag->ident;
    out->pid = tag->pid;
    out->kernel = text_is(tag->ident, "kernel");
}

void log_tag_line(struct log_format *format, struct text *rest, struct log_line *out)
{
    struct log_tag tag;
    log_tag_take(rest, &format->tag, &tag);
    use_tag(&tag, out);
}

// ---- forms that begin with a stamp -------------------------------------------------------------

static bool take_syslog(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                        struct log_line *out)
{
    if (!stamp_syslog(rest, &format->outer, stamp))
        return false;
    log_tag_line(format, rest, out);
    return true;
}

// `2019-04-30T02:12:41.8443515Z stdout F message`
static bool take_cri(struct text *rest, struct log_line *out)
{
    struct text at = *rest;
    bool errors = text_starts(at, " stderr ");
    if (!text_skip(&at, " stdout ") && !text_skip(&at, " stderr "))
        return false;
    bool partial = text_starts(at, "P");
    if ((!partial && !text_starts(at, "F")) || (at.len > 1 && at.ptr[1] != ' ' && at.ptr[1] != ':'))
        return false;
    ptrdiff_t blank = text_find_byte(at, ' '); // more tags may follow the first, joined by colons
    *rest = text_from(at, blank < 0 ? at.len : (size_t)blank + 1);
    out->partial = partial;
    out->errors = errors;
    return true;
}

// Offset, host, ident and pid as in the line before: one comparison.
static bool take_zoned_tag(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                           struct log_line *out)
{
    struct log_tag tag;
    if (!log_tag_known(rest, &format->zoned, &tag))
        return false;
    stamp->clock = CLOCK_UTC;
    stamp->zone_s = format->zoned_s;
    if (stamp->zone_s != ROW_NULL)
        stamp->time -= stamp->zone_s * INT64_C(1000000000);
    use_tag(&tag, out);
    return true;
}

static void keep_zoned_tag(struct log_format *format, const char *start, struct text rest,
                           const struct log_stamp *stamp, const struct log_line *out)
{
    struct log_tag tag = {out->host, out->ident, out->pid};
    if (stamp->clock != CLOCK_UTC || !tag.ident.ptr)
        return;
    log_tag_keep(&format->zoned, start, (size_t)(rest.ptr - start), &tag);
    format->zoned_s = stamp->zone_s;
}

// A date without zone or T is what programs write into their own logs: no host and no ident follow.
static bool take_iso(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                     struct log_line *out)
{
    struct text whole = *rest;
    if (!stamp_iso_local(rest, &format->outer, stamp))
        return false;
    const char *behind = rest->ptr;
    if (take_zoned_tag(format, rest, stamp, out))
        return true;
    stamp_zone(rest, stamp);
    if (rest->len && rest->ptr[0] != ' ' && rest->ptr[0] != '\t')
        return false;
    if (take_cri(rest, out))
        return true;
    if (format->source.container || (stamp->clock == CLOCK_LOCAL && whole.ptr[10] == ' ')) {
        *rest = text_from(*rest, rest->len ? 1 : 0);
        return true;
    }
    log_tag_line(format, rest, out);
    keep_zoned_tag(format, behind, *rest, stamp, out);
    return true;
}

// `Thu 2018-04-05 17:41:45 CST host prog[1]: …`
static bool take_full(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                      struct log_line *out)
{
    struct text at = *rest, word;
    int64_t zone_s;
    if (!text_word(&at, &word) || word.len > 12 || !text_skip(&at, " ") ||
        !stamp_iso_local(&at, &format->outer, stamp) || !text_word(&at, &word) || word.len > 6)
        return false;
    if (zone_offset(word, &zone_s)) {
        stamp->zone_s = zone_s;
        stamp->time -= zone_s * INT64_C(1000000000);
        stamp->clock = CLOCK_UTC;
    }
    log_tag_line(format, &at, out);
    *rest = at;
    return out->ident.ptr != NULL;
}

static bool take_epoch(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                       struct log_line *out)
{
    struct text at = *rest;
    if (!stamp_epoch(&at, stamp) || !text_starts(at, " "))
        return false;
    log_tag_line(format, &at, out);
    *rest = at;
    return true;
}

// What is left of a syslog line whose front was cut off or was a wall message's: ` kernel:text`.
static bool take_kernel(struct text *rest, struct log_line *out)
{
    struct text at = *rest;
    (void)text_skip(&at, "... ");
    if (!text_skip(&at, "kernel:"))
        return false;
    (void)text_skip(&at, " ");
    out->kernel = true;
    out->ident = TEXT("kernel");
    *rest = at;
    return true;
}

static bool take_form(struct log_format *format, enum log_form form, struct text *rest,
                      struct log_stamp *stamp, struct log_line *out)
{
    switch (form) {
    case LOG_FORM_SYSLOG:
        return take_syslog(format, rest, stamp, out);
    case LOG_FORM_ISO:
        return take_iso(format, rest, stamp, out);
    case LOG_FORM_FULL:
        return take_full(format, rest, stamp, out);
    case LOG_FORM_EPOCH:
        return take_epoch(format, rest, stamp, out);
    case LOG_FORM_BRACKET:
        return text_starts(*rest, "[") && log_bracket_take(format, rest, stamp, out);
    case LOG_FORM_ANGLE:
        return text_starts(*rest, "<") && log_angle_take(format, rest, stamp, out);
    case LOG_FORM_FACILITY:
        return log_facility_take(format, rest, stamp, out);
    case LOG_FORM_KERNEL:
        return take_kernel(rest, out);
    case LOG_FORM_JSON: // takes the line whole
    case LOG_FORM_INNER:
    case LOG_FORM_NONE:
        break;
    }
    return false;
}

// ---- a line ----------------------------------------------------------------------------------

// Field by field: cleared as a whole it takes `rep stos`, which costs as much as the rest
// of a line's parsing.
static void line_init(struct log_line *out, struct text line)
{
    static const struct text absent = {NULL, 0};
    out->form = LOG_FORM_NONE;
    out->time = ROW_NULL;
    out->clock = CLOCK_NONE;
    out->host = out->ident = out->unit = out->boot = absent;
    out->pid = out->priority = out->printk_ns = out->caller = ROW_NULL;
    out->kernel = out->partial = out->errors = false;
    out->delay_s = 0;
    out->message = line;
}

static void note_zone(struct log_format *format, const struct log_stamp *stamp)
{
    if (stamp->zone_s != ROW_NULL)
        format->zone_s = stamp->zone_s;
}

// What is between the outer prefix and the message, and which stamp holds.
static void finish(struct log_format *format, struct log_stamp *stamp, struct log_line *out)
{
    struct log_inner inner;
    note_zone(format, stamp);
    if (stamp->clock == CLOCK_YEARLESS)
        stamp->time = log_year_place(&format->year, stamp->time);
    out->time = stamp->clock == CLOCK_NONE ? ROW_NULL : stamp->time;
    out->clock = stamp->clock;
    if (out->kernel || (format->source.kernel && !out->ident.len))
        log_printk_take(&out->message, out);
    else if (log_inner_parse(format, out->message, &inner))
        log_inner_merge(format, &inner, stamp, out);
}

void log_line_finish(struct log_format *format, struct log_line *out)
{
    struct log_stamp stamp = {out->time, out->clock, ROW_NULL};
    finish(format, &stamp, out);
}

// journalctl's json-seq puts a record separator before the object, json-sse `data: `.
static bool line_of_json(struct log_format *format, struct text line, struct log_line *out)
{
    struct log_stamp stamp = {ROW_NULL, CLOCK_NONE, ROW_NULL};
    (void)text_skip(&line, "\x1e");
    (void)text_skip(&line, "data: ");
    if (!text_starts(line, "{") || !log_json_parse(format, line, &stamp, out))
        return false;
    finish(format, &stamp, out);
    return true;
}

static bool line_of_inner(struct log_format *format, struct text line, struct log_line *out)
{
    const struct log_stamp none = {ROW_NULL, CLOCK_NONE, ROW_NULL};
    struct log_inner inner;
    if (text_starts(line, "{") || !log_inner_parse(format, line, &inner))
        return false;
    log_inner_merge(format, &inner, &none, out);
    return true;
}

static bool line_of(struct log_format *format, enum log_form form, struct text line, struct log_line *out)
{
    struct log_stamp stamp = {ROW_NULL, CLOCK_NONE, ROW_NULL};
    struct text rest = line;
    bool found;
    if (form == LOG_FORM_JSON)
        found = line_of_json(format, line, out);
    else if (form == LOG_FORM_INNER)
        found = line_of_inner(format, line, out);
    else if ((found = take_form(format, form, &rest, &stamp, out))) {
        out->message = rest;
        finish(format, &stamp, out);
    }
    if (!found)
        line_init(out, line);
    out->form = found ? form : LOG_FORM_NONE;
    return found;
}

// The forms that a line with this first byte can be of, the likely ones first; ends with NONE.
static const enum log_form *forms_of(char first)
{
    static const enum log_form digit[] = {LOG_FORM_ISO, LOG_FORM_EPOCH, LOG_FORM_SYSLOG, LOG_FORM_NONE};
    static const enum log_form bracket[] = {LOG_FORM_BRACKET, LOG_FORM_NONE};
    static const enum log_form angle[] = {LOG_FORM_ANGLE, LOG_FORM_NONE};
    static const enum log_form brace[] = {LOG_FORM_JSON, LOG_FORM_NONE};
    static const enum log_form dot[] = {LOG_FORM_KERNEL, LOG_FORM_NONE};
    static const enum log_form letter[] = {LOG_FORM_SYSLOG, LOG_FORM_INNER,    LOG_FORM_FULL,
                                           LOG_FORM_KERNEL, LOG_FORM_FACILITY, LOG_FORM_NONE};
    static const enum log_form sse[] = {LOG_FORM_SYSLOG, LOG_FORM_JSON, LOG_FORM_FACILITY, LOG_FORM_NONE};
    static const enum log_form none[] = {LOG_FORM_NONE};
    if (byte_is_digit(first))
        return digit;
    if (first == 'd')
        return sse;
    if (byte_is_alpha(first) || (unsigned char)first > 127)
        return letter;
    return first == '['                      ? bracket
           : first == '<'                    ? angle
           : first == '{' || first == '\x1e' ? brace
           : first == '.'                    ? dot
                                             : none;
}

static bool line_of_any(struct log_format *format, struct text line, struct log_line *out)
{
    for (const enum log_form *form = line.len ? forms_of(line.ptr[0]) : NULL; form && *form; form++)
        if (*form != format->form && line_of(format, *form, line, out))
            return true;
    return false;
}

// A line in a mail, a ticket or a pager: `> `, back-ticks, `|`, indentation, grep's line number. Only what
// holds a record behind it is taken off.
static bool line_undecorated(struct log_format *format, struct text line, struct log_line *out)
{
    size_t n = 0;
    while (n < line.len && memchr("> \t`|", line.ptr[n], 5))
        n++;
    size_t digits = n;
    while (digits < line.len && byte_is_digit(line.ptr[digits]))
        digits++;
    size_t behind = digits;
    while (behind < line.len && memchr(" \t:", line.ptr[behind], 3))
        behind++;
    struct text bare = text_from(line, n), numbered = text_from(line, behind);
    if (n && (line_of(format, format->form, bare, out) || line_of_any(format, bare, out)))
        return true;
    if (digits > n && behind > digits &&
        (line_of(format, format->form, numbered, out) || line_of_any(format, numbered, out)))
        return true;
    line_init(out, line);
    return false;
}

// Power loss leaves a run of NUL bytes at the end of a file; the next record follows on the same line.
static struct text line_trimmed(struct log_format *format, struct text line)
{
    while (line.len && line.ptr[0] == '\0')
        line = text_from(line, 1);
    if (!format->begun)
        (void)text_skip(&line, "\xef\xbb\xbf");
    format->begun = true;
    while (line.len && (line.ptr[line.len - 1] == '\r' || line.ptr[line.len - 1] == '\0'))
        line.len--;
    return line;
}

enum log_kind log_line_parse(struct log_format *format, struct text line, struct log_line *out)
{
    line = line_trimmed(format, line);
    line_init(out, line);
    if (!line.len)
        return LOG_BLANK;
    if (line.ptr[0] == '-' || line.ptr[0] == 'M' || line.ptr[0] == 'B' || line.ptr[0] == '=') {
        enum log_kind kind = log_banner_parse(format, line, out);
        if (kind != LOG_TEXT)
            return kind;
    }
    if (line_of(format, format->form, line, out) || line_of_any(format, line, out) ||
        line_undecorated(format, line, out)) {
        format->form = out->form;
        return LOG_RECORD;
    }
    return text_trim(line).len ? LOG_TEXT : LOG_BLANK;
}
