// SPDX-License-Identifier: Apache-2.0
//
// What golden files of logs (evidence_test.c) do not show: limits, dumps handed on, wrapped lines, which
// members are logs, any split into pieces, and that what reaches rules still matches them.
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/evidence.h"
#include "evidence/log_join.h"
#include "evidence/log_line.h"
#include "util/memory.h"
#include "util/pattern.h"
#include "util/times.h"

// ---- one line ----------------------------------------------------------------------------------

static int64_t at(const char *rfc3339)
{
    int64_t time_ns;
    bool zoned;
    if (!time_parse_rfc3339(text_of(rfc3339), &time_ns, &zoned))
        fail_msg("%s is no time", rfc3339);
    return time_ns;
}

static void stamps(void **state)
{
    (void)state;
    static const struct {
        const char *line, *time;
        enum clock clock;
    } cases[] = {
        {"2023-09-08T17:20:30+0200 h a: x", "2023-09-08T15:20:30Z", CLOCK_UTC},
        {"2023-09-08T17:20:30,5+02:00 h a: x", "2023-09-08T15:20:30.5Z", CLOCK_UTC},
        {"2023-09-08T17:20:30.1234567891234Z h a: x", "2023-09-08T17:20:30.123456789Z", CLOCK_UTC},
        {"2023-09-08T17:20:30.12345678Z h a: x", "2023-09-08T17:20:30.12345678Z", CLOCK_UTC},
        {"2023-09-08T17:20:30.5-03 h a: x", "2023-09-08T20:20:30.5Z", CLOCK_UTC},
        {"2023-09-08 17:20:30 +0530 x", "2023-09-08T11:50:30Z", CLOCK_UTC},
        {"2023-09-08T17:20:30 h a: x", "2023-09-08T17:20:30Z", CLOCK_LOCAL},
        {"2016-12-31T23:59:60Z h a: x", "2017-01-01T00:00:00Z", CLOCK_UTC}, // a leap second
        {"Mar 13 16:02:43 h a: x", "1972-03-13T16:02:43Z", CLOCK_YEARLESS},
        {"Feb 29 16:02:43.050705 h a: x", "1972-02-29T16:02:43.050705Z", CLOCK_YEARLESS},
        {"mars  3 16:02:43 h a: x", "1972-03-03T16:02:43Z", CLOCK_YEARLESS},
        {"12月 31 16:02:43 h a: x", "1972-12-31T16:02:43Z", CLOCK_YEARLESS},
        {"[ 60246.744069] x", "1970-01-01T16:44:06.744069Z", CLOCK_BOOT},
        {"[Tue Nov 20 22:30:22 2018] x", "2018-11-20T22:30:22Z", CLOCK_LOCAL},
        {"1414064436.567283 h a[1]: x", "2014-10-23T11:40:36.567283Z", CLOCK_UTC},
        {"Thu 2018-04-05 17:41:45 +08 h a[1]: x", "2018-04-05T09:41:45Z", CLOCK_UTC},
        {"mer. 2018-09-19 08:42:51 CEST h a[1]: x", "2018-09-19T06:42:51Z", CLOCK_UTC},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_format format;
        struct log_line line;
        log_format_init(&format, TEXT("journal/all.log"));
        // twice: the second time from what was remembered
        for (int round = 0; round < 2; round++) {
            if (log_line_parse(&format, text_of(cases[i].line), &line) != LOG_RECORD)
                fail_msg("no record: %s", cases[i].line);
            assert_text(line.message, "x");
            assert_int_equal(line.clock, cases[i].clock);
            assert_int_equal(line.time, at(cases[i].time));
        }
        log_format_release(&format);
    }
}

