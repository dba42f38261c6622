// SPDX-License-Identifier: Apache-2.0
#include "command/redact_check.h"

#include <inttypes.h>

#include "bundle/bundle.h"
#include "evidence/evidence.h"
#include "privacy/suspect.h"
#include "util/memory.h"
#include "util/show.h"

enum { SAID_MOST = 100, LINE_MOST = 65536, WHERE_SHOWN = 48, PROFILE_MOST = 128 * 1024 * 1024 };

struct check {
    struct suspecter *suspecter;
    struct buffer *out;
    struct buffer line;
    const struct member *member;
    uint64_t number, suspects;
};

// A credential is not shown again; a name is.
static void say(struct check *check, const char *what, struct text where)
{
    if (check->suspects++ >= SAID_MOST)
        return;
    buffer_puts(check->out, "  ");
    show_line(check->out, check->member->source);
    if (check->number)
        buffer_printf(check->out, ":%" PRIu64, check->number);
    buffer_printf(check->out, ": %s", what);
    if (where.ptr) {
        buffer_puts(check->out, ", ");
        show_line(check->out, text_slice(where, 0, WHERE_SHOWN));
    }
    buffer_putc(check->out, '\n');
}

static void look(struct check *check, struct text line)
{
    struct text where;
    const char *what = suspect_line(check->suspecter, line, &where);
    if (what)
        say(check, what, where);
}

static void take_piece(struct check *check, struct text piece)
{
    while (piece.len) {
        const char *end = memchr(piece.ptr, '\n', piece.len);
        size_t length = end ? (size_t)(end - piece.ptr) : piece.len;
        buffer_add(&check->line, text_slice(piece, 0, length));
        if (end || check->line.len > LINE_MOST) {
            look(check, buffer_text(&check->line));
            buffer_clear(&check->line);
            check->number += end != NULL;
        }
        piece = text_from(piece, length + (end != NULL));
    }
}

// What is no text is a profile: all else was left out.
static void check_profile(struct check *check, struct bundle *bundle)
{
    struct text piece, where;
    buffer_clear(&check->line);
    while (bundle_read(bundle, &piece))
        buffer_add(&check->line, text_slice(piece, 0, PROFILE_MOST - check->line.len));
    const char *what = suspect_profile(check->suspecter, buffer_text(&check->line), &where);
    if (what)
        say(check, what, where);
    buffer_release(&check->line);
}

static void check_member(struct check *check, struct bundle *bundle, const struct member *member)
{
    struct text piece;
    check->member = member;
    check->number = 0;
    look(check, member->source);
    look(check, member->link_target);
    if (member->type == MEMBER_FILE && !head_is_text(member->head)) {
        check_profile(check, bundle);
        return;
    }
    check->number = 1;
    buffer_clear(&check->line);
    while (bundle_read(bundle, &piece))
        take_piece(check, piece);
    look(check, buffer_text(&check->line));
}

static void say_nothing(void *context, struct text source, uint64_t line, const char *problem)
{
    (void)context, (void)source, (void)line, (void)problem;
}

bool redact_check(struct scrubber *scrubber, const struct limits *limits, uint64_t *suspects,
                  struct buffer *out, struct error *err)
{
    struct bundle *bundle;
    struct member member;
    if (!bundle_open(&bundle, "-", limits, say_nothing, NULL, err))
        return false;
    CLEANUP(buffer_release) struct buffer said = {0};
    struct check check = {.suspecter = suspecter_open(scrubber), .out = &said};
    while (bundle_next(bundle, &member))
        check_member(&check, bundle, &member);
    suspecter_close(&check.suspecter);
    buffer_release(&check.line);
    *suspects = check.suspects;
    if (check.suspects)
        buffer_printf(out, "second look: %" PRIu64 " place%s still look%s private\n", check.suspects,
                      check.suspects == 1 ? "" : "s", check.suspects == 1 ? "s" : "");
    else
        buffer_puts(out, "second look: nothing looks private\n");
    buffer_add(out, buffer_text(&said));
    return bundle_close(bundle, NULL, err);
}
