// SPDX-License-Identifier: Apache-2.0
#include "rule/summary.h"

#include <math.h>
#include <string.h>

#include "util/intern.h"
#include "util/suggest.h"
#include "util/times.h"

enum { LISTED = 3 };

enum field_kind { FIELD_COLUMN, FIELD_ROWS };

struct field {
    enum field_kind kind;
    struct text column;
    uint64_t less; // of {n-1}
    bool list;     // {column*}
    enum format { FORMAT_PLAIN, FORMAT_BYTES, FORMAT_PERCENT, FORMAT_DURATION } format;
};

// ---- reading ---------------------------------------------------------------------------------

static const char *const formats[] = {"bytes", "percent", "duration", NULL};

static bool format_of(struct text word, enum format *format)
{
    for (int i = 0; formats[i]; i++)
        if (text_is(word, formats[i])) {
            *format = (enum format)(FORMAT_BYTES + i);
            return true;
        }
    return false;
}

static bool is_name(struct text text)
{
    bool fine = text.len && !byte_is_digit(text.ptr[0]);
    for (size_t i = 0; i < text.len; i++)
        fine &= byte_is_word(text.ptr[i]);
    return fine;
}

// What stands between the braces. On failure *wrong is the part that is not understood.
static bool read_field(struct text inside, struct field *field, struct text *wrong, struct error *err)
{
    *field = (struct field){.column = inside};
    struct text rest = inside, format;
    (void)text_split(&rest, '|', &field->column);
    *wrong = rest;
    if (rest.ptr && rest.ptr > inside.ptr + field->column.len) {
        format = rest;
        if (!format_of(format, &field->format)) {
            const char *near = suggest(format, formats);
            return fail(err, "no format `%.*s`; there are bytes, percent and duration%s%s%s",
                        TEXT_ARG(format), near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
        }
    }
    *wrong = field->column;
    struct text count = field->column;
    if (text_is(count, "n") || (text_skip(&count, "n-") && text_to_u64(count, &field->less))) {
        field->kind = FIELD_ROWS;
        return true;
    }
    if (field->column.len && field->column.ptr[field->column.len - 1] == '*') {
        field->list = true;
        field->column.len--;
    }
    return is_name(field->column) ||
           fail(err, "`{%.*s}` is no field; a brace itself is written twice", TEXT_ARG(inside));
}

// The next piece of a summary: literal text, or a field with *inside set.
static bool next_piece(struct text *rest, struct text *literal, struct text *inside, struct error *err)
{
    *literal = *inside = (struct text){0};
    if (!rest->len)
        return false;
    char first = rest->ptr[0];
    if ((first == '{' || first == '}') && rest->len > 1 && rest->ptr[1] == first) {
        *literal = text_slice(*rest, 0, 1);
        *rest = text_from(*rest, 2);
        return true;
    }
    if (first == '{') {
        ptrdiff_t end = text_find_byte(*rest, '}');
        if (end < 0)
            return fail(err, "a `{` without its `}`; a brace itself is written twice");
        *inside = text_slice(*rest, 1, (size_t)end - 1);
        *rest = text_from(*rest, (size_t)end + 1);
        return true;
    }
    if (first == '}')
        return fail(err, "a `}` without its `{`; a brace itself is written twice");
    size_t length = 0;
    while (length < rest->len && rest->ptr[length] != '{' && rest->ptr[length] != '}')
        length++;
    *literal = text_slice(*rest, 0, length);
    *rest = text_from(*rest, length);
    return true;
}

static bool column_known(struct text column, const char *const *columns)
{
    for (; *columns; columns++)
        if (text_is(column, *columns))
            return true;
    return false;
}

bool summary_check(struct text summary, const char *const *columns, size_t *offset, struct error *err)
{
    struct text rest = summary, literal, inside, wrong;
    while (rest.len) {
        *offset = summary.len - rest.len;
        if (!next_piece(&rest, &literal, &inside, err))
            return false;
        struct field field;
        if (!inside.ptr)
            continue;
        if (!read_field(inside, &field, &wrong, err)) {
            *offset = (size_t)(wrong.ptr - summary.ptr);
            return false;
        }
        if (field.kind != FIELD_COLUMN || !columns || column_known(field.column, columns))
            continue;
        *offset = (size_t)(field.column.ptr - summary.ptr);
        const char *near = suggest(field.column, columns);
        return fail(err, "the query gives no column `%.*s`%s%s%s", TEXT_ARG(field.column),
                    near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    }
    return true;
}

// ---- writing ---------------------------------------------------------------------------------

// Three digits that count, at most one behind the point.
static void put_rounded(struct buffer *out, double number)
{
    bool whole = fabs(number) >= 99.95 || fabs(number - round(number)) < 0.05;
    buffer_printf(out, whole ? "%.0f" : "%.1f", number);
}

static void put_bytes(struct buffer *out, double bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    // 1023.96 would be written as 1024
    while (fabs(bytes) >= 1023.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    put_rounded(out, bytes);
    buffer_printf(out, " %s", unit == 0 && fabs(bytes) == 1 ? "byte" : units[unit]);
}

static void put_percent(struct buffer *out, double share)
{
    if (share > 0 && share < 0.0005) {
        buffer_puts(out, "under 0.1 %");
        return;
    }
    put_rounded(out, share * 100);
    buffer_puts(out, " %");
}

static void put_duration(struct buffer *out, double seconds)
{
    const double most = 9.2e9; // 292 years in nanoseconds fill 64 bits
    if (seconds < 0) {
        buffer_putc(out, '-');
        seconds = -seconds;
    }
    duration_write(out, (int64_t)((seconds < most ? seconds : most) * (double)NS_PER_S));
}

static bool number_of(const struct summary_value *value, double *number)
{
    switch (value->kind) {
    case SUMMARY_INTEGER:
        *number = (double)value->integer;
        return true;
    case SUMMARY_REAL:
        *number = value->real;
        return isfinite(value->real);
    case SUMMARY_TEXT:
        return text_to_double(value->text, number) && isfinite(*number);
    default:
        return false;
    }
}

static void put_plain(struct buffer *out, const struct summary_value *value)
{
    switch (value->kind) {
    case SUMMARY_INTEGER:
        buffer_printf(out, "%lld", (long long)value->integer);
        break;
    case SUMMARY_REAL:
        buffer_printf(out, "%.6g", value->real);
        break;
    case SUMMARY_TEXT:
        buffer_add(out, value->text);
        break;
    default:
        buffer_putc(out, '?');
    }
}

static void put_value(struct buffer *out, enum format format, const struct summary_value *value)
{
    double number;
    if (format == FORMAT_PLAIN || !number_of(value, &number))
        put_plain(out, value);
    else if (format == FORMAT_BYTES)
        put_bytes(out, number);
    else if (format == FORMAT_PERCENT)
        put_percent(out, number);
    else
        put_duration(out, number);
}

static bool is_comm(const struct field *field)
{
    return text_is(field->column, "comm");
}

// A pasted stack has no name and no number.
static void put_nobody(struct buffer *out)
{
    bool first = !out->len || text_ends(buffer_text(out), ". ");
    buffer_puts(out, first ? "A task" : "a task");
}

static void put_list(struct buffer *out, const struct field *field, const struct summary_rows *rows)
{
    struct intern distinct = {0};
    for (uint64_t row = 0; row < rows->rows; row++) {
        struct summary_value value = {0};
        struct buffer one = {0};
        bool added = false;
        if (rows->value(rows->context, row, field->column, &value) && value.kind != SUMMARY_NULL) {
            put_value(&one, field->format, &value);
            (void)intern_add(&distinct, one.ptr ? buffer_text(&one) : TEXT(""), &added);
        }
        if (added && distinct.count <= LISTED) {
            buffer_puts(out, distinct.count > 1 ? ", " : "");
            buffer_add(out, buffer_text(&one));
        }
        buffer_release(&one);
    }
    if (distinct.count == 0)
        buffer_puts(out, is_comm(field) ? "unnamed tasks" : "?");
    if (distinct.count > LISTED)
        buffer_printf(out, " and %u more", distinct.count - LISTED);
    intern_release(&distinct);
}

static void put_field(struct buffer *out, const struct field *field, const struct summary_rows *rows)
{
    struct summary_value value = {0};
    if (field->kind == FIELD_ROWS)
        buffer_printf(out, "%llu",
                      (unsigned long long)(rows->rows > field->less ? rows->rows - field->less : 0));
    else if (!rows->value(rows->context, 0, field->column, &value))
        buffer_printf(out, "{%.*s}", TEXT_ARG(field->column));
    else if (field->list)
        put_list(out, field, rows);
    else if (is_comm(field) && value.kind == SUMMARY_NULL)
        put_nobody(out);
    else
        put_value(out, field->format, &value);
}

static void write_pieces(struct buffer *out, struct text rest, const struct summary_rows *rows)
{
    struct text literal, inside, wrong;
    struct error ignored = {0};
    while (rest.len) {
        struct text before = rest;
        struct field field;
        if (!next_piece(&rest, &literal, &inside, &ignored)) {
            buffer_add(out, before); // lint has said what is wrong with it
            return;
        }
        if (!inside.ptr)
            buffer_add(out, literal);
        else if (read_field(inside, &field, &wrong, &ignored))
            put_field(out, &field, rows);
        else
            buffer_printf(out, "{%.*s}", TEXT_ARG(inside));
    }
}

// A phrase that would say nothing: " and {n-1} more" of one row, the id in " ({pid})" of a task that has
// none.
static bool says_nothing(struct text phrase, const struct summary_rows *rows)
{
    struct summary_value value = {0};
    if (text_is(phrase, " and {n-1} more"))
        return rows->rows == 1;
    struct text column = text_is(phrase, " ({pid})") ? TEXT("pid") : TEXT("tid");
    return rows->value(rows->context, 0, column, &value) &&
           (value.kind == SUMMARY_NULL || (value.kind == SUMMARY_INTEGER && value.integer < 0));
}

// The first such phrase of the summary: its place, or -1.
static ptrdiff_t find_nothing(struct text summary, const struct summary_rows *rows, size_t *length)
{
    static const char *const phrases[] = {" and {n-1} more", " ({pid})", " ({tid})"};
    ptrdiff_t first = -1;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        ptrdiff_t at = text_find(summary, text_of(phrases[i]));
        if (at < 0 || (first >= 0 && at > first) || !says_nothing(text_of(phrases[i]), rows))
            continue;
        first = at;
        *length = strlen(phrases[i]);
    }
    return first;
}

void summary_write(struct buffer *out, struct text summary, const struct summary_rows *rows)
{
    ptrdiff_t at;
    size_t length = 0;
    while ((at = find_nothing(summary, rows, &length)) >= 0) {
        write_pieces(out, text_slice(summary, 0, (size_t)at), rows);
        summary = text_from(summary, (size_t)at + length);
    }
    write_pieces(out, summary, rows);
}
