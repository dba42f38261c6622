// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "command/arguments.h"
#include "command/jail.h"
#include "command/output.h"
#include "command/profile_pick.h"
#include "report/flame.h"
#include "util/json.h"
#include "util/show.h"

enum shape { SHAPE_TOP, SHAPE_JSON, SHAPE_FOLDED, SHAPE_SVG, SHAPE_PEEK };

// ---- the command line ------------------------------------------------------------------------

struct regexes {
    struct pattern *focus, *ignore, *peek;
};

static void release_regexes(struct regexes *regexes)
{
    pattern_release(&regexes->focus);
    pattern_release(&regexes->ignore);
    pattern_release(&regexes->peek);
}

static bool read_regex(const struct arguments *arguments, const char *name, struct pattern **pattern,
                       struct error *err)
{
    const char *source = argument_value(arguments, name);
    size_t offset = 0;
    if (!source)
        return true;
    *pattern = pattern_compile(text_of(source), &offset, err);
    if (*pattern)
        return true;
    err->kind = ERROR_USAGE;
    return fail_context(err, "--%s, at byte %zu", name, offset);
}

static bool read_format(const char *format, enum shape *shape, struct error *err)
{
    static const char *const names[] = {
        [SHAPE_TOP] = "text", [SHAPE_JSON] = "json", [SHAPE_FOLDED] = "folded", [SHAPE_SVG] = "svg"};
    for (size_t i = 0; format && i < sizeof names / sizeof *names; i++)
        if (strcmp(format, names[i]) == 0) {
            *shape = (enum shape)i;
            return true;
        }
    return !format ||
           fail_kind(err, ERROR_USAGE, "--format %s: text, json, folded and svg are there", format);
}

static bool read_shape(const struct arguments *arguments, enum shape *shape, struct error *err)
{
    static const struct {
        const char *name;
        enum shape shape;
    } flags[] = {{"top", SHAPE_TOP},
                 {"json", SHAPE_JSON},
                 {"folded", SHAPE_FOLDED},
                 {"svg", SHAPE_SVG},
                 {"peek", SHAPE_PEEK}};
    size_t given = 0;
    *shape = SHAPE_TOP;
    if (!read_format(argument_value(arguments, "format"), shape, err))
        return false;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (argument_given(arguments, flags[i].name)) {
            *shape = flags[i].shape;
            given++;
        }
    return given < 2 ||
           fail_kind(err, ERROR_USAGE, "one of --top, --json, --folded, --svg and --peek at a time");
}

static bool read_fraction(const struct arguments *arguments, const char *name, double *fraction,
                          struct error *err)
{
    const char *value = argument_value(arguments, name);
    if (!value || (text_to_double(text_of(value), fraction) && *fraction >= 0 && *fraction <= 1))
        return true;
    return fail_kind(err, ERROR_USAGE, "--%s takes a number from 0 to 1, not %s", name, value);
}

// What go tool pprof -top leaves out by default.
static bool read_options(const struct arguments *arguments, struct graph_options *options, struct error *err)
{
    const char *count = argument_value(arguments, "nodecount");
    uint64_t number = 0;
    if (count && (!text_to_u64(text_of(count), &number) || number > SIZE_MAX))
        return fail_kind(err, ERROR_USAGE, "--nodecount takes a number, not %s", count);
    *options = (struct graph_options){
        .by_cum = argument_given(arguments, "cum"),
        .node_count = (size_t)number,
        .node_fraction = 0.005,
        .edge_fraction = 0.001,
    };
    return read_fraction(arguments, "nodefraction", &options->node_fraction, err) &&
           read_fraction(arguments, "edgefraction", &options->edge_fraction, err);
}

static struct profile_wish read_wish(const struct arguments *arguments, enum shape shape)
{
    return (struct profile_wish){
        .limits = argument_limits(arguments),
        .component = argument_value(arguments, "component"),
        .member = argument_value(arguments, "member"),
        .sample_type = argument_value(arguments, "sample-type"),
        .symbols = argument_given(arguments, "symbols") || shape == SHAPE_SVG || shape == SHAPE_FOLDED ||
                   shape == SHAPE_PEEK,
    };
}

// ---- a list of profiles ----------------------------------------------------------------------

static void list_text(struct buffer *out, const struct profile_offers *offers)
{
    buffer_printf(out, "%zu profiles; name one with --member, --component or --sample-type\n\n",
                  offers->count);
    for (size_t i = 0; i < offers->count; i++) {
        const struct profile_offer *offer = &offers->items[i];
        show_line(out, text_of(offer->member));
        buffer_puts(out, "\n    ");
        show_line(out, text_of(offer->component));
        buffer_printf(out, "%s%s, %llu samples: ", offer->component[0] ? ", " : "", offer->form,
                      (unsigned long long)offer->samples);
        show_line(out, text_of(offer->types));
        buffer_putc(out, '\n');
    }
}

