// SPDX-License-Identifier: Apache-2.0
//
// Tables of ps (any columns, any order) and top: found by their header. Columns that stand before the command
// are read from the left, those behind it from the right, so the command may hold blanks. A command in
// brackets is a name: ps prints it so where the arguments are empty, which is a kernel thread or a task past
// exit_mm(). Where the column is the whole command line, the name is taken from its first word, unless a
// column says it.
#include <stdio.h>

#include "evidence/reading.h"
#include "evidence/table.h"

#define COMMANDS "COMMAND|CMD|ARGS|COMM|UCMD|UCOMMAND"
#define STATES "STAT|S|STATE"

enum { COMM_BYTES = 15, LSTART_WORDS = 5 };

struct layout {
    struct table table;
    int command;    // its column, -1 for none
    bool numbered;  // each line has its own number in front
    uint64_t first; // number before the header
};

static bool is_ps(const struct table *table)
{
    return table_column(table, "PID|TID|LWP|SPID|TGID") >= 0 &&
           table_column(table, COMMANDS "|" STATES "|WCHAN|WIDE-WCHAN-COLUMN") >= 0 && table->columns >= 2 &&
           table_column(table, "CONTAINER ID|POD ID|UNIT") < 0;
}

// Columns of ps are separated by any number of blanks, so a header counts as single words.
static bool open_header(struct layout *layout, struct text line)
{
    struct text words = text_trim(line), rest = words;
    *layout = (struct layout){0};
    if (text_take_u64(&rest, &layout->first) && rest.len) {
        layout->numbered = true;
        words = text_trim(rest);
    }
    struct text upper = words;
    if (!table_open(&layout->table, upper))
        return false;
    struct text cell;
    layout->table.wide = false;
    layout->table.columns = 0;
    while (layout->table.columns < TABLE_COLUMNS && text_word(&words, &cell))
        layout->table.names[layout->table.columns++] = cell;
    layout->command = table_column(&layout->table, COMMANDS);
    return is_ps(&layout->table);
}

static bool find_header(struct layout *layout, struct text text, struct lines *lines)
{
    enum { LINES = 10 }; // top has six above it
    struct text line;
    *lines = (struct lines){.rest = text};
    for (int i = 0; i < LINES && lines_next(lines, &line); i++)
        if (open_header(layout, line))
            return true;
    return false;
}

static bool claims(const struct member *member)
{
    struct layout layout;
    struct lines lines;
    return member_is_output(member) && find_header(&layout, member->head, &lines);
}

// ---- one row ---------------------------------------------------------------------------------

// How many words the column has: STARTED of lstart is `Mon Nov 23 17:09:33 2026`.
static int words_of(struct text name, struct text rest)
{
    struct text day = nth_word(rest, 0);
    bool lstart = text_is(name, "STARTED") && day.len && byte_is_alpha(day.ptr[0]);
    return lstart ? LSTART_WORDS : 1;
}

static bool take_left(const struct layout *layout, struct text *rest, struct text *cells)
{
    int last = layout->command < 0 ? (int)layout->table.columns : layout->command;
    for (int i = 0; i < last; i++)
        for (int words = words_of(layout->table.names[i], *rest); words > 0; words--)
            if (!text_word(rest, &cells[i]))
                return false;
    return true;
}

// Takes the last word off the end of *rest.
static struct text last_word(struct text *rest)
{
    struct text line = text_trim_end(*rest);
    size_t start = line.len;
    while (start > 0 && line.ptr[start - 1] != ' ' && line.ptr[start - 1] != '\t')
        start--;
    *rest = text_slice(line, 0, start);
    return text_from(line, start);
}

static bool take_right(const struct layout *layout, struct text *rest, struct text *cells)
{
    for (int i = (int)layout->table.columns - 1; layout->command >= 0 && i > layout->command; i--) {
        cells[i] = last_word(rest);
        bool year =
            text_is(layout->table.names[i], "STARTED") && cells[i].len == 4 && text_all_digits(cells[i]);
        for (int more = year ? LSTART_WORDS - 1 : 0; more > 0; more--)
            cells[i] = last_word(rest);
        if (cells[i].len == 0)
            return false;
    }
    return true;
}

static bool split_row(const struct layout *layout, struct text line, struct text *cells)
{
    for (int i = 0; i < TABLE_COLUMNS; i++)
        cells[i] = (struct text){NULL, 0};
    if (!take_left(layout, &line, cells) || !take_right(layout, &line, cells))
        return false;
    if (layout->command >= 0)
        cells[layout->command] = text_trim(line);
    return true;
}

// ---- what a row says -------------------------------------------------------------------------

// ps f draws the tree in front of the command: ` \_ sh -c …`, `|   `
static struct text without_tree(struct text command)
{
    size_t n = 0;
    while (n < command.len && (command.ptr[n] == ' ' || command.ptr[n] == '|' || command.ptr[n] == '\\' ||
                               (command.ptr[n] == '_' && n > 0 && command.ptr[n - 1] == '\\')))
        n++;
    return text_from(command, n);
}

