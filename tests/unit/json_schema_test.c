// SPDX-License-Identifier: Apache-2.0
//
// schema/rule.schema.json and schema/report.schema.json, made from the tables that the program itself uses:
// the loader's keys, columns, words and limits, the vocabulary of causes, and the report's fields. The test
// holds the files equal to them; with INQUEST_GOLDEN=write it writes them. tests/tools/schemas.py holds rules
// and reports against the files.
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "rule/keys.h"
#include "rule/rule.h"
#include "rule/vocabulary.h"
#include "util/buffer.h"
#include "util/json.h"
#include "util/memory.h"

#define DRAFT "http://json-schema.org/draft-07/schema#"

static struct json_writer json;

static void add(const char *key, const char *text)
{
    json_add_string(&json, key, text);
}

static void open(const char *key)
{
    json_open_object(&json, key);
}

static void shut(void)
{
    json_close_object(&json);
}

static void add_words(const char *key, const char *const *words)
{
    json_open_array(&json, key);
    for (; *words; words++)
        add(NULL, *words);
    json_close_array(&json);
}

// Beside a description, which a bare $ref would hide (draft 7).
static void add_described_reference(struct text definition)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_printf(&path, "#/definitions/%.*s", TEXT_ARG(definition));
    json_open_array(&json, "allOf");
    open(NULL);
    add("$ref", path.ptr);
    shut();
    json_close_array(&json);
}

static void add_reference(const char *key, const char *definition)
{
    CLEANUP(buffer_release) struct buffer path = {0};
    buffer_printf(&path, "#/definitions/%s", definition);
    open(key);
    add("$ref", path.ptr);
    shut();
}

// ---- rules -----------------------------------------------------------------------------------

enum {
    IN_STACK = 1 << MATCH_STACK,
    IN_WCHAN = 1 << MATCH_WCHAN,
    IN_THREAD = IN_STACK | IN_WCHAN,
    IN_LOG = 1 << MATCH_LOG,
    IN_PROFILE = 1 << MATCH_PROFILE,
    IN_FILE = 1 << MATCH_FILE,
    IN_NAMESPACE = 1 << MATCH_NAMESPACE,
    IN_ALL = (1 << MATCH_KINDS) - 1,
};

static const struct {
    unsigned kinds;
    const char *name;
} column_table[] = {
#define COLUMN(kinds, name, replace, meaning) {kinds, #name},
#include "rule/columns.list"
#undef COLUMN
};

static const struct {
    const char *name, *help;
} expect_table[] = {
#define EXPECT_KEY(name, help) {name, help},
#include "rule/expect.list"
#undef EXPECT_KEY
};

// What a shape allows. One text or a list of them: the same restriction for each.
static const struct {
    enum key_shape shape;
    const char *pattern; // of each text; NULL for any that is not empty
    bool list;
} text_shapes[] = {
    {SHAPE_ID, "^[a-z0-9][a-z0-9-]{0,79}$", false},
    {SHAPE_LINE, NULL, false},
    {SHAPE_TEXT, NULL, false},
    {SHAPE_WORD, "^\\S+$", false},
    {SHAPE_WORDS, "^\\S+$", true},
    {SHAPE_TEXTS, NULL, true},
    {SHAPE_COLUMN, "^[A-Za-z_][A-Za-z0-9_]*$", false},
    {SHAPE_STATE, "^[RSDTtZXxKWPI]+$", true},
    {SHAPE_ITEMS, NULL, true},
    {SHAPE_FILTER, NULL, true},
    {SHAPE_REGEX, NULL, false},
    {SHAPE_REGEXES, NULL, true},
    {SHAPE_GLOB, "^[^/]", false},
};

// What YAML takes for a number is a text to the loader: `name: 3.1`. With a form of its own it would have
// none.
static void add_text_shape(const char *pattern)
{
    static const char *const types[] = {"string", "number", NULL};
    if (pattern)
        add("type", "string");
    else
        add_words("type", types);
    json_add_integer(&json, "minLength", 1);
    if (pattern)
        add("pattern", pattern);
}