static void list_json(struct buffer *out, const struct profile_offers *offers)
{
    struct json_writer json = {.out = out, .indent = 2};
    json_open_object(&json, NULL);
    json_add_string(&json, "format", "inquest-profiles/1");
    json_open_array(&json, "profiles");
    for (size_t i = 0; i < offers->count; i++) {
        const struct profile_offer *offer = &offers->items[i];
        json_open_object(&json, NULL);
        json_add_string(&json, "member", offer->member);
        json_add_text(&json, "component", offer->component[0] ? text_of(offer->component) : (struct text){0});
        json_add_string(&json, "form", offer->form);
        json_add_integer(&json, "samples", (int64_t)offer->samples);
        json_add_string(&json, "sample_types", offer->types);
        json_close_object(&json);
    }
    json_close_array(&json);
    json_close_object(&json);
    buffer_putc(out, '\n');
}

static bool write_list(struct buffer *out, const struct profile_offers *offers, enum shape shape,
                       struct error *err)
{
    if (shape == SHAPE_TOP)
        list_text(out, offers);
    else if (shape == SHAPE_JSON)
        list_json(out, offers);
    else
        return fail_kind(err, ERROR_USAGE, "%zu profiles fit, name one with --member: %s, %s%s",
                         offers->count, offers->items[0].member, offers->items[1].member,
                         offers->count > 2 ? ", …" : "");
    return true;
}

// ---- one profile -----------------------------------------------------------------------------

static bool find_type(const struct profile *profile, const char *name, size_t *type, struct error *err)
{
    *type = profile_default_type(profile);
    if (!name || profile_find_type(profile, text_of(name), type))
        return true;
    CLEANUP(buffer_release) struct buffer types = {0};
    for (size_t i = 0; i < profile->types.count; i++) {
        buffer_puts(&types, i ? ", " : "");
        show_line(&types, profile_type_name(profile, i));
    }
    return fail_kind(err, ERROR_USAGE, "--sample-type %s: the profile has %.*s", name,
                     TEXT_ARG(buffer_text(&types)));
}

// Where a result goes: collected in `text`, and what is too long for that is written piece by piece.
struct result {
    struct buffer text;
    struct output file;
    struct error *err;
};

static bool flush(void *context, struct buffer *out)
{
    struct result *result = context;
    bool fine = output_write(&result->file, buffer_text(out), result->err);
    buffer_clear(out);
    return fine;
}

static bool write_shape(struct result *result, const struct profile_report *report, enum shape shape,
                        struct pattern *peek, const char *peek_source, struct error *err)
{
    struct buffer *out = &result->text;
    switch (shape) {
    case SHAPE_JSON:
        profile_write_json(out, report);
        return true;
    case SHAPE_FOLDED:
        return profile_write_folded(out, report, flush, result);
    case SHAPE_SVG:
        profile_write_svg(out, report);
        return true;
    case SHAPE_PEEK:
        return profile_write_peek(out, report, peek) ||
               fail_kind(err, ERROR_USAGE, "--peek %s: no function matches", peek_source);
    default:
        profile_write_top(out, report);
        return true;
    }
}

// Reads what the difference is taken from: the profile of the same member, or the only one that fits.
static bool read_base(const struct arguments *arguments, struct profile_wish wish, const char *member,
                      struct profile *base, struct error *err)
{
    const char *path = argument_value(arguments, "diff");
    CLEANUP(profile_offers_release) struct profile_offers offers = {0};
    bool picked;
    wish.like = member;
    if (!profile_pick(path, &wish, base, &offers, &picked, err))
        return false;
    return picked || fail_kind(err, ERROR_USAGE, "--diff %s: %zu profiles fit, name one with --member", path,
                               offers.count);
}

static bool write_profile(const struct arguments *arguments, struct result *result, enum shape shape,
                          struct regexes *regexes, struct profile *profile, struct error *err)
{
    struct profile_report report = {
        .profile = profile,
        .focus = argument_value(arguments, "focus"),
        .ignore = argument_value(arguments, "ignore"),
        .name = argument_word(arguments, 0),
    };
    if (!read_options(arguments, &report.options, err) ||
        !find_type(profile, argument_value(arguments, "sample-type"), &report.options.type, err))
        return false;
    report.options.focus = regexes->focus;
    report.options.ignore = regexes->ignore;
    profile_finish(profile);
    return write_shape(result, &report, shape, regexes->peek, argument_value(arguments, "peek"), err);
}

