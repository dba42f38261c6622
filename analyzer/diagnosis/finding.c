// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/finding.h"

#include <stdlib.h>
#include <string.h>

#include "diagnosis/witness.h"
#include "evidence/rows.h"
#include "rule/summary.h"
#include "util/memory.h"
#include "util/times.h"

enum { EVIDENCE_MAX = 12, SUBJECTS_MAX = 64 };

// From this long before the collection on, what only a log says is of the past.
static const int64_t long_before_ns = 6 * 3600 * NS_PER_S;

static const char *const subject_kinds[] = {"pid",    "tid",   "container",  "pod",       "pidns", "netns",
                                            "device", "mount", "superblock", "component", "unit",  "node"};

// ---- rows ------------------------------------------------------------------------------------

static const struct value *value_at(const struct finding *finding, size_t row, int column)
{
    return result_value(finding->result, finding->rows[row], column);
}

static bool summary_value(void *context, uint64_t row, struct text column, struct summary_value *value)
{
    const struct finding *finding = context;
    char name[128];
    if (column.len >= sizeof name)
        return false;
    memcpy(name, column.ptr, column.len);
    name[column.len] = '\0';
    int at = result_column(finding->result, name);
    if (at < 0)
        return false;
    const struct value *from = value_at(finding, row, at);
    value->integer = from->integer;
    value->real = from->real;
    value->text = from->text;
    value->kind = from->kind == VALUE_NULL      ? SUMMARY_NULL
                  : from->kind == VALUE_INTEGER ? SUMMARY_INTEGER
                  : from->kind == VALUE_REAL    ? SUMMARY_REAL
                                                : SUMMARY_TEXT;
    return true;
}

static void write_summary(struct finding *finding, struct arena *arena)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    struct summary_rows rows = {finding->row_count, summary_value, finding};
    struct text summary = finding->rule->summary.ptr ? finding->rule->summary : finding->rule->title;
    summary_write(&out, summary, &rows);
    finding->summary = arena_string(arena, text_trim(buffer_text(&out)));
}

// ---- subjects --------------------------------------------------------------------------------

bool finding_has_subject(const struct finding *finding, const char *kind, struct text value)
{
    for (size_t i = 0; i < finding->subject_count; i++)
        if (strcmp(finding->subjects[i].kind, kind) == 0 && text_equal(finding->subjects[i].value, value))
            return true;
    return false;
}

static void add_subject(struct finding *finding, const char *kind, struct text value,
                        const struct finding_context *context)
{
    if (!value.ptr || !value.len || finding->subject_count >= SUBJECTS_MAX)
        return;
    if (strcmp(kind, "container") == 0)
        value =
            arena_copy(context->arena, containers_longest(context->containers, value)); // outlives the list
    if (!finding_has_subject(finding, kind, value))
        finding->subjects[finding->subject_count++] = (struct subject){kind, value};
}

static void take_subjects(struct finding *finding, const struct finding_context *context)
{
    finding->subjects = arena_alloc(context->arena, SUBJECTS_MAX, sizeof *finding->subjects);
    for (size_t k = 0; k < sizeof subject_kinds / sizeof *subject_kinds; k++) {
        int column = result_column(finding->result, subject_kinds[k]);
        for (size_t row = 0; column >= 0 && row < finding->row_count; row++)
            add_subject(finding, subject_kinds[k], value_at(finding, row, column)->text, context);
    }
}

static bool has_kind(const struct finding *finding, const char *kind)
{
    for (size_t i = 0; i < finding->subject_count; i++)
        if (strcmp(finding->subjects[i].kind, kind) == 0)
            return true;
    return false;
}

// Pasted and early evidence has tasks without a container and log lines about a container of which no task
// is known: nothing keeps these apart, so they may belong together.
static bool may_be_its_container(const struct finding *tasks, const struct finding *logged,
                                 const struct finding_context *context)
{
    bool tasks_unknown = has_kind(tasks, "pid") && !has_kind(tasks, "container");
    if (!tasks_unknown || has_kind(logged, "pid") || !has_kind(logged, "container"))
        return false;
    for (size_t i = 0; i < logged->subject_count; i++)
        if (strcmp(logged->subjects[i].kind, "container") == 0 &&
            containers_inhabited(context->containers, logged->subjects[i].value))
            return false;
    return true;
}

