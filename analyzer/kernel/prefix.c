// SPDX-License-Identifier: Apache-2.0
#include "kernel/prefix.h"

#include <string.h>

#include "util/buffer.h"

enum { PREFIXES_MAX = 32 }; // eight levels of mail quotes, a log's header and the address make about 16

// ---- transport damage ------------------------------------------------------------------------

static const struct {
    const char *coded, *plain;
} codes[] = {
    {"&lt;", "<"},     {"&gt;", ">"},         {"&amp;", "&"}, {"&quot;", "\""}, {"&nbsp;", " "}, // HTML
    {"=3D", "="},      {"=20", " "},          {"=A0", " "},   {"=C2=A0", " "}, // quoted-printable
    {"\xc2\xa0", " "}, {"\xe2\x94\x82", "|"},                                  // UTF-8
};

// Whether any of the codes may be in the line: nearly no line has one.
static bool is_coded(struct text line)
{
    return text_find_byte(line, '&') >= 0 || text_contains(line, "=A0") || text_contains(line, "=20") ||
           text_contains(line, "=3D") || text_find_byte(line, '\xc2') >= 0 ||
           text_find_byte(line, '\xe2') >= 0;
}

static struct text decode(struct text line, struct arena *arena)
{
    if (!is_coded(line))
        return line;
    char *out = arena_alloc(arena, line.len, 1); // no code is shorter than what it stands for
    size_t n = 0;
    while (line.len) {
        size_t i = 0, count = sizeof codes / sizeof *codes;
        while (i < count && !text_starts(line, codes[i].coded))
            i++;
        out[n++] = i < count ? codes[i].plain[0] : line.ptr[0];
        line = text_from(line, i < count ? strlen(codes[i].coded) : 1);
    }
    return (struct text){out, n};
}

// ---- addresses -------------------------------------------------------------------------------

// Inside the brackets: `<ffffffffa0072807>`, `<0>`, `<>`, nothing, or at least eight digits (powerpc).
static enum prefix_address address_of(struct text inside)
{
    if (inside.len == 0 || text_is(inside, "<>"))
        return ADDRESS_EMPTY;
    bool pointed = text_starts(inside, "<") && text_ends(inside, ">");
    struct text digits = pointed ? text_slice(inside, 1, inside.len - 2) : inside;
    return text_all_hex(digits) && (pointed || digits.len >= 8) ? ADDRESS_GIVEN : ADDRESS_NONE;
}

// `[…]`: an address, or a time, thread, cpu or frame number.
static bool skip_brackets(struct text *rest, enum prefix_address *address)
{
    ptrdiff_t end = text_find_byte(*rest, ']');
    if (!text_starts(*rest, "[") || end < 0 || end > 64)
        return false;
    enum prefix_address found = address_of(text_slice(*rest, 1, (size_t)end - 1));
    *address = found > *address ? found : *address;
    *rest = text_from(*rest, (size_t)end + 1);
    return true;
}

// An address without brackets, as older tools print: `ffffffff81120f1f do_wait+0x1d7/0x250`.
static bool skip_bare_address(struct text *rest)
{
    size_t n = 0;
    while (n < rest->len && byte_is_hex(rest->ptr[n]))
        n++;
    if (n != 8 && n != 16)
        return false;
    if (n >= rest->len || rest->ptr[n] != ' ')
        return false;
    *rest = text_from(*rest, n);
    return true;
}

// ---- marks and numbers -----------------------------------------------------------------------

// `<6>`, and the `(comm)` or `('/bin/x':237:S)` that stack walkers print in front.
static bool skip_enclosed(struct text *rest, char open, char close, size_t longest)
{
    ptrdiff_t end = text_find_byte(*rest, close);
    if (!rest->len || rest->ptr[0] != open || end < 1 || (size_t)end > longest)
        return false;
    *rest = text_from(*rest, (size_t)end + 1);
    return true;
}

