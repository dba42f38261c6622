// SPDX-License-Identifier: Apache-2.0
//
// A profile in memory, whatever form it was read from: google/pprof's proto/profile.proto in C. A reader
// (profile_read.h) fills it, profile_finish() makes it whole, and from then on it is only looked at.
//
// Texts are numbers of the string table, because the table may come after everything that names it.
// Locations and functions have small numbers in order of first mention and may be mentioned before they
// are defined, or never be.
#ifndef INQUEST_EVIDENCE_PROFILE_MODEL_H
#define INQUEST_EVIDENCE_PROFILE_MODEL_H

#include "bundle/limits.h"
#include "evidence/profile_ids.h"
#include "evidence/profile_stacks.h"
#include "util/arena.h"
#include "util/array.h"
#include "util/intern.h"

enum profile_form {
    PROFILE_NONE,
    PROFILE_PROTOBUF,
    PROFILE_CPU_BINARY, // gperftools' legacy CPU profile, C++ and Java
    PROFILE_HEAP,       // "heap profile: …": Go's debug=1, tcmalloc
    PROFILE_COUNT,      // "goroutine profile: total …", "threadcreate profile: total …"
    PROFILE_THREADS,    // "--- threadz"
    PROFILE_CONTENTION, // "--- contention:", "--- mutex:", "--- contentionz"
    PROFILE_JAVA_HEAP,  // "--- heapz 1 ---"
    PROFILE_GOROUTINES, // goroutine debug=2: a dump with states
    PROFILE_FOLDED,     // "main;work;leaf 17"
    PROFILE_FORMS
};
const char *profile_form_name(enum profile_form form); // "protobuf", "heap text" …

struct profile_type {
    uint32_t type, unit; // strings
};

struct profile_mapping {
    uint64_t start, limit, offset;
    uint32_t file, build_id; // strings
    bool defined;
    uint32_t same_as; // after profile_finish: the mapping it was merged with, as the reference does
};

struct profile_function {
    uint32_t name, file; // strings
    bool defined;
    int64_t start_line;
};

struct profile_line {
    uint32_t function; // number; ID_NONE beyond the limit
    uint32_t node;     // after profile_finish
    int64_t line;
};

// lines[first_line] is the innermost of what was inlined there. No lines: not symbolised.
struct profile_location {
    uint64_t address;
    uint32_t mapping; // number or ID_NONE
    uint32_t first_line, line_count;
    bool defined, folded, prune, prune_beneath;
};

// A location of several frames: its lines say which.
#define PLACE_LINES UINT32_MAX

// What counts as one function: a name, or for what has none its binary (and the line it starts at).
struct profile_node {
    struct text name; // as printed: "main.work", "[libc-2.15.so]", "<unknown>"
    struct text binary;
    int64_t start_line;
    bool named;
};

struct profile_warning {
    uint64_t line; // of a text; 0 for the whole
    struct text problem;
};

struct profile_number {
    uint64_t line;
    struct text key;
    int64_t number;
};

// Goroutines of a dump in one state.
struct profile_state_count {
    struct text state;           // empty where none was printed
    int64_t count, wait_minutes; // the longest; -1: none was printed
};

struct profile {
    struct arena arena;
    const struct limits *limits;
    enum profile_form form;
    struct profile_strings ARRAY_BODY(struct text) strings;
    struct profile_types ARRAY_BODY(struct profile_type) types;
    ARRAY(struct profile_mapping) mappings;
    ARRAY(struct profile_function) functions;
    ARRAY(struct profile_location) locations;
    ARRAY(struct profile_line) lines;
    uint32_t main_mapping; // the first in the file; ID_NONE without any
    struct id_map mapping_ids, function_ids, location_ids;
    struct intern own_strings; // of a text form: strings that are there, with their number
    struct stack_set stacks;   // of numbers of locations; ready once `sampling`
    bool sampling;
    uint64_t samples; // read and good
    uint64_t bad_values,
        bad_locations; // dropped: values that do not fit the types, locations that are not there
    uint32_t drop_frames, keep_frames;   // strings; 0 for none
    const char *drop_regex, *keep_regex; // of a legacy form, instead
    uint64_t most_memory;  // bytes of its stacks, as many of its strings, and as many of its ids
    uint64_t string_bytes; // that the strings take
    uint64_t lost_strings; // beyond that, or beyond limit profile_strings
    uint32_t default_type;
    ARRAY(uint32_t) comments;
    int64_t time_ns, duration_ns, period;
    struct profile_type period_type;
    bool ids_full;
    bool negative; // a value is: a difference of two profiles
    bool broken;   // cut short or damaged: what is missing may be no fault of those that miss it
    bool has_comment_symbols, use_comment_symbols; // of a text form: names in its comments
    ARRAY(struct profile_warning) warnings;
    ARRAY(struct profile_number) memstats;    // "# HeapIdle = 123" behind a heap's text
    ARRAY(struct profile_state_count) states; // of a dump, the most frequent first
    // after profile_finish
    ARRAY(struct profile_node) nodes;
    uint32_t unknown_node;
    uint32_t *places; // by location: the node of one that is a single frame, or PLACE_LINES
    bool pruned;
};

