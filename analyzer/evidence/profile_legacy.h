// SPDX-License-Identifier: Apache-2.0
//
// The text forms of profiles that stand before profile.proto, line by line: what Go prints for debug=1,
// gperftools' and the old Java agent's. Grammar: google/pprof profile/legacy_profile.go and
// legacy_java_profile.go; a line that the reference refuses the whole profile for is left out and counted.
//
// Go's forms name their functions in comments (`#\t0x4011d9\tmain.work+0x19\t/src/a.go:7`), which the
// reference does not read: to it such a profile is all "<unknown>". The names are kept aside and used only
// when profile->use_comment_symbols is set before the end.
#ifndef INQUEST_EVIDENCE_PROFILE_LEGACY_H
#define INQUEST_EVIDENCE_PROFILE_LEGACY_H

#include "evidence/profile_model.h"
#include "util/pattern.h"

enum legacy_part {
    PART_HEADER,
    PART_ATTRIBUTES,
    PART_SAMPLES,
    PART_LOCATIONS, // of Java: address and name
    PART_SECTIONS,  // anything up to the memory map
    PART_MAPS,
};

// A name from a comment. Names of one address follow one another, innermost first.
struct legacy_symbol {
    uint64_t address;
    uint32_t name, file, order;
    int64_t line;
};

// "source=/home" in a memory map stands for $source in the lines behind it.
struct legacy_variable {
    struct text name, value; // name with its $
};

struct legacy {
    struct profile *profile;
    enum legacy_part part;
    uint64_t line; // number of the line at hand
    uint64_t malformed, malformed_line;
    int64_t period, hz;  // of the header; hz: cycles a second
    bool sampled, alloc; // heap: values are to be scaled; allocations are there too
    bool java;           // contention: an attribute has shown that it is Java's
    bool open_sample;    // threads: addresses of one are being gathered
    bool same_as_before; // threads: it has the stack of the one before
    uint64_t thread_frames, thread_leaf;
    struct buffer last_stack; // of the thread before
    struct buffer stack;      // scratch
    struct pattern *header, *sample, *maps, *brief_maps, *java_location, *java_path, *logging;
    ARRAY(struct legacy_symbol) symbols;
    struct id_map symbol_ids;
    uint64_t symbol_address;                 // of the last comment …
    bool symbol_open, symbol_wrapped;        // … names are still taken for it; its name is on the next line
    ARRAY(struct legacy_variable) variables; // of the memory map
};

void legacy_init(struct legacy *legacy, struct profile *profile);
void legacy_release(struct legacy *legacy);
void legacy_line(struct legacy *legacy, struct text line); // form by profile->form
void legacy_end(struct legacy *legacy);

// ---- shared by the forms ---------------------------------------------------------------------

bool legacy_is_blank(struct text line);    // empty or a comment
bool legacy_is_sentinel(struct text line); // the memory map follows
void legacy_malformed(struct legacy *legacy);
struct pattern *legacy_pattern(struct pattern **pattern, const char *source); // compiled once
bool legacy_match(struct pattern *pattern, struct text line);
struct text legacy_group(const struct pattern *pattern, size_t index); // by name, in their order

// Takes the next 0x number of *rest; false at the end, and for one of more than 64 bits.
bool legacy_address(struct text *rest, uint64_t *address);
// Puts the location of an address behind legacy->stack.
void legacy_push(struct legacy *legacy, uint64_t address);
// All addresses of a text, each less `less` (return addresses point behind their call).
void legacy_push_all(struct legacy *legacy, struct text text, uint64_t less);
void legacy_add(struct legacy *legacy, uint32_t label, const int64_t *values); // a sample of legacy->stack
// 1 / (1 - exp(-mean / rate)): how many samples one of this size stands for.
void legacy_unsample(int64_t *count, int64_t *bytes, int64_t rate);

// ---- the forms -------------------------------------------------------------------------------

void heap_line(struct legacy *legacy, struct text line);
void count_line(struct legacy *legacy, struct text line);
void threads_line(struct legacy *legacy, struct text line);
void threads_end(struct legacy *legacy);
void contention_line(struct legacy *legacy, struct text line);
void java_attribute(struct legacy *legacy, struct text line);
void java_sample_line(struct legacy *legacy, struct text line);
void java_location_line(struct legacy *legacy, struct text line);
void maps_line(struct legacy *legacy, struct text line);
void maps_end(struct legacy *legacy); // gives each location its mapping

// Whether a heap profile's first line is its header or (one cut out of a larger text) already a sample.
bool heap_is_header(struct text line);
bool heap_is_sample(struct text line);

// Names in comments. True when the line was one, or the rest of one.
bool symbols_line(struct legacy *legacy, struct text line);
void symbols_apply(struct legacy *legacy);

#endif
