// SPDX-License-Identifier: Apache-2.0
//
// The kernel reports of ../shared/corpus, printed as a kernel prints them (../shared/tools/case2bundle.py),
// must come out as the stacks they went in as: number of frames, comm, pid, state; and whatever pieces the
// log comes in. Without ../shared the test says so and passes.
#include "test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/evidence.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/json.h"
#include "util/memory.h"

static const char cases_glob[] = "../shared/corpus/cases/*.json";
static const char tool[] = "../shared/tools/case2bundle.py";
static char folder[] = "/tmp/inquest-corpus-XXXXXX";

struct seen {
    struct text comm, state, report;
    int64_t tid;
    size_t frames;
};

struct gatherer {
    struct sink sink;
    struct arena arena;
    ARRAY(struct seen) stacks;
};

static void gather(struct sink *sink, const struct member *member, enum row_kind kind, const void *any)
{
    struct gatherer *gatherer = (struct gatherer *)sink;
    const struct row_stack *row = any;
    (void)member;
    if (kind != ROW_stack)
        return;
    struct seen *seen = array_add(&gatherer->stacks);
    *seen = (struct seen){arena_copy(&gatherer->arena, row->comm), arena_copy(&gatherer->arena, row->state),
                          arena_copy(&gatherer->arena, row->report), row->tid, 0};
    for (size_t i = 0; i < row->frames.len; i++)
        seen->frames += row->frames.ptr[i] == '\n';
}

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    size_t n;
    if (!file)
        return false;
    do {
        n = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->len += n;
    } while (n > 0);
    (void)fclose(file);
    return true;
}

static void feed_log(struct gatherer *gatherer, struct text log, size_t piece)
{
    struct member member = {.type = MEMBER_FILE,
                            .node = TEXT(""),
                            .path = TEXT("journal/kernel.log"),
                            .source = TEXT("journal/kernel.log"),
                            .head = text_slice(log, 0, MEMBER_HEAD_BYTES),
                            .pid = NO_ID,
                            .tid = NO_ID};
    struct feeder *feeder = feeder_open(&limits_default, &gatherer->sink);
    feeder_begin(feeder, &member);
    for (size_t at = 0; at < log.len; at += piece)
        feeder_piece(feeder, text_slice(log, at, piece));
    feeder_end(feeder);
    feeder_close(feeder);
}

// Of a case with `tasks` each of them, else the case itself: as case2bundle.py numbers them.
static size_t assert_case(const struct json *one, const struct gatherer *gatherer, const char *name)
{
    const struct json *tasks = json_get(one, "tasks");
    const struct json *task = tasks ? json_first(tasks) : one;
    size_t stack = 0;
    for (int64_t pid = 4100; task; pid += 11, task = tasks ? json_sibling(task) : NULL) {
        size_t frames = 0;
        for (const struct json *frame = json_first(json_get(task, "frames")); frame;
             frame = json_sibling(frame))
            frames++;
        if (!frames)
            continue;
        if (stack >= gatherer->stacks.count)
            fail_msg("%s: stack %zu is missing", name, stack);
        const struct seen *seen = &gatherer->stacks.items[stack++];
        struct text comm = json_text(json_get(task, "comm")), state = json_text(json_get(task, "state"));
        comm = comm.len ? text_slice(comm, 0, 15) : TEXT("task");
        state = state.len ? text_slice(state, 0, 1) : TEXT("D");
        if (seen->frames != frames || seen->tid != pid || !text_equal(seen->comm, comm) ||
            !text_equal(seen->state, state))
            fail_msg("%s: got %zu frames of %.*s (%lld) in %.*s, wanted %zu of %.*s (%lld) in %.*s", name,
                     seen->frames, TEXT_ARG(seen->comm), (long long)seen->tid, TEXT_ARG(seen->state), frames,
                     TEXT_ARG(comm), (long long)pid, TEXT_ARG(state));
        bool hung = text_is(json_text(json_get(one, "kind")), "hung-task-log");
        assert_text(seen->report, hung ? "hung-task" : "sysrq");
    }
    if (stack != gatherer->stacks.count)
        fail_msg("%s: %zu stacks, wanted %zu", name, gatherer->stacks.count, stack);
    return stack;
}

static void check_case(const char *path, size_t *cases, size_t *stacks)
{
    CLEANUP(buffer_release) struct buffer text = {0}, log = {0}, name = {0};
    struct error err = {0};
    assert_true(read_file(path, &text));
    CLEANUP(json_release) struct json *one = json_parse(buffer_text(&text), 64, &err);
    assert_non_null(one);
    if (text_is(json_text(json_get(one, "kind")), "proc-stack"))
        return;
    buffer_printf(&name, "%s/%.*s/journal/kernel.log", folder, TEXT_ARG(json_text(json_get(one, "id"))));
    assert_true(read_file(name.ptr, &log));
    static const size_t pieces[] = {1, 7, 100, 1 << 20};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct gatherer gatherer = {.sink = {.row = gather}};
        feed_log(&gatherer, buffer_text(&log), pieces[i]);
        size_t found = assert_case(one, &gatherer, path);
        *stacks += i ? 0 : found;
        array_release(&gatherer.stacks);
        arena_release(&gatherer.arena);
    }
    ++*cases;
}

static void reports_of_the_corpus(void **state)
{
    (void)state;
    glob_t files;
    if (access(tool, R_OK) != 0 || glob(cases_glob, 0, NULL, &files) != 0) {
        print_message("no ../shared: the corpus was not looked at\n");
        skip();
    }
    char command[256];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(command, sizeof command, "python3 %s %s --out %s", tool, cases_glob, folder);
    assert_int_equal(system(command), 0);
    size_t cases = 0, stacks = 0;
    for (size_t i = 0; i < files.gl_pathc; i++)
        check_case(files.gl_pathv[i], &cases, &stacks);
    globfree(&files);
    print_message("%zu cases, %zu stacks\n", cases, stacks);
    assert_true(cases > 30);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reports_of_the_corpus)};
    return cmocka_run_group_tests_name("log corpus", tests, NULL, NULL);
}
