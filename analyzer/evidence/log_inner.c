// SPDX-License-Identifier: Apache-2.0
//
// The stamp that a program puts at the start of its own message.
#include "evidence/log_line.h"

#include <string.h>

#include "util/times.h"

#define LETTERS(a, b, c) ((uint32_t)(a) << 16 | (uint32_t)(b) << 8 | (uint32_t)(c))

int64_t log_priority_of(struct text level)
{
    if (level.len < 3)
        return ROW_NULL;
    // three letters tell them apart: err, error, ERRO; warn, warning; crit, critical; debu, debug
    switch (LETTERS(byte_lower(level.ptr[0]), byte_lower(level.ptr[1]), byte_lower(level.ptr[2]))) {
    case LETTERS('t', 'r', 'a'):
    case LETTERS('d', 'e', 'b'):
        return 7;
    case LETTERS('i', 'n', 'f'):
        return 6;
    case LETTERS('n', 'o', 't'):
        return 5;
    case LETTERS('w', 'a', 'r'):
        return 4;
    case LETTERS('e', 'r', 'r'):
        return 3;
    case LETTERS('c', 'r', 'i'):
    case LETTERS('f', 'a', 't'):
    case LETTERS('p', 'a', 'n'):
    case LETTERS('d', 'p', 'a'):
        return 2;
    case LETTERS('a', 'l', 'e'):
        return 1;
    case LETTERS('e', 'm', 'e'):
        return 0;
    default:
        return ROW_NULL;
    }
}

// ---- logfmt ----------------------------------------------------------------------------------

// `key=value` or `key="value"` at the start; *rest moves behind it and the blank. A quoted value ends at the
// next quote: times and levels hold none.
static bool take_pair(struct text *rest, struct text *key, struct text *value)
{
    size_t n = 0;
    while (n < rest->len && n < 16 && (byte_is_alpha(rest->ptr[n]) || rest->ptr[n] == '@'))
        n++;
    if (!n || n >= rest->len || rest->ptr[n] != '=')
        return false;
    *key = text_slice(*rest, 0, n);
    struct text at = text_from(*rest, n + 1);
    bool quoted = text_skip(&at, "\"");
    const char *end = at.len ? memchr(at.ptr, quoted ? '"' : ' ', at.len < 64 ? at.len : 64) : NULL;
    if (!end && (quoted || at.len >= 64))
        return false;
    *value = end ? text_slice(at, 0, (size_t)(end - at.ptr)) : at;
    *rest = text_from(at, value->len + (quoted ? 1 : 0));
    (void)text_skip(rest, " ");
    return true;
}

static bool is_time_key(struct text key)
{
    return text_is(key, "time") || text_is(key, "ts") || text_is(key, "t") || text_is(key, "timestamp") ||
           text_is(key, "asctime");
}

static bool is_level_key(struct text key)
{
    return text_is(key, "level") || text_is(key, "lvl") || text_is(key, "severity");
}

static bool value_stamp(struct log_format *format, struct text value, struct log_stamp *stamp)
{
    return (stamp_iso(&value, &format->inner, stamp) || stamp_epoch(&value, stamp)) && !value.len;
}

// `time="2021-06-10T16:09:15.458629778+08:00" level=info`: what nearly all of them write.
static bool parse_usual_logfmt(struct log_format *format, struct text message, struct log_inner *inner)
{
    if (!text_skip(&message, "time=\"") || !stamp_iso(&message, &format->inner, &inner->stamp) ||
        !text_skip(&message, "\" level="))
        return false;
    inner->priority = log_priority_of(message);
    return true;
}

// `level=info ts=… caller=…`: time and level among
// the first three pairs. What follows (`msg="… level=…"`) may quote another record and is not looked at.
static bool parse_logfmt(struct log_format *format, struct text message, struct log_inner *inner)
{
    struct text key, value;
    bool found = false;
    if (parse_usual_logfmt(format, message, inner))
        return true;
    for (int i = 0; i < 3 && take_pair(&message, &key, &value); i++) {
        if (!found && is_time_key(key))
            found = value_stamp(format, value, &inner->stamp);
        else if (is_level_key(key))
            inner->priority = log_priority_of(value);
        else
            break;
    }
    return found;
}

// ---- klog, logrus ----------------------------------------------------------------------------

// `I0313 16:02:43.934473    1450 kubelet.go:1778] …`
static bool parse_klog(struct log_format *format, struct text message, struct log_inner *inner)
{
    static const char letters[] = "FEWI";
    static const int64_t priorities[] = {2, 3, 4, 6};
    const char *letter = memchr(letters, message.ptr[0], 4);
    struct text rest = text_from(message, 1);
    uint64_t pid;
    if (!letter || !stamp_klog(&rest, &format->klog, &inner->stamp) || !text_starts(rest, " "))
        return false;
    while (rest.len && rest.ptr[0] == ' ')
        rest = text_from(rest, 1);
    if (!text_take_u64(&rest, &pid) || !text_starts(rest, " "))
        return false;
    inner->pid = pid <= INT32_MAX ? (int64_t)pid : ROW_NULL;
    inner->priority = priorities[letter - letters];
    return true;
}

// `INFO[953505] …` of logrus on a terminal: seconds since the daemon started; newer ones a full time.
static bool parse_logrus(struct log_format *format, struct text message, struct log_inner *inner)
{
    static const char *const levels[] = {"TRAC[", "DEBU[", "INFO[", "WARN[", "ERRO[", "FATA[", "PANI["};
    struct text level = text_slice(message, 0, 5), rest = text_from(message, 5), inside;
    bool known = false;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        known = known || text_is(level, levels[i]);
    if (!known || !memchr(rest.ptr, ']', rest.len < 40 ? rest.len : 40) || !text_split(&rest, ']', &inside))
        return false;
    if (!text_all_digits(inside) && !value_stamp(format, inside, &inner->stamp))
        return false;
    inner->priority = log_priority_of(level);
    return true;
}

bool log_inner_parse(struct log_format *format, struct text message, struct log_inner *inner)
{
    if (message.len < 8)
        return false;
    *inner = (struct log_inner){{ROW_NULL, CLOCK_NONE, ROW_NULL}, ROW_NULL, ROW_NULL};
    switch (message.ptr[0]) {
    case 'I':
    case 'W':
    case 'E':
    case 'F':
        if (byte_is_digit(message.ptr[1]))
            return parse_klog(format, message, inner);
        return message.ptr[4] == '[' && parse_logrus(format, message, inner);
    case 'T':
    case 'D':
    case 'P':
        return message.ptr[4] == '[' && parse_logrus(format, message, inner);
    case 't':
    case 'l':
    case 's':
    case 'a':
        return parse_logfmt(format, message, inner);
    case '{':
        return log_json_stamp(format, message, inner);
    default:
        return false;
    }
}