// `12 `, `12[<…`, `12do_wait+0x`, `12: `, `0)[]`: a number that is no part of a word such as 0x7f.
static bool skip_number(struct text *rest)
{
    uint64_t number;
    struct text after = *rest;
    if (!text_take_u64(&after, &number) || !after.len || text_starts(after, "x"))
        return false;
    if (strchr(":.)", after.ptr[0]) && after.ptr[0])
        after = text_from(after, 1);
    *rest = after;
    return true;
}

// One of the single marks: quotes, list marks, comments, pagers' bars.
static bool skip_mark(struct text *rest)
{
    static const char marks[] = "> \t|#*\"'-+,`";
    if (!rest->len || !rest->ptr[0] || !strchr(marks, rest->ptr[0]))
        return false;
    *rest = text_from(*rest, 1);
    return true;
}

// `Guoqing> `, as some mailers quote.
static bool skip_quoting_name(struct text *rest)
{
    size_t n = 0;
    while (n < rest->len && n < 32 && byte_is_alpha(rest->ptr[n]))
        n++;
    if (n == 0 || !text_starts(text_from(*rest, n), "> "))
        return false;
    *rest = text_from(*rest, n + 1);
    return true;
}

// ---- words in front --------------------------------------------------------------------------

// A syslog header: whatever stands before `kernel: `.
static bool skip_log_header(struct text *rest)
{
    ptrdiff_t at = text_find(*rest, TEXT("kernel: "));
    ptrdiff_t sign = text_find_byte(*rest, '+');
    if (at < 0 || (sign >= 0 && at > sign && text_starts(text_from(*rest, (size_t)sign), "+0x")))
        return false;
    *rest = text_from(*rest, (size_t)at + 8);
    return true;
}

// `Call Trace:` on the line of its first frame, `/proc/4350/stack : `.
static bool skip_title(struct text *rest)
{
    static const char *const titles[] = {"Call Trace:", "Call trace:", "Backtrace:", "<TASK>", "<IRQ>"};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (text_skip(rest, titles[i]))
            return true;
    ptrdiff_t colon = text_find(*rest, TEXT(": "));
    if (colon < 0)
        colon = text_find(*rest, TEXT(":["));
    struct text path = text_trim_end(text_slice(*rest, 0, colon < 0 ? 0 : (size_t)colon));
    if (!text_starts(path, "/proc/") || text_find_byte(path, ' ') >= 0)
        return false;
    *rest = text_from(*rest, (size_t)colon + 1);
    return true;
}

static bool skip_one(struct text *rest, enum prefix_address *address)
{
    return skip_mark(rest) || skip_brackets(rest, address) || skip_bare_address(rest) || skip_number(rest) ||
           skip_enclosed(rest, '<', '>', 3) || skip_title(rest) || skip_quoting_name(rest);
}

// A parenthesis in front is a remark (`(stress)`) when an address follows; else it belongs to the
// frame: `([<…>] f+0x1/0x2)` on s390, `(f) from` on arm.
static bool skip_parenthesis(struct text *rest)
{
    if (text_starts(*rest, "([")) {
        *rest = text_from(*rest, 1);
        return true;
    }
    struct text after = *rest;
    bool remark = skip_enclosed(&after, '(', ')', 64) && text_find(after, TEXT("[<")) >= 0 &&
                  !text_starts(text_trim(after), "from");
    if (remark)
        *rest = after;
    return remark;
}

struct text prefix_skip(struct text line, struct arena *arena, enum prefix_address *address)
{
    *address = ADDRESS_NONE;
    struct text rest = decode(line, arena);
    (void)skip_log_header(&rest);
    // the frame itself may begin with a parenthesis, so that is tried only before an address
    for (int i = 0; i < PREFIXES_MAX * 4; i++)
        if (!skip_one(&rest, address) && (*address || !skip_parenthesis(&rest)))
            break;
    return rest;
}
