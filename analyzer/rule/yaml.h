// SPDX-License-Identifier: Apache-2.0
//
// YAML as rules use it: mappings, sequences and scalars in a tree that knows where it stands.
// JSON is YAML, so it is read too. The only file that knows yaml.h of libyaml is yaml.c.
//
// Refused: anchors, aliases and tags (they can explode or run things), duplicate keys, keys that are
// no scalars, several documents, nesting above a limit, bytes that are no UTF-8 or control characters.
#ifndef INQUEST_RULE_YAML_H
#define INQUEST_RULE_YAML_H

#include "util/arena.h"
#include "util/error.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };
enum yaml_style { YAML_PLAIN, YAML_SINGLE, YAML_DOUBLE, YAML_LITERAL, YAML_FOLDED };

struct yaml {
    enum yaml_kind kind;
    enum yaml_style style; // of a text
    uint32_t line, column; // where it starts, from 1; columns count characters
    uint32_t count;        // children of a list or map
    struct text text;      // of a text; ends with a NUL that the length does not count
    struct yaml *first;    // children in the order of the source
    struct yaml *next;     // sibling
    // of a map's child:
    struct text key;
    uint32_t key_line, key_column;
};

// Where and why a document was refused.
struct yaml_fault {
    uint32_t line, column;
    char message[256];
};

// Parses one document into the arena. Texts are copies. False with *fault filled when it is refused;
// an empty document is refused too. `depth` bounds the nesting. Never fails for lack of anything else.
bool yaml_parse(struct text source, uint64_t depth, struct arena *arena, struct yaml **root,
                struct yaml_fault *fault);

// The child of a map with that key, or NULL (also when `map` is NULL or no map).
const struct yaml *yaml_get(const struct yaml *map, const char *key);

// The text of a node; absent for NULL, lists and maps.
struct text yaml_text(const struct yaml *node);

// Whether a text is plain and one of null ~ (or empty): "no value".
bool yaml_is_null(const struct yaml *node);

// true and false in YAML 1.2's spellings, plain only. False when it is neither.
bool yaml_to_bool(const struct yaml *node, bool *value);

// Line and column in `source` of the byte `offset` of a text node: the exact place for texts of one
// line and for literal blocks, the node's start for others. Reads the source from its start: for messages.
void yaml_position(struct text source, const struct yaml *node, size_t offset, uint32_t *line,
                   uint32_t *column);

// Of libyaml.
const char *yaml_library_version(void);

#endif
