// SPDX-License-Identifier: Apache-2.0
#include "store/lines_record.h"

#include <string.h>

#include "evidence/clock.h"

enum {
    CLOCK_BITS = 7,
    CLOCK_NULL = 5,
    CLOCK_OTHER = 6,
    SAME_UNIT = 8,
    SAME_PID = 16,
    SAME_HOST = 32,
    SAME_BOOT = 64,
    ONE_LINE = 128,
    PRIORITY_OTHER = 15,
    ABSENT = 0,
    INLINE = 1,
    FIRST_TEXT = 2,
    TEXT_BYTES = 40, // that a text takes beside itself
};

char *varint_write(char *to, uint64_t number)
{
    while (number >= 128) {
        *to++ = (char)(number | 128);
        number >>= 7;
    }
    *to++ = (char)number;
    return to;
}

bool varint_read(struct text *rest, uint64_t *number)
{
    *number = 0;
    for (unsigned shift = 0, i = 0; i < rest->len && shift < 64; i++, shift += 7) {
        unsigned char byte = (unsigned char)rest->ptr[i];
        *number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128) {
            rest->ptr += i + 1;
            rest->len -= i + 1;
            return true;
        }
    }
    return false;
}

bool varint_read_text(struct text *rest, struct text *text)
{
    uint64_t length;
    if (!varint_read(rest, &length) || length > rest->len)
        return false;
    *text = text_slice(*rest, 0, (size_t)length);
    *rest = text_from(*rest, (size_t)length);
    return true;
}

