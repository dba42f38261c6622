// SPDX-License-Identifier: Apache-2.0
//
// A ticket, a mail or a blog post pasted whole: stacks, `ls -l` listings, journal lines, kernel reports,
// tables and goroutines between people's sentences. The text is cut into pieces, and each goes to the
// parser of its kind as if it were a member; its lines keep their numbers in the whole text.
//
// Whose a stack is, a prompt or a heading right before it says; nobody guesses over a distance. Without
// one a piece's pid is minus its line. A listing of namespaces that says no pid is of the task last named
// or shown: that is how people write ("we look at its namespaces").
#include <stdio.h>
#include <string.h>

#include "evidence/paste_block.h"
#include "kernel/frame.h"

struct held { // a line, complete, that waits for the one after it
    struct numbered numbered;
    struct buffer raw;
    struct arena arena; // what reading it made
    bool may_be_first;
};

struct paste {
    struct paste_reader reader;
    struct blocks blocks;
    bool begun;
    struct buffer partial; // of the line that a piece ended in
    struct held held[2];
    int current; // which of them is the newest
    bool any;
    uint64_t number;
};

// ---- glued line numbers ----------------------------------------------------------------------------

static void read_line(struct paste *paste, struct held *held, struct text text)
{
    arena_reset(&held->arena);
    paste->reader.arena = &held->arena;
    paste_line_read(&paste->reader, text, &held->numbered.line);
}

// Takes the number off when the line begins with it.
static bool take_glued(struct paste *paste, struct held *held, uint64_t number)
{
    char digits[24];
    struct buffer *raw = &held->raw;
    struct text rest = buffer_text(raw);
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    if (!text_skip(&rest, digits))
        return false;
    (void)(text_skip(&rest, ".") || text_skip(&rest, ")")); // `1. [<…`, of a list
    held->numbered.glued = number;
    read_line(paste, held, rest);
    return true;
}

// A block's first line is known by the second: `1[root@…`, `2[<ffffffff…`.
static void settle_first(struct paste *paste, struct held *held, struct text next)
{
    struct text rest = text_from(buffer_text(&held->raw), 1);
    bool in_table = paste->blocks.block == BLOCK_FILE;
    if (!held->may_be_first || in_table || !text_starts(next, "2"))
        return;
    struct paste_line before = held->numbered.line;
    (void)take_glued(paste, held, 1);
    bool spaced = rest.len && (rest.ptr[0] == ' ' || rest.ptr[0] == '\t');
    if (!spaced || paste_is_evidence(held->numbered.line.kind) || held->numbered.line.kind == PASTE_COMMAND)
        return;
    held->numbered.glued = 0; // `1 root`, `2 root` are rows of something
    read_line(paste, held, before.text);
}

// ---- frames that were wrapped ------------------------------------------------------------------------

static bool is_whole_frame(struct text text, struct arena *arena, bool *has_offset)
{
    struct frame frame;
    bool cut, found = frame_parse(text_trim(text), false, arena, &frame, &cut);
    *has_offset = found && frame.has_offset;
    return found && frame.has_size;
}

// What may stand on the line below a frame that ends in a size: digits of it, its module or the end of that.
static bool ends_frame(struct text raw, struct text tail)
{
    enum { SIZE_DIGITS = 5 };
    ptrdiff_t size = text_find(raw, TEXT("/0"));
    struct text module = text_from(raw, size < 0 ? raw.len : (size_t)size);
    bool open = text_find_byte(module, '[') >= 0 && text_find_byte(module, ']') < 0;
    bool one_word = text_find_byte(tail, ' ') < 0;
    if (open || (tail.ptr[0] == '[' && !text_starts(tail, "[<")))
        return one_word && text_ends(tail, "]");
    struct text rest = tail;
    (void)text_skip(&rest, "x");
    size_t digits = 0;
    while (digits < rest.len && digits <= SIZE_DIGITS && byte_is_hex(rest.ptr[digits]))
        digits++;
    rest = text_from(rest, digits);
    return size >= 0 && byte_is_hex(raw.ptr[raw.len - 1]) && digits && digits <= SIZE_DIGITS &&
           (!rest.len || text_starts(rest, " ["));
}

