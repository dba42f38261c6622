// SPDX-License-Identifier: Apache-2.0
#include "command/draft.h"

#include "privacy/scrub.h"
#include "util/array.h"
#include "util/memory.h"
#include "util/show.h"

// Names that the bundle gives to things, by what they become. Addresses and ids have forms (privacy/scrub.h).
static const struct known {
    const char *made_up, *sql;
    bool always; // be the name a word of everybody's or not
} known_names[] = {
    {"node-", "SELECT hostname FROM node WHERE hostname IS NOT NULL", true},
    {"node-", "SELECT DISTINCT name FROM k8s_object WHERE lower(kind) = 'node' ORDER BY 1 LIMIT 5000", true},
    {"node-", "SELECT DISTINCT host FROM log WHERE host <> '' ORDER BY 1 LIMIT 5000", true},
    {"pod-",
     "SELECT pod FROM container_name WHERE pod <> '' UNION SELECT name FROM k8s_object WHERE lower(kind) = "
     "'pod' AND name <> '' ORDER BY 1 LIMIT 5000",
     false},
    {"app-", "SELECT DISTINCT name FROM container_name WHERE name <> '' ORDER BY 1 LIMIT 5000", false},
    {"space-",
     "SELECT namespace FROM container_name WHERE namespace <> '' UNION SELECT namespace FROM k8s_object "
     "WHERE namespace <> '' ORDER BY 1 LIMIT 5000",
     false},
};

// A container may be called like a program or a word of the logs: such a name tells no secret, and a pattern
// would lose it.
static bool is_common(struct text name)
{
    static const char *const words[] = {"kube-system",    "kube-public",    "kube-proxy",
                                        "kube-apiserver", "kube-scheduler", "kube-controller-manager"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is(name, words[i]))
            return true;
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_alpha(name.ptr[i]))
            return false;
    return true;
}

static bool know(struct db *db, const struct known *known, unsigned *count, struct scrubber *scrubber,
                 struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, known->sql, err);
    enum step step = query ? STEP_ROW : STEP_FAILED;
    while (step == STEP_ROW && (step = statement_step(query, err)) == STEP_ROW) {
        CLEANUP(buffer_release) struct buffer name = {0};
        struct text was = column_text(query, 0);
        ptrdiff_t dot = text_find_byte(was, '.');
        if ((!known->always && is_common(was)) || text_starts(was, "localhost"))
            continue;
        buffer_printf(&name, "%s%u", known->made_up, ++*count);
        scrubber_know(scrubber, was, name.ptr);
        if (dot > 0 && known->always && !text_all_digits(text_slice(was, 0, (size_t)dot))) // its short name
            scrubber_know(scrubber, text_slice(was, 0, (size_t)dot), name.ptr);
    }
    return step == STEP_DONE;
}

bool draft_scrubber(struct db *db, struct scrubber *scrubber, struct error *err)
{
    unsigned count = 0;
    bool ok = true;
    for (size_t i = 0; i < sizeof known_names / sizeof *known_names && ok; i++)
        ok = know(db, &known_names[i], &count, scrubber, err);
    return ok;
}

void draft_id(const struct draft *draft, struct text from)
{
    enum { ID_BYTES = 48 };
    struct buffer *id = draft->chosen;
    if (draft->id)
        buffer_puts(id, draft->id);
    for (size_t i = 0; !draft->id && i < from.len && id->len < ID_BYTES; i++) {
        char c = byte_lower(from.ptr[i]);
        bool first = !id->len, dash = id->len && id->ptr[id->len - 1] == '-';
        if (byte_is_alpha(c) || (byte_is_digit(c) && !first))
            buffer_putc(id, c);
        else if (!first && !dash)
            buffer_putc(id, '-');
    }
    while (id->len && id->ptr[id->len - 1] == '-')
        id->len--;
    if (!id->len)
        buffer_puts(id, "draft");
}

void draft_start(const struct draft *draft)
{
    buffer_printf(
        draft->out,
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# A draft: name the failure (title, cause, severity), say when it is none, and what to do. Then\n"
        "#   inquest rules lint FILE && inquest rules test FILE\n"
        "id: %.*s\n",
        TEXT_ARG(buffer_text(draft->chosen)));
}

void draft_cause(struct buffer *out)
{
    buffer_puts(out,
                "\nseverity: medium\ncause: draft # a word of rules/causes.txt that names the failure\n");
}

void draft_quoted(struct buffer *out, struct text text)
{
    CLEANUP(buffer_release) struct buffer visible = {0};
    show_line(&visible, text);
    buffer_putc(out, '\'');
    for (size_t i = 0; i < visible.len; i++) {
        buffer_putc(out, visible.ptr[i]);
        if (visible.ptr[i] == '\'')
            buffer_putc(out, '\'');
    }
    buffer_putc(out, '\'');
}

void draft_block(struct buffer *out, int indent, struct text text)
{
    struct lines lines = {.rest = text};
    struct text line;
    while (lines_next(&lines, &line)) {
        buffer_printf(out, "%*s", indent, "");
        for (struct text part; line.len; line = text_from(line, part.len)) {
            ptrdiff_t tab = text_find_byte(line, '\t');
            part = tab < 0 ? line : text_slice(line, 0, (size_t)tab + (tab == 0));
            if (tab == 0)
                buffer_putc(out, '\t');
            else
                show_line(out, part);
        }
        buffer_putc(out, '\n');
    }
}

void draft_advice(struct buffer *out)
{
    buffer_puts(out, "remedy: |\n"
                     "  To be written: what to do tonight, and what not to do.\n"
                     "prevention: |\n"
                     "  To be written: what to change for good.\n");
}