// Differences of either sign as small numbers. All arithmetic is modulo 2^64, so any value comes back.
static uint64_t fold(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

static uint64_t unfold(uint64_t folded)
{
    return folded >> 1 ^ (0 - (folded & 1));
}

static char *write_difference(char *to, uint64_t value, uint64_t before)
{
    return varint_write(to, fold(value - before));
}

static bool read_difference(struct text *rest, uint64_t before, uint64_t *value)
{
    uint64_t folded;
    if (!varint_read(rest, &folded))
        return false;
    *value = before + unfold(folded);
    return true;
}

static uint32_t text_number(struct intern *texts, struct room *names, struct text text, uint32_t before)
{
    if (!text.ptr)
        return ABSENT;
    if (before >= FIRST_TEXT && text_same(texts->texts[before - FIRST_TEXT], text))
        return before;
    if (text.len > LINES_TEXT_BYTES)
        return INLINE;
    uint32_t number = intern_find(texts, text);
    if (number == INTERN_NONE && texts->count < LINES_TEXTS && room_left(names)) {
        number = intern_add(texts, text, NULL);
        room_hold(names, text.len + TEXT_BYTES);
    }
    return number == INTERN_NONE ? INLINE : number + FIRST_TEXT;
}

static bool as_before(uint32_t number, uint32_t before)
{
    return number == before && number != INLINE;
}

static char *write_text(char *to, uint32_t number, struct text text)
{
    to = varint_write(to, number);
    if (number != INLINE)
        return to;
    to = varint_write(to, text.len);
    memcpy(to, text.ptr, text.len);
    return to + text.len;
}

static unsigned clock_code(int64_t clock)
{
    if (clock == ROW_NULL)
        return CLOCK_NULL;
    return clock >= CLOCK_NONE && clock <= CLOCK_BOOT ? (unsigned)clock : CLOCK_OTHER;
}

static unsigned priority_code(int64_t priority)
{
    if (priority == ROW_NULL)
        return 0;
    return priority >= 0 && priority <= 7 ? (unsigned)priority + 1 : PRIORITY_OTHER;
}

// Which of the row's parts repeat; the numbers of its texts.
static unsigned row_flags(const struct record_coder *coder, const struct row_log *row, uint32_t unit,
                          uint32_t host, uint32_t boot)
{
    return clock_code(row->clock) | (as_before(unit, coder->unit) ? SAME_UNIT : 0u) |
           ((uint64_t)row->pid == coder->pid ? SAME_PID : 0u) |
           (as_before(host, coder->host) ? SAME_HOST : 0u) | (as_before(boot, coder->boot) ? SAME_BOOT : 0u) |
           (row->lines == 1 ? ONE_LINE : 0u);
}

static char *write_numbers(char *to, struct record_coder *coder, const struct row_log *row, unsigned flags)
{
    unsigned clock = flags & CLOCK_BITS;
    to = write_difference(to, (uint64_t)row->line, coder->line);
    if (clock == CLOCK_OTHER)
        to = varint_write(to, (uint64_t)row->clock);
    to = write_difference(to, (uint64_t)row->time, coder->time[clock]);
    coder->time[clock] = (uint64_t)row->time;
    if (priority_code(row->priority) == PRIORITY_OTHER)
        to = varint_write(to, (uint64_t)row->priority);
    if (!(flags & SAME_PID))
        to = write_difference(to, (uint64_t)row->pid, coder->pid);
    coder->pid = (uint64_t)row->pid;
    if (!(flags & ONE_LINE))
        to = varint_write(to, (uint64_t)row->lines);
    coder->line = (uint64_t)row->line + (uint64_t)row->lines;
    return to;
}

void record_write(struct buffer *out, struct record_coder *coder, struct intern *texts, struct room *names,
                  const struct row_log *row)
{
    uint32_t unit = text_number(texts, names, row->unit, coder->unit);
    uint32_t host = text_number(texts, names, row->host, coder->host);
    uint32_t boot = text_number(texts, names, row->boot, coder->boot);
    unsigned flags = row_flags(coder, row, unit, host, boot);
    size_t room = 2 + 13 * VARINT_BYTES + row->unit.len + row->host.len + row->boot.len + row->message.len;
    char *start = buffer_reserve(out, room), *to = start;
    *to++ = (char)flags;
    *to++ = (char)priority_code(row->priority);
    to = write_numbers(to, coder, row, flags);
    if (!(flags & SAME_UNIT))
        to = write_text(to, unit, row->unit);
    if (!(flags & SAME_HOST))
        to = write_text(to, host, row->host);
    if (!(flags & SAME_BOOT))
        to = write_text(to, boot, row->boot);
    to = varint_write(to, row->message.ptr ? row->message.len + 1 : 0);
    if (row->message.len)
        memcpy(to, row->message.ptr, row->message.len);
    out->len += (size_t)(to - start) + row->message.len;
    coder->unit = unit;
    coder->host = host;
    coder->boot = boot;
}

static bool read_text(struct text *rest, const struct intern *texts, bool same, struct text *text)
{
    uint64_t number;
    if (same)
        return true;
    *text = (struct text){NULL, 0};
    if (!varint_read(rest, &number))
        return false;
    if (number == INLINE)
        return varint_read_text(rest, text);
    if (number >= FIRST_TEXT && number - FIRST_TEXT >= texts->count)
        return false;
    if (number != ABSENT)
        *text = texts->texts[number - FIRST_TEXT];
    return true;
}

static bool read_clock_and_time(struct text *rest, struct record_coder *coder, unsigned flags,
                                struct row_log *row)
{
    unsigned clock = flags & CLOCK_BITS;
    uint64_t other;
    row->clock = clock == CLOCK_NULL ? ROW_NULL : (int64_t)clock;
    if (clock == CLOCK_OTHER) {
        if (!varint_read(rest, &other))
            return false;
        row->clock = (int64_t)other;
    }
    if (!read_difference(rest, coder->time[clock], &coder->time[clock]))
        return false;
    row->time = (int64_t)coder->time[clock];
    return true;
}

static bool read_numbers(struct text *rest, struct record_coder *coder, unsigned flags, unsigned priority,
                         struct row_log *row)
{
    uint64_t number = 0;
    if (!read_difference(rest, coder->line, &coder->line))
        return false;
    row->line = (int64_t)coder->line;
    if (!read_clock_and_time(rest, coder, flags, row))
        return false;
    row->priority = priority ? (int64_t)priority - 1 : ROW_NULL;
    if (priority == PRIORITY_OTHER) {
        if (!varint_read(rest, &number))
            return false;
        row->priority = (int64_t)number;
    }
    if (!(flags & SAME_PID) && !read_difference(rest, coder->pid, &coder->pid))
        return false;
    row->pid = (int64_t)coder->pid;
    number = 1;
    if (!(flags & ONE_LINE) && !varint_read(rest, &number))
        return false;
    row->lines = (int64_t)number;
    coder->line += number;
    return true;
}

bool record_read(struct text *rest, struct record_coder *coder, const struct intern *texts,
                 struct row_log *row)
{
    if (rest->len < 2)
        return false;
    unsigned flags = (unsigned char)rest->ptr[0], priority = (unsigned char)rest->ptr[1];
    *rest = text_from(*rest, 2);
    uint64_t length;
    if (!read_numbers(rest, coder, flags, priority, row) ||
        !read_text(rest, texts, flags & SAME_UNIT, &coder->unit_text) ||
        !read_text(rest, texts, flags & SAME_HOST, &coder->host_text) ||
        !read_text(rest, texts, flags & SAME_BOOT, &coder->boot_text) || !varint_read(rest, &length) ||
        (length && length - 1 > rest->len))
        return false;
    row->unit = coder->unit_text;
    row->host = coder->host_text;
    row->boot = coder->boot_text;
    row->message = length ? text_slice(*rest, 0, (size_t)length - 1) : (struct text){NULL, 0};
    *rest = text_from(*rest, row->message.len);
    return true;
}