static void add_list_of(void (*item)(const char *), const char *argument)
{
    json_open_array(&json, "anyOf");
    open(NULL);
    item(argument);
    shut();
    open(NULL);
    add("type", "array");
    open("items");
    item(argument);
    shut();
    shut();
    json_close_array(&json);
}

static void add_cause(const char *unused)
{
    (void)unused;
    add("$ref", "#/definitions/cause");
}

static void add_namespace(void)
{
    static const char *const types[] = {"string", "array", "null", "boolean", NULL};
    add_words("type", types);
}

static void add_shape(const struct key *key)
{
    bool cause = strcmp(key->name, "cause") == 0, explains = strcmp(key->name, "explains") == 0;
    for (size_t i = 0; i < sizeof text_shapes / sizeof *text_shapes; i++)
        if (text_shapes[i].shape == key->shape && !cause && !explains) {
            if (text_shapes[i].list)
                add_list_of(add_text_shape, text_shapes[i].pattern);
            else
                add_text_shape(text_shapes[i].pattern);
            return;
        }
    if (cause)
        add_described_reference(TEXT("cause"));
    else if (explains)
        add_list_of(add_cause, NULL);
    else if (key->shape == SHAPE_BOOL)
        add("type", "boolean");
    else if (key->shape == SHAPE_NAMESPACE)
        add_namespace();
    else if (key->shape == SHAPE_PATTERNS || key->shape == SHAPE_TESTS || key->shape == SHAPE_FILES ||
             key->shape == SHAPE_EXPECT)
        add_described_reference(text_of(key->name));
    else if (key_words(key->shape))
        add_words("enum", key_words(key->shape));
    else
        fail_msg("the shape of `%s` has no schema", key->name);
}

// The columns that a query reads of a pattern of these kinds.
static void describe_columns(unsigned kinds, struct buffer *out)
{
    buffer_puts(out, ". Columns:");
    for (size_t i = 0; i < sizeof column_table / sizeof *column_table; i++)
        if (column_table[i].kinds & kinds)
            buffer_printf(out, " %s", column_table[i].name);
}

static bool is_kind(const char *name)
{
    for (int kind = 0; kind < MATCH_KINDS; kind++)
        if (strcmp(name, match_kind_name((enum match_kind)kind)) == 0)
            return true;
    return false;
}

static void add_keys(enum key_where where)
{
    open("properties");
    for (const struct key *key = key_table; key->name; key++) {
        if (key->where != where)
            continue;
        CLEANUP(buffer_release) struct buffer help = {0};
        buffer_puts(&help, key->help);
        if (where == KEY_PATTERN && is_kind(key->name))
            describe_columns(key->kinds, &help);
        open(key->name);
        add("description", help.ptr);
        add_shape(key);
        shut();
    }
    shut();
    json_add_bool(&json, "additionalProperties", false);
}

static void add_required(enum key_where where, enum key_need need)
{
    json_open_array(&json, "required");
    for (const struct key *key = key_table; key->name; key++)
        if (key->where == where && key->need == need)
            add(NULL, key->name);
    json_close_array(&json);
}

static void require_one(const char *key)
{
    open(NULL);
    json_open_array(&json, "required");
    add(NULL, key);
    json_close_array(&json);
    shut();
}

// One pattern looks at one thing, and has only the keys that go with it.
static void add_pattern(void)
{
    open("pattern");
    add("type", "object");
    add_keys(KEY_PATTERN);
    json_open_array(&json, "oneOf");
    for (int kind = 0; kind < MATCH_KINDS; kind++) {
        open(NULL);
        json_open_array(&json, "required");
        add(NULL, match_kind_name((enum match_kind)kind));
        if (kind == MATCH_FILE)
            add(NULL, "text");
        json_close_array(&json);
        open("properties");
        for (const struct key *key = key_table; key->name; key++)
            if (key->where == KEY_PATTERN && !(key->kinds & 1u << kind))
                json_add_bool(&json, key->name, false);
        shut();
        shut();
    }
    json_close_array(&json);
    shut();
}

