// SPDX-License-Identifier: Apache-2.0
//
// A frame is found in three steps: what stands before it is taken off from the left (prefix.c), then
// comes the symbol with its offset and size, then the module. Each step knows the spellings that were
// seen in tickets, mails and blogs; what is left over on the right is a remark and says nothing.
#include "kernel/frame.h"

#include "kernel/prefix.h"

// No frame is longer: a symbol has up to 511 bytes (KSYM_NAME_LEN since 6.1), the rest is prefix and remark.
enum { LINE_BYTES = 2048 };

static bool is_symbol_byte(char c)
{
    return byte_is_word(c) || c == '.' || c == '$';
}

// A C identifier with compiler suffixes; a leading dot on ppc64; clang's `[jt]` behind it.
static bool take_symbol(struct text *rest, struct text *symbol)
{
    size_t n = text_starts(*rest, ".") ? 1 : 0;
    if (n >= rest->len || byte_is_digit(rest->ptr[n]) || rest->ptr[n] == '.')
        return false;
    size_t start = n;
    while (n < rest->len && is_symbol_byte(rest->ptr[n]))
        n++;
    if (n == start)
        return false;
    if (text_starts(text_from(*rest, n), "[jt]"))
        n += 4;
    *symbol = text_slice(*rest, 0, n);
    *rest = text_from(*rest, n);
    return true;
}

// `0x` and hexadecimal digits.
static bool take_hex(struct text *rest, uint64_t *value)
{
    size_t n = 0;
    struct text digits = *rest;
    if (!text_skip(&digits, "0x"))
        return false;
    while (n < digits.len && byte_is_hex(digits.ptr[n]))
        n++;
    if (!text_to_hex(text_slice(digits, 0, n), value))
        return false;
    *rest = text_from(digits, n);
    return true;
}

// `+0x1d7/0x250`. Part of it is a cut frame; so is a bare symbol, which only some tools print.
static void take_offset(struct text *rest, struct frame *frame, bool *cut)
{
    *cut = true;
    if (!text_skip(rest, "+"))
        return;
    frame->has_offset = take_hex(rest, &frame->offset);
    if (!frame->has_offset)
        return;
    if (!text_skip(rest, "/")) {
        *cut = rest->len == 0;
        return;
    }
    frame->has_size = take_hex(rest, &frame->size);
    *cut = !frame->has_size;
}

// ` [ceph]`, ` [dm_crypt 721219ef82f7…]` with the build id (5.14), `[nvidia(POE)]` with taints. `[inline]`,
// which scripts/decode_stacktrace.sh adds, is no module.
static void take_module(struct text rest, struct frame *frame)
{
    while (text_starts(rest, " ") || text_starts(rest, "\t"))
        rest = text_from(rest, 1);
    frame->module = TEXT("");
    if (!text_skip(&rest, "["))
        return;
    size_t n = 0;
    while (n < rest.len && (byte_is_word(rest.ptr[n]) || rest.ptr[n] == '-'))
        n++;
    struct text name = text_slice(rest, 0, n);
    bool ends = n < rest.len && (rest.ptr[n] == ']' || rest.ptr[n] == ' ' || rest.ptr[n] == '(');
    if (ends && n > 0 && !text_is(name, "inline") && !text_all_digits(name))
        frame->module = name;
}

// The kernel's own addresses: all ones above bit 47, but not the ULONG_MAX that ends a stack up to 5.1.
static bool is_unresolved(struct text word, struct frame *frame)
{
    uint64_t value;
    struct text rest = word;
    if (!take_hex(&rest, &value) || text_trim(rest).len || value >> 48 != 0xffff || value == UINT64_MAX)
        return false;
    frame->symbol = text_slice(word, 0, word.len - rest.len);
    frame->module = TEXT("");
    frame->reliable = true;
    return true;
}

