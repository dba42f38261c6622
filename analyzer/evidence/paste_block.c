// SPDX-License-Identifier: Apache-2.0
#include "evidence/paste_block.h"

#include <string.h>

// ---- pieces --------------------------------------------------------------------------------------

static struct member piece_of(const struct input *input, const struct blocks *blocks, const char *path)
{
    struct member piece = {
        .path = text_of(path),
        .source = input->member->source,
        .line_base = input->member->line_base + blocks->first - 1,
        .leaf = text_of(path),
    };
    member_place_task(&piece);
    return piece;
}

static void hand_over(struct input *input, struct blocks *blocks, const char *path)
{
    struct member piece = piece_of(input, blocks, path);
    input_piece(input, &piece, buffer_text(&blocks->text));
}

// What there is of a block of lines that may be long. Nothing of one that nobody takes is kept.
static void stream(struct input *input, struct blocks *blocks)
{
    struct text text = buffer_text(&blocks->text);
    struct member piece = piece_of(input, blocks, blocks->path);
    if (!blocks->streaming)
        blocks->streaming = input_piece_begin(input, &piece, text);
    if (blocks->streaming)
        input_piece_feed(input, text);
    buffer_clear(&blocks->text);
}

// The same for a file of a task, whose pid may be a made-up one.
static void hand_over_task(struct input *input, struct blocks *blocks, const char *leaf)
{
    bool thread = blocks->tid != blocks->pid;
    const char *path = thread ? arena_printf(input->arena, "proc/%lld/task/%lld/%s", (long long)blocks->pid,
                                             (long long)blocks->tid, leaf)
                              : arena_printf(input->arena, "proc/%lld/%s", (long long)blocks->pid, leaf);
    struct member piece = {
        .path = text_of(path),
        .source = input->member->source,
        .line_base = input->member->line_base + blocks->first - 1,
        .leaf = text_of(leaf),
        .pid = blocks->pid,
        .tid = blocks->tid,
        .thread_level = thread,
    };
    input_piece(input, &piece, buffer_text(&blocks->text));
}

static void end_block(struct input *input, struct blocks *blocks)
{
    switch (blocks->block) {
    case BLOCK_NONE:
        return;
    case BLOCK_STACK:
        hand_over_task(input, blocks, "stack");
        break;
    case BLOCK_LISTING:
        blocks->tid = blocks->pid;
        if (blocks->namespaces)
            hand_over_task(input, blocks, "ns.txt");
        else if (blocks->descriptors)
            hand_over_task(input, blocks, "fd.txt");
        break;
    case BLOCK_FILE:
        if (blocks->pid != NO_ID)
            hand_over_task(input, blocks, blocks->path);
        else
            hand_over(input, blocks, blocks->path);
        break;
    case BLOCK_LOG:
    case BLOCK_REPORT:
    case BLOCK_GOROUTINES:
        stream(input, blocks);
        break;
    }
    if (blocks->streaming)
        input_piece_end(input);
    blocks->streaming = false;
    blocks->block = BLOCK_NONE;
    buffer_clear(&blocks->text);
    arena_reset(input->arena);
}

static void append(struct input *input, struct blocks *blocks, const struct numbered *held)
{
    enum { STREAM_BYTES = 64 * 1024 };
    bool streams =
        blocks->block == BLOCK_LOG || blocks->block == BLOCK_REPORT || blocks->block == BLOCK_GOROUTINES;
    if (streams && blocks->text.len >= STREAM_BYTES)
        stream(input, blocks);
    if (blocks->text.len + held->line.text.len >= input->limits->whole_bytes)
        return;
    buffer_add(&blocks->text, held->line.text);
    buffer_putc(&blocks->text, '\n');
}

// ---- who -----------------------------------------------------------------------------------------

static void copy_text(char *to, size_t room, struct text text)
{
    text = text_slice(text, 0, room - 1);
    if (text.len)
        memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
}

static void forget_owner(struct blocks *blocks)
{
    blocks->owner = (struct owner){.pid = NO_ID, .tid = NO_ID};
}

