// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "diagnosis/waits.h"
#include "evidence/rows.h"

static struct wait_edge edge(int64_t waiter, int64_t holder, const char *on, bool proved)
{
    return (struct wait_edge){
        .waiter = waiter, .holder = holder, .on = text_of(on), .proved = proved, .rule = TEXT("r")};
}

static void settle(struct edge_list *list, const struct wait_edge *edges, size_t count, size_t *crowded)
{
    for (size_t i = 0; i < count; i++)
        *array_add(list) = edges[i];
    waits_settle(list, crowded);
}

static void repeats_keep_the_proved_one(void **state)
{
    (void)state;
    struct edge_list list = {0};
    size_t crowded;
    struct wait_edge edges[] = {edge(1, 2, "lock", false), edge(1, 2, "lock", true),
                                edge(1, 3, "lock", false)};
    settle(&list, edges, 3, &crowded);
    assert_int_equal(list.count, 1); // the guess beside a proof is gone too
    assert_true(list.items[0].proved);
    assert_int_equal(list.items[0].holder, 2);
    array_release(&list);
}

static void candidates_are_counted(void **state)
{
    (void)state;
    struct edge_list list = {0};
    size_t crowded;
    struct wait_edge edges[] = {edge(1, 3, "lock", false), edge(1, 2, "lock", false),
                                edge(1, 2, "page", false)};
    settle(&list, edges, 3, &crowded);
    assert_int_equal(list.count, 3);
    assert_int_equal(crowded, 0);
    assert_int_equal(list.items[0].one_of, 2);
    assert_int_equal(list.items[0].holder, 2);
    assert_int_equal(list.items[2].one_of, 1);
    array_release(&list);
}

static void a_proof_refutes_guesses_about_other_things(void **state)
{
    (void)state;
    struct edge_list list = {0};
    size_t crowded;
    struct wait_edge edges[] = {edge(1, 2, "a guess", false), edge(1, 3, "what is proved", true),
                                edge(2, 4, "a guess", false)};
    settle(&list, edges, 3, &crowded);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].holder, 3);
    assert_int_equal(list.items[1].waiter, 2);
    array_release(&list);
}

static void more_than_eight_candidates_draw_no_edge(void **state)
{
    (void)state;
    struct edge_list list = {0};
    size_t crowded;
    struct wait_edge edges[10];
    for (int i = 0; i < 9; i++)
        edges[i] = edge(1, 100 + i, "lock", false);
    edges[9] = edge(2, 5, "lock", false);
    settle(&list, edges, 10, &crowded);
    assert_int_equal(crowded, 1);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].waiter, 2);
    array_release(&list);
}

static void all_proved_members_hold(void **state)
{
    (void)state;
    struct edge_list list = {0};
    size_t crowded;
    struct wait_edge edges[20];
    for (int i = 0; i < 20; i++)
        edges[i] = edge(1, 100 + i, "pid namespace 7", true);
    settle(&list, edges, 20, &crowded);
    assert_int_equal(list.count, 20);
    assert_int_equal(list.items[19].one_of, 1);
    array_release(&list);
}

struct reached {
    int64_t tids[16];
    size_t count;
};

static void note(void *context, int64_t tid)
{
    struct reached *reached = context;
    reached->tids[reached->count++] = tid;
}

static void everybody_behind_is_counted_once(void **state)
{
    (void)state;
    // 5 and 6 wait for 4, both are waited for by 7; 9 waits for itself through 8
    struct wait_edge edges[] = {edge(5, 4, "a", true), edge(6, 4, "a", true), edge(7, 5, "b", true),
                                edge(7, 6, "c", true), edge(8, 9, "d", true), edge(9, 8, "d", true)};
    struct reached reached = {0};
    int64_t tids[] = {4};
    waits_behind(edges, 6, tids, 1, note, &reached);
    assert_int_equal(reached.count, 3);
    assert_int_equal(reached.tids[0], 5);
    assert_int_equal(reached.tids[2], 7);
    reached.count = 0;
    tids[0] = 8;
    waits_behind(edges, 6, tids, 1, note, &reached);
    assert_int_equal(reached.count, 1); // a circle ends
    assert_int_equal(reached.tids[0], 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_keep_the_proved_one),
        cmocka_unit_test(candidates_are_counted),
        cmocka_unit_test(a_proof_refutes_guesses_about_other_things),
        cmocka_unit_test(more_than_eight_candidates_draw_no_edge),
        cmocka_unit_test(all_proved_members_hold),
        cmocka_unit_test(everybody_behind_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
