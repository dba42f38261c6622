// SPDX-License-Identifier: Apache-2.0
//
// Who containers are, as tables: `docker ps` (podman, nerdctl), `crictl ps`, `crictl pods`, `ctr containers
// ls`. A docker table may leave cells empty (PORTS), so of it only what stands at a row's ends is taken by
// place: the id and the image first, the names last, the status by its words.
#include "evidence/names.h"
#include "evidence/reading.h"
#include "evidence/table.h"

#define IDS "CONTAINER ID|CONTAINER|POD ID"

static bool claims(const struct member *member)
{
    struct table table;
    struct lines rest;
    return member_is_output(member) && table_find(&table, member->head, IDS, "IMAGE|NAME|NAMES", &rest);
}

static struct text lower(struct input *input, struct text text)
{
    char *out = arena_alloc(input->arena, text.len + 1, 1);
    for (size_t i = 0; i < text.len; i++)
        out[i] = byte_lower(text.ptr[i]);
    return (struct text){text.ptr ? out : NULL, text.len};
}

// `Up 3 hours (healthy)`, `Exited (137) 2 days ago`, `Created`: one word, as inspect says it.
static struct text docker_state(struct text cell)
{
    static const char *const words[][2] = {
        {"Up", "running"},       {"Exited", "exited"}, {"Created", "created"}, {"Restarting", "restarting"},
        {"Removal", "removing"}, {"Dead", "dead"},     {"Paused", "paused"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_starts(cell, words[i][0]))
            return text_contains(cell, "(Paused)") ? TEXT("paused") : text_of(words[i][1]);
    return (struct text){NULL, 0};
}

static bool is_id(struct text text)
{
    return text.len >= 8 && text.len <= 64 && text_all_hex(text);
}

static void take_docker(struct input *input, const struct table *table, const struct text *cells,
                        unsigned count, struct row_container_name *row)
{
    (void)input;
    if (table_column(table, "IMAGE") == 1 && count > 1)
        row->image = cells[1];
    for (unsigned i = 2; i < count && !row->state.ptr; i++)
        row->state = docker_state(cells[i]);
    if (table_column(table, "NAMES") == (int)table->columns - 1 && count > 2)
        name_container(row, cells[count - 1]);
}

static void take_crictl(struct input *input, const struct table *table, const struct text *cells,
                        struct row_container_name *row)
{
    bool sandbox = table_column(table, "CONTAINER|CONTAINER ID") < 0;
    row->image = table_cell(table, cells, "IMAGE");
    row->state = lower(input, table_cell(table, cells, "STATE"));
    row->namespace = table_cell(table, cells, "NAMESPACE");
    row->pod = table_cell(table, cells, sandbox ? "NAME" : "POD");
    row->name = sandbox ? TEXT("POD") : table_cell(table, cells, "NAME");
}

static void parse(struct input *input)
{
    struct table table;
    struct lines lines;
    struct text line, cells[TABLE_COLUMNS];
    if (!table_find(&table, input->content, IDS, "IMAGE|NAME|NAMES", &lines))
        return;
    while (lines_next(&lines, &line)) {
        struct row_container_name row = row_container_name_null;
        unsigned count = table_cells(&table, line, cells);
        if (count < 2 || !is_id(cells[0]))
            continue;
        row.line = input_line(input, lines.number);
        row.container = cells[0];
        if (table_column(&table, "NAMES") >= 0)
            take_docker(input, &table, cells, count, &row);
        else
            take_crictl(input, &table, cells, &row);
        emit_container_name(input->sink, input->member, &row);
    }
}

const struct evidence evidence_containers_table = {
    .name = "containers-table",
    .paths = "output of docker ps, crictl ps, crictl pods, ctr containers ls",
    .help = "Which container has which name, image and pod.",
    .claims = claims,
    .parse = parse,
};