// Files below proc/<pid>/ that are read by their own look: frames, links.
static bool shows_itself(struct text leaf)
{
    return leaf.len == 0 || text_is(leaf, "stack") || text_is(leaf, "ns") || text_is(leaf, "fd") ||
           text_is(leaf, "task") || text_starts(leaf, "ns/") || text_starts(leaf, "fd/");
}

static void set_path(struct blocks *blocks, struct text path)
{
    if (text_starts(path, "journal/"))
        copy_text(blocks->owner.journal, sizeof blocks->owner.journal, path);
    else
        copy_text(blocks->owner.path, sizeof blocks->owner.path, path);
}

static void set_owner(struct blocks *blocks, const struct numbered *held)
{
    const struct paste_line *line = &held->line;
    forget_owner(blocks);
    blocks->owner.pid = line->pid;
    blocks->owner.tid = line->tid != NO_ID ? line->tid : -(int64_t)held->number;
    blocks->owner.line = held->number;
    copy_text(blocks->owner.comm, sizeof blocks->owner.comm, line->comm);
    blocks->owner.state = line->state.len ? line->state.ptr[0] : '\0';
    if (line->pid != NO_ID && line->kind != PASTE_PROSE)
        blocks->last = line->pid;
    if (line->pid != NO_ID && line->kind == PASTE_COMMAND && !shows_itself(line->leaf))
        copy_text(blocks->owner.path, sizeof blocks->owner.path, line->leaf);
    else if (line->path.ptr)
        set_path(blocks, line->path);
}

// Gives the block to whom the lines before it named. What they said of that task is evidence, too.
static void take_owner(struct input *input, struct blocks *blocks, const struct numbered *held)
{
    struct owner *owner = &blocks->owner;
    blocks->pid = owner->pid;
    blocks->tid = owner->tid;
    if (blocks->pid == NO_ID)
        blocks->pid = blocks->tid = -(int64_t)held->number;
    if (owner->comm[0] || owner->state) {
        struct row_task row = row_task_null;
        row.line = input_line(input, owner->line);
        row.pid = blocks->pid;
        row.tid = blocks->tid;
        row.comm = owner->comm[0] ? text_of(owner->comm) : row.comm;
        row.state = owner->state ? (struct text){&owner->state, 1} : row.state;
        emit_task(input->sink, input->member, &row);
    }
    forget_owner(blocks);
}

// ---- blocks --------------------------------------------------------------------------------------

static void begin(struct blocks *blocks, enum block block, const struct numbered *held)
{
    blocks->block = block;
    blocks->first = held->number;
    blocks->entry = blocks->over = blocks->one_line = blocks->namespaces = blocks->descriptors = false;
    blocks->quoted = blocks->kernel = false;
    blocks->pid = blocks->tid = NO_ID;
}

static void note_frame(struct blocks *blocks, const struct paste_line *line)
{
    blocks->entry = line->is_entry;
    blocks->over |= line->kind == PASTE_TRAILER;
}

static void begin_stack(struct input *input, struct blocks *blocks, const struct numbered *held)
{
    if (held->line.pid != NO_ID) // `/proc/4350/stack : [<0>] …` names it itself
        set_owner(blocks, held);
    begin(blocks, BLOCK_STACK, held);
    take_owner(input, blocks, held);
    blocks->last = blocks->pid;
    note_frame(blocks, &held->line);
    append(input, blocks, held);
}

static void note_listing(struct blocks *blocks, const struct paste_line *line)
{
    blocks->namespaces |= line->listing == LISTING_NS;
    blocks->descriptors |= line->listing == LISTING_FD;
}

static void begin_listing(struct input *input, struct blocks *blocks, const struct numbered *held)
{
    if (blocks->owner.pid == NO_ID)
        blocks->owner.pid = blocks->owner.tid = blocks->last;
    begin(blocks, BLOCK_LISTING, held);
    take_owner(input, blocks, held);
    note_listing(blocks, &held->line);
    append(input, blocks, held);
}

