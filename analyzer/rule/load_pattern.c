// SPDX-License-Identifier: Apache-2.0
//
// `patterns:` of a rule.
#include "rule/loader.h"

#include <stdio.h>

#include "rule/glob.h"
#include "util/plain_regex.h"
#include "util/suggest.h"

enum { ITEMS_MAX = 64, PATTERNS_MAX = 64, STATES = 16 };

// ---- stack items -----------------------------------------------------------------------------

static bool is_function_byte(char c)
{
    return byte_is_word(c) || c == '.' || c == ':' || c == '$';
}

// A function's name as rules write it. Whatever is pasted from a stack with it is said, not guessed away.
static struct text function_name(struct loader *loader, const struct yaml *node, struct text name,
                                 size_t start)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_function_byte(name.ptr[i])) {
            loader_error(loader, node, start + i, "bad-value",
                         "`%.*s` is no function's name; write a name without offset and module, or a /regex/",
                         TEXT_ARG(name));
            return (struct text){0};
        }
    return arena_copy(&loader->book->arena, frame_function(name, &loader->book->arena));
}

static void load_item(struct loader *loader, const struct yaml *node, bool first, struct stack_item *item)
{
    struct text whole = node->text, text = text_trim(whole);
    if (text_skip(&text, ">")) {
        text = text_trim(text);
        item->adjacent = true;
        if (first)
            loader_error(loader, node, 0, "bad-value",
                         "`>` says: directly below the item before; here is none");
    }
    size_t start = text.ptr ? (size_t)(text.ptr - whole.ptr) : 0;
    if (!text.len)
        loader_error(loader, node, 0, "bad-value", "an item without a function");
    else if (text.len > 2 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/') {
        item->source = text_slice(text, 1, text.len - 2);
        item->regex = loader_regex(loader, node, item->source, start + 1);
    } else
        item->function = function_name(loader, node, text, start);
}

static size_t load_items(struct loader *loader, const struct yaml *node, struct stack_item **items)
{
    const struct yaml **nodes;
    size_t count = loader_list(loader, node, &nodes);
    if (count > ITEMS_MAX) {
        loader_error(loader, node, 0, "bad-value", "more than %d items", ITEMS_MAX);
        count = 0;
    }
    *items = arena_alloc(&loader->book->arena, count ? count : 1, sizeof **items);
    for (size_t i = 0; i < count; i++)
        load_item(loader, nodes[i], i == 0, &(*items)[i]);
    return count;
}

// ---- the other keys --------------------------------------------------------------------------

static struct text load_state(struct loader *loader, const struct yaml *node)
{
    static const char letters[] = "RSDTtZXxKWPI";
    const struct yaml **nodes;
    size_t count = loader_list(loader, node, &nodes);
    struct buffer states = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < nodes[i]->text.len; at++) {
            char letter = nodes[i]->text.ptr[at];
            if (text_find_byte(text_of(letters), letter) < 0 || states.len >= STATES) {
                loader_error(loader, nodes[i], at, "bad-value",
                             "a state is one of the letters %s, several may stand together", letters);
                break;
            }
            buffer_putc(&states, letter);
        }
    struct text text = arena_copy(&loader->book->arena, buffer_text(&states));
    buffer_release(&states);
    return text;
}

static struct text regex_source(const struct yaml *node)
{
    struct text source = node->text;
    // A block's last newline is the file's, not the pattern's.
    if (node->style == YAML_LITERAL || node->style == YAML_FOLDED)
        while (source.len && source.ptr[source.len - 1] == '\n')
            source.len--;
    return source;
}

static void check_group(struct loader *loader, const struct rule_pattern *pattern, const struct yaml *node,
                        const char *name)
{
    if (match_column_reserved(pattern, name))
        loader_error(loader, node, 0, "bad-value", "a named group must not be called `%s`: it is a column",
                     name);
}

static void check_groups(struct loader *loader, const struct rule_pattern *pattern, const struct yaml *node)
{
    struct plain_regex plain;
    bool known = plain_regex(pattern->regex_source, &plain);
    size_t groups = known ? plain.name_count : pattern_group_count(pattern->regex);
    for (size_t i = 0; i < groups; i++)
        check_group(loader, pattern, node,
                    known ? arena_string(&loader->book->arena, plain.names[i])
                          : pattern_group_name(pattern->regex, i));
}

