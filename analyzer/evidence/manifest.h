// SPDX-License-Identifier: Apache-2.0
#ifndef INQUEST_EVIDENCE_MANIFEST_H
#define INQUEST_EVIDENCE_MANIFEST_H

#include "util/error.h"
#include "util/text.h"

// A manifest of a format that is to come may mean other things by the same names: ERROR_BUNDLE for one. What
// is no format of ours at all (another tool's manifest.json) is fine.
bool manifest_check_format(struct text format, struct error *err);

#endif
