// SPDX-License-Identifier: Apache-2.0
//
// The plain part of YAML, which nearly every rule keeps to, read twenty times faster than by libyaml: a
// thousand rules load in the time of an archive's first megabytes.
//
// It knows block maps and lists, one-line texts (plain, or quoted with few escapes; between
// double quotes a backslash may end a line), literal and folded
// blocks (`|`, `|-`, `>`, `>-`), and flow lists and maps of those; no carriage returns, and tabs only in
// blocks of text. Whatever else it meets, and every mistake, it gives up on: then libyaml reads the
// document and says what is wrong. What it does read it reads as libyaml does, places included; a test
// holds both against each other.
#ifndef INQUEST_RULE_YAML_PLAIN_H
#define INQUEST_RULE_YAML_PLAIN_H

#include "rule/yaml.h"

// The document's tree, or NULL: ask libyaml.
struct yaml *yaml_plain(struct text source, uint64_t depth, struct arena *arena);

// The same document through libyaml alone: yaml_parse() without the short cut.
bool yaml_parse_all(struct text source, uint64_t depth, struct arena *arena, struct yaml **root,
                    struct yaml_fault *fault);

// Whether the keys of a map differ; else *twin is the second of two equal ones, *first the other.
bool yaml_keys_differ(const struct yaml *map, const struct yaml **first, const struct yaml **twin);

#endif
