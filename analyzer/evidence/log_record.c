// SPDX-License-Identifier: Apache-2.0
//
// Lines to records. A record is held back until the next line shows that it is whole.
#include <string.h>

#include "evidence/log_join.h"
#include "evidence/log_reader.h"

static struct log_line *held(struct log_reader *reader)
{
    return &reader->records[reader->current];
}

// ---- keeping what a record points to ------------------------------------------------------------

static size_t kept_length(struct text text)
{
    return text.ptr ? text.len + 1 : 0;
}

static void keep(struct buffer *out, struct text *text)
{
    if (!text->ptr)
        return;
    char *to = out->ptr + out->len;
    if (text->len)
        memcpy(to, text->ptr, text->len);
    text->ptr = to;
    out->len += text->len + 1;
}

// Copies all texts of the held record, so that the bytes it came in may go.
static void record_keep(struct log_reader *reader)
{
    struct log_line *line = held(reader);
    struct text *texts[] = {&line->host, &line->ident,   &line->unit,
                            &line->boot, &line->message, &reader->last};
    struct buffer fresh = {0};
    size_t total = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        total += kept_length(*texts[i]);
    (void)buffer_reserve(&fresh, total);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep(&fresh, texts[i]);
    buffer_release(&reader->kept); // what was in it may just have been copied
    reader->kept = fresh;
}

void log_record_settle(struct log_reader *reader)
{
    if (reader->held)
        record_keep(reader);
}

// ---- emitting --------------------------------------------------------------------------------

static void emit_row(struct log_reader *reader, struct input *input, const struct log_line *line,
                     struct text message, uint64_t first, uint64_t lines)
{
    struct row_log row = row_log_null;
    row.line = input_line(input, first);
    row.time = line->time;
    row.clock = row_clock(line->clock);
    row.unit = line->unit;
    row.pid = line->pid;
    row.priority = line->priority;
    row.host = line->host;
    row.message = message;
    row.lines = (int64_t)lines;
    if (reader->boot.len)
        row.boot = buffer_text(&reader->boot);
    emit_log(input->sink, input->member, &row);
}

static void emit_held(struct log_reader *reader, struct input *input)
{
    if (!reader->held)
        return;
    struct text message = reader->joining ? buffer_text(&reader->joined) : held(reader)->message;
    emit_row(reader, input, held(reader), message, reader->first, reader->lines);
    reader->held = false;
    reader->joining = false;
    reader->blanks = 0;
}

// ---- what looks at every line ------------------------------------------------------------------

static void to_report(struct log_reader *reader, struct input *input, const struct log_line *line,
                      struct text text, uint64_t number, bool continued)
{
    if (!reader->report)
        reader->report = report_open(input->sink, input->member, input->limits);
    struct report_line report = {
        .text = text,
        .line = input_line(input, number),
        .time = line->time,
        .clock = line->clock,
        .caller = line->caller,
        .boot = reader->boot.len ? buffer_text(&reader->boot) : (struct text){NULL, 0},
        .continued = continued,
    };
    report_line(reader->report, &report);
}

// A record of JSON or the export format may hold several lines.
static void kernel_lines(struct log_reader *reader, struct input *input, const struct log_line *line,
                         uint64_t number, bool continued)
{
    struct lines lines = {.rest = line->message};
    struct text text;
    if (text_find_byte(line->message, '\n') < 0)
        to_report(reader, input, line, line->message, number, continued);
    else
        while (lines_next(&lines, &text))
            to_report(reader, input, line, text, number, continued || lines.number > 1);
}

// `Suppressed 23 messages from /system.slice/docker.service`
static void suppressed(struct log_reader *reader, struct input *input, const struct log_line *line,
                       uint64_t number)
{
    struct text rest = line->message, count;
    if (!text_skip(&rest, "Suppressed ") || !text_word(&rest, &count) || !text_skip(&rest, " messages from "))
        return;
    struct row_event row = row_event_null;
    row.line = input_line(input, number);
    row.kind = TEXT("suppressed");
    row.time = line->time;
    row.clock = row_clock(line->clock);
    row.what = text_trim(rest);
    row.detail = line->message;
    if (reader->boot.len)
        row.boot = buffer_text(&reader->boot);
    emit_event(input->sink, input->member, &row);
}

