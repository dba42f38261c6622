// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_dump.h"

#include "evidence/log_join.h"

static void hand_over(struct log_dump *dump, struct input *input)
{
    struct buffer path = {0};
    buffer_puts(&path, "pprof/");
    struct text unit = buffer_text(&dump->unit);
    for (size_t i = 0; i < unit.len; i++)
        buffer_putc(&path, unit.ptr[i] == '/' ? '-' : unit.ptr[i]);
    buffer_puts(&path, "/goroutine.txt");
    struct member piece = {.path = buffer_text(&path),
                           .source = input->member->source,
                           .line_base = input->member->line_base + dump->first - 1,
                           .pid = NO_ID,
                           .tid = NO_ID,
                           .leaf = buffer_text(&path)};
    input_piece(input, &piece, buffer_text(&dump->text));
    buffer_release(&path);
}

static void dump_close(struct log_dumps *dumps, struct log_dump *dump, struct input *input)
{
    hand_over(dump, input);
    buffer_clear(&dump->text);
    dump->open = false;
    dumps->open--;
}

static struct log_dump *dump_of(struct log_dumps *dumps, struct text unit, int64_t pid)
{
    for (size_t i = 0; i < DUMPS && dumps->open; i++) {
        struct log_dump *dump = &dumps->dumps[i];
        if (dump->open && dump->pid == pid && text_equal(buffer_text(&dump->unit), unit))
            return dump;
    }
    return NULL;
}

static struct log_dump *dump_open(struct log_dumps *dumps, struct input *input, struct text unit, int64_t pid,
                                  uint64_t line)
{
    struct log_dump *dump = &dumps->dumps[0];
    for (size_t i = 0; i < DUMPS; i++)
        if (!dumps->dumps[i].open)
            dump = &dumps->dumps[i];
    if (dump->open)
        dump_close(dumps, dump, input);
    dump->open = true;
    dumps->open++;
    dump->pid = pid;
    buffer_clear(&dump->unit);
    buffer_add(&dump->unit, unit);
    dump->first = dump->line = line;
    dump->foreign = 0;
    return dump;
}

// A goroutine begins at its own line's number; inside of one a gap would cut it in two.
static void add_line(struct log_dump *dump, struct text message, uint64_t line)
{
    if (log_is_goroutine_head(message)) {
        if (dump->text.len && !text_ends(buffer_text(&dump->text), "\n\n")) {
            buffer_putc(&dump->text, '\n');
            dump->line++;
        }
        for (; dump->line < line; dump->line++)
            buffer_putc(&dump->text, '\n');
    }
    buffer_add(&dump->text, text_trim_end(message));
    buffer_putc(&dump->text, '\n');
    dump->line++;
    dump->foreign = 0;
}

static void take_line(struct log_dumps *dumps, struct input *input, struct text unit, int64_t pid,
                      struct text message, uint64_t line)
{
    bool head = log_is_goroutine_head(message);
    struct log_dump *dump = dump_of(dumps, unit, pid);
    if (dump && head && dump->text.len >= input->limits->whole_bytes) {
        dump_close(dumps, dump, input); // a piece is read whole
        dump = NULL;
    }
    if (!dump && !head)
        return;
    if (!dump)
        dump = dump_open(dumps, input, unit, pid, line);
    if (head || log_is_goroutine_line(message))
        add_line(dump, message, line);
    else if (++dump->foreign > DUMP_FOREIGN_LINES)
        dump_close(dumps, dump, input);
}

// `msg="=== BEGIN goroutine stack dump ===\ngoroutine 58 [running]:\n…"`
static struct text unescaped(struct buffer *out, struct text message)
{
    buffer_clear(out);
    for (size_t i = 0; i < message.len; i++) {
        char c = message.ptr[i];
        if (c != '\\' || i + 1 == message.len) {
            buffer_putc(out, c);
            continue;
        }
        c = message.ptr[++i];
        buffer_putc(out, c == 'n' ? '\n' : c == 't' ? '\t' : c);
    }
    return buffer_text(out);
}

static void take_lines(struct log_dumps *dumps, struct input *input, struct text unit, int64_t pid,
                       struct text message, uint64_t line)
{
    struct lines lines = {.rest = message};
    struct text text;
    while (lines_next(&lines, &text))
        take_line(dumps, input, unit, pid, text, line);
}

void log_dump_line(struct log_dumps *dumps, struct input *input, struct text unit, int64_t pid,
                   struct text message, uint64_t line)
{
    static const char begin[] = "goroutine stack dump ===\\n";
    unit = unit.len ? unit : TEXT("log");
    if (message.len >= LOG_DUMP_BYTES && text_find(message, TEXT(begin)) >= 0)
        take_lines(dumps, input, unit, pid, unescaped(&dumps->unescaped, message), line);
    else if (message.len >= LOG_DUMP_BYTES && text_find_byte(message, '\n') >= 0)
        take_lines(dumps, input, unit, pid, message, line);
    else if (dumps->open || text_starts(message, "goroutine "))
        take_line(dumps, input, unit, pid, message, line);
}

void log_dumps_end(struct log_dumps *dumps, struct input *input)
{
    for (size_t i = 0; i < DUMPS; i++) {
        if (dumps->dumps[i].open)
            dump_close(dumps, &dumps->dumps[i], input);
        buffer_release(&dumps->dumps[i].text);
        buffer_release(&dumps->dumps[i].unit);
    }
    buffer_release(&dumps->unescaped);
}
