// SPDX-License-Identifier: Apache-2.0
#include "store/threads.h"

#include "store/stacks.h"
#include "util/buffer.h"

enum { TICKS_PER_SECOND = 100, PF_KTHREAD = 0x00200000 };

struct writer {
    struct tasks *tasks;
    struct db *db;
    uint32_t *stack_ids;  // number in tasks->stacks to stack.id; 0 for the empty stack
    uint32_t *order;      // of tasks->list by tid, then pid
    uint8_t *stack_exits; // 1 when do_exit stands on it
    struct intern pods;   // pod uid, at the same number in pod_names
    struct text_list ARRAY_BODY(struct text) pod_names;
    struct pidns_list {
        struct pidns {
            int64_t inode;
            struct text container;
        } * items;
        size_t count, capacity;
    } pidns;
    int64_t uptime_s, host_pidns;
};

static bool write_stacks(struct writer *writer, struct error *err)
{
    const struct intern *stacks = &writer->tasks->stacks;
    writer->stack_ids = mem_alloc(stacks->count, sizeof *writer->stack_ids);
    writer->stack_exits = mem_alloc(stacks->count, 1);
    return stacks_write(stacks, writer->db, writer->stack_ids, writer->stack_exits, err);
}

static int64_t stack_id(const struct writer *writer, uint32_t number)
{
    uint32_t id = number == INTERN_NONE ? 0 : writer->stack_ids[number];
    return id ? id : ROW_NULL;
}

// ---- which container -------------------------------------------------------------------------

static int by_inode(const void *a, const void *b)
{
    const struct pidns *x = a, *y = b;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    return text_compare(x->container, y->container);
}

static int64_t number_of(const struct writer *writer, const struct task *task, int cell)
{
    return tasks_number(writer->tasks, task, cell);
}

static int64_t pidns_of(const struct writer *writer, const struct task *task)
{
    int64_t pid = number_of(writer, task, COLUMN_task_pid);
    const struct task *process = tasks_find(writer->tasks, pid, pid);
    return process ? number_of(writer, process, CELL_pidns) : ROW_NULL;
}

// The containers that members of each pid namespace below the node's own name.
static void collect_pidns(struct writer *writer)
{
    for (size_t i = 0; i < writer->tasks->list.count; i++) {
        const struct task *task = &writer->tasks->list.items[i];
        struct text container = tasks_text(writer->tasks, task, COLUMN_task_container);
        int64_t inode = pidns_of(writer, task);
        if (container.ptr && inode != ROW_NULL && inode != writer->host_pidns)
            *array_add(&writer->pidns) = (struct pidns){inode, container};
    }
    array_sort(&writer->pidns, by_inode);
}