static void add_patterns(void)
{
    open("patterns");
    add("type", "object");
    json_add_integer(&json, "minProperties", 1);
    json_add_integer(&json, "maxProperties", 64);
    open("propertyNames");
    add("pattern", "^[A-Za-z_][A-Za-z0-9_]{0,59}$");
    shut();
    add_reference("additionalProperties", "pattern");
    shut();
}

static void add_tests(void)
{
    open("tests");
    add("type", "array");
    json_add_integer(&json, "minItems", 1);
    add_reference("items", "test");
    shut();
    open("test");
    add("type", "object");
    add_keys(KEY_TEST);
    add_required(KEY_TEST, NEED_MUST);
    json_open_array(&json, "oneOf");
    require_one("files");
    require_one("sample");
    json_close_array(&json);
    shut();
    open("files");
    add("type", "object");
    json_add_integer(&json, "minProperties", 1);
    open("propertyNames");
    add("pattern", "^[^/]");
    shut();
    open("additionalProperties");
    add("type", "string");
    shut();
    shut();
}

static void add_expect(void)
{
    static const char *const words[] = {"none", "undecided", NULL};
    open("expect");
    json_open_array(&json, "anyOf");
    open(NULL);
    add_words("enum", words);
    shut();
    add_reference(NULL, "expectation");
    open(NULL);
    add("type", "array");
    json_add_integer(&json, "minItems", 1);
    add_reference("items", "expectation");
    shut();
    json_close_array(&json);
    shut();
    open("expectation");
    add("type", "object");
    open("properties");
    for (size_t i = 0; i < sizeof expect_table / sizeof *expect_table; i++) {
        open(expect_table[i].name);
        add("description", expect_table[i].help);
        shut();
    }
    shut();
    json_add_bool(&json, "additionalProperties", false);
    shut();
}

static void add_causes(void)
{
    struct cause_words causes = {0};
    open("cause");
    add("description", "a word of rules/causes.txt");
    json_open_array(&json, "enum");
    while (cause_next(&causes))
        json_add_text(&json, NULL, causes.word);
    json_close_array(&json);
    shut();
}

// A wait rule tells who waits for whom and is no finding.
static void add_conditions(void)
{
    open("if");
    open("properties");
    open("kind");
    add("const", "wait");
    shut();
    shut();
    json_open_array(&json, "required");
    add(NULL, "kind");
    json_close_array(&json);
    shut();
    open("then");
    json_open_array(&json, "required");
    add(NULL, "query");
    json_close_array(&json);
    shut();
    open("else");
    add_required(KEY_RULE, NEED_FINDING);
    shut();
    json_open_array(&json, "anyOf");
    require_one("patterns");
    require_one("query");
    json_close_array(&json);
}

static void write_rule_schema(void)
{
    open(NULL);
    add("$schema", DRAFT);
    add("$comment",
        "Made by make golden from analyzer/rule/*.list and rules/causes.txt; a test keeps it so.");
    add("title", "A rule of inquest");
    add("type", "object");
    add_keys(KEY_RULE);
    add_required(KEY_RULE, NEED_MUST);
    add_conditions();
    open("definitions");
    add_patterns();
    add_pattern();
    add_tests();
    add_expect();
    add_causes();
    shut();
    shut();
}

// ---- reports ---------------------------------------------------------------------------------

static const struct field {
    const char *object, *key, *type, *help;
} field_table[] = {
#define FIELD(object, key, type, help) {#object, #key, type, help},
#include "report/fields.list"
#undef FIELD
};
enum { FIELDS = sizeof field_table / sizeof *field_table };

