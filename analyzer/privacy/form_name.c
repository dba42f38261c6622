// SPDX-License-Identifier: Apache-2.0
//
// Names by their form: hosts with their domains, users before an @, and what only looks like them.
#include "privacy/form.h"

static const struct {
    const char *label;
    size_t least;
} last_labels[] = {
#define TLD(label, least) {#label, least},
#include "privacy/known.list"
};

static const char *const reversed[] = {
#define REVERSE(label) #label,
#include "privacy/known.list"
};

// `getty@tty1.service`, `kubepods.slice`: behind an @, or alone, these are units.
static const char *const unit_suffixes[] = {"service", "scope", "slice", "socket", "target",
                                            "timer",   "mount", "swap",  "path",   "device"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static char byte_at(struct text text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static bool is_alnum(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c);
}

static bool same_label(struct text label, const char *known)
{
    if (label.len != strlen(known))
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (byte_lower(label.ptr[i]) != known[i])
            return false;
    return true;
}

static bool in_list(struct text label, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (same_label(label, list[i]))
            return true;
    return false;
}

// Labels of letters, digits and dashes with one dot between: the whole length, without a dot at the end.
struct labels {
    size_t length, count;
    struct text first, last;
};

static struct labels labels_at(struct text text, size_t at)
{
    enum { MOST = 253 };
    struct labels labels = {0};
    size_t start = at, i = at;
    for (; i - at <= MOST; i++) {
        char c = byte_at(text, i);
        if (is_alnum(c) || (c == '-' && i > start))
            continue;
        if (i > start) {
            labels.last = text_slice(text, start, i - start);
            labels.first = labels.count++ ? labels.first : labels.last;
            labels.length = i - at;
        }
        if (c != '.' || !is_alnum(byte_at(text, i + 1)))
            break;
        start = i + 1;
    }
    return labels;
}

static bool known_last(const struct labels *labels, bool with_path)
{
    for (size_t i = 0; i < COUNT(last_labels); i++)
        if (same_label(labels->last, last_labels[i].label))
            return labels->count >= (with_path && last_labels[i].least > 2 ? 2 : last_labels[i].least);
    return false;
}

static bool has_letters_only(struct text label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!byte_is_alpha(label.ptr[i]))
            return false;
    return label.len > 1;
}

size_t full_name_length(struct text text, size_t at, bool sure)
{
    size_t label = 0;
    while (is_alnum(byte_at(text, at + label)) || byte_at(text, at + label) == '-')
        label++;
    if (byte_at(text, at + label) != '.') // nearly every word
        return 0;
    struct labels labels = labels_at(text, at);
    char before = at ? text.ptr[at - 1] : '\0', behind = byte_at(text, at + labels.length);
    if (labels.count < 2 || in_list(labels.last, unit_suffixes, COUNT(unit_suffixes)))
        return 0;
    if (sure)
        return has_letters_only(labels.last) ? labels.length : 0;
    bool cut = before == '.' || before == '-' || before == '_' || behind == '_' || behind == '(';
    bool hidden = before == '/' && at > 1 && text.ptr[at - 2] != '/' && behind != ':' && behind != '/';
    if (cut || (hidden && labels.count < 3))
        return 0;
    return known_last(&labels, behind == '/') ? labels.length : 0;
}

static bool is_local_part(char c)
{
    return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%';
}

size_t mail_user_length(struct text text, size_t at)
{
    enum { MOST = 64 };
    struct form form;
    size_t n = 0;
    while (n <= MOST && is_local_part(byte_at(text, at + n)))
        n++;
    if (n == 0 || n > MOST || byte_at(text, at + n) != '@')
        return 0;
    bool named = full_name_length(text, at + n + 1, true) > 0 || form_of_v4(text, at + n + 1, &form);
    return named ? n : 0;
}

static bool in_symbol(char c)
{
    return is_alnum(c) || c == '_' || c == '.' || c == '$';
}

static bool in_function(char c)
{
    return in_symbol(c) || c == '/' || c == '-' || c == '(' || c == ')' || c == '*' || c == '@' || c == '~' ||
           c == '%';
}

// `git.corp.com/team/pkg.(*T).Method(0xc000…`: a path, a dot behind its last slash, a parenthesis.
static bool is_go_function(struct text run)
{
    size_t slash = 0, dot = 0, open = 0;
    for (size_t i = 0; i < run.len; i++) {
        if (run.ptr[i] == '/' && !open)
            slash = i;
        else if (run.ptr[i] == '.' && !open)
            dot = i;
        else if (run.ptr[i] == '(' && i && !open)
            open = i;
    }
    return slash && dot > slash && open > dot;
}

// `io.kubernetes.pod.name`, `com.corp.Main`: a name that begins with the widest.
static size_t reversed_length(struct text text, size_t at)
{
    struct labels labels = labels_at(text, at);
    bool behind_dot = at && text.ptr[at - 1] == '.';
    bool is_reversed = labels.count > 2 && !behind_dot && in_list(labels.first, reversed, COUNT(reversed));
    return is_reversed && !known_last(&labels, false) ? labels.length : 0;
}

size_t symbol_length(struct text text, size_t at)
{
    enum { MOST = 1024 };
    size_t n = 0, own = 0;
    while (own < MOST && in_symbol(byte_at(text, at + own)))
        own++;
    if (text_starts(text_from(text, at + own), "+0x"))
        return own;
    char behind = byte_at(text, at + own);
    if (behind == '/' || behind == '(' || behind == '-')
        while (n < MOST && in_function(byte_at(text, at + n)))
            n++;
    if (n && (text_starts(text_from(text, at + n), "+0x") || is_go_function(text_slice(text, at, n))))
        return n;
    return memchr(text.ptr + at, '.', own) ? reversed_length(text, at) : 0;
}

size_t pod_name_length(struct text text, size_t at)
{
    enum { LEAST = 16, END = 5, HASH_LEAST = 7, HASH_MOST = 10 };
    size_t length = 0, digits = 0, dash = 0, dash_before = 0;
    while (is_alnum(byte_at(text, at + length)) || byte_at(text, at + length) == '-')
        length++;
    while (length && !is_alnum(byte_at(text, at + length - 1)))
        length--;
    if (length < LEAST || length >= NAME_BYTES || !byte_is_alpha(byte_at(text, at)) ||
        byte_at(text, at + length) == '.')
        return 0;
    for (size_t i = 0; i < length; i++)
        if (text.ptr[at + i] == '-') {
            dash_before = dash;
            dash = i;
        }
    size_t hash = dash - dash_before - 1;
    if (!dash_before || length - dash - 1 != END || hash < HASH_LEAST || hash > HASH_MOST)
        return 0;
    for (size_t i = dash_before + 1; i < length; i++) {
        char c = text.ptr[at + i];
        if (c >= 'A' && c <= 'Z')
            return 0;
        digits += i < dash && byte_is_digit(c);
    }
    return digits ? length : 0;
}
