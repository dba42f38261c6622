// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "command/arguments.h"
#include "command/output.h"
#include "command/pipeline.h"
#include "util/array.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/show.h"

enum { SQL_STEPS = 2000000000, CELL_WIDTH_MAX = 60 };

typedef void write_rows(struct statement *query, struct buffer *out, enum step *step, struct error *err);

static void cell(const struct statement *query, int column, struct buffer *out)
{
    buffer_clear(out);
    show_line(out, column_text(query, column));
}

// ---- csv: RFC 4180 ---------------------------------------------------------------------------

// A cell that a spreadsheet would take for a formula gets an apostrophe before it; negative numbers stay.
// Full-width signs count for some.
static bool starts_formula(struct text text)
{
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    bool formula = text.len && text.ptr[0] && strchr("=+-@\t\r", text.ptr[0]);
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        formula |= text_starts(text, wide[i]);
    return formula;
}

static bool looks_like_formula(const struct statement *query, int column, struct text text)
{
    return column_kind(query, column) == COLUMN_IS_TEXT && starts_formula(text);
}

static void csv_cell(struct buffer *out, struct text text, bool formula)
{
    if (!formula && text_find_byte(text, ',') < 0 && text_find_byte(text, '"') < 0 &&
        text_find_byte(text, ';') < 0) {
        buffer_add(out, text);
        return;
    }
    buffer_puts(out, formula ? "\"'" : "\"");
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buffer_putc(out, '"');
        buffer_putc(out, text.ptr[i]);
    }
    buffer_putc(out, '"');
}

static void write_csv(struct statement *query, struct buffer *out, enum step *step, struct error *err)
{
    int columns = statement_columns(query);
    CLEANUP(buffer_release) struct buffer visible = {0};
    for (int i = 0; i < columns; i++) {
        buffer_clear(&visible);
        show_line(&visible, text_of(statement_column_name(query, i)));
        buffer_puts(out, i ? "," : "");
        csv_cell(out, buffer_text(&visible), starts_formula(text_of(statement_column_name(query, i))));
    }
    buffer_puts(out, "\r\n");
    while ((*step = statement_step(query, err)) == STEP_ROW) {
        for (int i = 0; i < columns; i++) {
            cell(query, i, &visible);
            buffer_puts(out, i ? "," : "");
            csv_cell(out, buffer_text(&visible), looks_like_formula(query, i, column_text(query, i)));
        }
        buffer_puts(out, "\r\n");
    }
}

// ---- json: an array of objects ---------------------------------------------------------------

static void json_cell(struct json_writer *json, const struct statement *query, int column)
{
    const char *name = statement_column_name(query, column);
    switch (column_kind(query, column)) {
    case COLUMN_IS_NULL:
        json_add_null(json, name);
        break;
    case COLUMN_IS_INTEGER:
        json_add_integer(json, name, column_integer(query, column));
        break;
    case COLUMN_IS_REAL:
        json_add_double(json, name, column_double(query, column));
        break;
    case COLUMN_IS_TEXT:
        json_add_text(json, name, column_text(query, column));
        break;
    }
}

static void write_json(struct statement *query, struct buffer *out, enum step *step, struct error *err)
{
    struct json_writer json = {.out = out, .indent = 2};
    json_open_array(&json, NULL);
    while ((*step = statement_step(query, err)) == STEP_ROW) {
        json_open_object(&json, NULL);
        for (int i = 0; i < statement_columns(query); i++)
            json_cell(&json, query, i);
        json_close_object(&json);
    }
    json_close_array(&json);
    buffer_putc(out, '\n');
}

// ---- table -----------------------------------------------------------------------------------

struct cells ARRAY_BODY(char *);

static void add_cell(struct cells *cells, struct text text)
{
    *array_add(cells) = mem_copy(text.ptr ? text.ptr : "", text.len);
}

static void pad(struct buffer *out, const char *text, size_t width, bool last)
{
    buffer_puts(out, text);
    for (size_t used = show_width(text_of(text)); used < width && !last; used++)
        buffer_putc(out, ' ');
    buffer_puts(out, last ? "\n" : "  ");
}

