// SPDX-License-Identifier: Apache-2.0
//
// A rule as it was loaded: what to look for, what it means, what to do, and its proof.
// Everything lives in the rulebook's arena and is never changed after loading, but for what its
// regexes remember of their last match, and what was found out about them.
#ifndef INQUEST_RULE_RULE_H
#define INQUEST_RULE_RULE_H

#include "kernel/stack.h"
#include "rule/diagnostic.h"
#include "rule/filter.h"
#include "rule/yaml.h"
#include "util/intern.h"
#include "util/pattern.h"
#include "util/text.h"

enum rule_kind { RULE_FINDING, RULE_WAIT };
enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITIES };
enum confidence {
    CONFIDENCE_UNSET, // follows from what the patterns saw
    CONFIDENCE_LOW,
    CONFIDENCE_MEDIUM,
    CONFIDENCE_HIGH,
};

const char *severity_name(enum severity severity);           // "info" …
bool severity_of(struct text word, enum severity *severity); // false: no such word
const char *confidence_name(enum confidence confidence);     // "low" …; NULL for CONFIDENCE_UNSET
bool confidence_of(struct text word, enum confidence *confidence);

// What a pattern looks at.
enum match_kind {
    MATCH_STACK,
    MATCH_WCHAN,
    MATCH_LOG,
    MATCH_PROFILE,
    MATCH_FILE,
    MATCH_NAMESPACE,
    MATCH_KINDS
};
const char *match_kind_name(enum match_kind kind); // "stack" …: the key in a rule

// One item of `stack:` or `not:`.
struct stack_item {
    bool adjacent;         // `>`: directly below the item before
    struct text function;  // a normalised name (kernel/frame.h); absent for a regex
    struct pattern *regex; // over `function+0xoff/0xsize [module]`
    struct text source;    // of the regex
};

enum blank { BLANK_ANY, BLANK_YES, BLANK_NO };

struct rule_pattern {
    enum match_kind kind;
    uint32_t number; // place in the rulebook's patterns
    const struct rule *rule;
    struct text name;        // what the query calls it
    bool optional;           // the rule can decide without it
    const struct yaml *node; // its mapping in the file

    // stack, wchan
    struct stack_item *items, *without; // stack; `not:`
    size_t item_count, without_count;
    bool top, above;
    bool has_lock; // `lock:` was given
    enum lock lock;
    struct text state; // letters, any of them; empty: any
    struct filter comm;
    struct filter wchan;

    // log, file: `log:` or `text:`
    struct pattern *regex;
    struct text regex_source;
    struct filter unit; // log
    struct text glob;   // file

    // profile
    struct text sample_type;
    struct pattern **functions; // any of them; none: every sample
    size_t function_count;
    struct filter component;

    // namespace
    struct filter ns_kind;
    enum blank blank;
};

// Columns that the query sees of a pattern, in order: the fixed ones of its kind (columns.list), then
// its named groups. A group named like `unit`, `pid` or `host` of a log stands in that column's place: where
// it took part it overrides it.
struct match_column {
    const char *name;
    const char *meaning; // of a fixed column; NULL for a named group
    int group;           // index of the named group (pattern_group()), -1 for none
};
// False behind the last column.
bool match_column(const struct rule_pattern *pattern, size_t index, struct match_column *column);
// Whether a named group must not have this name.
bool match_column_reserved(const struct rule_pattern *pattern, const char *name);

struct rule_file {
    struct text path, content;
};

// One map that a finding (or a wait) must hold: keys in order, each with the values that must be there.
struct rule_expectation {
    const struct yaml *map; // children: a key and a text or a list of texts
};
enum expect { EXPECT_MATCHES, EXPECT_NONE, EXPECT_UNDECIDED };

struct rule_test {
    struct text name;
    struct rule_file *files; // a small bundle, inline
    size_t file_count;
    struct text sample; // or the name of a whole bundle in samples/; absent for inline files
    enum expect expect;
    struct rule_expectation *expectations; // of EXPECT_MATCHES
    size_t expectation_count;
    const struct yaml *node;
};

struct rule {
    struct text id, title;
    enum rule_kind kind;
    enum severity severity;
    enum confidence confidence;
    struct text cause; // absent for a wait rule
    struct text *tags;
    size_t tag_count;
    struct rule_pattern *patterns;
    size_t pattern_count;
    struct text query;   // absent: every match of the only pattern is a hit
    struct text group;   // column; absent: one finding per rule
    struct text summary; // absent only for a wait rule
    struct text *explains;
    size_t explain_count;
    struct text remedy, prevention; // may be absent
    struct text *references;
    size_t reference_count;
    struct rule_test *tests; // none where they were skipped
    size_t test_count;

    const char *path; // as given: rules/ceph/….yaml of the built-in pack, or the file's
    bool builtin;
    struct text source;      // the whole file
    const struct yaml *root; // its tree
    uint32_t number;         // place in the rulebook
};

struct rulebook {
    struct arena arena;
    struct rule **rules; // by id
    size_t count, capacity;
    struct rule_pattern **patterns; // of all rules, by rule and then as they stand in it
    size_t pattern_count;
    struct intern sources;    // of regexes: each is there once
    struct pattern **regexes; // by source; NULL where it does not compile
    size_t regex_count, regex_capacity;
    struct requirements *required; // what regexes require, as far as it was asked (require.h)
};

// The rule with that id, or NULL.
const struct rule *rulebook_find(const struct rulebook *book, struct text id);

// Where the byte `offset` of a text of the rule stands in its file, for messages about its SQL or
// summary. `node` comes from yaml_get(rule->root, "query") …; NULL is the file's first line.
struct place rule_place(const struct rule *rule, const struct yaml *node, size_t offset);

#endif
