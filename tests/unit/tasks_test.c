// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <string.h>

#include "store/tasks.h"
#include "util/buffer.h"

struct fixture {
    struct limits limits;
    struct room room;
    struct tasks tasks;
};

static struct fixture *open_fixture(uint64_t task_mb)
{
    static struct fixture fixture;
    fixture = (struct fixture){.limits = limits_default};
    fixture.room = room_of_mb(task_mb);
    tasks_init(&fixture.tasks, &fixture.limits, &fixture.room);
    return &fixture;
}

static void add(struct tasks *tasks, int64_t tid, struct text cmdline)
{
    struct row_task row = row_task_null;
    row.pid = row.tid = tid;
    row.cmdline = cmdline;
    tasks_add(tasks, &row);
}

static void add_stack(struct tasks *tasks, int64_t tid, const char *origin, struct text frames,
                      const char *source)
{
    struct member member = {.path = TEXT("proc/2/stack"), .source = text_of(source)};
    struct row_stack row = row_stack_null;
    row.line = 1;
    row.pid = row.tid = tid;
    row.origin = text_of(origin);
    row.frames = frames;
    tasks_add_stack(tasks, &member, &row);
}

// More than the megabyte that is allowed, in one text.
static void fill(struct tasks *tasks)
{
    static char bytes[1 << 20];
    memset(bytes, 'x', sizeof bytes);
    add(tasks, 1, (struct text){bytes, sizeof bytes});
}

static void any_number_comes_back(void **state)
{
    (void)state;
    static const int64_t numbers[] = {
        -17,        -16,        -1,        0,          1,         0xF7FFFFEE,      0xF7FFFFEF,
        0xF7FFFFF0, 0xFFFFFFFF, INT64_MAX, 4026531836, INT32_MAX, INT64_C(1) << 32};
    struct fixture *fixture = open_fixture(100);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct row_task row = row_task_null;
        row.pid = row.tid = (int64_t)i + 1;
        row.rss_bytes = numbers[i];
        tasks_add(&fixture->tasks, &row);
        const struct task *task = tasks_find(&fixture->tasks, row.pid, row.tid);
        assert_true(tasks_number(&fixture->tasks, task, COLUMN_task_rss_bytes) == numbers[i]);
        assert_true(tasks_number(&fixture->tasks, task, COLUMN_task_ppid) == ROW_NULL);
        assert_null(tasks_text(&fixture->tasks, task, COLUMN_task_comm).ptr);
    }
    assert_non_null(tasks_find(&fixture->tasks, 3, 3));
    assert_null(tasks_find(&fixture->tasks, 3, 4));
    tasks_release(&fixture->tasks);
}

static void the_larger_number_and_the_smaller_text_stay(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MAX, 5, INT64_MIN + 1};
    for (size_t first = 0; first < 3; first++) {
        struct fixture *fixture = open_fixture(100);
        for (size_t i = 0; i < 3; i++) {
            struct row_task row = row_task_null;
            row.pid = row.tid = -40; // of a paste without one
            row.syscall_arg0 = numbers[(first + i) % 3];
            row.comm = row.syscall_arg0 == 5 ? TEXT("a") : TEXT("b");
            tasks_add(&fixture->tasks, &row);
        }
        const struct task *task = tasks_find(&fixture->tasks, -40, -40);
        assert_true(tasks_number(&fixture->tasks, task, COLUMN_task_syscall_arg0) == INT64_MAX);
        assert_true(text_is(tasks_text(&fixture->tasks, task, COLUMN_task_comm), "a"));
        assert_int_equal(fixture->tasks.list.count, 1);
        tasks_release(&fixture->tasks);
    }
}

static void what_is_known_needs_no_room(void **state)
{
    (void)state;
    struct fixture *fixture = open_fixture(1);
    struct tasks *tasks = &fixture->tasks;
    add(tasks, 2, TEXT("known"));
    add_stack(tasks, 3, "proc", TEXT("f"), "proc/2/stack");
    fill(tasks);
    assert_false(tasks->reached[TASKS_MEMORY]);
    add(tasks, 2, TEXT("known"));
    add_stack(tasks, 2, "proc", TEXT("f"), "proc/2/stack");
    assert_false(tasks->reached[TASKS_MEMORY]);
    assert_true(tasks_find(tasks, 2, 2)->stack == tasks_find(tasks, 3, 3)->stack);
    add(tasks, 4, TEXT("known"));
    assert_true(tasks->reached[TASKS_MEMORY]);
    assert_null(tasks_find(tasks, 4, 4));
    tasks_release(tasks);
}