// Most records are ordinary: what a byte shows not to concern them costs no call.
static void look(struct log_reader *reader, struct input *input, const struct log_line *line, uint64_t number)
{
    log_boot_note(reader, input, line, number);
    if (line->kernel) {
        kernel_lines(reader, input, line, number, false);
        return;
    }
    char first = line->message.len ? line->message.ptr[0] : '\0';
    if (line->delay_s >= LOG_LATE_S || reader->delay_line)
        log_delay_note(reader, input, line, number);
    if (first == 'g' || reader->dumps.open || line->message.len >= LOG_DUMP_BYTES)
        log_dump_line(&reader->dumps, input, line->unit, line->pid, line->message, number);
    if (first == 'S')
        suppressed(reader, input, line, number);
}

// ---- lines that continue -----------------------------------------------------------------------

static void start_joining(struct log_reader *reader)
{
    if (reader->joining)
        return;
    buffer_clear(&reader->joined);
    buffer_add(&reader->joined, held(reader)->message);
    reader->joining = true;
}

static bool has_room(struct log_reader *reader, const struct input *input, size_t more)
{
    const struct log_line *line = &reader->records[reader->current];
    size_t have = reader->joining ? reader->joined.len : line->message.len;
    bool few = reader->lines + reader->blanks < input->limits->join_lines;
    bool shorter = have + reader->blanks + more + 1 <= input->limits->line_bytes;
    reader->split_lines += !few;
    reader->split_bytes += few && !shorter;
    return few && shorter;
}

// A new record of the same writer and time, for what goes beyond the limits of one: nothing is lost.
static void hold_rest(struct log_reader *reader, struct input *input, struct text line, uint64_t number)
{
    emit_held(reader, input);
    held(reader)->message = line;
    reader->held = true;
    reader->first = number;
    reader->lines = 1;
    reader->last = line;
    record_keep(reader);
}

static void join(struct log_reader *reader, struct input *input, struct text line, uint64_t number)
{
    if (!has_room(reader, input, line.len)) {
        hold_rest(reader, input, line, number);
        return;
    }
    start_joining(reader);
    enum log_join kind = reader->blanks ? JOIN_NEWLINE : log_join_kind(reader->last, line);
    for (uint64_t i = 0; i < reader->blanks + (kind == JOIN_NEWLINE); i++)
        buffer_putc(&reader->joined, '\n');
    if (kind == JOIN_BLANK)
        buffer_putc(&reader->joined, ' ');
    buffer_add(&reader->joined, line);
    reader->lines += reader->blanks + 1;
    reader->blanks = 0;
    buffer_clear(&reader->tail);
    buffer_add(&reader->tail, line);
    reader->last = buffer_text(&reader->tail);
}

void log_record_fragment(struct log_reader *reader, struct input *input, struct text text, uint64_t number)
{
    if (!reader->held || !has_room(reader, input, text.len)) {
        sink_warn(input->sink, input->member, number, "cut short by a hole of NUL bytes; left out");
        return;
    }
    reader->last = TEXT(""); // nothing that could have been wrapped
    join(reader, input, text, number);
}

// A line without a prefix.
static void take_text(struct log_reader *reader, struct input *input, const struct log_line *line,
                      uint64_t number)
{
    bool mute = reader->format.form == LOG_FORM_NONE; // a log without stamps: every line for itself
    bool kernel = reader->held ? held(reader)->kernel
                               : mute && (reader->format.source.kernel || !reader->format.source.sure);
    if (kernel)
        kernel_lines(reader, input, reader->held ? held(reader) : line, number, true);
    if (reader->held && !mute) {
        if (!held(reader)->kernel)
            log_dump_line(&reader->dumps, input, held(reader)->unit, held(reader)->pid, line->message,
                          number);
        join(reader, input, line->message, number);
        return;
    }
    log_dump_line(&reader->dumps, input, line->unit, ROW_NULL, line->message, number);
    emit_row(reader, input, line, line->message, number, 1);
}