// most_memory: limits->profile_memory, or of a profile inside a bundle profile_share(). limits must outlive
// it.
void profile_init(struct profile *profile, const struct limits *limits, uint64_t most_memory);
uint64_t profile_share(const struct limits *limits);
// The limit that most_memory comes from, for a warning.
const char *profile_memory_limit(const struct profile *profile);
void profile_release(struct profile *profile);

// Damage, said once: the first PROFILE_WARNINGS of a profile are kept. printf-like.
enum { PROFILE_WARNINGS = 20 };
void profile_warn(struct profile *profile, uint64_t line, const char *problem, ...)
    __attribute__((format(printf, 3, 4)));

// ---- filling it ------------------------------------------------------------------------------

// Counts a string of that length; false when it is one too many.
bool profile_has_room(struct profile *profile, size_t length);
// Number of a text in the string table of a text form; equal texts get the same.
uint32_t profile_string(struct profile *profile, struct text text);
void profile_add_type(struct profile *profile, const char *type, const char *unit); // of a text form

// Numbers by the ids of the file; not yet defined when new. ID_NONE beyond profile_most_ids.
uint64_t profile_most_ids(const struct profile *profile);
uint32_t profile_location(struct profile *profile, uint64_t id);
uint32_t profile_function(struct profile *profile, uint64_t id);
uint32_t profile_mapping(struct profile *profile, uint64_t id);

// Begins the samples: from here on the types are settled, `width` of them.
void profile_begin_samples(struct profile *profile, uint32_t width);
// One sample: as many values as the profile has types, locations by number as stack_put() writes them.
// Samples without any value are left out, as the reference does.
void profile_add_sample(struct profile *profile, struct text stack, uint32_t label, const int64_t *values);

// After the last sample: as many types as the samples have values, unnamed ones where the names are lost.
void profile_settle_types(struct profile *profile);

// Adds `base` as what is subtracted: its samples negated under a label of their own, as `go tool pprof
// -diff_base`. Both are read to their ends and not yet finished; base must outlive profile. Fails with
// ERROR_USAGE when their sample types differ.
bool profile_subtract(struct profile *profile, const struct profile *base, struct error *err);

// Puts everything in its place: checks what names what, drops bad samples, prunes frames, merges
// samples and names nodes, each as the reference does before it reports.
void profile_finish(struct profile *profile);
void profile_name_nodes(struct profile *profile); // its last step

// ---- looking at it ---------------------------------------------------------------------------

// A string by number; empty for one that is not there.
struct text profile_text(const struct profile *profile, uint32_t string);
struct text profile_type_name(const struct profile *profile, size_t type);
struct text profile_type_unit(const struct profile *profile, size_t type);
// The type shown when none is named: default_sample_type, else the last. 0 without types.
size_t profile_default_type(const struct profile *profile);
// By name or number, "inuse_space" also finding "space". False when there is none.
bool profile_find_type(const struct profile *profile, struct text name, size_t *type);
// Sum of the absolute values; of a difference, of what is subtracted.
int64_t profile_total(const struct profile *profile, size_t type);
// Values are a change, not a state: some are negative, or a heap profile has a duration.
bool profile_is_delta(const struct profile *profile);
struct text profile_main_binary(const struct profile *profile); // path of the first mapping; may be empty

// A stack as nodes, leaf first. `inlined`: was inlined into the one that follows.
struct profile_frame {
    uint32_t node, location;
    bool inlined;
};
struct profile_frames ARRAY_BODY(struct profile_frame);
void profile_frames_of(const struct profile *profile, uint32_t entry, struct profile_frames *frames);

// flat and cum of every node for the sample types from `first` on, `types` of them: arrays of types ×
// nodes.count (zeroed by the caller), one type after the other. A node counts once a stack for cum however
// often it is there. `as` says what each node is counted as; NULL: itself.
void profile_sum(const struct profile *profile, size_t first, size_t types, const uint32_t *as, int64_t *flat,
                 int64_t *cum);

// The last element of a path, as Go's filepath.Base.
struct text path_base(struct text path);

// The label of what a difference subtracts has this bit, no other has.
#define LABEL_BASE UINT32_C(0x80000000)

#endif