// arm32: `(io_schedule) from [<80230be4>] (wait_on_page_bit+0x110/0x15c)`, since 5.17 `io_schedule from
// wait_on_page_bit+0x110/0x15c`. The line is about the one on the left; the offset on the right belongs to
// its caller, which has a line of its own.
static bool take_from(struct text rest, bool parenthesis, struct frame *frame)
{
    struct text left = rest;
    take_module(left, frame);
    if (frame->module.len) {
        ptrdiff_t end = text_find_byte(left, ']');
        left = text_from(left, end < 0 ? left.len : (size_t)end + 1);
    }
    if (parenthesis && !text_skip(&left, ")"))
        return false;
    return text_starts(left, " from ") && text_from(left, 6).len > 0;
}

// `context_switch kernel/sched/core.c:5446 [inline]`
static bool is_inline_remark(struct text rest)
{
    struct text word;
    return text_ends(text_trim_end(rest), "[inline]") && text_word(&rest, &word) &&
           text_find_byte(word, ':') > 0 && text_find_byte(word, '/') > 0;
}

// A symbol without an offset. In brackets it is a frame of a tool that prints no more, or a cut one. Outside,
// any word would be: there it must be alone and look like a name of the kernel, or an inlined function.
static bool accept_bare(struct text rest, bool bracketed, struct frame *frame)
{
    if (bracketed || is_inline_remark(rest))
        return true;
    struct text after = text_trim(rest);
    bool alone = frame->module.len ? text_ends(after, "]") : after.len == 0;
    return alone && text_find_byte(frame->symbol, '_') >= 0;
}

static bool parse_symbol(struct text rest, bool bracketed, struct frame *frame, bool *cut)
{
    bool parenthesis = text_skip(&rest, "(");
    frame->reliable = !text_skip(&rest, "? ");
    if (!take_symbol(&rest, &frame->symbol))
        return false;
    if (take_from(rest, parenthesis, frame)) {
        *cut = false;
        return true;
    }
    take_offset(&rest, frame, cut);
    take_module(rest, frame);
    if (text_contains(rest, "(unreliable)")) // powerpc
        frame->reliable = false;
    return frame->has_offset || accept_bare(rest, bracketed, frame);
}

bool frame_parse(struct text line, bool bracketed, struct arena *arena, struct frame *frame, bool *cut)
{
    enum prefix_address address;
    bool unused = false;
    cut = cut ? cut : &unused;
    *frame = (struct frame){.module = TEXT("")};
    struct text rest = prefix_skip(text_slice(line, 0, LINE_BYTES), arena, &address);
    *cut = text_starts(rest, "[<");
    if (bracketed && address == ADDRESS_NONE)
        return false;
    bool end_missing = false;
    bool is_frame = address == ADDRESS_GIVEN && is_unresolved(rest, frame);
    if (!is_frame && !parse_symbol(rest, address == ADDRESS_GIVEN, frame, &end_missing))
        return false;
    *cut = end_missing;
    frame->function = frame_function(frame->symbol, arena);
    return true;
}

static void write_hex(struct buffer *out, const char *before, uint64_t number)
{
    buffer_puts(out, before);
    buffer_hex(out, number);
}

void frame_write(struct buffer *out, const struct frame *frame)
{
    buffer_puts(out, frame->reliable ? "" : "? ");
    buffer_add(out, frame->symbol);
    if (frame->has_offset)
        write_hex(out, "+0x", frame->offset);
    if (frame->has_size)
        write_hex(out, "/0x", frame->size);
    if (frame->module.len) {
        buffer_puts(out, " [");
        buffer_add(out, frame->module);
        buffer_putc(out, ']');
    }
    buffer_putc(out, '\n');
}

bool frame_read(struct text line, struct arena *arena, struct frame *frame)
{
    bool cut;
    *frame = (struct frame){.module = TEXT("")};
    line = text_trim(line);
    bool is_frame = is_unresolved(line, frame);
    if (!is_frame && !parse_symbol(line, true, frame, &cut))
        return false;
    frame->function = frame_function(frame->symbol, arena);
    return true;
}
