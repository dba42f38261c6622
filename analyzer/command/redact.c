// SPDX-License-Identifier: Apache-2.0
//
// inquest redact: a bundle that can be shown to others, with the same diagnosis.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bundle/packer.h"
#include "bundle/tar_write.h"
#include "command/arguments.h"
#include "command/jail.h"
#include "command/output.h"
#include "command/redact_check.h"
#include "command/twice.h"
#include "util/memory.h"
#include "util/show.h"
#include "util/spool.h"

struct redaction {
    const struct arguments *arguments;
    const struct limits *limits;
    const char *path;
    struct output out, map;
    struct redactor *redactor;
    struct packer *packer; // of OUT
    struct error *err;     // of writing
    struct spool spool;    // the present member
    struct buffer redacted;
    struct buffer said; // what is told at the end
    uint64_t members, left_out;
    bool bare;
};

// ---- writing ---------------------------------------------------------------------------------

static bool to_output(void *context, struct text bytes)
{
    struct redaction *redaction = context;
    return output_write(&redaction->out, bytes, redaction->err);
}

static bool to_packer(void *context, struct text bytes)
{
    return packer_add(((struct redaction *)context)->packer, bytes);
}

static bool to_spool(void *context, struct text bytes)
{
    return spool_add(&((struct redaction *)context)->spool, bytes);
}

static enum packing packing_of(const char *path)
{
    struct text name = text_of(path);
    if (text_ends(name, ".gz") || text_ends(name, ".tgz"))
        return PACKING_GZIP;
    if (text_ends(name, ".zst"))
        return PACKING_ZSTD;
    return text_ends(name, ".xz") || text_ends(name, ".txz") ? PACKING_XZ : PACKING_NONE;
}

static void say_left_out(struct redaction *redaction, struct text path, const char *why)
{
    enum { SAID_MOST = 100 };
    if (redaction->left_out++ >= SAID_MOST)
        return;
    show_line(&redaction->said, path);
    buffer_printf(&redaction->said, ": %s\n", why);
}

// ---- a member --------------------------------------------------------------------------------

// The member's content, redacted and packed as it was, into the spool. False where that failed; *why where
// something of the content could not be kept.
static bool spool_member(struct redaction *redaction, struct bundle *bundle, const struct member *member,
                         struct progress *progress, const char **why)
{
    struct packer *packer =
        packer_open(redaction->bare ? PACKING_NONE : (enum packing)member->packing, to_spool, redaction);
    struct text piece;
    bool ok = true;
    while (ok && bundle_read(bundle, &piece)) {
        buffer_clear(&redaction->redacted);
        redactor_piece(redaction->redactor, piece, &redaction->redacted);
        ok = packer_add(packer, buffer_text(&redaction->redacted));
        progress_add(progress, 0, piece.len);
    }
    buffer_clear(&redaction->redacted);
    (void)redactor_end(redaction->redactor, &redaction->redacted, why);
    ok = ok && packer_add(packer, buffer_text(&redaction->redacted));
    ok = packer_close(&packer) && ok;
    if (redaction->redacted.capacity > 1 << 22)
        buffer_release(&redaction->redacted);
    return ok || fail(redaction->err, "no room for a member of the bundle in TMPDIR");
}

static bool write_member(struct redaction *redaction, struct text path)
{
    CLEANUP(buffer_release) struct buffer frame = {0};
    uint64_t bytes = redaction->spool.bytes;
    if (!redaction->bare)
        tar_begin_file(&frame, path, bytes);
    bool ok = packer_add(redaction->packer, buffer_text(&frame)) &&
              spool_give(&redaction->spool, to_packer, redaction);
    buffer_clear(&frame);
    if (!redaction->bare)
        tar_end_file(&frame, bytes);
    return ok && packer_add(redaction->packer, buffer_text(&frame));
}