static void print_table(const struct cells *cells, size_t columns, struct buffer *out)
{
    CLEANUP(mem_release) size_t *width = mem_alloc(columns, sizeof *width);
    for (size_t i = 0; i < cells->count; i++) {
        size_t own = show_width(text_of(cells->items[i]));
        if (own > width[i % columns])
            width[i % columns] = own < CELL_WIDTH_MAX ? own : CELL_WIDTH_MAX;
    }
    for (size_t i = 0; i < cells->count; i++)
        pad(out, cells->items[i], width[i % columns], i % columns + 1 == columns);
}

static void write_table(struct statement *query, struct buffer *out, enum step *step, struct error *err)
{
    int columns = statement_columns(query);
    struct cells cells = {0};
    CLEANUP(buffer_release) struct buffer visible = {0};
    for (int i = 0; i < columns; i++) {
        buffer_clear(&visible);
        show_line(&visible, text_of(statement_column_name(query, i)));
        add_cell(&cells, buffer_text(&visible));
    }
    while ((*step = statement_step(query, err)) == STEP_ROW)
        for (int i = 0; i < columns; i++) {
            cell(query, i, &visible);
            add_cell(&cells, buffer_text(&visible));
        }
    print_table(&cells, (size_t)columns, out);
    for (size_t i = 0; i < cells.count; i++)
        free(cells.items[i]);
    array_release(&cells);
}

// ---- the command -----------------------------------------------------------------------------

static write_rows *writer_of(const char *format)
{
    static const struct {
        const char *name;
        write_rows *write;
    } writers[] = {{"table", write_table}, {"csv", write_csv}, {"json", write_json}};
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if (strcmp(format ? format : "table", writers[i].name) == 0)
            return writers[i].write;
    return NULL;
}

static bool query_node(const struct node *node, const char *sql, write_rows *write, struct output *output,
                       struct error *err)
{
    struct db *db = store_db(node->store);
    db_guard(db, SQL_STEPS);
    CLEANUP(statement_release) struct statement *query = statement_open(db, sql, err);
    CLEANUP(buffer_release) struct buffer out = {0};
    enum step step = STEP_FAILED;
    if (query)
        write(query, &out, &step, err);
    else
        err->kind = ERROR_USAGE;
    statement_release(&query);
    db_unguard(db);
    return step == STEP_DONE && output_write(output, buffer_text(&out), err);
}

struct job {
    const struct arguments *arguments;
    write_rows *write;
    struct output *output;
};

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    const struct job *job = context;
    CLEANUP(nodes_release) struct nodes nodes = {0};
    struct pipeline pipeline = {.limits = argument_limits(job->arguments),
                                .quiet = argument_given(job->arguments, "quiet"),
                                .redact = argument_given(job->arguments, "redact"),
                                .jail = jail};
    bool ok = pipeline_read(&pipeline, argument_word(job->arguments, 0), &nodes, err);
    for (size_t i = 0; i < nodes.count && ok; i++)
        ok = query_node(&nodes.items[i], argument_word(job->arguments, 1), job->write, job->output, err);
    ok = nodes_sound(&nodes, err) && ok;
    return ok ? EXIT_ANALYSED : command_failed(err);
}

static int run_sql(const struct arguments *arguments, struct error *err)
{
    write_rows *write = writer_of(argument_value(arguments, "format"));
    if (!arguments_expect(arguments, 2, 2, err))
        return EXIT_USAGE;
    if (!write) {
        (void)fail_kind(err, ERROR_USAGE, "sql writes table, csv or json, not '%s'",
                        argument_value(arguments, "format"));
        return EXIT_USAGE;
    }
    CLEANUP(output_discard) struct output output = {0};
    if (!output_open(&output, argument_value(arguments, "output"), err))
        return command_failed(err);
    struct job job = {arguments, write, &output};
    int result;
    bool ended = jail_run(arguments, argument_word(arguments, 0), do_job, &job, &result, err);
    return ended && !err->message[0] && output_close(&output, err) ? EXIT_ANALYSED : command_failed(err);
}

static const struct option sql_options[] = {REDACT_OPTION, {NULL, 0, NULL, NULL, false}};

const struct command command_sql = {
    .name = "sql",
    .synopsis = "BUNDLE|FILE.db 'SELECT …' [--format table|csv|json]",
    .help = "Ask the bundle's database one question.\n"
            "\n"
            "The tables and views are those of schema/README.md. regexp(pattern, text), iso(ns), duration(s) "
            "and bytes(n) are there too.",
    .options = sql_options,
    .run = run_sql,
};