static struct text container_of_pidns(const struct writer *writer, int64_t inode)
{
    size_t low = 0, high = writer->pidns.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (writer->pidns.items[middle].inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < writer->pidns.count && writer->pidns.items[low].inode == inode;
    return found ? writer->pidns.items[low].container : (struct text){NULL, 0};
}

// `containerd-shim -namespace moby -id <64 hex>`, `… -workdir …/<64 hex>`, `conmon -c <64 hex>`.
static struct text container_of_shim(const struct writer *writer, int64_t ppid)
{
    const struct task *parent = tasks_find(writer->tasks, ppid, ppid);
    struct text comm = parent ? tasks_text(writer->tasks, parent, COLUMN_task_comm) : TEXT("");
    struct text rest = parent ? tasks_text(writer->tasks, parent, COLUMN_task_cmdline) : TEXT("");
    if (!text_starts(comm, "containerd-shim") && !text_starts(comm, "conmon") &&
        !text_starts(comm, "docker-containe"))
        return (struct text){NULL, 0};
    for (size_t i = 0; i + 64 <= rest.len; i++) {
        struct text id = text_slice(rest, i, 64);
        bool alone = (i == 0 || !byte_is_word(rest.ptr[i - 1])) &&
                     (i + 64 == rest.len || !byte_is_word(rest.ptr[i + 64]));
        if (alone && text_all_hex(id))
            return id;
    }
    return (struct text){NULL, 0};
}

static struct text container_of(const struct writer *writer, const struct task *task, const char **from)
{
    *from = "cgroup";
    struct text container = tasks_text(writer->tasks, task, COLUMN_task_container);
    int64_t inode = pidns_of(writer, task);
    if (container.ptr || inode == writer->host_pidns)
        return container;
    *from = "pidns";
    if (inode != ROW_NULL && (container = container_of_pidns(writer, inode)).ptr)
        return container;
    *from = "shim";
    return container_of_shim(writer, number_of(writer, task, COLUMN_task_ppid));
}

// ---- pods ------------------------------------------------------------------------------------

static bool collect_pods(struct writer *writer, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(writer->db,
                       "SELECT pod_uid, namespace || '/' || pod FROM container_name WHERE pod_uid IS NOT "
                       "NULL AND pod IS NOT NULL AND namespace IS NOT NULL "
                       "UNION SELECT uid, namespace || '/' || name FROM k8s_object WHERE kind = 'Pod' AND "
                       "uid IS NOT NULL AND namespace <> '' "
                       "ORDER BY 1, 2",
                       err);
    if (!query)
        return false;
    enum step step;
    while ((step = statement_step(query, err)) == STEP_ROW) {
        bool added;
        (void)intern_add(&writer->pods, column_text(query, 0), &added);
        if (added)
            *array_add(&writer->pod_names) = arena_copy(&writer->pods.arena, column_text(query, 1));
    }
    return step == STEP_DONE;
}

static struct text pod_of(const struct writer *writer, struct text uid)
{
    uint32_t number = uid.ptr ? intern_find(&writer->pods, uid) : INTERN_NONE;
    return number == INTERN_NONE ? uid : writer->pod_names.items[number];
}

// ---- threads ---------------------------------------------------------------------------------

// Ids from the outermost to the innermost namespace: "9947 1".
static void read_nspid(struct text nspid, int64_t *level, int64_t *innermost)
{
    *level = *innermost = ROW_NULL;
    struct text word;
    uint64_t id;
    for (int64_t count = 0; text_word(&nspid, &word) && text_to_u64(word, &id) && id < INT64_MAX; count++) {
        *level = count;
        *innermost = (int64_t)id;
    }
}

// A writer that syncs in a loop stands in the same place whenever one looks. What really waits does not wake
// up between the samples; a wake-up or two may be others' (hashed wait queues, a lock handed on).
enum { FEW_SWITCHES = 2 };

static bool was_busy(const struct writer *writer, const struct task *task)
{
    int64_t first = number_of(writer, task, COLUMN_task_switches),
            second = number_of(writer, task, COLUMN_task_switches_2);
    return first >= 0 && second > first && second - first > FEW_SWITCHES;
}

static int64_t moved_on(const struct writer *writer, const struct task *task)
{
    if (task->second == SAMPLE_NONE || stack_id(writer, task->stack) == ROW_NULL)
        return ROW_NULL;
    if (task->second == SAMPLE_EMPTY || task->stack_2 != task->stack)
        return 1;
    return was_busy(writer, task) ? ROW_NULL : 0;
}

static bool is_kthread(const struct writer *writer, const struct task *task)
{
    int64_t said = number_of(writer, task, COLUMN_task_kthread),
            flags = number_of(writer, task, COLUMN_task_flags);
    if (said != ROW_NULL)
        return said != 0;
    return (flags != ROW_NULL && (flags & PF_KTHREAD)) || number_of(writer, task, COLUMN_task_ppid) == 2 ||
           number_of(writer, task, COLUMN_task_pid) == 2;
}

static bool is_exiting(const struct writer *writer, const struct task *task)
{
    bool zombie = text_is(tasks_text(writer->tasks, task, COLUMN_task_state), "Z");
    bool without_memory =
        number_of(writer, task, COLUMN_task_has_mm) == 0 && !is_kthread(writer, task) && !zombie;
    return without_memory || (task->stack != INTERN_NONE && writer->stack_exits[task->stack]);
}

static int64_t age_of(const struct writer *writer, const struct task *task)
{
    int64_t start = number_of(writer, task, COLUMN_task_start_ticks);
    if (start == ROW_NULL || start < 0 || writer->uptime_s < 0 || start / TICKS_PER_SECOND > writer->uptime_s)
        return ROW_NULL;
    return writer->uptime_s - start / TICKS_PER_SECOND;
}

static void bind_own_columns(struct statement *insert, const struct tasks *tasks, const struct task *task)
{
    const struct row_description *description = &row_table[ROW_task];
    for (size_t i = 0; i < description->columns; i++)
        if (description->column[i].type == COLUMN_TEXT)
            bind_text(insert, (int)i + 1, tasks_text(tasks, task, (int)i));
        else
            bind_integer(insert, (int)i + 1, tasks_number(tasks, task, (int)i));
}

static const char *const derived[] = {"pidns_level", "pidns_tid", "exiting", "age_s", "container_from",
                                      "pod",         "pidns",     "netns",   "mntns", "stack",
                                      "stack_2",     "moved_on",  "evidence"};

// INSERT INTO thread(<row_task's columns>, <derived>) VALUES(?, …)
static struct statement *open_insert(struct db *db, struct error *err)
{
    CLEANUP(buffer_release) struct buffer sql = {0};
    const struct row_description *description = &row_table[ROW_task];
    size_t count = description->columns + sizeof derived / sizeof *derived;
    buffer_puts(&sql, "INSERT OR IGNORE INTO thread(");
    for (size_t i = 0; i < count; i++)
        buffer_printf(&sql, "%s%s", i ? ", " : "",
                      i < description->columns ? description->column[i].name
                                               : derived[i - description->columns]);
    buffer_puts(&sql, ") VALUES(");
    for (size_t i = 0; i < count; i++)
        buffer_puts(&sql, i ? ", ?" : "?");
    buffer_puts(&sql, ")");
    return statement_open(db, sql.ptr, err);
}

static bool write_thread(struct writer *writer, struct statement *insert, struct buffer *evidence,
                         const struct task *task, struct error *err)
{
    const struct tasks *tasks = writer->tasks;
    int64_t pid = number_of(writer, task, COLUMN_task_pid), level, innermost;
    const struct task *process = tasks_find(tasks, pid, pid);
    const char *from;
    struct text container = container_of(writer, task, &from);
    read_nspid(tasks_text(tasks, task, COLUMN_task_nspid), &level, &innermost);
    int64_t pidns = process ? number_of(writer, process, CELL_pidns) : ROW_NULL;
    if (level == ROW_NULL && pidns != ROW_NULL && writer->host_pidns != ROW_NULL)
        level = pidns != writer->host_pidns; // kernels without NSpid (3.10)
    buffer_clear(evidence);
    tasks_write_evidence(tasks, task, evidence);
    bind_own_columns(insert, tasks, task);
    bind_integer(insert, COLUMN_task_kthread + 1, is_kthread(writer, task));
    bind_text(insert, COLUMN_task_container + 1, container);
    int at = COLUMNS_task;
    bind_integer(insert, ++at, level);
    bind_integer(insert, ++at, innermost);
    bind_integer(insert, ++at, is_exiting(writer, task));
    bind_integer(insert, ++at, age_of(writer, task));
    bind_text(insert, ++at, container.ptr ? text_of(from) : (struct text){NULL, 0});
    bind_text(insert, ++at, pod_of(writer, tasks_text(tasks, task, COLUMN_task_pod_uid)));
    bind_integer(insert, ++at, pidns);
    bind_integer(insert, ++at, process ? number_of(writer, process, CELL_netns) : ROW_NULL);
    bind_integer(insert, ++at, process ? number_of(writer, process, CELL_mntns) : ROW_NULL);
    bind_integer(insert, ++at, stack_id(writer, task->stack));
    bind_integer(insert, ++at, stack_id(writer, task->stack_2));
    bind_integer(insert, ++at, moved_on(writer, task));
    bind_text(insert, ++at, buffer_text(evidence));
    return statement_run(insert, err);
}

static const struct tasks *sorting; // qsort has no context

static int by_cell(const struct task *a, const struct task *b, int cell)
{
    int64_t x = tasks_number(sorting, a, cell), y = tasks_number(sorting, b, cell);
    return (x > y) - (x < y);
}

static int by_tid(const void *a, const void *b)
{
    const struct task *x = &sorting->list.items[*(const uint32_t *)a],
                      *y = &sorting->list.items[*(const uint32_t *)b];
    int order = by_cell(x, y, COLUMN_task_tid);
    return order ? order : by_cell(x, y, COLUMN_task_pid);
}

static bool write_threads(struct writer *writer, struct error *err)
{
    size_t count = writer->tasks->list.count;
    writer->order = mem_alloc(count, sizeof *writer->order);
    for (size_t i = 0; i < count; i++)
        writer->order[i] = (uint32_t)i;
    sorting = writer->tasks;
    qsort(writer->order, count, sizeof *writer->order, by_tid);
    CLEANUP(statement_release) struct statement *insert = open_insert(writer->db, err);
    CLEANUP(buffer_release) struct buffer evidence = {0};
    bool ok = insert != NULL;
    for (size_t i = 0; i < count && ok; i++)
        ok = write_thread(writer, insert, &evidence, &writer->tasks->list.items[writer->order[i]], err);
    return ok;
}

// ---- reports ---------------------------------------------------------------------------------

static const struct task *nth_by_tid(const struct writer *writer, size_t n)
{
    return &writer->tasks->list.items[writer->order[n]];
}

static const struct task *task_with_tid(const struct writer *writer, int64_t tid)
{
    size_t low = 0, high = writer->tasks->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_of(writer, nth_by_tid(writer, middle), COLUMN_task_tid) < tid)
            low = middle + 1;
        else
            high = middle;
    }
    const struct task *task = low < writer->tasks->list.count ? nth_by_tid(writer, low) : NULL;
    return task && number_of(writer, task, COLUMN_task_tid) == tid ? task : NULL;
}

