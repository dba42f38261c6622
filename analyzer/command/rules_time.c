// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "command/arguments.h"
#include "command/pipeline.h"
#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "diagnosis/diagnosis.h"
#include "util/memory.h"

enum { REPEATS = 3 };

struct cost {
    const struct rule *rule;
    uint64_t cpu_ns; // the least of the repeats
    size_t rows;
    enum outcome outcome;
};

static int by_cost(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    if (x->cpu_ns != y->cpu_ns)
        return x->cpu_ns > y->cpu_ns ? -1 : 1;
    return text_compare(x->rule->id, y->rule->id);
}

static bool measure(const struct rulebook *book, const struct arguments *arguments, struct cost *costs,
                    struct error *err)
{
    struct pipeline pipeline = {.limits = argument_limits(arguments), .book = book, .prefilter = true};
    CLEANUP(nodes_release) struct nodes nodes = {0};
    if (!pipeline_read(&pipeline, argument_word(arguments, 1), &nodes, err))
        return false;
    CLEANUP(diagnosis_release) struct diagnosis diagnosis = {0};
    if (!diagnosis_make(&diagnosis, book, nodes.items[0].store, nodes.items[0].matcher, pipeline.limits, err))
        return false;
    for (size_t i = 0; i < book->count; i++) {
        const struct rule_result *result = &diagnosis.results[i];
        bool first = !costs[i].rule;
        uint64_t least = first || result->cpu_ns < costs[i].cpu_ns ? result->cpu_ns : costs[i].cpu_ns;
        costs[i] = (struct cost){book->rules[i], least, result->row_count, result->outcome};
    }
    return true;
}

static int run_time(const struct arguments *arguments, struct error *err)
{
    static const char *const outcomes[] = {"not fired", "fired", "undecided", "broken"};
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    if (!arguments_expect(arguments, 2, 2, err) || !rules_load_bench(arguments, WORDS_NONE, &book, NULL, err))
        return command_failed(err);
    CLEANUP(mem_release) struct cost *costs = mem_alloc(book.count, sizeof *costs);
    for (int i = 0; i < REPEATS; i++)
        if (!measure(&book, arguments, costs, err))
            return command_failed(err);
    qsort(costs, book.count, sizeof *costs, by_cost);
    buffer_printf(&out, "%10s  %6s  %-9s  rule\n", "us", "rows", "outcome");
    for (size_t i = 0; i < book.count; i++)
        buffer_printf(&out, "%10.1f  %6zu  %-9s  %.*s\n", (double)costs[i].cpu_ns / 1000, costs[i].rows,
                      outcomes[costs[i].outcome], TEXT_ARG(costs[i].rule->id));
    return rules_print(arguments, &out, EXIT_ANALYSED, err);
}

const struct rules_verb rules_time = {.name = "bench", .run = run_time};
