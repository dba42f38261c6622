// SPDX-License-Identifier: Apache-2.0
#include "evidence/reading.h"

#include <string.h>

// ---- members ---------------------------------------------------------------------------------

bool member_is_leaf(const struct member *member, const char *leaf)
{
    return member->pid != NO_ID && member->type == MEMBER_FILE && text_is(member->leaf, leaf);
}

bool member_path_fits(const struct member *member, const char *glob)
{
    size_t length = strlen(glob);
    if (glob[length - 1] != '*')
        return text_is(member->path, glob);
    return member->path.len >= length && memcmp(member->path.ptr, glob, length - 1) == 0;
}

bool member_is_output(const struct member *member)
{
    return member->type == MEMBER_FILE &&
           (text_starts(member->path, "cmd/") || text_starts(member->path, "k8s/") ||
            text_starts(member->path, "sos_commands/"));
}

static const struct file_parser *file_of(const struct file_parser *files, const struct member *member)
{
    while (files->path && !member_path_fits(member, files->path))
        files++;
    return files;
}

bool files_claim(const struct file_parser *files, const struct member *member)
{
    return member->type == MEMBER_FILE && file_of(files, member)->path != NULL;
}

void files_parse(const struct file_parser *files, struct input *input)
{
    if (!input_failed(input))
        file_of(files, input->member)->parse(input);
}

// ---- what a task's file says -----------------------------------------------------------------

struct row_task input_task(const struct input *input)
{
    struct row_task row = row_task_null;
    row.line = input_line(input, 1);
    row.pid = input->member->pid;
    row.tid = input->member->tid;
    return row;
}

const char *failure_why(struct text text)
{
    static const char *const words[][2] = {
        {"ermission denied", "permission"},
        {"peration not permitted", "permission"},
        {"权限不够", "permission"},
        {"不允许的操作", "permission"},
        {"No such file or directory", "gone"},
        {"No such process", "gone"},
        {"没有那个文件或目录", "gone"},
        {"没有那个进程", "gone"},
        {"cannot read symbolic link", "unknown"},
        {"无法读取符号链接", "unknown"},
        {"cannot access", "unknown"},
        {"cannot open", "unknown"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_contains(text, words[i][0]))
            return words[i][1];
    return NULL;
}

bool input_failed(struct input *input)
{
    enum { LONGEST = 512 };
    struct text said = text_trim(input->content);
    bool one_line = said.len && said.len <= LONGEST && text_find_byte(said, '\n') < 0;
    const char *why = one_line && text_find_byte(said, ':') >= 0 ? failure_why(said) : NULL;
    if (!why)
        return false;
    struct row_skipped row = row_skipped_null;
    row.line = input_line(input, 1);
    row.path = input->member->path;
    row.why = text_of(why);
    emit_skipped(input->sink, input->member, &row);
    return true;
}

// ---- lines -----------------------------------------------------------------------------------

struct text without_number(struct text line)
{
    struct text rest = text_trim(line);
    uint64_t number;
    struct text after = rest;
    if (!text_take_u64(&after, &number))
        return rest;
    after = text_trim(after);
    bool word = after.len && (byte_is_alpha(after.ptr[0]) || after.ptr[0] == '[' || after.ptr[0] == '/');
    return word ? after : rest;
}

bool next_line(struct lines *lines, struct text *line)
{
    while (lines_next(lines, line)) {
        *line = without_number(*line);
        if (line->len)
            return true;
    }
    return false;
}

bool key_value(struct text line, char separator, struct text *key, struct text *value)
{
    ptrdiff_t at = text_find_byte(line, separator);
    if (at < 0)
        return false;
    *key = text_trim(text_slice(line, 0, (size_t)at));
    *value = text_trim(text_from(line, (size_t)at + 1));
    return true;
}

struct text nth_word(struct text line, unsigned index)
{
    struct text word;
    do
        if (!text_word(&line, &word))
            return (struct text){NULL, 0};
    while (index-- > 0);
    return word;
}

// ---- numbers ---------------------------------------------------------------------------------

int64_t row_number(struct text text)
{
    int64_t number;
    return text_to_i64(text_trim(text), &number) && number != ROW_NULL ? number : ROW_NULL;
}

int64_t row_hex(struct text text)
{
    uint64_t number;
    return text_to_hex(text_trim(text), &number) && number != (uint64_t)INT64_MIN ? (int64_t)number
                                                                                  : ROW_NULL;
}

int64_t row_bytes(struct text text)
{
    uint64_t number;
    text = text_trim(text);
    if (!text_take_u64(&text, &number) || number > INT64_MAX)
        return ROW_NULL;
    text = text_trim(text);
    if (text.len == 0)
        return (int64_t)number;
    if (!text_is(text, "kB") && !text_is(text, "KB") && !text_is(text, "KiB"))
        return ROW_NULL;
    return number > INT64_MAX / 1024 ? INT64_MAX : (int64_t)(number * 1024);
}

// ---- the table `value` -----------------------------------------------------------------------

struct text value_scope(const struct member *member)
{
    struct text scope = member->path;
    (void)text_skip(&scope, "proc/");
    return scope;
}

void add_number(struct input *input, uint64_t line, struct text scope, struct text key, int64_t number)
{
    struct row_value row = row_value_null;
    row.line = input_line(input, line);
    row.scope = scope;
    row.key = key;
    row.number = number;
    if (number != ROW_NULL)
        emit_value(input->sink, input->member, &row);
}

void add_word(struct input *input, uint64_t line, struct text scope, struct text key, struct text word)
{
    struct row_value row = row_value_null;
    row.line = input_line(input, line);
    row.scope = scope;
    row.key = key;
    row.word = word;
    emit_value(input->sink, input->member, &row);
}

void add_value(struct input *input, uint64_t line, struct text scope, struct text key, struct text value)
{
    int64_t number = row_number(value);
    if (number != ROW_NULL)
        add_number(input, line, scope, key, number);
    else
        add_word(input, line, scope, key, value);
}

void add_fact(struct input *input, uint64_t line, const char *key, struct text value)
{
    struct row_fact row = row_fact_null;
    row.line = input_line(input, line);
    row.key = text_of(key);
    row.value = value;
    emit_fact(input->sink, input->member, &row);
}