static struct text text_at(const struct writer *writer, uint32_t number)
{
    return number == INTERN_NONE ? (struct text){NULL, 0} : writer->tasks->texts.texts[number];
}

// A hung task is reported blocked; one that is known to be in another state since is over it.
static bool is_over(const struct writer *writer, const struct report *report, const struct task *task)
{
    struct text state = tasks_text(writer->tasks, task, COLUMN_task_state);
    bool blocked =
        text_is(text_at(writer, report->state), "D") || text_is(text_at(writer, report->report), "hung-task");
    return blocked && state.ptr && !text_is(state, "D");
}

// Whether the task that a report names was there when the bundle was collected, under the same name.
static const char *presence_of(const struct writer *writer, const struct report *report)
{
    if (!writer->tasks->list.count || report->tid == ROW_NULL)
        return "unknown";
    const struct task *task = task_with_tid(writer, report->tid);
    if (!task)
        return "gone";
    struct text comm = tasks_text(writer->tasks, task, COLUMN_task_comm);
    bool same = report->comm == INTERN_NONE || !comm.ptr || text_equal(comm, text_at(writer, report->comm));
    if (!same)
        return "reused";
    return is_over(writer, report, task) ? "over" : "there";
}

static bool write_reports(struct writer *writer, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *insert =
        statement_open(writer->db,
                       "INSERT OR IGNORE INTO report_stack(member, line, tid, comm, state, ppid, report, "
                       "time, clock, stack, presence) VALUES(?,?,?,?,?,?,?,?,?,?,?)",
                       err);
    bool ok = insert != NULL;
    for (size_t i = 0; i < writer->tasks->reports.count && ok; i++) {
        const struct report *report = &writer->tasks->reports.items[i];
        bind_text(insert, 1, text_at(writer, report->member));
        bind_integer(insert, 2, report->line);
        bind_integer(insert, 3, report->tid);
        bind_text(insert, 4, text_at(writer, report->comm));
        bind_text(insert, 5, text_at(writer, report->state));
        bind_integer(insert, 6, report->ppid);
        bind_text(insert, 7, text_at(writer, report->report));
        bind_integer(insert, 8, report->time);
        bind_integer(insert, 9, report->clock);
        bind_integer(insert, 10, stack_id(writer, report->stack));
        bind_text(insert, 11, text_of(presence_of(writer, report)));
        ok = statement_run(insert, err);
    }
    return ok;
}

static int64_t fact_number(struct db *db, const char *key, int64_t otherwise)
{
    struct error ignored = {0};
    CLEANUP(statement_release)
    struct statement *query =
        statement_open(db, "SELECT CAST(value AS INTEGER) FROM fact WHERE key = :key", &ignored);
    if (!query)
        return otherwise;
    bind_text_named(query, ":key", text_of(key));
    return statement_step(query, &ignored) == STEP_ROW ? column_integer_or(query, 0, otherwise) : otherwise;
}

bool threads_write(struct tasks *tasks, struct db *db, struct error *err)
{
    const struct task *init = tasks_find(tasks, 1, 1);
    struct writer writer = {.tasks = tasks,
                            .db = db,
                            .uptime_s = fact_number(db, "uptime_s", -1),
                            .host_pidns = init ? tasks_number(tasks, init, CELL_pidns) : ROW_NULL};
    collect_pidns(&writer);
    bool ok = collect_pods(&writer, err) && write_stacks(&writer, err) && write_threads(&writer, err) &&
              write_reports(&writer, err);
    intern_release(&writer.pods);
    array_release(&writer.pod_names);
    array_release(&writer.pidns);
    free(writer.stack_ids);
    free(writer.order);
    free(writer.stack_exits);
    return ok;
}
