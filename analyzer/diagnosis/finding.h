// SPDX-License-Identifier: Apache-2.0
//
// Rows of a rule's query become findings: one a group, with subjects, evidence, time and confidence.
#ifndef INQUEST_DIAGNOSIS_FINDING_H
#define INQUEST_DIAGNOSIS_FINDING_H

#include "diagnosis/diagnosis.h"

struct finding_list ARRAY_BODY(struct finding);

// What all findings share.
struct finding_context {
    struct store *store;
    const struct limits *limits;
    struct arena *arena;
    struct containers *containers; // see containers_open
    struct witnesses *witnesses;
    int64_t collected_at_ns, boot_time_ns;
};

// Adds the findings of one result, at most `most`; gives how many more there are. The result must live as
// long as they do.
uint64_t findings_add(struct finding_list *findings, const struct rule_result *result, uint64_t most,
                      const struct finding_context *context);

// Adds a place ("member:line") to what the finding names, with the function that stands there where nothing
// else does; and a thread (pid ROW_NULL: not known). What is there already is not added again.
void finding_add_place(struct finding *finding, struct text evidence, struct text function,
                       const struct finding_context *context);
void finding_add_thread(struct finding *finding, int64_t tid, int64_t pid,
                        const struct finding_context *context);

// Evidence of the past: at most low confidence and low severity, and it is said. Called once the links
// between findings are known, since what an ongoing cause explains goes on.
void finding_settle_time(struct finding *finding, const struct finding_context *context,
                         bool explained_by_ongoing);

bool finding_names_thread(const struct finding *finding, int64_t tid);
bool finding_has_subject(const struct finding *finding, const char *kind, struct text value);
// Whether two findings have a subject in common; one without subjects is about the whole bundle.
bool findings_share_subject(const struct finding *a, const struct finding *b,
                            const struct finding_context *context);

// Container ids known in the bundle: a prefix of 12 digits or more that fits exactly one is that one.
struct containers;
struct containers *containers_open(struct db *db, struct error *err);
void containers_close(struct containers **containers);
void containers_note(struct containers *containers, struct text id); // an id that a rule's row names
struct text containers_longest(const struct containers *containers, struct text id);
// Whether a thread of the bundle is known to be in it.
bool containers_inhabited(const struct containers *containers, struct text id);

#endif