static void load_regex(struct loader *loader, struct rule_pattern *pattern, const struct yaml *node)
{
    if (!node)
        return;
    if (node->kind != YAML_TEXT || !node->text.len) {
        loader_error(loader, node, 0, "bad-value", "`%.*s` must be a regular expression",
                     TEXT_ARG(node->key));
        return;
    }
    pattern->regex_source = regex_source(node);
    pattern->regex = loader_regex(loader, node, pattern->regex_source, 0);
    if (pattern->regex && !loader->trusted)
        check_groups(loader, pattern, node);
}

static void load_functions(struct loader *loader, struct rule_pattern *pattern, const struct yaml *node)
{
    const struct yaml **nodes;
    pattern->function_count = loader_list(loader, node, &nodes);
    pattern->functions =
        arena_alloc(&loader->book->arena, pattern->function_count + 1, sizeof *pattern->functions);
    for (size_t i = 0; i < pattern->function_count; i++)
        pattern->functions[i] = loader_regex(loader, nodes[i], regex_source(nodes[i]), 0);
}

static void load_glob(struct loader *loader, struct rule_pattern *pattern, const struct yaml *node)
{
    pattern->glob = loader_text(loader, node);
    if (pattern->glob.len > GLOB_BYTES_MAX)
        loader_error(loader, node, 0, "bad-value", "a glob has at most %d bytes", GLOB_BYTES_MAX);
    if (text_starts(pattern->glob, "/"))
        loader_error(loader, node, 0, "bad-value", "paths in a bundle do not begin with a slash");
    if (!yaml_get(pattern->node, "text"))
        loader_error_key(loader, node, "missing-key", "a file pattern needs `text`: what the line holds");
}

static void load_namespace(struct loader *loader, struct rule_pattern *pattern, const struct yaml *node)
{
    const struct yaml *kind = yaml_get(pattern->node, "kind"), *blank = yaml_get(pattern->node, "blank");
    bool any = yaml_is_null(node) || text_is(yaml_text(node), "any") || text_is(yaml_text(node), "*") ||
               text_is(yaml_text(node), "true");
    if (!any && kind)
        loader_error_key(loader, kind, "bad-value", "`namespace` names the kind already");
    loader_filter(loader, any ? kind : node, &pattern->ns_kind);
    if (blank)
        pattern->blank = loader_bool(loader, blank) ? BLANK_YES : BLANK_NO;
}

static void load_stack(struct loader *loader, struct rule_pattern *pattern, const struct yaml *node)
{
    pattern->item_count = load_items(loader, node, &pattern->items);
    pattern->without_count = load_items(loader, yaml_get(pattern->node, "not"), &pattern->without);
    pattern->top = loader_bool(loader, yaml_get(pattern->node, "top"));
    pattern->above = loader_bool(loader, yaml_get(pattern->node, "above"));
    if (pattern->top && pattern->above)
        loader_error_key(loader, yaml_get(pattern->node, "above"), "bad-value",
                         "`top` and `above` exclude each other");
    static const enum lock locks[] = {LOCK_RWSEM_READ, LOCK_RWSEM_WRITE, LOCK_MUTEX, LOCK_COMPLETION,
                                      LOCK_NONE};
    const struct yaml *lock = yaml_get(pattern->node, "lock");
    pattern->has_lock = lock != NULL;
    pattern->lock = locks[loader_choice(loader, lock, SHAPE_LOCK, 4)];
}

static void load_kind(struct loader *loader, struct rule_pattern *pattern, const struct yaml *value)
{
    switch (pattern->kind) {
    case MATCH_STACK:
        load_stack(loader, pattern, value);
        break;
    case MATCH_WCHAN:
        loader_filter(loader, value, &pattern->wchan);
        break;
    case MATCH_LOG:
        load_regex(loader, pattern, value);
        loader_filter(loader, yaml_get(pattern->node, "unit"), &pattern->unit);
        break;
    case MATCH_PROFILE:
        pattern->sample_type = loader_word(loader, value);
        load_functions(loader, pattern, yaml_get(pattern->node, "function"));
        loader_filter(loader, yaml_get(pattern->node, "component"), &pattern->component);
        break;
    case MATCH_FILE:
        load_glob(loader, pattern, value);
        load_regex(loader, pattern, yaml_get(pattern->node, "text"));
        break;
    default:
        load_namespace(loader, pattern, value);
    }
}

