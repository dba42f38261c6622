// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/save.h"

#include "evidence/rows.h"
#include "util/memory.h"

bool save_waits(const struct wait_edge *edges, size_t count, struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *insert =
        statement_open(db,
                       "INSERT OR IGNORE INTO wait(waiter, holder, what, \"on\", certainty, one_of, rule, "
                       "evidence, holder_evidence) VALUES(?,?,?,?,?,?,?,?,?)",
                       err);
    bool ok = insert != NULL;
    for (size_t i = 0; i < count && ok; i++) {
        const struct wait_edge *edge = &edges[i];
        bind_integer(insert, 1, edge->waiter);
        bind_integer(insert, 2, edge->holder);
        bind_text(insert, 3, edge->what.ptr ? edge->what : TEXT(""));
        bind_text(insert, 4, edge->on.ptr ? edge->on : TEXT(""));
        bind_text(insert, 5, edge->proved ? TEXT("proved") : TEXT("inferred"));
        bind_integer(insert, 6, (int64_t)edge->one_of);
        bind_text(insert, 7, edge->rule);
        bind_text(insert, 8, edge->evidence);
        bind_text(insert, 9, edge->holder_evidence);
        ok = statement_run(insert, err);
    }
    return ok;
}

static bool save_finding(const struct finding *finding, int64_t rank, struct statement *insert,
                         struct error *err)
{
    bind_integer(insert, 1, rank);
    bind_text(insert, 2, finding->rule->id);
    bind_text(insert, 3, finding->rule->cause);
    bind_text(insert, 4, finding->rule->title);
    bind_text(insert, 5, text_of(finding->summary));
    bind_text(insert, 6, text_of(severity_name(finding->severity)));
    bind_text(insert, 7, text_of(confidence_name(finding->confidence)));
    bind_integer(insert, 8, finding->score);
    bind_integer(insert, 9, finding->first_seen_ns);
    bind_integer(insert, 10, finding->last_seen_ns);
    bind_integer(insert, 11, finding->ongoing < 0 ? ROW_NULL : finding->ongoing);
    bind_integer(insert, 12, (int64_t)finding->blocks);
    return statement_run(insert, err);
}

static bool save_evidence(const struct finding *finding, int64_t rank, struct statement *insert,
                          struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < finding->evidence_count && ok; i++) {
        bind_integer(insert, 1, rank);
        bind_text(insert, 2, finding->evidence[i].source);
        bind_integer(insert, 3, finding->evidence[i].line);
        bind_text(insert, 4, finding->evidence[i].text);
        ok = statement_run(insert, err);
    }
    return ok;
}

static bool save_subjects(const struct finding *finding, int64_t rank, struct statement *insert,
                          struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < finding->subject_count && ok; i++) {
        bind_integer(insert, 1, rank);
        bind_text(insert, 2, text_of(finding->subjects[i].kind));
        bind_text(insert, 3, finding->subjects[i].value);
        ok = statement_run(insert, err);
    }
    return ok;
}

static bool save_links(const struct finding *finding, int64_t rank, struct statement *insert,
                       struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < finding->explain_count && ok; i++) {
        bind_integer(insert, 1, rank);
        bind_integer(insert, 2, (int64_t)finding->explains[i] + 1);
        ok = statement_run(insert, err);
    }
    return ok;
}

static bool save_rest(const struct diagnosis *diagnosis, struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *unexplained = statement_open(
        db, "INSERT OR IGNORE INTO unexplained(signature, place, tasks, example_tid) VALUES(?,?,?,?)", err);
    CLEANUP(statement_release)
    struct statement *undecided =
        statement_open(db, "INSERT OR IGNORE INTO undecided(rule, needs) VALUES(?,?)", err);
    bool ok = unexplained && undecided;
    for (size_t i = 0; i < diagnosis->unexplained_count && ok; i++) {
        bind_text(unexplained, 1, diagnosis->unexplained[i].signature);
        bind_text(unexplained, 2, diagnosis->unexplained[i].place);
        bind_integer(unexplained, 3, (int64_t)diagnosis->unexplained[i].tasks);
        bind_integer(unexplained, 4, diagnosis->unexplained[i].example_tid);
        ok = statement_run(unexplained, err);
    }
    for (size_t i = 0; i < diagnosis->undecided_count && ok; i++) {
        bind_text(undecided, 1, diagnosis->undecided[i].rule->id);
        bind_text(undecided, 2, text_of(diagnosis->undecided[i].needs));
        ok = statement_run(undecided, err);
    }
    return ok;
}

bool save_findings(const struct diagnosis *diagnosis, struct db *db, struct error *err)
{
    CLEANUP(statement_release)
    struct statement *finding =
        statement_open(db,
                       "INSERT INTO finding(rank, rule, cause, title, summary, severity, confidence, score, "
                       "first_seen, last_seen, ongoing, blocks) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                       err);
    CLEANUP(statement_release)
    struct statement *evidence = statement_open(
        db, "INSERT OR IGNORE INTO finding_evidence(rank, source, line, text) VALUES(?,?,?,?)", err);
    CLEANUP(statement_release)
    struct statement *subject =
        statement_open(db, "INSERT OR IGNORE INTO finding_subject(rank, kind, value) VALUES(?,?,?)", err);
    CLEANUP(statement_release)
    struct statement *link =
        statement_open(db, "INSERT OR IGNORE INTO finding_explains(rank, explained) VALUES(?,?)", err);
    bool ok = finding && evidence && subject && link;
    for (size_t i = 0; i < diagnosis->finding_count && ok; i++) {
        const struct finding *one = &diagnosis->findings[i];
        int64_t rank = (int64_t)i + 1;
        ok = save_finding(one, rank, finding, err) && save_evidence(one, rank, evidence, err) &&
             save_subjects(one, rank, subject, err) && save_links(one, rank, link, err);
    }
    return ok && save_rest(diagnosis, db, err);
}