static void what_is_no_record(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        "x",
                                        "seconds of signal 15",
                                        "[<0>] do_wait+0x1/0x2",
                                        "[12",
                                        "[ ]",
                                        "[]",
                                        "{",
                                        "{}",
                                        "{\"a\":1}",
                                        "{\"log\":\"x\"}",
                                        "Mar",
                                        "Mar 13",
                                        "Mar 13 16:02",
                                        "Mar 32 16:02:43 h a: x",
                                        "Mar 13 24:02:43 h a: x",
                                        "Feb 30 16:02:43 h a: x",
                                        "2023-02-29T00:00:00Z h a: x",
                                        "9999-01-01T00:00:00Z h a: x",
                                        "<",
                                        "<999>x",
                                        "<6>",
                                        "-",
                                        "Message from",
                                        "I0313",
                                        "I0313 16:02:43.9 x",
                                        "time=",
                                        "time=\"",
                                        "INFO[",
                                        "INFO[x]",
                                        "lrwxrwxrwx 1 root root 0 Nov 23 09:06 cgroup",
                                        "kern",
                                        "kern: info",
                                        "99999999999999999999.1 x"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct log_format format;
        struct log_line line;
        log_format_init(&format, TEXT("journal/all.log"));
        char *exact = mem_copy(lines[i], strlen(lines[i]));
        if (log_line_parse(&format, (struct text){exact, strlen(lines[i])}, &line) == LOG_RECORD)
            fail_msg("a record: %s", lines[i]);
        free(exact);
        log_format_release(&format);
    }
}

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *path, *unit;
        bool sure, container, kernel;
    } cases[] = {
        {"journal/docker.log", "docker", true, false, false},
        {"journal/dockerd.service.log", "docker", true, false, false},
        {"journal/kernel.log", "kernel", true, false, true},
        {"journal/k3s.log.1.gz", "kubelet", true, false, false},
        {"journal/all.log", NULL, false, false, false},
        {"var/log/messages", NULL, false, false, false},
        {"var/log/messages-20240312.gz", NULL, false, false, false},
        {"var/log/syslog.1", NULL, false, false, false},
        {"var/log/kern.log", "kernel", false, false, true},
        {"dmesg.txt", "kernel", false, false, true},
        {"cmd/dmesg.txt", "kernel", false, false, true},
        {"var/log/containers/"
         "web-1_default_web-53940ebcbf87d9313bb88b1656bc189745b04414888305a7ec47aef9c55fcdaf.log",
         "web", true, true, false},
        {"var/log/pods/default_web-1_8d1f/sidecar/0.log", "sidecar", true, true, false},
        {"namespaces/kube-system/pods/etcd-a/etcd/etcd/logs/current.log", "etcd", true, true, false},
        {"sos_commands/docker/journalctl_--no-pager_--unit_docker", "docker", true, false, false},
        {"sos_commands/logs/journalctl_--no-pager_--boot", NULL, false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct log_source source = log_source_of(text_of(cases[i].path));
        assert_text(source.unit, cases[i].unit);
        assert_int_equal(source.sure, cases[i].sure);
        assert_int_equal(source.container, cases[i].container);
        assert_int_equal(source.kernel, cases[i].kernel);
    }
}

