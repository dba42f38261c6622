// SPDX-License-Identifier: Apache-2.0
#include "evidence/evidence.h"

#define EVIDENCE(name) extern const struct evidence evidence_##name;
#include "evidence/evidence.list"
#undef EVIDENCE

const struct evidence *const evidence_table[] = {
#define EVIDENCE(name) &evidence_##name,
#include "evidence/evidence.list"
#undef EVIDENCE
    NULL,
};

const struct evidence *evidence_of(const struct member *member)
{
    for (const struct evidence *const *kind = evidence_table; *kind; kind++)
        if ((*kind)->claims(member))
            return *kind;
    return NULL;
}
