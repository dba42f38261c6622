// SPDX-License-Identifier: Apache-2.0
#include "command/arguments.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/buffer.h"
#include "util/memory.h"
#include "util/suggest.h"

struct given {
    const struct option *option;
    const char *value; // NULL of a flag
};

struct arguments {
    ARRAY(struct given) given;
    ARRAY(const char *) words;
    struct limits limits;
};

// ---- access ----------------------------------------------------------------------------------

const char *argument_nth(const struct arguments *arguments, const char *name, size_t nth)
{
    for (size_t i = 0; i < arguments->given.count; i++)
        if (strcmp(arguments->given.items[i].option->name, name) == 0 && nth-- == 0)
            return arguments->given.items[i].value;
    return NULL;
}

const char *argument_value(const struct arguments *arguments, const char *name)
{
    const char *last = NULL, *value;
    for (size_t i = 0; (value = argument_nth(arguments, name, i)); i++)
        last = value;
    return last;
}

bool argument_given(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->given.count; i++)
        if (strcmp(arguments->given.items[i].option->name, name) == 0)
            return true;
    return false;
}

size_t argument_words(const struct arguments *arguments)
{
    return arguments->words.count;
}

const char *argument_word(const struct arguments *arguments, size_t nth)
{
    return nth < arguments->words.count ? arguments->words.items[nth] : NULL;
}

const struct limits *argument_limits(const struct arguments *arguments)
{
    return &arguments->limits;
}

bool arguments_expect(const struct arguments *arguments, size_t least, size_t most, struct error *err)
{
    if (arguments->words.count < least)
        return fail_kind(err, ERROR_USAGE, "something is missing on the command line; see --help");
    if (arguments->words.count > most)
        return fail_kind(err, ERROR_USAGE, "'%s' is one word too many; see --help",
                         arguments->words.items[most]);
    return true;
}

// ---- parsing ---------------------------------------------------------------------------------

struct parsing {
    struct arguments *arguments;
    const struct command *command;
    int count, at;
    char **argv;
};

static const struct option *option_in(const struct option *options, const char *name, size_t length,
                                      char letter)
{
    for (; options && options->name; options++) {
        bool same = letter ? options->letter == letter
                           : strlen(options->name) == length && memcmp(options->name, name, length) == 0;
        if (same)
            return options;
    }
    return NULL;
}

static const struct option *option_find(const struct parsing *parsing, const char *name, size_t length,
                                        char letter)
{
    const struct option *own = option_in(parsing->command->options, name, length, letter);
    return own ? own : option_in(common_options, name, length, letter);
}

static bool unknown(const struct parsing *parsing, const char *word, struct error *err)
{
    const char *names[64] = {NULL};
    size_t count = 0;
    for (const struct option *o = parsing->command->options; o && o->name && count < 40; o++)
        names[count++] = o->name;
    for (const struct option *o = common_options; o->name && count < 63; o++)
        names[count++] = o->name;
    const char *near =
        suggest(text_slice(text_of(word), 2, strcspn(word, "=") > 2 ? strcspn(word, "=") - 2 : 0), names);
    return fail_kind(err, ERROR_USAGE, "unknown option %s%s%s%s", word, near ? "; did you mean --" : "",
                     near ? near : "", near ? "?" : "");
}

static bool take(struct parsing *parsing, const struct option *option, const char *value, struct error *err)
{
    if (option->argument && !value) {
        if (parsing->at + 1 >= parsing->count)
            return fail_kind(err, ERROR_USAGE, "--%s needs %s", option->name, option->argument);
        value = parsing->argv[++parsing->at];
    }
    if (!option->argument && value)
        return fail_kind(err, ERROR_USAGE, "--%s takes no value", option->name);
    *array_add(&parsing->arguments->given) = (struct given){option, value};
    if (strcmp(option->name, "limit") == 0 && value)
        return limits_set(&parsing->arguments->limits, value, err);
    return true;
}

static bool take_word(struct parsing *parsing, const char *word, struct error *err)
{
    if (word[0] != '-' || word[1] == '\0') {
        *array_add(&parsing->arguments->words) = word;
        return true;
    }
    bool is_long = word[1] == '-';
    const char *value = is_long ? strchr(word, '=') : word[2] ? word + 2 : NULL;
    size_t length = is_long ? (value ? (size_t)(value - word) : strlen(word)) - 2 : 0;
    const struct option *option = option_find(parsing, word + 2, length, is_long ? 0 : word[1]);
    if (!option)
        return unknown(parsing, word, err);
    return take(parsing, option, is_long && value ? value + 1 : value, err);
}

bool arguments_parse(struct arguments **arguments, const struct command *command, int count, char **argv,
                     struct error *err)
{
    *arguments = mem_alloc(1, sizeof **arguments);
    (*arguments)->limits = limits_default;
    struct parsing parsing = {.arguments = *arguments, .command = command, .count = count, .argv = argv};
    bool ended = false;
    for (; parsing.at < count; parsing.at++) {
        const char *word = argv[parsing.at];
        if (!ended && strcmp(word, "--") == 0)
            ended = true;
        else if (ended)
            *array_add(&(*arguments)->words) = word;
        else if (!take_word(&parsing, word, err))
            return false;
    }
    return true;
}

void arguments_release(struct arguments **arguments)
{
    if (!*arguments)
        return;
    array_release(&(*arguments)->given);
    array_release(&(*arguments)->words);
    free(*arguments);
    *arguments = NULL;
}