static void wrapped_lines(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        enum log_join kind;
    } cases[] = {
        {"level=info msg=\"Container 10f0451e1345 failed to exit within 30", "seconds of signal 15",
         JOIN_BLANK},
        {"Jun 10 16:09:15 k8s dockerd[1751]: time=\"2021-06-10\" level=info msg=\"", "Container 10f0451e1345",
         JOIN_NOTHING},
        {"[2833841.216211] nf_conntrack: nf_conntrack: table full,", "dropping packet", JOIN_BLANK},
        {"Failed to remove orphaned pod; err: remove /var/lib/kube", "let/pods/85e13d83", JOIN_NOTHING},
        {"[ 1234.567890] INFO: task btrfs-transacti:4206 blocked for", "more than 604 seconds.", JOIN_BLANK},
        {"[ 1234.567890] INFO: task btrfs-transacti:4206 blocked for more than", "604 seconds.", JOIN_BLANK},
        {"kubelet[1]: container 53940ebcbf87d9313bb88b1656bc1897", "45b04414888305a7ec47", JOIN_NOTHING},
        {"kubelet[1]: a line that was cut behind its blank, at ", "the blank", JOIN_NOTHING},
        {"kubelet[1]: a line that was cut before its blank, at", " the blank", JOIN_NOTHING},
        {"kubelet[1]: a line of a message that goes on below:", "    indented", JOIN_NEWLINE},
        {"a short line", "its next", JOIN_NEWLINE},
        {"panic: runtime error: invalid memory address or nil pointer",
         "goroutine 1 [running]:", JOIN_NEWLINE},
        {"goroutine 82255 [semacquire, 5 minutes]: with padding up", "sync.runtime_Semacquire(0xc0)",
         JOIN_NEWLINE},
        {"kubelet[1]: a sentence that ends here, at the full stop.", "Another one", JOIN_BLANK},
        {"kubelet[1]: Error in kubelet_volumes at a file called x.", "go:154", JOIN_NOTHING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (log_join_kind(text_of(cases[i].before), text_of(cases[i].after)) != cases[i].kind)
            fail_msg("%s|%s", cases[i].before, cases[i].after);
}

// ---- whole logs --------------------------------------------------------------------------------

// The rows of a log that comes in pieces: of one size, or of random ones.
static void rows_of(const char *path, struct text log, size_t piece, uint64_t *seed,
                    const struct limits *limits, struct buffer *out)
{
    struct printer printer;
    printer_init(&printer, out);
    struct member member = {.type = MEMBER_FILE,
                            .node = TEXT(""),
                            .path = text_of(path),
                            .source = text_of(path),
                            .head = text_slice(log, 0, MEMBER_HEAD_BYTES),
                            .pid = NO_ID,
                            .tid = NO_ID};
    struct feeder *feeder = feeder_open(limits, &printer.sink);
    feeder_begin(feeder, &member);
    while (log.len) {
        if (seed) {
            *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
            piece = 1 + *seed % 97;
        }
        size_t length = piece < log.len ? piece : log.len;
        char *copy = mem_copy(log.ptr, length); // gone after the call
        feeder_piece(feeder, (struct text){copy, length});
        free(copy);
        log = text_from(log, length);
    }
    feeder_end(feeder);
    feeder_close(feeder);
}

static void assert_rows(const char *path, const char *log, const struct limits *limits, const char *wanted)
{
    CLEANUP(buffer_release) struct buffer out = {0};
    rows_of(path, text_of(log), 1000000, NULL, limits, &out);
    if (!text_is(buffer_text(&out), wanted))
        fail_msg("got\n%swanted\n%s", out.ptr ? out.ptr : "", wanted);
}

static void limits_hold(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    limits.line_bytes = 40;
    limits.join_lines = 3;
    assert_rows(
        "journal/a.log",
        "2023-09-08T17:20:30Z h a: 0123456789012345678901234567890123456789\n"
        "2023-09-08T17:20:31Z h a: 01234567890123456789012345678901234567890123456789\n"
        "2023-09-08T17:20:32Z h a: one\n two\n three\n four\n five\n",
        &limits,
        "journal/a.log:1 log time=1694193630000000000 clock=1 unit='a' host='h' "
        "message='01234567890123' lines=1\n"
        "journal/a.log:2 log time=1694193631000000000 clock=1 unit='a' host='h' "
        "message='01234567890123' lines=1\n"
        "journal/a.log:3 log time=1694193632000000000 clock=1 unit='a' host='h' "
        "message='one\\x0a two\\x0a three' lines=3\n"
        "journal/a.log:1 warning problem='2 lines are longer than 40 bytes (limit line_bytes); their rest "
        "is left out'\n"
        "journal/a.log:6 log time=1694193632000000000 clock=1 unit='a' host='h' "
        "message=' four\\x0a five' lines=2\n"
        "journal/a.log:0 warning problem='1 times a record was split after 3 lines (limit join_lines)'\n");
}

static void dumps_are_handed_on(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer out = {0};
    rows_of("journal/docker.log",
            TEXT("Oct 27 15:20:22 h dockerd[1748]: before\n"
                 "Oct 27 15:20:23 h dockerd[1748]: goroutine 82255 [semacquire, 5 minutes]:\n"
                 "Oct 27 15:20:23 h dockerd[1748]: sync.runtime_Semacquire(0xc420)\n"
                 "Oct 27 15:20:23 h dockerd[1748]: \t/usr/local/go/src/runtime/sema.go:47 +0x34\n"
                 "Oct 27 15:20:23 h systemd[1]: another speaks\n"
                 "Oct 27 15:20:23 h dockerd[1748]: time=\"2021-10-27T15:20:23Z\" level=info msg=\"so does "
                 "the daemon\"\n"
                 "Oct 27 15:20:23 h dockerd[1748]: main.main()\n"
                 "Oct 27 15:20:23 h dockerd[1748]: \t/src/main.go:1 +0x34\n"
                 "Oct 27 15:20:23 h dockerd[1748]: \n"
                 "Oct 27 15:20:23 h dockerd[1748]: goroutine 7 [select]:\n"
                 "Oct 27 15:20:23 h dockerd[1748]: main.wait()\n"
                 "Oct 27 15:20:23 h dockerd[1748]: \t/src/main.go:9 +0x34\n"),
            1000000, NULL, &limits_default, &out);
    assert_true(text_contains(buffer_text(&out), "journal/docker.log:2 goroutine component='docker' count=1 "
                                                 "state='semacquire' wait_minutes=5 "
                                                 "stack='sync.runtime_Semacquire\\x0amain.main"));
    assert_true(text_contains(buffer_text(&out),
                              "journal/docker.log:10 goroutine component='docker' count=1 state='select'"));
}

static void escaped_dumps_are_handed_on(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer log = {0}, out = {0};
    buffer_puts(&log, "2021-10-27T15:20:22Z h containerd[9]: one\n2021-10-27T15:20:23Z h containerd[9]: "
                      "time=\"2021-10-27T15:20:23Z\" level=info msg=\"=== BEGIN goroutine stack dump ===\\n");
    for (int i = 1; i < 40; i++)
        buffer_printf(
            &log, "goroutine %d [chan receive]:\\nmain.serve(0xc000, 0x1)\\n\\t/src/main.go:%d +0x1d\\n\\n",
            i, i);
    buffer_puts(&log, "=== END goroutine stack dump ===\"\n");
    rows_of("journal/containerd.log", buffer_text(&log), 1000000, NULL, &limits_default, &out);
    assert_true(
        text_contains(buffer_text(&out), "goroutine component='containerd' count=39 state='chan receive'"));
}

// ---- any pieces, any bytes -----------------------------------------------------------------------

static const char *const fragments[] = {
    "Mar 13 16:02:43 node kubelet[1450]: I0313 16:02:43.934473    1450 kubelet.go:1778] x",
    "2023-09-08T17:20:30.655028+0200 h kernel: [  12.5] INFO: task a:1 blocked for more than 120 seconds.",
    "[60246.744069] unregister_netdevice: waiting for lo to become free. Usage count = 1",
    "{\"__REALTIME_TIMESTAMP\":\"1447249893514113\",\"MESSAGE\":\"a\\nb\",\"_BOOT_ID\":\"1\"}",
    "{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"2016-02-17T00:04:05.931087621Z\"}",
    "2019-04-30T02:12:41.8443515Z stdout P part",
    "-- Reboot --",
    "-- Boot dc53144adc8f428083b28f963163f692 --",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/src/main.go:12 +0x1d",
    "Call Trace:",
    " schedule+0x42/0xb0",
    "Message from syslogd@h at Mar 22 21:40:42 ...",
    " kernel:x",
    "\033[31mred\033[0m",
    "\033]0;t\a",
    "\r",
    "  ",
    "a continuation that is long enough to count as wrapped, surely",
    "__CURSOR=s",
    "MESSAGE",
    "=",
    "\xff\xfe",
    "1",
    "2"};

static void random_log(struct buffer *out, uint64_t *seed)
{
    size_t lines = 1 + *seed % 40;
    for (size_t i = 0; i < lines; i++) {
        *seed ^= *seed << 13, *seed ^= *seed >> 7, *seed ^= *seed << 17;
        buffer_puts(out, fragments[*seed % (sizeof fragments / sizeof *fragments)]);
        size_t nuls = (*seed >> 20) % 23 == 0 ? (*seed >> 30) % 20 : 0;
        for (size_t n = 0; n < nuls; n++)
            buffer_putc(out, '\0');
        if ((*seed >> 40) % 8)
            buffer_putc(out, '\n');
    }
}

static void pieces_do_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    struct limits limits = limits_default;
    limits.line_bytes = 120; // so that it matters
    limits.join_lines = 4;
    for (int round = 0; round < 1500; round++) {
        CLEANUP(buffer_release) struct buffer log = {0}, whole = {0}, single = {0}, mixed = {0};
        random_log(&log, &seed);
        rows_of("journal/all.log", buffer_text(&log), 1000000, NULL, &limits, &whole);
        rows_of("journal/all.log", buffer_text(&log), 1, NULL, &limits, &single);
        rows_of("journal/all.log", buffer_text(&log), 0, &seed, &limits, &mixed);
        if (!text_equal(buffer_text(&whole), buffer_text(&single)) ||
            !text_equal(buffer_text(&whole), buffer_text(&mixed)))
            fail_msg("round %d:\n%s\nwhole:\n%ssingle:\n%smixed:\n%s", round, log.ptr, whole.ptr, single.ptr,
                     mixed.ptr);
    }
}

