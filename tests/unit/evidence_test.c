// SPDX-License-Identifier: Apache-2.0
//
// Golden tests of the parsers. tests/data/evidence/<name>.txt holds a member: its first line is `# <path>`,
// with ` -> <target>` for a link, `# bare <name>` for a bundle of one file; the rest is the content, byte for
// byte. What the parser that claims it emits is compared with <name>.rows; with INQUEST_GOLDEN=write it is
// written there.
#include "test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/evidence.h"
#include "util/array.h"
#include "util/buffer.h"
#include "util/memory.h"

static const char folder[] = "tests/data/evidence";

static bool read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t n;
    do {
        n = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->len += n;
    } while (n > 0);
    (void)fclose(file);
    return true;
}

// Reads the title line and leaves the content.
static void read_title(struct text *content, struct member *member, struct arena *arena)
{
    struct text title;
    assert_true(text_split(content, '\n', &title) && text_skip(&title, "# "));
    *member = (struct member){.bare = text_skip(&title, "bare ")};
    ptrdiff_t arrow = text_find(title, TEXT(" -> "));
    member->type = arrow < 0 ? MEMBER_FILE : MEMBER_LINK;
    if (arrow >= 0)
        member->link_target = text_from(title, (size_t)arrow + 4);
    member->path = member->source =
        arena_copy(arena, text_slice(title, 0, arrow < 0 ? title.len : (size_t)arrow));
    member_place_task(member);
    if (!content->ptr)
        *content = TEXT("");
    member->head = text_slice(*content, 0, MEMBER_HEAD_BYTES);
}

// Each piece is a copy that ends where it ends, so that a sanitizer sees a byte read behind it.
static void give(void (*to)(struct input *), struct input *input, struct text piece)
{
    char *copy = mem_copy(piece.ptr ? piece.ptr : "", piece.len);
    char *exact = realloc(copy, piece.len ? piece.len : 1);
    input->content = (struct text){exact, piece.len};
    to(input);
    free(exact);
}

// Runs the member through its parser; a streaming one gets pieces of `piece_bytes`.
static void run(const struct member *member, struct text content, size_t piece_bytes, struct buffer *out)
{
    const struct evidence *kind = evidence_of(member);
    struct printer printer;
    struct arena arena = {0};
    printer_init(&printer, out);
    if (!kind) {
        buffer_puts(out, "not claimed\n");
        return;
    }
    buffer_printf(out, "kind %s\n", kind->name);
    CLEANUP(mem_release) void *state = mem_alloc(1, kind->state_bytes);
    struct input input = {
        .member = member, .arena = &arena, .sink = &printer.sink, .limits = &limits_default, .state = state};
    if (kind->parse) {
        give(kind->parse, &input, content);
    } else {
        for (size_t at = 0; at < content.len; at += piece_bytes)
            give(kind->feed, &input, text_slice(content, at, piece_bytes));
        input.content = (struct text){NULL, 0};
        kind->end(&input);
    }
    arena_release(&arena);
}

static void write_golden(const char *path, struct text rows)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(rows.ptr, 1, rows.len, file), rows.len);
    assert_int_equal(fclose(file), 0);
}

static void compare(const char *name)
{
    char input_path[512], rows_path[512];
    (void)snprintf(input_path, sizeof input_path, "%s/%s.txt", folder, name);
    (void)snprintf(rows_path, sizeof rows_path, "%s/%s.rows", folder, name);
    CLEANUP(buffer_release) struct buffer bytes = {0}, whole = {0}, pieces = {0}, golden = {0};
    assert_true(read_file(input_path, &bytes));
    struct text content = buffer_text(&bytes);
    struct arena arena = {0};
    struct member member;
    read_title(&content, &member, &arena);
    run(&member, content, content.len + 1, &whole);
    run(&member, content, 1, &pieces);
    assert_text(buffer_text(&pieces), whole.ptr);
    if (getenv("INQUEST_GOLDEN"))
        write_golden(rows_path, buffer_text(&whole));
    if (!read_file(rows_path, &golden) || !text_equal(buffer_text(&golden), buffer_text(&whole)))
        fail_msg("%s: got\n%swanted\n%s", name, whole.ptr, golden.ptr ? golden.ptr : "(no file)");
    arena_release(&arena);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void every_file(void (*check)(const char *name))
{
    ARRAY(char *) names = {0};
    DIR *files = opendir(folder);
    assert_non_null(files);
    for (struct dirent *entry; (entry = readdir(files));) {
        struct text name = text_of(entry->d_name);
        if (text_ends(name, ".txt"))
            *array_add(&names) = mem_copy(name.ptr, name.len - 4);
    }
    (void)closedir(files);
    array_sort(&names, by_name);
    assert_true(names.count > 20);
    for (size_t i = 0; i < names.count; i++) {
        check(names.items[i]);
        free(names.items[i]);
    }
    array_release(&names);
}

static void rows_are_as_before(void **state)
{
    (void)state;
    every_file(compare);
}

// Cut anywhere, CRLF at each line's end, some bytes changed: no crash, no endless loop.
static void damage(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    CLEANUP(buffer_release) struct buffer bytes = {0}, out = {0}, crlf = {0};
    assert_true(read_file(path, &bytes));
    struct text content = buffer_text(&bytes);
    struct arena arena = {0};
    struct member member;
    read_title(&content, &member, &arena);
    for (size_t cut = 0; cut < content.len; cut += 1 + content.len / 200) {
        run(&member, text_slice(content, 0, cut), 64, &out);
        char *changed = mem_copy(content.ptr, content.len);
        changed[cut] = (char)(cut * 37);
        run(&member, (struct text){changed, content.len}, 64, &out);
        free(changed);
        buffer_clear(&out);
    }
    for (size_t i = 0; i < content.len; i++) {
        if (content.ptr[i] == '\n')
            buffer_putc(&crlf, '\r');
        buffer_putc(&crlf, content.ptr[i]);
    }
    run(&member, buffer_text(&crlf), 64, &out);
    arena_release(&arena);
}

static void damage_is_survived(void **state)
{
    (void)state;
    every_file(damage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_as_before),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
