// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "command/arguments.h"
#include "command/output.h"
#include "command/rules_bench.h"
#include "command/rules_option.h"
#include "util/json.h"
#include "util/memory.h"
#include "util/show.h"

int rules_print(const struct arguments *arguments, const struct buffer *out, int status, struct error *err)
{
    CLEANUP(output_discard) struct output output = {0};
    if (!output_open(&output, argument_value(arguments, "output"), err) ||
        !output_write(&output, buffer_text(out), err) || !output_close(&output, err))
        return command_failed(err);
    return status;
}

static void add_text(const struct rule *rule, struct buffer *out)
{
    const char *severity = rule->kind == RULE_WAIT ? "wait" : severity_name(rule->severity);
    buffer_printf(out, "%-34.*s %-9s %-30.*s ", TEXT_ARG(rule->id), severity,
                  TEXT_ARG(rule->cause.ptr ? rule->cause : TEXT("-")));
    show_line(out, rule->title);
    buffer_putc(out, '\n');
}

static void add_json(const struct rule *rule, struct json_writer *json)
{
    json_open_object(json, NULL);
    json_add_text(json, "id", rule->id);
    json_add_string(json, "kind", rule->kind == RULE_WAIT ? "wait" : "finding");
    if (rule->kind == RULE_WAIT)
        json_add_null(json, "severity");
    else
        json_add_string(json, "severity", severity_name(rule->severity));
    json_add_text(json, "cause", rule->cause);
    json_add_text(json, "title", rule->title);
    json_add_string(json, "path", rule->path);
    json_close_object(json);
}

static int run_list(const struct arguments *arguments, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    const char *format = argument_value(arguments, "format");
    if (!arguments_expect(arguments, 1, 1, err) || !rules_load(arguments, false, &book, NULL, err))
        return command_failed(err);
    struct json_writer json = {.out = &out, .indent = 2};
    bool as_json = format && strcmp(format, "json") == 0;
    if (as_json)
        json_open_array(&json, NULL);
    for (size_t i = 0; i < book.count; i++)
        if (as_json)
            add_json(book.rules[i], &json);
        else
            add_text(book.rules[i], &out);
    if (as_json) {
        json_close_array(&json);
        buffer_putc(&out, '\n');
    }
    return rules_print(arguments, &out, EXIT_ANALYSED, err);
}

const struct rules_verb rules_list = {.name = "list", .run = run_list};

static int run_show(const struct arguments *arguments, struct error *err)
{
    CLEANUP(rulebook_release) struct rulebook book = {0};
    CLEANUP(buffer_release) struct buffer out = {0};
    if (!arguments_expect(arguments, 2, 2, err) || !rules_load_bench(arguments, WORDS_NONE, &book, NULL, err))
        return command_failed(err);
    const struct rule *rule = rulebook_find(&book, text_of(argument_word(arguments, 1)));
    if (!rule) {
        (void)fail_kind(err, ERROR_USAGE, "there is no rule '%s'; inquest rules list names them",
                        argument_word(arguments, 1));
        return EXIT_USAGE;
    }
    show_lines(&out, rule->source);
    return rules_print(arguments, &out, EXIT_ANALYSED, err);
}

const struct rules_verb rules_show = {.name = "show", .run = run_show};
