// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "command/arguments.h"
#include "command/rules_bench.h"
#include "util/memory.h"
#include "util/suggest.h"

static const struct rules_verb *const verbs[] = {&rules_list, &rules_show, &rules_lint, &rules_test,
                                                 &rules_why,  &rules_new,  &rules_time, NULL};

static int run_rules(const struct arguments *arguments, struct error *err)
{
    const char *names[sizeof verbs / sizeof *verbs] = {NULL};
    const char *word = argument_word(arguments, 0);
    for (size_t i = 0; verbs[i]; i++) {
        names[i] = verbs[i]->name;
        if (word && strcmp(word, verbs[i]->name) == 0)
            return verbs[i]->run(arguments, err);
    }
    const char *near = word ? suggest(text_of(word), names) : NULL;
    (void)fail_kind(err, ERROR_USAGE, "rules knows no '%s'%s%s%s; see inquest rules --help", word ? word : "",
                    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return EXIT_USAGE;
}

static const struct option options[] = {
    {"from", 0, "BUNDLE", "new: where the rule is cut from", false},
    {"tid", 0, "N", "new: what this thread waits for", false},
    {"signature", 0, "S", "new: what threads with this signature of a stack wait for", false},
    {"log", 0, "TEXT", "new: what a log record says", false},
    {NULL, 0, NULL, NULL, false},
};

const struct command command_rules = {
    .name = "rules",
    .synopsis =
        "list | show ID | lint [PATH…] | test [ID|PATH…] | why ID BUNDLE | new --from BUNDLE | bench BUNDLE",
    .help =
        "The rule author's bench.\n"
        "\n"
        "- list: every rule with its severity, cause and title.\n"
        "- show ID: one rule's file.\n"
        "- lint [PATH…]: what is wrong with rules, as file:line:column; exit 1 on a mistake. --format json "
        "for editors.\n"
        "- test [ID|PATH…]: run the tests that the rules carry; exit 1 when one fails.\n"
        "- why ID BUNDLE: why the rule fired or did not: what each pattern found or nearly found, the rows "
        "after "
        "each step of its query, what evidence is lacking.\n"
        "- new --from BUNDLE with --tid, --signature or --log: a first rule with its tests, cut from the "
        "bundle; "
        "names of hosts, ids and addresses are made up.\n"
        "- bench BUNDLE: CPU time of each rule on a bundle, the slowest first.",
    .options = options,
    .run = run_rules,
};
