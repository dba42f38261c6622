// SPDX-License-Identifier: Apache-2.0
//
// JSON in and out. Reading goes through cJSON with our own depth limit; writing is a stream.
#ifndef INQUEST_UTIL_JSON_H
#define INQUEST_UTIL_JSON_H

#include "util/buffer.h"
#include "util/error.h"

// ---- reading ---------------------------------------------------------------------------------
struct json; // a value of a parsed document

// Parses a whole document; trailing blanks are fine, anything else behind it fails. `depth` bounds the
// nesting. The caller releases the root with json_release.
struct json *json_parse(struct text text, size_t depth, struct error *err);
void json_release(struct json **root); // fits CLEANUP()

// All take NULL for the value and then say "absent". Texts point into the document.
const struct json *json_get(const struct json *object, const char *key);     // case-sensitive
const struct json *json_path(const struct json *object, const char *dotted); // "metadata.name"
const struct json *json_first(const struct json *value);    // first child of an array or object
const struct json *json_sibling(const struct json *value);  // the next child
const char *json_key(const struct json *value);             // of an object's child
struct text json_text(const struct json *value);            // of a string; absent for others
bool json_number(const struct json *value, double *number); // of a number
bool json_integer(const struct json *value,
                  int64_t *number); // a number without fraction, or a string of digits
bool json_is_true(const struct json *value);
bool json_is_null(const struct json *value); // null itself; absent is not
bool json_is_array(const struct json *value);
bool json_is_object(const struct json *value);

// ---- writing ---------------------------------------------------------------------------------
// json_open_object(&w, NULL); json_add_text(&w, "key", text); json_close_object(&w);
// key is NULL inside arrays. `indent` 0 writes one line.
struct json_writer {
    struct buffer *out;
    int indent, depth;
    bool need_comma;
};
void json_open_object(struct json_writer *writer, const char *key);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer, const char *key);
void json_close_array(struct json_writer *writer);
void json_add_text(struct json_writer *writer, const char *key, struct text text); // absent becomes null
void json_add_string(struct json_writer *writer, const char *key, const char *string);
void json_add_integer(struct json_writer *writer, const char *key, int64_t number);
void json_add_double(struct json_writer *writer, const char *key, double number);
void json_add_bool(struct json_writer *writer, const char *key, bool value);
void json_add_null(struct json_writer *writer, const char *key);

// Of cJSON.
const char *json_library_version(void);

#endif