// Every record is on a line of its own, or two rows would share a key.
static void lines_are_distinct(void **state)
{
    (void)state;
    uint64_t seed = 362436069;
    for (int round = 0; round < 300; round++) {
        CLEANUP(buffer_release) struct buffer log = {0}, rows = {0};
        random_log(&log, &seed);
        rows_of("journal/all.log", buffer_text(&log), 1000000, NULL, &limits_default, &rows);
        int64_t last = 0;
        struct lines lines = {.rest = buffer_text(&rows)};
        struct text row;
        while (lines_next(&lines, &row)) {
            uint64_t number;
            if (!text_skip(&row, "journal/all.log:") || !text_take_u64(&row, &number) ||
                !text_starts(row, " log "))
                continue;
            if ((int64_t)number <= last)
                fail_msg("line %lld behind %lld:\n%s\n%s", (long long)number, (long long)last, log.ptr,
                         rows.ptr);
            last = (int64_t)number;
        }
    }
}

// ---- what others wrote -----------------------------------------------------------------------------

static bool read_shared(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    size_t n;
    if (!file) {
        print_message("no %s: not looked at\n", path);
        return false;
    }
    do {
        n = fread(buffer_reserve(out, 65536), 1, 65536, file);
        out->len += n;
    } while (n > 0);
    (void)fclose(file);
    return true;
}