// A narrow window breaks a frame's line wherever it ends: in the name, the offset or, which nobody would see,
// in the size: `+0x89/0x2` and `90` below.
static bool continues(struct held *before, struct text text)
{
    struct text raw = buffer_text(&before->raw), trimmed = text_trim_end(text);
    bool has_offset, rest_has_offset, rest_whole;
    if (before->numbered.line.kind != PASTE_FRAME || before->numbered.glued || !trimmed.len ||
        !(byte_is_word(trimmed.ptr[0]) || strchr("+/[", trimmed.ptr[0])) || text_starts(trimmed, "[<"))
        return false;
    if (is_whole_frame(raw, &before->arena, &has_offset))
        return ends_frame(raw, trimmed);
    rest_whole = is_whole_frame(trimmed, &before->arena, &rest_has_offset);
    if (rest_whole && has_offset)
        return false; // the next frame, below one without its size
    struct buffer joined = {0};
    buffer_add(&joined, raw);
    buffer_add(&joined, trimmed);
    bool made = is_whole_frame(buffer_text(&joined), &before->arena, &has_offset);
    buffer_release(&joined);
    return made;
}

static void line_complete(struct input *input, struct paste *paste, struct text text)
{
    struct held *before = &paste->held[paste->current];
    struct held *now = &paste->held[1 - paste->current];
    if (paste->any && continues(before, text)) {
        buffer_add(&before->raw, text_trim_end(text));
        read_line(paste, before, buffer_text(&before->raw));
        paste->number++;
        return;
    }
    if (paste->any)
        settle_first(paste, before, text);
    buffer_clear(&now->raw);
    buffer_add(&now->raw, text);
    now->numbered.number = ++paste->number;
    now->numbered.glued = 0;
    now->may_be_first = text_starts(text, "1");
    arena_reset(&now->arena);
    if (!paste->any || !before->numbered.glued || !take_glued(paste, now, before->numbered.glued + 1))
        read_line(paste, now, buffer_text(&now->raw));
    else
        now->may_be_first = false;
    if (paste->any)
        blocks_line(input, &paste->blocks, &before->numbered, &now->numbered.line);
    paste->any = true;
    paste->current = 1 - paste->current;
}

// ---- the member ------------------------------------------------------------------------------------

static bool claims(const struct member *member)
{
    bool loose = member->bare || !member->node.ptr || text_starts(member->path, "cmd/") ||
                 text_starts(member->path, "sos_commands/");
    return loose && member->type == MEMBER_FILE && member->head.len && text_find_byte(member->head, '\0') < 0;
}

static void open_once(struct paste *paste)
{
    if (paste->begun)
        return;
    paste->begun = true;
    blocks_init(&paste->blocks);
    log_format_init(&paste->reader.format, TEXT("journal/all.log"));
}

static void add_part(struct input *input, struct paste *paste, struct text part)
{
    size_t most = (size_t)input->limits->line_bytes;
    size_t room = paste->partial.len < most ? most - paste->partial.len : 0;
    buffer_add(&paste->partial, text_slice(part, 0, room));
}

static void end_line(struct input *input, struct paste *paste)
{
    struct text line = buffer_text(&paste->partial);
    if (text_ends(line, "\r"))
        line.len--;
    line_complete(input, paste, line);
    buffer_clear(&paste->partial);
}

static void feed(struct input *input)
{
    struct paste *paste = input->state;
    struct text rest = input->content;
    open_once(paste);
    while (rest.len) {
        ptrdiff_t end = text_find_byte(rest, '\n');
        add_part(input, paste, text_slice(rest, 0, end < 0 ? rest.len : (size_t)end));
        if (end < 0)
            return;
        end_line(input, paste);
        rest = text_from(rest, (size_t)end + 1);
    }
}

static void end(struct input *input)
{
    static const struct paste_line nothing = {.kind = PASTE_BLANK, .pid = NO_ID, .tid = NO_ID};
    struct paste *paste = input->state;
    open_once(paste);
    if (paste->partial.len)
        end_line(input, paste);
    if (paste->any)
        blocks_line(input, &paste->blocks, &paste->held[paste->current].numbered, &nothing);
    blocks_end(input, &paste->blocks);
    for (int i = 0; i < 2; i++) {
        buffer_release(&paste->held[i].raw);
        arena_release(&paste->held[i].arena);
    }
    log_format_release(&paste->reader.format);
    buffer_release(&paste->partial);
}

const struct evidence evidence_paste = {
    .name = "paste",
    .paths = "a single file, cmd/*.txt",
    .help = "A ticket, mail or post with stacks, listings, logs and tables pasted into it.",
    .claims = claims,
    .state_bytes = sizeof(struct paste),
    .feed = feed,
    .end = end,
};