static bool redact_member(struct redaction *redaction, struct bundle *bundle, const struct member *member,
                          struct progress *progress)
{
    struct text path, target;
    const char *why = NULL;
    redaction->bare = member->bare;
    enum redactor_fate fate = redactor_begin(redaction->redactor, member, &path, &target);
    progress_add(progress, 1, 0);
    if (member->type == MEMBER_LINK) {
        CLEANUP(buffer_release) struct buffer frame = {0};
        tar_add_link(&frame, path, target);
        redaction->members++;
        (void)redactor_end(redaction->redactor, NULL, &why);
        return packer_add(redaction->packer, buffer_text(&frame));
    }
    if (fate == REDACTOR_LEAVES_OUT && member->bare)
        return fail_kind(redaction->err, ERROR_BUNDLE, "binary, which cannot be looked into");
    if (fate == REDACTOR_LEAVES_OUT) {
        say_left_out(redaction, path, "binary, which cannot be looked into: left out");
        return true;
    }
    spool_clear(&redaction->spool);
    if (!spool_member(redaction, bundle, member, progress, &why))
        return false;
    if (why)
        say_left_out(redaction, path, why);
    redaction->members++;
    return write_member(redaction, path);
}

static void warned(void *context, struct text source, uint64_t line, const char *problem)
{
    struct redaction *redaction = context;
    CLEANUP(buffer_release) struct buffer path = {0};
    (void)line;
    redactor_text(redaction->redactor, source, &path);
    show_line(&redaction->said, buffer_text(&path));
    buffer_puts(&redaction->said, ": ");
    show_line(&redaction->said, text_of(problem));
    buffer_putc(&redaction->said, '\n');
}

static bool redact_members(struct redaction *redaction, struct error *err)
{
    struct bundle *bundle;
    struct member member;
    struct progress progress;
    if (!bundle_open(&bundle, redaction->path, redaction->limits, warned, redaction, err))
        return false;
    redaction->packer = packer_open(packing_of(redaction->out.path), to_output, redaction);
    progress_init(&progress, argument_given(redaction->arguments, "quiet"));
    bool ok = true;
    while (ok && bundle_next(bundle, &member))
        ok = redact_member(redaction, bundle, &member, &progress);
    progress_end(&progress);
    CLEANUP(buffer_release) struct buffer end = {0};
    if (ok && !redaction->bare)
        tar_end(&end);
    ok = ok && packer_add(redaction->packer, buffer_text(&end));
    ok = packer_close(&redaction->packer) && ok;
    struct error closing = {0};
    bool closed = bundle_close(bundle, NULL, ok ? err : &closing);
    if (!ok && !err->message[0])
        (void)fail(err, "%s: writing failed", redaction->out.path);
    return ok && closed;
}

// ---- what is told ----------------------------------------------------------------------------

static void tell_counts(struct redaction *redaction, struct buffer *out)
{
    const struct names *names = scrubber_names(redactor_scrubber(redaction->redactor));
    show_line(out, text_of(redaction->out.path));
    buffer_printf(out, ": %" PRIu64 " members", redaction->members);
    if (redaction->left_out)
        buffer_printf(out, ", %" PRIu64 " left out or cut", redaction->left_out);
    buffer_puts(out, "\nreplaced:");
    bool any = false;
    for (enum name_kind kind = 0; kind < NAME_KINDS; kind++) {
        uint64_t count = names_count(names, kind);
        if (count)
            buffer_printf(out, "%s %s %" PRIu64, any ? "," : "", names_kind_name(kind), count);
        any |= count > 0;
    }
    buffer_puts(out, any ? "\nmap: " : " no name\nmap: ");
    show_line(out, text_of(redaction->map.path));
    buffer_puts(out, " (what stands for what: keep it to yourself)\n");
    if (names_full(names))
        buffer_puts(out, "more names than there is room for: the rest share words\n");
    buffer_add(out, buffer_text(&redaction->said));
}

static bool write_map(struct redaction *redaction, struct error *err)
{
    CLEANUP(buffer_release) struct buffer map = {0};
    buffer_puts(&map, "# inquest redact: kind, name, what stands for it\n");
    names_write(scrubber_names(redactor_scrubber(redaction->redactor)), &map);
    return output_write(&redaction->map, buffer_text(&map), err);
}

// The second look, at what was written: descriptor 0 becomes that file.
static bool look_again(struct redaction *redaction, uint64_t *suspects, struct buffer *out, struct error *err)
{
    if (dup2(redaction->out.fd, STDIN_FILENO) < 0 || !twice_rewind("-", err))
        return err->message[0] ? false : fail(err, "the result cannot be read again");
    return redact_check(redactor_scrubber(redaction->redactor), redaction->limits, suspects, out, err);
}

