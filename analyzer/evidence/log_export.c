// SPDX-License-Identifier: Apache-2.0
//
// journalctl -o export (systemd.io/JOURNAL_EXPORT_FORMATS). Fields are read before lines: a binary field
// may hold newlines. A record ends at an empty line.
#include <string.h>

#include "evidence/log_reader.h"

static void record_end(struct log_reader *reader, struct input *input)
{
    struct log_export *export = &reader->export;
    struct log_line line = {.caller = ROW_NULL, .printk_ns = ROW_NULL, .form = LOG_FORM_JSON};
    if (!export->any)
        return;
    log_fields_line(&export->fields, &line);
    log_line_finish(&reader->format, &line);
    log_record_whole(reader, input, &line, export->first, export->line - export->first);
    export->any = false;
    export->fields = (struct log_fields){0};
    arena_reset(&export->arena);
}

static void field_end(struct log_export *export, struct text name, struct text value)
{
    struct text *field = log_field(&export->fields, name);
    if (!export->any)
        export->first = export->line;
    export->any = true;
    if (field && !field->ptr)
        *field = arena_copy(&export->arena, value);
}

static void line_end(struct log_reader *reader, struct input *input)
{
    struct log_export *export = &reader->export;
    struct text line = buffer_text(&export->part), name;
    ptrdiff_t equals = text_find_byte(line, '=');
    if (!line.len) {
        record_end(reader, input);
    } else if (equals >= 0) {
        name = text_slice(line, 0, (size_t)equals);
        field_end(export, name, text_from(line, (size_t)equals + 1));
    } else {
        buffer_clear(&export->name);
        buffer_add(&export->name, line);
        if (!export->any)
            export->first = export->line;
        export->any = true;
        export->length = export->have = 0;
        export->state = EXPORT_LENGTH;
    }
    buffer_clear(&export->part);
    export->line++;
    if (export->state == EXPORT_LINE)
        export->part_line = export->line;
}

// Bytes of a line or value; what is above the limit of a line is left out.
static void part_add(struct log_reader *reader, struct input *input, struct text bytes)
{
    struct log_export *export = &reader->export;
    size_t most = (size_t)input->limits->line_bytes;
    size_t room = export->part.len < most ? most - export->part.len : 0;
    if (bytes.len > room && !export->dropped) {
        export->dropped = true;
        reader->first_cut = reader->cut_lines++ ? reader->first_cut : export->part_line;
    }
    buffer_add(&export->part, text_slice(bytes, 0, room));
}

static struct text take_line(struct log_reader *reader, struct input *input, struct text rest)
{
    ptrdiff_t end = text_find_byte(rest, '\n');
    part_add(reader, input, text_slice(rest, 0, end < 0 ? rest.len : (size_t)end));
    if (end < 0)
        return text_from(rest, rest.len);
    line_end(reader, input);
    reader->export.dropped = false;
    return text_from(rest, (size_t)end + 1);
}

static struct text take_length(struct log_export *export, struct text rest)
{
    while (rest.len && export->have < 8) {
        export->length |= (uint64_t)(unsigned char)rest.ptr[0] << (8 * export->have++);
        rest = text_from(rest, 1);
    }
    if (export->have == 8) {
        export->have = 0;
        export->state = EXPORT_DATA;
    }
    return rest;
}

static struct text take_data(struct log_reader *reader, struct input *input, struct text rest)
{
    struct log_export *export = &reader->export;
    uint64_t left = export->length - export->have;
    struct text bytes = text_slice(rest, 0, left < rest.len ? (size_t)left : rest.len);
    part_add(reader, input, bytes);
    for (const char *at = bytes.ptr; (at = memchr(at, '\n', (size_t)(bytes.ptr + bytes.len - at))) != NULL;
         at++)
        export->line++;
    export->have += bytes.len;
    if (export->have == export->length) {
        field_end(export, buffer_text(&export->name), buffer_text(&export->part));
        buffer_clear(&export->part);
        export->dropped = false;
        export->state = EXPORT_DATA_END;
    }
    return text_from(rest, bytes.len);
}

void log_export_feed(struct log_reader *reader, struct input *input)
{
    struct log_export *export = &reader->export;
    struct text rest = input->content;
    while (rest.len) {
        switch (export->state) {
        case EXPORT_LINE:
            rest = take_line(reader, input, rest);
            break;
        case EXPORT_LENGTH:
            rest = take_length(export, rest);
            break;
        case EXPORT_DATA:
            rest = take_data(reader, input, rest);
            break;
        case EXPORT_DATA_END: // the newline behind a value; where it is missing the record is damaged anyway
            if (rest.ptr[0] == '\n') {
                rest = text_from(rest, 1);
                export->line++;
            }
            export->part_line = export->line;
            export->state = EXPORT_LINE;
            break;
        }
    }
}

void log_export_end(struct log_reader *reader, struct input *input)
{
    struct log_export *export = &reader->export;
    if (export->state == EXPORT_LINE && export->part.len)
        line_end(reader, input);
    else if (export->state == EXPORT_DATA && export->part.len)
        field_end(export, buffer_text(&export->name), buffer_text(&export->part)); // cut: what there is
    record_end(reader, input);
    buffer_release(&export->part);
    buffer_release(&export->name);
    arena_release(&export->arena);
}
