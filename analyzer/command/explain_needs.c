// SPDX-License-Identifier: Apache-2.0
#include "command/explain_needs.h"

#include <string.h>

#include "report/wrap.h"
#include "util/memory.h"

enum { RULES_NAMED = 3 };

struct list {
    struct buffer *out;
    size_t count;
};

static void add_need(struct list *list, struct text need)
{
    if (!list->count++)
        buffer_puts(list->out, "\nWhat else would decide it:\n");
    wrap(list->out, "- ", 2, 2, need);
}

// ---- of every stack --------------------------------------------------------------------------

// Of tasks that wait: how many are without a state, were seen once only, are held up by nobody known.
static const char lacks_sql[] =
    "SELECT count(*) FILTER (WHERE g.state IS NULL), count(*) FILTER (WHERE g.moved_on IS NULL AND g.seen = "
    "'now'), "
    "count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM wait w WHERE w.waiter = g.tid)) FROM sighting g "
    "WHERE g.state IS NULL OR g.state = 'D'";

static bool add_stack_needs(struct list *list, struct db *db, struct error *err)
{
    CLEANUP(statement_release) struct statement *query = statement_open(db, lacks_sql, err);
    if (!query || statement_step(query, err) != STEP_ROW)
        return false;
    if (column_integer(query, 0))
        add_need(
            list,
            TEXT("whether it stays there, and its state: cat /proc/TID/status /proc/TID/stack, twice, some "
                 "ten seconds apart"));
    else if (column_integer(query, 1))
        add_need(list, TEXT("whether it stays there: cat /proc/TID/stack again, some ten seconds later"));
    if (column_integer(query, 2))
        add_need(list,
                 TEXT("who holds it up: the stacks of all tasks (inquest-collect as root), or of those in D "
                      "(echo w > /proc/sysrq-trigger, then journalctl -k)"));
    return true;
}

// ---- of rules --------------------------------------------------------------------------------

static bool holds(const struct text *words, size_t count, struct text word)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(words[i], word))
            return true;
    return false;
}

// Tags that say of what kind the evidence is, or that half of the rules have.
static bool is_broad(struct text tag)
{
    static const char *const broad[] = {"log",    "profile", "network", "disk", "kernel", "kubelet", "memory",
                                        "cgroup", "lock",    "io",      "cpu",  "heap",   "node"};
    for (size_t i = 0; i < sizeof broad / sizeof *broad; i++)
        if (text_is(tag, broad[i]))
            return true;
    return false;
}

static bool relate(const struct rule *fired, const struct rule *undecided)
{
    if (text_equal(fired->cause, undecided->cause) ||
        holds(undecided->explains, undecided->explain_count, fired->cause))
        return true;
    for (size_t i = 0; i < fired->tag_count; i++)
        if (!is_broad(fired->tags[i]) && holds(undecided->tags, undecided->tag_count, fired->tags[i]))
            return true;
    return false;
}

// To a finding that no other explains: what brings about a mere symptom is found already.
static bool is_relevant(const struct diagnosis *diagnosis, const struct rule *undecided)
{
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        if (!diagnosis->findings[i].explained_count && relate(diagnosis->findings[i].rule, undecided))
            return true;
    return false;
}

static bool is_new(const struct diagnosis *diagnosis, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(diagnosis->undecided[i].needs, diagnosis->undecided[index].needs) == 0 &&
            is_relevant(diagnosis, diagnosis->undecided[i].rule))
            return false;
    return true;
}

// "journal/kernel.log: journalctl -k … (rules ceph-connection, nfs-server-log and 2 more)"
static void name_need(const struct diagnosis *diagnosis, const char *needs, struct buffer *line)
{
    size_t count = 0;
    buffer_puts(line, needs);
    for (size_t i = 0; i < diagnosis->undecided_count; i++) {
        const struct undecided *undecided = &diagnosis->undecided[i];
        if (strcmp(undecided->needs, needs) != 0 || !is_relevant(diagnosis, undecided->rule))
            continue;
        if (count++ < RULES_NAMED)
            buffer_printf(line, "%s%.*s", count == 1 ? " (for " : ", ", TEXT_ARG(undecided->rule->id));
    }
    if (count > RULES_NAMED)
        buffer_printf(line, " and %zu more", count - RULES_NAMED);
    buffer_putc(line, ')');
}

bool explain_needs(const struct diagnosis *diagnosis, struct db *db, struct buffer *out, struct error *err)
{
    struct list list = {.out = out};
    if (!add_stack_needs(&list, db, err))
        return false;
    for (size_t i = 0; i < diagnosis->undecided_count; i++) {
        CLEANUP(buffer_release) struct buffer line = {0};
        if (!is_relevant(diagnosis, diagnosis->undecided[i].rule) || !is_new(diagnosis, i))
            continue;
        name_need(diagnosis, diagnosis->undecided[i].needs, &line);
        add_need(&list, buffer_text(&line));
    }
    return true;
}
