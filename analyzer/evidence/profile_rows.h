// SPDX-License-Identifier: Apache-2.0
//
// A finished profile as rows: what goes into the database, whatever form it was read from.
#ifndef INQUEST_EVIDENCE_PROFILE_ROWS_H
#define INQUEST_EVIDENCE_PROFILE_ROWS_H

#include "evidence/evidence.h"
#include "evidence/profile_model.h"

// Whose profile it is: the folder (pprof/<component>/…), else the program of the profile's first mapping,
// else the file's name as `go tool pprof` saves it (pprof.kube-proxy.samples.cpu.003.pb.gz). Without `kube-`
// before apiserver, controller-manager and scheduler. Absent where nothing tells. From the arena.
struct text profile_component(const struct member *member, const struct profile *profile,
                              struct arena *arena);

// Emits profile, profile_type, profile_function, profile_stack, value (of memstats) and the profile's
// warnings. Functions and stacks beyond the limits profile_functions and profile_text are left out, the
// smallest first, with a warning that says how much of each type is there.
void profile_emit(struct input *input, const struct profile *profile);

// Emits goroutine rows for a profile of goroutines without states: a group for each stack.
void profile_emit_goroutines(struct input *input, const struct profile *profile);

#endif