// An unclosed quote at a line's end: the record goes on in the next line (a wrap inside msg="…").
static void note_quotes(struct blocks *blocks, const struct paste_line *line)
{
    if (line->kind == PASTE_LOG)
        blocks->quoted = false;
    for (size_t i = 0; i < line->text.len; i++)
        if (line->text.ptr[i] == '"' && (i == 0 || line->text.ptr[i - 1] != '\\'))
            blocks->quoted = !blocks->quoted;
    blocks->kernel = line->kind == PASTE_LOG ? line->kernel : blocks->kernel;
}

static void begin_text(struct input *input, struct blocks *blocks, enum block block, const char *path,
                       const struct numbered *held)
{
    begin(blocks, block, held);
    copy_text(blocks->path, sizeof blocks->path, text_of(path));
    if (block == BLOCK_LOG)
        note_quotes(blocks, &held->line);
    append(input, blocks, held);
}

// Names of files that hold one line and no newline: what follows them is no more theirs.
static bool has_one_line(const char *path)
{
    static const char *const names[] = {"wchan", "comm", "syscall", "cmdline", "stat"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

static void begin_file(struct input *input, struct blocks *blocks, const struct numbered *held)
{
    struct owner owner = blocks->owner;
    begin(blocks, BLOCK_FILE, held);
    blocks->one_line = owner.pid != NO_ID && has_one_line(owner.path);
    copy_text(blocks->path, sizeof blocks->path, text_of(owner.path));
    if (owner.pid != NO_ID)
        take_owner(input, blocks, held);
    forget_owner(blocks);
    append(input, blocks, held);
}

// ---- does a line belong to the block? ------------------------------------------------------------

static bool stack_goes_on(struct blocks *blocks, const struct paste_line *line, const struct paste_line *next)
{
    bool elided = text_is(text_trim(line->text), "...") && next->kind == PASTE_FRAME;
    if (elided)
        return true;
    if (!line->is_frame && line->kind != PASTE_TRAILER)
        return false;
    bool another = blocks->over || (blocks->entry && line->is_frame && !line->is_entry);
    if (another || (line->pid != NO_ID && line->pid != blocks->pid))
        return false;
    note_frame(blocks, line);
    return true;
}

static bool log_goes_on(struct blocks *blocks, const struct numbered *held, const struct paste_line *next)
{
    const struct paste_line *line = &held->line;
    bool record = line->kind == PASTE_LOG;
    bool frame = blocks->kernel && (line->kind == PASTE_FRAME || line->kind == PASTE_TRAILER);
    bool between = next->kind == PASTE_LOG && line->kind != PASTE_FRAME && line->kind != PASTE_LISTING;
    if (!record && (line->sure || !(held->glued || blocks->quoted || frame || between)))
        return false;
    if (line->kind == PASTE_BLANK && !between)
        return false;
    note_quotes(blocks, line);
    return true;
}

// A report's lines have many looks (headers, raw words, registers): it ends at a blank line, unless more
// of it follows, or where something else begins for sure.
static bool report_goes_on(const struct paste_line *line, const struct paste_line *next)
{
    if (line->is_frame || line->kind == PASTE_REPORT || line->kind == PASTE_TRAILER)
        return true;
    if (line->kind == PASTE_BLANK)
        return next->is_frame || next->kind == PASTE_REPORT;
    return !line->sure && line->kind != PASTE_LOG && line->kind != PASTE_LISTING && line->kind != PASTE_TABLE;
}

static bool file_goes_on(const struct blocks *blocks, const struct paste_line *line)
{
    return !blocks->one_line && !line->sure && line->kind != PASTE_BLANK && line->kind != PASTE_GOROUTINE &&
           line->kind != PASTE_FRAME && line->kind != PASTE_LISTING;
}

// A dump's lines: calls, their places, who created them, and the blank lines between goroutines.
static bool goroutines_go_on(const struct paste_line *line, const struct paste_line *next)
{
    struct text text = text_trim(line->text);
    if (line->kind == PASTE_BLANK)
        return next->kind == PASTE_GOROUTINE;
    return line->kind == PASTE_GOROUTINE || text_contains(text, ".go:") || text_ends(text, ")") ||
           text_starts(text, "created by ") || text_starts(text, "...additional frames");
}

static bool goes_on(struct blocks *blocks, const struct numbered *held, const struct paste_line *next)
{
    const struct paste_line *line = &held->line;
    switch (blocks->block) {
    case BLOCK_STACK:
        return stack_goes_on(blocks, line, next);
    case BLOCK_LISTING:
        note_listing(blocks, line);
        return line->kind == PASTE_LISTING;
    case BLOCK_LOG:
        return log_goes_on(blocks, held, next);
    case BLOCK_REPORT:
        return report_goes_on(line, next);
    case BLOCK_FILE:
        return file_goes_on(blocks, line);
    case BLOCK_GOROUTINES:
        return goroutines_go_on(line, next);
    case BLOCK_NONE:
        break;
    }
    return false;
}

// ---- a line --------------------------------------------------------------------------------------

// `stack:`, `Call Trace:` and their like between a heading and its stack.
static bool is_title(struct text text)
{
    text = text_trim(text);
    return text_ends(text, ":") && text.len < 32;
}

static void talk(struct input *input, struct blocks *blocks, const struct numbered *held,
                 const struct paste_line *next)
{
    if (blocks->owner.path[0] && held->line.kind != PASTE_BLANK)
        begin_file(input, blocks, held);
    else if (held->line.kind == PASTE_NUMBER && paste_is_evidence(next->kind))
        set_owner(blocks, held);
    else if (held->line.kind == PASTE_PROSE && held->line.pid != NO_ID)
        set_owner(blocks, held);
    else if (held->line.kind != PASTE_BLANK && !is_title(held->line.text))
        forget_owner(blocks);
}

static void start(struct input *input, struct blocks *blocks, const struct numbered *held,
                  const struct paste_line *next)
{
    const struct paste_line *line = &held->line;
    const char *journal = blocks->owner.journal[0] ? blocks->owner.journal : "journal/all.log";
    switch (line->kind) {
    case PASTE_FRAME:
        begin_stack(input, blocks, held);
        break;
    case PASTE_LISTING:
        if (line->listing != LISTING_OTHER || next->kind == PASTE_LISTING)
            begin_listing(input, blocks, held);
        break;
    case PASTE_LOG:
        if (line->is_frame) // a stack walker's own stamp, and no report that it would belong to
            begin_stack(input, blocks, held);
        else
            begin_text(input, blocks, BLOCK_LOG, journal, held);
        break;
    case PASTE_REPORT:
        begin_text(input, blocks, BLOCK_REPORT, "journal/kernel.log", held);
        break;
    case PASTE_TABLE:
        if (!blocks->owner.path[0])
            set_path(blocks, line->path);
        begin_file(input, blocks, held);
        break;
    case PASTE_GOROUTINE:
        begin_text(input, blocks, BLOCK_GOROUTINES, "pprof/paste/goroutine.txt", held);
        break;
    case PASTE_COMMAND:
    case PASTE_HEADING:
        set_owner(blocks, held);
        break;
    case PASTE_PROMPT:
        forget_owner(blocks);
        break;
    case PASTE_TRAILER:
        break;
    case PASTE_BLANK:
    case PASTE_NUMBER:
    case PASTE_PROSE:
        talk(input, blocks, held, next);
        break;
    }
}

void blocks_line(struct input *input, struct blocks *blocks, const struct numbered *held,
                 const struct paste_line *next)
{
    if (goes_on(blocks, held, next)) {
        append(input, blocks, held);
        return;
    }
    end_block(input, blocks);
    start(input, blocks, held, next);
}

void blocks_init(struct blocks *blocks)
{
    *blocks = (struct blocks){.last = NO_ID};
    forget_owner(blocks);
}

void blocks_end(struct input *input, struct blocks *blocks)
{
    end_block(input, blocks);
    buffer_release(&blocks->text);
}