// The founding post's journal lines: numbered, wrapped, the month's sign and blanks lost.
static void the_founding_post(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer post = {0}, out = {0};
    if (!read_shared("../shared/knowledge/founding-post.txt", &post))
        skip();
    struct text text = buffer_text(&post);
    ptrdiff_t start = text_find(text, TEXT("16 10 16:09:15"));
    assert_true(start > 0);
    text = text_from(text, (size_t)start);
    text = text_slice(text, 0, (size_t)text_find(text, TEXT("\n\n")) + 1);
    rows_of("journal/docker.log", text, 13, NULL, &limits_default, &out);
    static const char *const wanted[] = {
        "journal/docker.log:1 log time=1623312555458629778 clock=1 unit='docker' pid=1751 priority=6 "
        "host='k8s-0-176' ",
        "msg=\"Container 10f0451e1345 failed to exit within 10 seconds of kill - trying direct SIGKILL\"' "
        "lines=2\n",
        "journal/docker.log:3 log time=1623312666286046073 clock=1 ",
        "failed to exit within 30 seconds of signal 15 - using the force\"' lines=3\n",
        "journal/docker.log:6 log time=1623312676301226981 clock=1 ",
        "fact key='zone_offset_s' value='28800'\n",
        "fact key='yearless_year' value='2021'\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!text_contains(buffer_text(&out), wanted[i]))
            fail_msg("no '%s' in\n%s", wanted[i], out.ptr);
}

struct message {
    struct sink sink;
    struct buffer text;
};

static void keep_message(struct sink *sink, const struct member *member, enum row_kind kind, const void *row)
{
    (void)member;
    if (kind == ROW_log) {
        buffer_add(&((struct message *)sink)->text, ((const struct row_log *)row)->message);
        buffer_putc(&((struct message *)sink)->text, '\n');
    }
}

static void message_of(struct text example, struct message *message)
{
    struct member member = {.type = MEMBER_FILE,
                            .node = TEXT(""),
                            .path = TEXT("journal/all.log"),
                            .source = TEXT("journal/all.log"),
                            .head = text_slice(example, 0, MEMBER_HEAD_BYTES),
                            .pid = NO_ID,
                            .tid = NO_ID};
    struct feeder *feeder = feeder_open(&limits_default, &message->sink);
    feeder_begin(feeder, &member);
    feeder_piece(feeder, example);
    feeder_end(feeder);
    feeder_close(feeder);
}

static void assert_example(struct pattern *pattern, struct text example, bool hits, struct text name)
{
    struct message message = {.sink = {.row = keep_message}};
    message_of(example, &message);
    bool hit = pattern_match(pattern, buffer_text(&message.text), 1000000) == PATTERN_HIT;
    if (hit != hits)
        fail_msg("%.*s: %s: %.*s became %s", TEXT_ARG(name), hits ? "missed" : "hit", TEXT_ARG(example),
                 message.text.ptr);
    buffer_release(&message.text);
}

// Each signature's pattern meets its real example lines as a rule would: by the message.
static void signatures_still_match(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer file = {0};
    if (!read_shared("../shared/knowledge/log-signatures.md", &file))
        skip();
    struct lines lines = {.rest = buffer_text(&file)};
    struct text line, name = {0};
    CLEANUP(pattern_release) struct pattern *pattern = NULL;
    bool code = false, hits = true;
    size_t examples = 0;
    while (lines_next(&lines, &line)) {
        struct error err = {0};
        size_t offset;
        struct text rest = line;
        if (text_skip(&rest, "## ")) {
            name = rest;
            hits = true;
        } else if (text_starts(line, "```")) {
            code = !code;
        } else if (code) {
            pattern_release(&pattern);
            pattern = pattern_compile(line, &offset, &err);
            assert_non_null(pattern);
        } else if (text_starts(line, "must not match")) {
            hits = false;
        } else if (text_skip(&rest, "    ") && pattern) {
            assert_example(pattern, rest, hits, name);
            examples++;
        }
    }
    print_message("%zu examples\n", examples);
    assert_true(examples > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stamps),
        cmocka_unit_test(what_is_no_record),
        cmocka_unit_test(units),
        cmocka_unit_test(wrapped_lines),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(dumps_are_handed_on),
        cmocka_unit_test(escaped_dumps_are_handed_on),
        cmocka_unit_test(pieces_do_not_matter),
        cmocka_unit_test(lines_are_distinct),
        cmocka_unit_test(the_founding_post),
        cmocka_unit_test(signatures_still_match),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