// ---- one pattern -----------------------------------------------------------------------------

// The key that says what the pattern looks at. NULL and a message where there is none, or two.
static const struct yaml *kind_key(struct loader *loader, const struct yaml *node, enum match_kind *kind)
{
    const struct yaml *found = NULL;
    const char *names[MATCH_KINDS + 1] = {0};
    for (int i = 0; i < MATCH_KINDS; i++) {
        names[i] = match_kind_name((enum match_kind)i);
        const struct yaml *value = yaml_get(node, names[i]);
        if (value && found) {
            loader_error_key(loader, value, "bad-value", "one pattern looks at one thing: `%s` or `%.*s`",
                             names[i], TEXT_ARG(found->key));
            return NULL;
        }
        if (value) {
            found = value;
            *kind = (enum match_kind)i;
        }
    }
    const char *near = NULL;
    for (const struct yaml *child = node->first; child && !found && !near; child = child->next)
        near = suggest(child->key, names);
    if (!found)
        loader_error_key(loader, node, "missing-key",
                         "a pattern needs one of stack, wchan, log, profile, file, namespace%s%s%s",
                         near ? "; did you mean `" : "", near ? near : "", near ? "`?" : "");
    return found;
}

static bool is_name(struct text name)
{
    enum { NAME_MAX_BYTES = 60 };
    bool fine = name.len && name.len <= NAME_MAX_BYTES && !byte_is_digit(name.ptr[0]);
    for (size_t i = 0; i < name.len; i++)
        fine &= byte_is_word(name.ptr[i]);
    return fine;
}

// Names that schema/ has already: a pattern of the same name would hide the view.
static bool is_view(struct text name)
{
    for (const struct builtin *file = builtin_files; file->path; file++) {
        struct text path = text_of(file->path);
        if (text_skip(&path, "schema/") && text_ends(path, ".sql") &&
            text_equal(text_slice(path, 0, path.len - (sizeof ".sql" - 1)), name))
            return true;
    }
    return false;
}

static void load_one(struct loader *loader, const struct yaml *node, struct rule_pattern *pattern)
{
    *pattern = (struct rule_pattern){.rule = loader->rule, .name = node->key, .node = node};
    if (!is_name(node->key))
        loader_error_key(loader, node, "bad-value", "`%.*s` is no name for a pattern: letters, digits and _",
                         TEXT_ARG(node->key));
    if (is_view(node->key))
        loader_error_key(loader, node, "bad-value", "`%.*s` is the name of a public view",
                         TEXT_ARG(node->key));
    if (node->kind != YAML_MAP) {
        loader_error(loader, node, 0, "bad-value", "a pattern must be a map of keys and values");
        return;
    }
    const struct yaml *value = kind_key(loader, node, &pattern->kind);
    if (!value)
        return;
    char what[32];
    (void)snprintf(what, sizeof what, "a %s pattern", match_kind_name(pattern->kind));
    loader_check_keys(loader, node, KEY_PATTERN, 1u << pattern->kind, what);
    pattern->optional = loader_bool(loader, yaml_get(node, "optional"));
    pattern->state = load_state(loader, yaml_get(node, "state"));
    loader_filter(loader, yaml_get(node, "comm"), &pattern->comm);
    load_kind(loader, pattern, value);
}

void load_patterns(struct loader *loader, const struct yaml *node)
{
    if (!node)
        return;
    if (node->kind != YAML_MAP || node->count == 0 || node->count > PATTERNS_MAX) {
        loader_error(loader, node, 0, "bad-value", "`patterns` must be a map of up to %d names to patterns",
                     PATTERNS_MAX);
        return;
    }
    struct rule *rule = loader->rule;
    rule->patterns = arena_alloc(&loader->book->arena, node->count, sizeof *rule->patterns);
    for (const struct yaml *child = node->first; child; child = child->next)
        load_one(loader, child, &rule->patterns[rule->pattern_count++]);
}