static void add_named_type(struct text type, bool or_null)
{
    static const char *const certainties[] = {"proved", "inferred", NULL};
    static const char *const formats[] = {"inquest-report/1", NULL};
    const char *name = text_is(type, "time") || text_is(type, "text") ? "string"
                       : text_is(type, "integer")                     ? "integer"
                       : text_is(type, "boolean")                     ? "boolean"
                                                                      : NULL;
    const char *const types[] = {name, "null", NULL};
    if (name && or_null)
        add_words("type", types);
    else if (name)
        add("type", name);
    if (text_is(type, "time"))
        add("format", "date-time");
    if (name)
        return;
    if (text_is(type, "severity") || text_is(type, "confidence")) {
        add_words("enum", key_words(text_is(type, "severity") ? SHAPE_SEVERITY : SHAPE_CONFIDENCE));
    } else if (text_is(type, "certainty") || text_is(type, "format")) {
        add_words("enum", text_is(type, "format") ? formats : certainties);
    } else {
        add_described_reference(type);
    }
}

static bool may_miss(const struct field *field)
{
    return text_ends(text_of(field->type), "-");
}

static void add_field(const struct field *field)
{
    struct text type = text_of(field->type);
    if (may_miss(field))
        type.len--;
    open(field->key);
    add("description", field->help);
    if (text_starts(type, "[")) {
        add("type", "array");
        open("items");
        add_named_type(text_slice(type, 1, type.len - 2), false);
        shut();
    } else {
        bool or_null = text_ends(type, "?");
        add_named_type(text_slice(type, 0, type.len - or_null), or_null);
    }
    shut();
}

// Keys that are not listed may come: additionalProperties is not said.
static void add_object(const char *object)
{
    add("type", "object");
    open("properties");
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(field_table[i].object, object) == 0)
            add_field(&field_table[i]);
    shut();
    json_open_array(&json, "required");
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(field_table[i].object, object) == 0 && !may_miss(&field_table[i]))
            add(NULL, field_table[i].key);
    json_close_array(&json);
}

static void write_report_schema(void)
{
    open(NULL);
    add("$schema", DRAFT);
    add("$comment", "Made by make golden from analyzer/report/fields.list; a test keeps it so.");
    add("title", "inquest-report/1");
    add("description",
        "What inquest --format json prints. Keys are always there, null where unknown, unless they "
        "are not required here. Times are RFC 3339 in UTC.");
    add_object("report");
    open("definitions");
    for (size_t i = 1; i < FIELDS; i++) {
        const char *object = field_table[i].object;
        if (strcmp(object, field_table[i - 1].object) == 0)
            continue;
        open(object);
        add_object(object);
        shut();
    }
    shut();
    shut();
}

// ---- the files -------------------------------------------------------------------------------

static void hold(const char *path, void (*write)(void))
{
    CLEANUP(buffer_release) struct buffer made = {0}, kept = {0};
    json = (struct json_writer){.out = &made, .indent = 2};
    write();
    buffer_putc(&made, '\n');
    const char *golden = getenv("INQUEST_GOLDEN");
    FILE *file = fopen(path, golden ? "w+" : "r");
    assert_non_null(file);
    if (golden)
        assert_int_equal(fwrite(made.ptr, 1, made.len, file), made.len);
    rewind(file);
    enum { PIECE = 1 << 16 };
    for (size_t got = 1; got; kept.len += got)
        got = fread(buffer_reserve(&kept, PIECE), 1, PIECE, file);
    assert_int_equal(fclose(file), 0);
    if (!text_equal(buffer_text(&made), buffer_text(&kept)))
        fail_msg("%s is not what the program's tables say: make golden", path);
}

static void rules_are_described(void **state)
{
    (void)state;
    hold("schema/rule.schema.json", write_rule_schema);
}

static void reports_are_described(void **state)
{
    (void)state;
    hold("schema/report.schema.json", write_report_schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_described),
        cmocka_unit_test(reports_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
