// SPDX-License-Identifier: Apache-2.0
//
// What several parsers of small files need: whose file it is, text that says that a read failed, pasted
// line numbers, numbers with their limits, rows of the table `value`.
#ifndef INQUEST_EVIDENCE_READING_H
#define INQUEST_EVIDENCE_READING_H

#include "evidence/evidence.h"

// ---- members ---------------------------------------------------------------------------------
// Whether the member is the file `leaf` of a process or thread: member_is_leaf(m, "stack").
bool member_is_leaf(const struct member *member, const char *leaf);
// Whether its path fits: the same, or `*` at the end of `glob` stands for any rest.
bool member_path_fits(const struct member *member, const char *glob);
// Whether it is a command's output: cmd/…, k8s/…, sos_commands/…. Such a parser looks at member->head. A file
// of its own is not: paste.c cuts that into pieces, which have such paths.
bool member_is_output(const struct member *member);

// A kind that is several files: a table of them, ended by a NULL path; `*` at the end of one stands for any
// rest.
struct file_parser {
    const char *path;
    void (*parse)(struct input *input);
};
bool files_claim(const struct file_parser *files, const struct member *member);
// Calls the member's parser, but for a file that only says that it could not be read.
void files_parse(const struct file_parser *files, struct input *input);

// ---- what a task's file says -----------------------------------------------------------------
// The null row of the member's task.
struct row_task input_task(const struct input *input);

// A file that holds one line of what the shell said instead of what was asked for (`cat: /proc/1/stack:
// Permission denied`): emits a skipped row and says true. An empty file is no failure.
bool input_failed(struct input *input);
// permission, gone or unknown, from the words of an error in English or Chinese; NULL where there are none.
const char *failure_why(struct text text);

// ---- lines -----------------------------------------------------------------------------------
// A pasted line's own number, glued or not, taken off in front of a letter or a bracket: `7lrwx` → `lrwx`.
struct text without_number(struct text line);
// The next line that is not blank, without its number.
bool next_line(struct lines *lines, struct text *line);
// Splits at the first `separator`: both sides trimmed. False where there is none.
bool key_value(struct text line, char separator, struct text *key, struct text *value);
// The field `index` of blank-separated words; absent when there are fewer.
struct text nth_word(struct text line, unsigned index);

// ---- numbers ---------------------------------------------------------------------------------
// A whole decimal or negative number, as a column holds it; ROW_NULL for anything else.
int64_t row_number(struct text text);
// Of hexadecimal digits; what does not fit 63 bits keeps its bits.
int64_t row_hex(struct text text);
// `10240 kB` in bytes, `3` as it is; ROW_NULL for anything else. Saturates.
int64_t row_bytes(struct text text);

// ---- the table `value` -----------------------------------------------------------------------
// A member's scope: its path without `proc/` in front.
struct text value_scope(const struct member *member);
void add_number(struct input *input, uint64_t line, struct text scope, struct text key, int64_t number);
void add_word(struct input *input, uint64_t line, struct text scope, struct text key, struct text word);
// As a number where it is one, else as a word.
void add_value(struct input *input, uint64_t line, struct text scope, struct text key, struct text value);
void add_fact(struct input *input, uint64_t line, const char *key, struct text value);

#endif
