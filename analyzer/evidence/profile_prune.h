// SPDX-License-Identifier: Apache-2.0
//
// drop_frames and keep_frames: allocator and profiler frames that a profile's writer (or, for the legacy
// forms, the reference's tables) wants out of sight. google/pprof profile/prune.go.
#ifndef INQUEST_EVIDENCE_PROFILE_PRUNE_H
#define INQUEST_EVIDENCE_PROFILE_PRUNE_H

#include "evidence/profile_model.h"

// Marks locations and cuts inlined lines; profile_frames_of() then leaves the marked frames out. A regex
// that does not compile prunes nothing, with a warning, as in the reference.
void profile_prune(struct profile *profile);

// The regexes of a legacy form, chosen by its sample types; NULL for none.
void profile_legacy_frames(const struct profile *profile, const char **drop, const char **keep);

// The part of a function's name that the regexes see: without arguments, "(anonymous namespace)" kept.
struct text profile_simple_name(struct text name);

#endif