bool findings_share_subject(const struct finding *a, const struct finding *b,
                            const struct finding_context *context)
{
    if (!a->subject_count || !b->subject_count)
        return true;
    for (size_t i = 0; i < a->subject_count; i++)
        if (finding_has_subject(b, a->subjects[i].kind, a->subjects[i].value))
            return true;
    return may_be_its_container(a, b, context) || may_be_its_container(b, a, context);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool finding_names_thread(const struct finding *finding, int64_t tid)
{
    return finding->tid_count && bsearch(&tid, finding->tids, finding->tid_count, sizeof tid, by_number);
}

static void take_tids(struct finding *finding, struct arena *arena)
{
    int column = result_column(finding->result, "tid");
    if (column < 0)
        column = result_column(finding->result, "pid");
    finding->tids = arena_alloc(arena, finding->row_count, sizeof *finding->tids);
    for (size_t row = 0; column >= 0 && row < finding->row_count; row++)
        if (value_at(finding, row, column)->kind == VALUE_INTEGER)
            finding->tids[finding->tid_count++] = value_at(finding, row, column)->integer;
    if (finding->tid_count)
        qsort(finding->tids, finding->tid_count, sizeof *finding->tids, by_number);
}

// ---- evidence --------------------------------------------------------------------------------

struct sum { // of all places a finding names
    unsigned kinds;
    bool all_moved, all_running, all_gone, all_earlier, any_now, any;
};

static bool is_evidence_column(const char *name)
{
    size_t length = strlen(name);
    return strcmp(name, "evidence") == 0 || (length > 9 && strcmp(name + length - 9, "_evidence") == 0);
}

static bool have_line(const struct finding *finding, const struct witness *witness)
{
    for (size_t i = 0; i < finding->evidence_count; i++)
        if (finding->evidence[i].line == witness->line &&
            text_equal(finding->evidence[i].source, witness->source))
            return true;
    return false;
}

static void widen(struct finding *finding, int64_t time_ns)
{
    if (time_ns == ROW_NULL)
        return;
    if (finding->first_seen_ns == ROW_NULL || time_ns < finding->first_seen_ns)
        finding->first_seen_ns = time_ns;
    if (time_ns > finding->last_seen_ns) // ROW_NULL is the smallest
        finding->last_seen_ns = time_ns;
}

static void add_sum(struct sum *sum, const struct witness *witness)
{
    bool stack = witness->kind & SEEN_STACK, record = witness->kind & (SEEN_LOG | SEEN_REPORT);
    sum->kinds |= witness->kind;
    sum->all_moved &= !stack || witness->moved_on;
    sum->all_running &= !stack || witness->running;
    sum->all_gone &= record && witness->gone;
    sum->all_earlier &= record && witness->earlier_boot;
    sum->any_now |=
        (!record && !(stack && witness->moved_on)) || (witness->kind == SEEN_REPORT && witness->there);
    sum->any = true;
}

static void take_line(struct finding *finding, const struct witness *witness, struct text function)
{
    if (have_line(finding, witness))
        return;
    if (finding->evidence_count >= EVIDENCE_MAX) {
        finding->evidence_more++;
        return;
    }
    finding->evidence[finding->evidence_count++] =
        (struct evidence_line){witness->source, witness->line, witness->text, function};
}

// The functions that a profile's row names: the first of its column `functions`.
static struct text function_of(const struct finding *finding, size_t row)
{
    int column = result_column(finding->result, "functions");
    struct text rest = column < 0 ? (struct text){NULL, 0} : value_at(finding, row, column)->text, first;
    return rest.ptr && text_split(&rest, '\n', &first) ? first : (struct text){NULL, 0};
}

static void take_places(struct finding *finding, size_t row, struct text places,
                        const struct finding_context *context, struct sum *sum)
{
    struct text place;
    while (text_split(&places, '\n', &place)) {
        struct witness witness;
        if (!witness_look(context->witnesses, place, context->arena, &witness))
            continue;
        add_sum(sum, &witness);
        widen(finding, witness.time_ns);
        struct text none = {NULL, 0};
        take_line(finding, &witness, witness.kind == SEEN_PROFILE ? function_of(finding, row) : none);
    }
}

static void take_evidence(struct finding *finding, const struct finding_context *context, struct sum *sum)
{
    enum { ROWS_LOOKED_AT = 400 }; // beyond that a place more changes nothing
    *sum = (struct sum){.all_moved = true, .all_running = true, .all_gone = true, .all_earlier = true};
    finding->evidence = arena_alloc(context->arena, EVIDENCE_MAX, sizeof *finding->evidence);
    for (size_t row = 0; row < finding->row_count; row++)
        for (size_t column = 0; column < finding->result->column_count; column++) {
            struct text places = value_at(finding, row, (int)column)->text;
            if (!places.ptr || !is_evidence_column(finding->result->columns[column]))
                continue;
            if (row < ROWS_LOOKED_AT)
                take_places(finding, row, places, context, sum);
            else
                finding->evidence_more++;
        }
}

void finding_add_place(struct finding *finding, struct text evidence, struct text function,
                       const struct finding_context *context)
{
    struct witness witness;
    if (witness_look(context->witnesses, evidence, context->arena, &witness))
        take_line(finding, &witness, witness.text.ptr ? (struct text){NULL, 0} : function);
}

static void add_number_subject(struct finding *finding, const char *kind, int64_t number,
                               const struct finding_context *context)
{
    add_subject(finding, kind, text_of(arena_printf(context->arena, "%lld", (long long)number)), context);
}

void finding_add_thread(struct finding *finding, int64_t tid, int64_t pid,
                        const struct finding_context *context)
{
    if (finding_names_thread(finding, tid))
        return;
    int64_t *tids = arena_alloc(context->arena, finding->tid_count + 1, sizeof *tids);
    if (finding->tid_count)
        memcpy(tids, finding->tids, finding->tid_count * sizeof *tids);
    tids[finding->tid_count++] = tid;
    qsort(tids, finding->tid_count, sizeof *tids, by_number);
    finding->tids = tids;
    add_number_subject(finding, "tid", tid, context);
    if (pid != ROW_NULL)
        add_number_subject(finding, "pid", pid, context);
}

// ---- how sure --------------------------------------------------------------------------------

static unsigned independent_kinds(unsigned kinds)
{
    // two samples of one stack, and a report and other lines of the same log, are one kind each
    unsigned kind = (kinds & SEEN_STACK ? 1u : 0u) + (kinds & (SEEN_LOG | SEEN_REPORT) ? 1u : 0u) +
                    (kinds & SEEN_PROFILE ? 1u : 0u) + (kinds & SEEN_NAMESPACE ? 1u : 0u) +
                    (kinds & SEEN_OTHER ? 1u : 0u);
    return kind;
}

// One deciding stack, profile or number: medium. Two independent kinds, or the same stack in two samples:
// high. A log line alone: low.
static enum confidence confidence_from(unsigned kinds)
{
    if (independent_kinds(kinds) >= 2 || (kinds & SEEN_TWICE))
        return CONFIDENCE_HIGH;
    return kinds == SEEN_LOG || kinds == 0 ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

// The column of that name in the row where it is greatest, by `rank`; 0 when no row has one.
static unsigned greatest(const struct finding *finding, const char *name, unsigned (*rank)(struct text word))
{
    int column = result_column(finding->result, name);
    unsigned best = 0;
    for (size_t row = 0; column >= 0 && row < finding->row_count; row++) {
        unsigned own = rank(value_at(finding, row, column)->text);
        best = own > best ? own : best;
    }
    return best;
}

static unsigned rank_confidence(struct text word)
{
    enum confidence confidence;
    return word.ptr && confidence_of(word, &confidence) ? (unsigned)confidence : 0;
}

static unsigned rank_severity(struct text word)
{
    enum severity severity;
    return word.ptr && severity_of(word, &severity) ? (unsigned)severity + 1 : 0;
}

static void judge(struct finding *finding, const struct sum *sum)
{
    unsigned severity = greatest(finding, "severity", rank_severity);
    unsigned confidence = greatest(finding, "confidence", rank_confidence);
    finding->severity = severity ? (enum severity)(severity - 1) : finding->rule->severity;
    finding->confidence = confidence                  ? (enum confidence)confidence
                          : finding->rule->confidence ? finding->rule->confidence
                                                      : confidence_from(sum->kinds);
    if (!sum->any)
        return;
    bool stacks_only = (sum->kinds & ~(unsigned)(SEEN_STACK | SEEN_TWICE)) == 0;
    if (stacks_only && (sum->all_moved || sum->all_running)) {
        finding->confidence = CONFIDENCE_LOW;
        finding->said = sum->all_moved
                            ? "In the second sample these tasks had moved on: they may only be slow."
                            : "The task was running when it was looked at: its stack may be mixed.";
    }
    finding->seen_now = sum->any_now;
    if (sum->all_gone)
        finding->said = "The tasks were gone, or blocked no more, when the bundle was collected.";
    if (sum->all_earlier)
        finding->said = "This was in an earlier boot.";
    finding->ongoing = sum->all_gone || sum->all_earlier ? 0 : sum->any_now ? 1 : -1;
}

void finding_settle_time(struct finding *finding, const struct finding_context *context,
                         bool explained_by_ongoing)
{
    if (finding->ongoing == 1 && context->collected_at_ns != ROW_NULL)
        widen(finding, context->collected_at_ns);
    if (finding->ongoing == -1 && finding->last_seen_ns != ROW_NULL && context->collected_at_ns != ROW_NULL) {
        bool old = finding->last_seen_ns < context->collected_at_ns - long_before_ns;
        finding->ongoing = explained_by_ongoing ? 1 : old ? 0 : -1;
        if (finding->ongoing == 0)
            finding->said = "The last sign of it is from long before the bundle was collected.";
    }
    if (finding->ongoing != 0)
        return;
    finding->confidence = CONFIDENCE_LOW;
    if (finding->severity > SEVERITY_LOW)
        finding->severity = SEVERITY_LOW;
}

// ---- groups ----------------------------------------------------------------------------------

struct grouped {
    struct text value;
    size_t row;
};

static int by_value(const void *a, const void *b)
{
    const struct grouped *x = a, *y = b;
    if (!x->value.ptr != !y->value.ptr)
        return !x->value.ptr - !y->value.ptr;
    int order = text_compare(x->value, y->value);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static void add_finding(struct finding_list *findings, const struct rule_result *result,
                        const struct grouped *group, size_t count, const struct finding_context *context)
{
    struct finding *finding = array_add(findings);
    *finding = (struct finding){.rule = result->rule,
                                .result = result,
                                .first_seen_ns = ROW_NULL,
                                .last_seen_ns = ROW_NULL,
                                .ongoing = -1};
    finding->rows = arena_alloc(context->arena, count, sizeof *finding->rows);
    finding->row_count = count;
    for (size_t i = 0; i < count; i++)
        finding->rows[i] = group[i].row;
    struct sum sum;
    take_subjects(finding, context);
    take_tids(finding, context->arena);
    take_evidence(finding, context, &sum);
    judge(finding, &sum);
    write_summary(finding, context->arena);
}

uint64_t findings_add(struct finding_list *findings, const struct rule_result *result, uint64_t most,
                      const struct finding_context *context)
{
    CLEANUP(mem_release) struct grouped *order = mem_alloc(result->row_count, sizeof *order);
    const char *name = result->rule->group.ptr ? arena_string(context->arena, result->rule->group) : NULL;
    int column = name ? result_column(result, name) : -1;
    bool container = name && strcmp(name, "container") == 0;
    uint64_t left_out = 0;
    for (size_t row = 0; row < result->row_count; row++) {
        order[row].row = row;
        if (column >= 0)
            order[row].value = result_value(result, row, column)->text;
        if (container && order[row].value.ptr)
            order[row].value = containers_longest(context->containers, order[row].value);
    }
    if (column >= 0)
        qsort(order, result->row_count, sizeof *order, by_value);
    for (size_t i = 0; i < result->row_count;) {
        size_t end = i + 1;
        while (end < result->row_count && (column < 0 || (!order[i].value.ptr == !order[end].value.ptr &&
                                                          text_equal(order[i].value, order[end].value))))
            end++;
        if (most)
            add_finding(findings, result, &order[i], end - i, context);
        left_out += !most;
        most -= most > 0;
        i = end;
    }
    return left_out;
}
