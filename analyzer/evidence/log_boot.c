// SPDX-License-Identifier: Apache-2.0
//
// What runs through a log: boots, records that arrive late, and what the log knows of its own clock.
#include <inttypes.h>

#include "evidence/log_reader.h"
#include "util/memory.h"
#include "util/times.h"

enum {
    FALL_S = 60,       // printk's clock falls back further than cpus disagree: a boot
    LATE_S = 60,       // a record that takes longer to arrive waited for a stuck journal
    IN_TIME_S = 10,    // one that takes less shows that it goes again
    NEAR_RECORDS = 32, // a mark and the boot's first message stand so near that they are one boot
};

// ---- boots -----------------------------------------------------------------------------------

static void emit_reboot(struct log_reader *reader, struct input *input, uint64_t number,
                        const struct log_line *line)
{
    struct row_event row = row_event_null;
    row.line = input_line(input, number);
    row.kind = TEXT("reboot");
    if (line) {
        row.time = line->time;
        row.clock = row_clock(line->clock);
    }
    row.boot = buffer_text(&reader->boot);
    emit_event(input->sink, input->member, &row);
}

void log_boot_mark(struct log_reader *reader, struct input *input, struct text id, uint64_t number,
                   const struct log_line *line)
{
    if (!reader->boots)
        buffer_add(&reader->first_boot, buffer_text(&reader->boot));
    reader->boots++;
    buffer_clear(&reader->boot);
    if (id.len)
        buffer_add(&reader->boot, id);
    else
        buffer_printf(&reader->boot, "#%" PRIu64, reader->boots + 1);
    reader->last_printk = ROW_NULL;
    reader->since_mark = 0;
    emit_reboot(reader, input, number, line);
}

static bool is_first_message(struct text message)
{
    return text_starts(message, "Linux version ") || text_starts(message, "Booting Linux on physical CPU ");
}

// printk's clock starts anew. In a reversed log the outer clock falls with it, and says nothing.
static bool clock_fell(const struct log_reader *reader, const struct log_line *line)
{
    if (line->printk_ns == ROW_NULL || reader->last_printk == ROW_NULL ||
        line->printk_ns >= reader->last_printk)
        return false;
    bool outer = line->clock != CLOCK_BOOT && line->clock == reader->last_clock && line->time != ROW_NULL;
    if (outer && line->time < reader->last_time)
        return false;
    return reader->last_printk - line->printk_ns > FALL_S * NS_PER_S ||
           (line->printk_ns < NS_PER_S && is_first_message(line->message));
}

// Without printk's clock the first message of a boot is the mark, if anything stood before it.
static bool starts_silently(const struct log_reader *reader, const struct log_line *line)
{
    return line->kernel && line->printk_ns == ROW_NULL && reader->since_mark > NEAR_RECORDS &&
           line->message.len && (line->message.ptr[0] == 'L' || line->message.ptr[0] == 'B') &&
           is_first_message(line->message);
}

static void note_order(struct log_reader *reader, const struct log_line *line)
{
    if (line->time != ROW_NULL && line->clock == reader->last_clock) {
        reader->forth += line->time > reader->last_time;
        reader->back += line->time < reader->last_time;
    }
    if (line->time == ROW_NULL)
        return;
    reader->last_time = line->time;
    reader->last_clock = line->clock;
}

static void note_mark(struct log_reader *reader, struct input *input, const struct log_line *line,
                      uint64_t number)
{
    if (line->boot.len && !text_equal(line->boot, buffer_text(&reader->boot))) {
        if (reader->boot.len || reader->boots)
            log_boot_mark(reader, input, line->boot, number, line);
        else
            buffer_add(&reader->boot, line->boot); // the log's first says its name: nothing has changed
    } else if (clock_fell(reader, line) || starts_silently(reader, line)) {
        log_boot_mark(reader, input, (struct text){NULL, 0}, number, line);
    }
    if (line->printk_ns != ROW_NULL)
        reader->last_printk = line->printk_ns;
}

