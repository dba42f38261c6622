// SPDX-License-Identifier: Apache-2.0
//
// Inside of text matching: what match_text.c (records) and match_file.c (lines) share.
#ifndef INQUEST_RULE_MATCHER_H
#define INQUEST_RULE_MATCHER_H

#include "rule/hits.h"
#include "rule/match_text.h"
#include "util/array.h"
#include "util/buffer.h"

struct log_pattern {
    const struct rule_pattern *pattern;
    uint32_t regex; // index into regexes
    uint32_t next;  // another of the same regex, or LOG_NONE
};
#define LOG_NONE UINT32_MAX

// A regex of log patterns.
struct log_regex {
    uint32_t first;  // of its patterns: index into logs
    bool required;   // it requires texts, so it is found by them
    uint64_t record; // the message it was last tried on
};

struct file_pattern {
    const struct rule_pattern *pattern;
    uint32_t glob;            // index into globs
    const struct text *texts; // that it requires
    size_t text_count;
    const char **next; // of each: where it stands next in the piece, NULL where no more
    size_t first;      // of them among all texts that files require
};

// A glob of file patterns, with what tells of most paths at once that they are not named by it.
struct file_glob {
    struct text glob;
    uint64_t bytes;   // glob.h
    char first, last; // bytes of what it names, 0 where they are not known
    bool matches;     // the path at hand
};

// Files that some path is named by, as indexes into `files`, and the texts that they require.
struct file_set {
    size_t *files;
    size_t count;
    struct literals *literals;
};
enum { FILE_SETS_MAX = 64 };

// What is known of a pattern while it runs.
struct state {
    uint64_t gave_up;
    bool out;
};

// Which member rows and lines come from. A number that goes back begins another member of the same name.
struct member_mark {
    struct buffer source;
    uint64_t serial;
    int64_t row, line; // the last seen
};

// What another thread found in the block that lines are being made of.
struct known {
    struct text block;
    const struct literal_place *places; // of the texts of logs, then those of files; NULL: nothing is known
    size_t count;
    size_t next; // the first that is not before the last message
};

struct text_matcher {
    struct sink sink; // first, so that a sink is its matcher
    const struct rulebook *book;
    const struct limits *limits;
    bool prefilter;
    struct hit_keeper *keeper;
    struct state *states; // by pattern number
    struct arena arena;
    struct group_list ARRAY_BODY(struct text) groups; // of the hit at hand

    struct log_list ARRAY_BODY(struct log_pattern) logs;
    struct intern sources;
    struct regex_list ARRAY_BODY(struct log_regex) regexes; // of logs, by source
    struct text_list ARRAY_BODY(struct text) texts;         // that they require
    struct number_list ARRAY_BODY(uint32_t) regex_of;       // of each text: index into regexes
    struct slow_list ARRAY_BODY(uint32_t) slow;             // regexes that require none
    struct literals *literals;                              // NULL where none requires a text
    uint64_t record;

    struct file_list ARRAY_BODY(struct file_pattern) files;
    struct intern glob_names;
    struct glob_list ARRAY_BODY(struct file_glob) globs; // by name
    struct text_list file_texts;                         // that files require, one file's after the other's
    struct literals *file_literals; // of the active files; NULL where none of them requires a text
    uint64_t *file_seen;            // of each text: the piece it was last found in
    uint64_t piece;
    struct active_list ARRAY_BODY(size_t) active; // files whose globs name the path
    struct buffer active_path;
    struct set_list ARRAY_BODY(struct file_set) sets; // that were active once
    struct literals *all_file_literals;               // where there were too many sets; else NULL
    struct member_mark mark;
    struct known known;
    struct number_list known_numbers;
};

// Keeps the match that pattern_match() just found; groups are filled in.
void matcher_keep(struct text_matcher *matcher, const struct rule_pattern *pattern, struct hit *hit);
void matcher_gave_up(struct text_matcher *matcher, uint32_t pattern);
// A row (line 0 for none) or a piece of lines (row 0) of a member comes: ends the member before, if it is
// another.
void matcher_enter(struct text_matcher *matcher, const struct member *member, int64_t row, int64_t line);

// match_file.c
void add_file(struct text_matcher *matcher, const struct rule_pattern *pattern);
void finish_files(struct text_matcher *matcher); // after the last add_file()
void match_lines(struct text_matcher *matcher, const struct member *member, struct text lines,
                 uint64_t first_line);
void release_files(struct text_matcher *matcher);

// match_ahead.c: false where nothing is known of the text. Numbers of texts that logs require and that stand
// in the message, each as often as it does; valid until the next call.
bool known_log_texts(struct text_matcher *matcher, struct text message, const uint32_t **numbers,
                     size_t *count);
bool known_file_texts(struct text_matcher *matcher, struct text lines); // fills file_seen

#endif