static bool write_result(const struct arguments *arguments, struct result *result, enum shape shape,
                         struct regexes *regexes, struct error *err)
{
    CLEANUP(profile_release) struct profile profile = {0};
    CLEANUP(profile_release) struct profile base = {0};
    CLEANUP(profile_offers_release) struct profile_offers offers = {0};
    struct profile_wish wish = read_wish(arguments, shape);
    bool picked;
    if (!profile_pick(argument_word(arguments, 0), &wish, &profile, &offers, &picked, err))
        return false;
    if (!picked)
        return write_list(&result->text, &offers, shape, err);
    if (argument_given(arguments, "diff") &&
        (!read_base(arguments, wish, offers.items[0].member, &base, err) ||
         !profile_subtract(&profile, &base, err)))
        return false;
    return write_profile(arguments, result, shape, regexes, &profile, err);
}

static void release_result(struct result *result)
{
    buffer_release(&result->text);
    output_discard(&result->file);
}

struct job {
    const struct arguments *arguments;
    struct result *result;
    enum shape shape;
    struct regexes *regexes;
};

// In the jail.
static int do_job(void *context, const struct jail *jail, struct error *err)
{
    struct job *job = context;
    job->result->err = err;
    bool ok = jail_lock(jail, err) &&
              write_result(job->arguments, job->result, job->shape, job->regexes, err) &&
              output_write(&job->result->file, buffer_text(&job->result->text), err);
    return ok ? EXIT_ANALYSED : command_failed(err);
}

static bool run(const struct arguments *arguments, struct regexes *regexes, struct error *err)
{
    CLEANUP(release_result) struct result result = {.err = err};
    int status;
    struct job job = {arguments, &result, SHAPE_TOP, regexes};
    return arguments_expect(arguments, 1, 1, err) && read_shape(arguments, &job.shape, err) &&
           read_regex(arguments, "focus", &regexes->focus, err) &&
           read_regex(arguments, "ignore", &regexes->ignore, err) &&
           read_regex(arguments, "peek", &regexes->peek, err) &&
           output_open(&result.file, argument_value(arguments, "output"), err) &&
           jail_run_two(arguments, argument_word(arguments, 0), argument_value(arguments, "diff"), do_job,
                        &job, &status, err) &&
           !err->message[0] && output_close(&result.file, err);
}

static int run_profile(const struct arguments *arguments, struct error *err)
{
    CLEANUP(release_regexes) struct regexes regexes = {0};
    return run(arguments, &regexes, err) ? EXIT_ANALYSED : command_failed(err);
}

static const struct option profile_options[] = {
    {"top", 0, NULL, "the functions and what each holds or takes (the default)", false},
    {"cum", 0, NULL, "order by cum instead of flat", false},
    {"sample-type", 0, "TYPE",
     "inuse_space, alloc_space, cpu, … or its number from 0; else the profile's default", false},
    {"focus", 0, "REGEX", "only stacks with a function, file or binary that matches", false},
    {"ignore", 0, "REGEX", "no stacks with one that matches", false},
    {"peek", 0, "REGEX", "callers and callees of the functions that match", false},
    {"diff", 0, "OTHER", "what changed since OTHER, a profile of the same kind", false},
    {"folded", 0, NULL, "one line a stack, for flame graph tools; with --diff before and after", false},
    {"svg", 0, NULL, "a flame graph that any browser opens; with --diff red grew and blue shrank", false},
    {"json", 0, NULL, "all functions, values in the unit of the sample type", false},
    {"component", 0, "NAME", "of a bundle: the profile of apiserver, kubelet, …", false},
    {"member", 0, "PATH", "of a bundle: the profile at this path, or at the end of one", false},
    {"symbols", 0, NULL,
     "read the function names in the comments of Go's text profiles, which go tool pprof does not; --peek, "
     "--folded "
     "and --svg do so anyway",
     false},
    {"nodecount", 0, "N", "at most N functions (0: all)", false},
    {"nodefraction", 0, "SHARE", "leave out functions whose cum is below this share (0.005)", false},
    {"edgefraction", 0, "SHARE", "take no notice of calls below this share (0.001)", false},
    {NULL, 0, NULL, NULL, false},
};

const struct command command_profile = {
    .name = "profile",
    .synopsis = "FILE|BUNDLE [--top|--peek REGEX|--svg|--folded|--json] [--sample-type TYPE] [--diff OTHER]",
    .help =
        "Show a Go profile as go tool pprof counts it: functions, calls, a flame graph.\n"
        "\n"
        "Reads profile.proto (gzip or not, whatever wrote it), Go's text forms (debug=1), goroutine dumps "
        "(debug=2, with their states and waits), gperftools' and folded stacks; the content tells which. "
        "Damage that leaves something readable is a warning above the listing.\n"
        "\n"
        "Of a bundle with several profiles the ones that fit --member, --component and --sample-type are "
        "listed; "
        "when only one fits, it is shown. Names are as they stand in the profile (go tool pprof "
        "-symbolize=none), times are UTC.",
    .options = profile_options,
    .run = run_profile,
};