// The program's name as the kernel would have it: behind the last slash of the first word, without the colon
// of `sshd: root@pts/0`, cut to 15 bytes.
static struct text name_of(struct text command)
{
    struct text first = nth_word(command, 0);
    bool path = text_starts(first, "/") || text_starts(first, "./");
    for (size_t i = first.len; path && i > 0; i--)
        if (first.ptr[i - 1] == '/') {
            first = text_from(first, i);
            break;
        }
    if (text_ends(first, ":"))
        first.len--;
    (void)text_skip(&first, "-"); // a login shell
    return text_slice(first, 0, COMM_BYTES);
}

static void take_command(const struct layout *layout, struct text command, struct row_task *row)
{
    command = without_tree(command);
    struct text column = layout->table.names[layout->command];
    bool only_name = text_is(column, "COMM") || text_is(column, "UCMD") || text_is(column, "UCOMMAND");
    ptrdiff_t close = text_find_byte(command, ']');
    if (text_ends(command, " <defunct>"))
        command.len -= sizeof " <defunct>" - 1;
    if (command.len == 0)
        return;
    if (text_starts(command, "[") && close == (ptrdiff_t)command.len - 1) {
        row->comm = text_slice(command, 1, command.len - 2);
        row->has_mm = 0;
    } else if (only_name) {
        row->comm = command;
    } else {
        row->comm = name_of(command);
        if (text_starts(command, "/") || nth_word(command, 1).ptr) // else the column may be comm alone
            row->cmdline = command;
    }
}

static void take_namespaces(struct input *input, const struct layout *layout, const struct text *cells,
                            const struct row_task *task)
{
    static const char *const columns[][2] = {{"PIDNS", "pid"},      {"NETNS", "net"}, {"MNTNS", "mnt"},
                                             {"USERNS", "user"},    {"IPCNS", "ipc"}, {"UTSNS", "uts"},
                                             {"CGROUPNS", "cgroup"}};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct row_ns_link row = row_ns_link_null;
        row.line = task->line;
        row.pid = task->pid;
        row.kind = text_of(columns[i][1]);
        row.inode = row_number(table_cell(&layout->table, cells, columns[i][0]));
        if (row.inode > 0 && task->pid == task->tid)
            emit_ns_link(input->sink, input->member, &row);
    }
}

static int64_t kib_to_bytes(int64_t kib)
{
    return kib < 0 || kib > INT64_MAX / 1024 ? ROW_NULL : kib * 1024;
}

static void take_row(struct input *input, const struct layout *layout, struct text line, uint64_t number)
{
    const struct table *table = &layout->table;
    struct text cells[TABLE_COLUMNS];
    struct row_task row = row_task_null;
    if (!split_row(layout, line, cells))
        return;
    row.line = input_line(input, number);
    row.pid = row_number(table_cell(table, cells, "PID|TGID"));
    row.tid = row_number(table_cell(table, cells, "LWP|TID|SPID"));
    row.tid = row.tid == ROW_NULL ? row.pid : row.tid;
    row.pid = row.pid == ROW_NULL ? row.tid : row.pid;
    if (row.pid <= 0 || row.tid <= 0)
        return;
    row.ppid = row_number(table_cell(table, cells, "PPID"));
    row.uid = row_number(table_cell(table, cells, "UID|EUID|RUID"));
    row.threads = row_number(table_cell(table, cells, "NLWP|THCNT"));
    row.rss_bytes = kib_to_bytes(row_number(table_cell(table, cells, "RSS|RSZ")));
    row.wchan = table_cell(table, cells, "WCHAN|WIDE-WCHAN-COLUMN");
    row.state = text_slice(table_cell(table, cells, STATES), 0, 1);
    if (row.state.len && !byte_is_alpha(row.state.ptr[0]))
        row.state = (struct text){NULL, 0};
    if (layout->command >= 0)
        take_command(layout, cells[layout->command], &row);
    emit_task(input->sink, input->member, &row);
    take_namespaces(input, layout, cells, &row);
}

// Takes off the line's own number: line 3 of a numbered paste begins with the header's number and two.
static struct text unnumbered(const struct layout *layout, struct text line, uint64_t behind_header)
{
    struct text text = text_trim(line), rest = text;
    char expected[24];
    (void)snprintf(expected, sizeof expected, "%llu", (unsigned long long)(layout->first + behind_header));
    if (layout->numbered && text_skip(&rest, expected))
        return text_trim(rest);
    return text;
}

static void parse(struct input *input)
{
    struct layout layout, next;
    struct lines lines;
    struct text line;
    if (!find_header(&layout, input->content, &lines))
        return;
    uint64_t header = lines.number;
    while (lines_next(&lines, &line)) {
        if (open_header(&next, line)) { // top prints one a refresh
            layout = next;
            header = lines.number;
        } else {
            take_row(input, &layout, unnumbered(&layout, line, lines.number - header), lines.number);
        }
    }
}

const struct evidence evidence_ps = {
    .name = "ps",
    .paths = "output of ps and top (cmd/, sos_commands/process/)",
    .help = "Tasks as ps lists them: state, parent, wait channel, command.",
    .claims = claims,
    .parse = parse,
};