static int do_job(void *context, const struct jail *jail, struct error *err)
{
    struct redaction *redaction = context;
    struct output told = {.fd = STDOUT_FILENO};
    CLEANUP(buffer_release) struct buffer out = {0};
    uint64_t suspects = 0;
    redaction->err = err;
    redaction->redactor = redactor_open(redaction->limits);
    bool ok = jail_lock(jail, err) && twice_prepare(redaction->path, redaction->limits, err) &&
              redactor_learn_bundle(redaction->redactor, redaction->path, redaction->limits,
                                    argument_given(redaction->arguments, "quiet"), err) &&
              redactor_accepts(redaction->redactor, err) && redact_members(redaction, err) &&
              write_map(redaction, err);
    if (ok)
        tell_counts(redaction, &out);
    ok = ok && look_again(redaction, &suspects, &out, err) && output_write(&told, buffer_text(&out), err);
    redactor_close(&redaction->redactor);
    if (!ok)
        (void)fail_context(err, "%s", redaction->path);
    return !ok ? command_failed(err) : suspects ? EXIT_FOUND : EXIT_ANALYSED;
}

// ---- the command -----------------------------------------------------------------------------

static bool open_outputs(struct redaction *redaction, struct buffer *map_path, struct error *err)
{
    const char *out = argument_value(redaction->arguments, "output"),
               *map = argument_value(redaction->arguments, "map");
    if (!out || strcmp(out, "-") == 0)
        return fail_kind(err, ERROR_USAGE,
                         "-o OUT is missing: a file, which is read again when it is written");
    buffer_puts(map_path, map ? map : out);
    buffer_puts(map_path, map ? "" : ".map");
    if (strcmp(map_path->ptr, out) == 0)
        return fail_kind(err, ERROR_USAGE, "--map and -o are the same file");
    if (bundle_is_database(redaction->path))
        return fail_kind(err, ERROR_USAGE,
                         "%s is a database: redact the bundle that it was made from, or use "
                         "unpack --redact",
                         redaction->path);
    if (!output_open(&redaction->out, out, err) || !output_open(&redaction->map, map_path->ptr, err))
        return false;
    return (redaction->out.temporary && redaction->map.temporary) ||
           fail_kind(err, ERROR_USAGE, "OUT and its map must be files");
}

static int run_redact(const struct arguments *arguments, struct error *err)
{
    CLEANUP(buffer_release) struct buffer map_path = {0};
    struct redaction redaction = {
        .arguments = arguments, .limits = argument_limits(arguments), .path = argument_word(arguments, 0)};
    int result = EXIT_TROUBLE;
    spool_init(&redaction.spool);
    bool ok = arguments_expect(arguments, 1, 1, err) && open_outputs(&redaction, &map_path, err) &&
              jail_run(arguments, redaction.path, do_job, &redaction, &result, err) && !err->message[0] &&
              output_close(&redaction.map, err) && output_close(&redaction.out, err);
    output_discard(&redaction.out);
    output_discard(&redaction.map);
    spool_release(&redaction.spool);
    buffer_release(&redaction.redacted);
    buffer_release(&redaction.said);
    return ok ? result : command_failed(err);
}

static const struct option redact_options[] = {
    {"map", 0, "FILE", "where the map goes (else OUT.map): which word stands for which name", false},
    {NULL, 0, NULL, NULL, false},
};

const struct command command_redact = {
    .name = "redact",
    .synopsis = "BUNDLE -o OUT [--map FILE]",
    .help =
        "Write a bundle that can be shown to others and has the same diagnosis.\n"
        "\n"
        "Hosts, pods, namespaces, images, users, addresses (IPv4, IPv6, MAC), container ids, uids and "
        "domains "
        "become made-up words, the same name the same word in every file, path and link; credentials become "
        "***. Functions, stacks, processes, units, times and numbers stay. OUT is a tar, packed as its name "
        "says (.tar.gz, .tar.zst, .tar.xz); of a single file a single file. Which word stands for which name "
        "is in OUT.map, for you alone.\n"
        "\n"
        "What was written is then read again, and what still looks private in it is listed; the exit status "
        "is "
        "1 if anything does. Binary files other than profiles are left out, profiles lose their labels and "
        "comments. Look at the result before you send it.",
    .options = redact_options,
    .run = run_redact,
};