static void a_stack_is_not_kept_without_its_place(void **state)
{
    (void)state;
    struct fixture *fixture = open_fixture(1);
    struct tasks *tasks = &fixture->tasks;
    add(tasks, 2, TEXT("known"));
    add_stack(tasks, 3, "proc", TEXT("f"), "paste.txt");
    fill(tasks);
    add_stack(tasks, 2, "proc", TEXT("f"), "elsewhere.txt");
    assert_true(tasks->reached[TASKS_MEMORY]);
    assert_true(tasks_find(tasks, 2, 2)->stack == INTERN_NONE);
    add_stack(tasks, 2, "proc", TEXT("f"), "paste.txt");
    CLEANUP(buffer_release) struct buffer evidence = {0};
    tasks_write_evidence(tasks, tasks_find(tasks, 2, 2), &evidence);
    assert_true(text_is(buffer_text(&evidence), "paste.txt:1"));
    tasks_release(tasks);
}

static void a_report_is_kept_whole_or_not_at_all(void **state)
{
    (void)state;
    struct fixture *fixture = open_fixture(1);
    struct tasks *tasks = &fixture->tasks;
    add_stack(tasks, 2, "report", TEXT("f"), "kern.log");
    fill(tasks);
    assert_false(tasks->reached[TASKS_MEMORY]);
    add_stack(tasks, 3, "report", TEXT("f"), "other.log");
    assert_true(tasks->reached[TASKS_MEMORY]);
    assert_int_equal(tasks->reports.count, 1);
    tasks_release(tasks);
}

// A million threads whose numbers come last, each too wide for its cell.
static void a_wide_number_needs_room(void **state)
{
    (void)state;
    struct fixture *fixture = open_fixture(1);
    struct tasks *tasks = &fixture->tasks;
    struct row_task row = row_task_null;
    row.pid = row.tid = 2;
    row.rss_bytes = INT64_MAX - 1;
    tasks_add(tasks, &row);
    fill(tasks);
    uint64_t held = fixture->room.held;
    row.rss_bytes = INT64_MAX; // has its place
    row.uid = 1000;
    tasks_add(tasks, &row);
    assert_false(tasks->reached[TASKS_MEMORY]);
    row.syscall_arg0 = INT64_MAX;
    tasks_add(tasks, &row);
    assert_true(tasks->reached[TASKS_MEMORY]);
    const struct task *task = tasks_find(tasks, 2, 2);
    assert_true(tasks_number(tasks, task, COLUMN_task_rss_bytes) == INT64_MAX);
    assert_true(tasks_number(tasks, task, COLUMN_task_uid) == 1000);
    assert_true(tasks_number(tasks, task, COLUMN_task_syscall_arg0) == ROW_NULL);
    assert_true(fixture->room.held == held);
    tasks_release(tasks);
}

static void nodes_share_the_room(void **state)
{
    (void)state;
    struct fixture *fixture = open_fixture(1);
    struct tasks second;
    tasks_init(&second, &fixture->limits, &fixture->room);
    fill(&fixture->tasks);
    add(&second, 2, TEXT("x"));
    assert_true(second.reached[TASKS_MEMORY]);
    assert_false(fixture->tasks.reached[TASKS_MEMORY]);
    assert_int_equal(second.list.count, 0);
    tasks_release(&second);
    tasks_release(&fixture->tasks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_comes_back),
        cmocka_unit_test(the_larger_number_and_the_smaller_text_stay),
        cmocka_unit_test(what_is_known_needs_no_room),
        cmocka_unit_test(a_stack_is_not_kept_without_its_place),
        cmocka_unit_test(a_report_is_kept_whole_or_not_at_all),
        cmocka_unit_test(a_wide_number_needs_room),
        cmocka_unit_test(nodes_share_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