// ---- records ---------------------------------------------------------------------------------

// A piece of a message that docker or containerd cut: goes on in the next record of the same stream.
static bool completes(struct log_reader *reader, struct input *input, const struct log_line *next)
{
    struct log_line *line = held(reader);
    if (!line->partial || !reader->held || next->form != line->form || next->errors != line->errors ||
        !has_room(reader, input, next->message.len))
        return false;
    start_joining(reader);
    buffer_add(&reader->joined, next->message);
    reader->lines++;
    line->partial = next->partial;
    return true;
}

static void apply_wall(struct log_reader *reader, struct log_line *line)
{
    if (line->form != LOG_FORM_KERNEL)
        return;
    line->time = reader->wall_line.time;
    line->clock = reader->wall_line.clock;
}

static void take_record(struct log_reader *reader, struct input *input, struct text line, uint64_t number,
                        bool stable)
{
    struct log_line *next = &reader->records[1 - reader->current];
    if (reader->wall)
        apply_wall(reader, next);
    if (completes(reader, input, next)) {
        look(reader, input, next, number);
        return;
    }
    emit_held(reader, input);
    reader->current = 1 - reader->current;
    reader->held = true;
    reader->first = number;
    reader->lines = 1;
    reader->last = line;
    look(reader, input, next, number);
    if (!stable || next->form == LOG_FORM_JSON) // JSON's texts may be in a buffer of the next line
        record_keep(reader);
}

void log_record_line(struct log_reader *reader, struct input *input, struct text line, uint64_t number,
                     bool stable)
{
    struct log_line *next = &reader->records[1 - reader->current];
    enum log_kind kind = log_line_parse(&reader->format, line, next);
    next->unit = log_line_unit(&reader->format, next);
    switch (kind) {
    case LOG_RECORD:
        take_record(reader, input, line, number, stable);
        break;
    case LOG_TEXT:
        take_text(reader, input, next, number);
        break;
    case LOG_BLANK:
        reader->blanks += reader->held;
        return; // a wall message may have one before its text
    case LOG_REBOOT:
        emit_held(reader, input);
        log_boot_mark(reader, input, next->boot, number, NULL);
        break;
    case LOG_BANNER:
        emit_held(reader, input);
        break;
    case LOG_WALL:
        emit_held(reader, input);
        reader->wall = true;
        reader->wall_line = *next;
        return;
    }
    reader->wall = false;
}

void log_record_whole(struct log_reader *reader, struct input *input, struct log_line *line, uint64_t first,
                      uint64_t lines)
{
    line->unit = log_line_unit(&reader->format, line);
    look(reader, input, line, first);
    emit_row(reader, input, line, line->message, first, lines);
}

static void warn_split(const struct log_reader *reader, struct input *input)
{
    const struct limits *limits = input->limits;
    if (reader->split_lines)
        sink_warn(input->sink, input->member, 0,
                  "%llu times a record was split after %llu lines (limit join_lines)",
                  (unsigned long long)reader->split_lines, (unsigned long long)limits->join_lines);
    if (reader->split_bytes)
        sink_warn(input->sink, input->member, 0,
                  "%llu times a record was split after %llu bytes (limit line_bytes)",
                  (unsigned long long)reader->split_bytes, (unsigned long long)limits->line_bytes);
}

void log_record_end(struct log_reader *reader, struct input *input)
{
    emit_held(reader, input);
    warn_split(reader, input);
    report_close(&reader->report);
    log_dumps_end(&reader->dumps, input);
    log_facts_emit(reader, input);
    buffer_release(&reader->kept);
    buffer_release(&reader->joined);
    buffer_release(&reader->tail);
}