void log_boot_note(struct log_reader *reader, struct input *input, const struct log_line *line,
                   uint64_t number)
{
    if (line->kernel || line->boot.len)
        note_mark(reader, input, line, number);
    reader->since_mark++;
    note_order(reader, line);
}

// ---- records that arrive late --------------------------------------------------------------------

static void emit_delay(struct log_reader *reader, struct input *input)
{
    struct row_event row = row_event_null;
    row.line = input_line(input, (uint64_t)reader->delay_line);
    row.kind = TEXT("log-delay");
    row.time = reader->delay_time;
    row.clock = row_clock(reader->delay_clock);
    row.seconds = reader->delay_s;
    row.what = buffer_text(&reader->delay_unit);
    if (reader->boot.len)
        row.boot = buffer_text(&reader->boot);
    emit_event(input->sink, input->member, &row);
    reader->delay_line = 0;
}

// One event for a run of late records: its first line, and the longest delay.
void log_delay_note(struct log_reader *reader, struct input *input, const struct log_line *line,
                    uint64_t number)
{
    if (line->delay_s >= LOG_LATE_S) {
        if (!reader->delay_line) {
            reader->delay_line = (int64_t)number;
            reader->delay_s = 0;
            reader->delay_time = line->time;
            reader->delay_clock = line->clock;
            buffer_clear(&reader->delay_unit);
            buffer_add(&reader->delay_unit, line->unit);
        }
        if (line->delay_s > reader->delay_s)
            reader->delay_s = line->delay_s;
    } else if (reader->delay_line && line->delay_s < IN_TIME_S) {
        emit_delay(reader, input);
    }
}

// ---- facts -----------------------------------------------------------------------------------

static void emit_text(struct input *input, const char *key, struct text value)
{
    struct row_fact row = row_fact_null;
    row.line = input_line(input, 0);
    row.key = text_of(key);
    row.value = value;
    emit_fact(input->sink, input->member, &row);
}

static void emit_number(struct input *input, const char *key, int64_t number)
{
    CLEANUP(buffer_release) struct buffer value = {0};
    buffer_printf(&value, "%" PRId64, number);
    emit_text(input, key, buffer_text(&value));
}

// The banner's end is no later than the log's last record, so its year is that one's: of the year 1972 then.
static int64_t year_of_banner(const struct log_format *format)
{
    struct civil end, last;
    if (format->banner_end == ROW_NULL || !format->year.any)
        return ROW_NULL;
    civil_of_time(format->banner_end, &end);
    civil_of_time(format->year.latest, &last);
    bool before = last.month < end.month || (last.month == end.month && last.day <= end.day);
    return end.year - !before - (last.year - 1972) / 4;
}

static void emit_clock(struct log_reader *reader, struct input *input)
{
    const struct log_format *format = &reader->format;
    int64_t year = format->first_year != ROW_NULL ? format->first_year : year_of_banner(format);
    if (format->zone_s != ROW_NULL)
        emit_number(input, "zone_offset_s", format->zone_s);
    else if (format->source.container && format->year.any)
        emit_number(input, "zone_offset_s", 0); // containers are in UTC unless their image says otherwise
    if (!format->year.any)
        return;
    emit_number(input, "yearless_last_ns", format->year.latest);
    if (year != ROW_NULL)
        emit_number(input, "yearless_year", year);
}

void log_facts_emit(struct log_reader *reader, struct input *input)
{
    if (reader->delay_line)
        emit_delay(reader, input);
    emit_clock(reader, input);
    if (reader->boots) {
        bool reversed = reader->back > reader->forth;
        emit_text(input, "log_boot", buffer_text(reversed ? &reader->first_boot : &reader->boot));
    }
    buffer_release(&reader->boot);
    buffer_release(&reader->first_boot);
    buffer_release(&reader->delay_unit);
}
