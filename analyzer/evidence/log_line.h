// SPDX-License-Identifier: Apache-2.0
//
// One physical line of a log: when, who, what. Knows the formats of journalctl (short, short-precise,
// short-iso in both spellings, short-full, short-unix, short-monotonic, with-unit, json), syslog and rsyslog,
// RFC 5424, dmesg (plain, -T, -H, -r, -x, with caller ids), Talos, CRI and docker json-file, and inside them
// or alone klog, logfmt, logrus and JSON logs. journalctl's export format is no lines: log_export.h.
//
// Pure: no clock, no locale, no zone of this machine. Fast: the format of the line before is tried first, and
// what repeats from line to line (date, host, ident) is compared, not parsed. Nothing is copied but the
// text of JSON strings with escapes.
#ifndef INQUEST_EVIDENCE_LOG_LINE_H
#define INQUEST_EVIDENCE_LOG_LINE_H

#include "evidence/log_tag.h"
#include "evidence/log_time.h"
#include "evidence/log_unit.h"
#include "util/buffer.h"

enum log_form {
    LOG_FORM_NONE,
    LOG_FORM_SYSLOG, // Mar 13 16:02:43 host ident[pid]: …
    LOG_FORM_ISO,   // 2023-09-08T17:20:30+0200 host ident[pid]: …, CRI, or a plain message behind the stamp
    LOG_FORM_FULL,  // Thu 2018-04-05 17:41:45 CST host ident[pid]: …
    LOG_FORM_EPOCH, // 1414064436.567283 host ident[pid]: …
    LOG_FORM_BRACKET,  // [60246.744069] …, [Tue Nov 20 22:30:22 2018] …, [Jun26 19:24] …
    LOG_FORM_ANGLE,    // <6>[60246.744069] …, <30>Oct 10 …, <34>1 2003-10-11T… (RFC 5424)
    LOG_FORM_FACILITY, // kern  :info  : [    0.000000] …, user: warning: [2026-01-12T20:27:31Z]: …
    LOG_FORM_JSON,     // of the journal, of docker, of a program
    LOG_FORM_INNER,    // klog, logfmt, logrus: the program's own stamp alone
    LOG_FORM_KERNEL,   // `kernel: …` with everything before it lost
};

struct log_line {
    enum log_form form;
    int64_t time; // ROW_NULL for none
    enum clock clock;
    struct text host, ident;
    struct text unit;      // where the format names one (_SYSTEMD_UNIT); else absent
    int64_t pid, priority; // ROW_NULL where unknown
    struct text boot;      // _BOOT_ID, or of a `-- Boot <id> --` mark
    int64_t printk_ns;     // the kernel's own stamp; ROW_NULL
    int64_t caller;        // printk's caller id: a thread, or -1 - cpu; ROW_NULL
    bool kernel;           // the kernel's, whatever the file is called
    bool partial;        // the message goes on in the next record of this form (CRI P, a cut json-file line)
    bool errors;         // of a container: its standard error
    int64_t delay_s;     // how long the record was on its way (inner to outer stamp); 0 when unknown
    struct text message; // without the prefix; klog and logfmt stay whole
};

enum log_kind {
    LOG_BLANK,  // nothing in it
    LOG_TEXT,   // no prefix: a continuation, or a line of a log without stamps. message is the line
    LOG_RECORD, // a record begins
    LOG_BANNER, // `-- Logs begin at …`, `-- No entries --`: no record
    LOG_REBOOT, // `-- Reboot --`, `-- Boot <id> --`: records of another boot follow
    LOG_WALL,   // `Message from syslogd@host at …`: time and host are of the next line
};

// What is known of a stream of lines. Start from log_format_init.
struct log_format {
    struct log_source source;
    enum log_form form; // of the last record: tried first
    struct log_minute outer, inner, klog;
    struct log_tag_cache tag, zoned; // zoned: with the offset of an ISO stamp before it
    int64_t zoned_s;                 // that offset; ROW_NULL for Z
    struct log_year year;
    struct buffer text; // unescaped JSON; a message in it lives until the next line
    int64_t human_ns;   // dmesg -H: the time that `[  +0.001211]` counts from; ROW_NULL
    bool begun;         // a line was seen: no byte order mark can come any more
    int64_t day,
        yearless_day; // begin of the last day that was looked up, there and in 1972; was it a leap year?
    bool leap;

    // What the records say about the clock of those that say less (clock.h).
    int64_t zone_s;     // ROW_NULL until known
    int64_t first_year; // the year that 1972 stands for; ROW_NULL until known
    unsigned lessons;   // records that were tried for it
    int64_t banner_end; // the end that the banner gives, local time; ROW_NULL
};

void log_format_init(struct log_format *format, struct text path);
void log_format_release(struct log_format *format);

// Reads one line, without its newline and with ANSI sequences taken out. Texts of *out point into the line
// or format->text.
enum log_kind log_line_parse(struct log_format *format, struct text line, struct log_line *out);

// The same for a record whose fields are known already (journal export): *out holds its time, host, ident and
// message; looks into the message for the program's own stamp.
void log_line_finish(struct log_format *format, struct log_line *out);

// The unit of a record (log_unit.h); absent when nothing tells.
struct text log_line_unit(const struct log_format *format, const struct log_line *line);

// Whether a member's first bytes are a log: of its first lines at least half, and one of the first four,
// begin with a stamp of these formats, or a report of the kernel begins.
bool log_head_is_log(struct text head);

// ---- for the files evidence/log_*.c alone -----------------------------------------------------

// A stamp that a program put into its own message, its level and its process.
struct log_inner {
    struct log_stamp stamp; // time ROW_NULL and CLOCK_NONE where it only counts from the program's start
    int64_t priority, pid;  // ROW_NULL
};

// The forms of dmesg (log_bracket.c): *rest moves to the message. False where the line is not of the form.
bool log_bracket_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                      struct log_line *out);
bool log_angle_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                    struct log_line *out);
bool log_facility_take(struct log_format *format, struct text *rest, struct log_stamp *stamp,
                       struct log_line *out);
// The kernel's own stamp and caller id before a message that came another way: `[387120.141130] [ T3470] `.
void log_printk_take(struct text *rest, struct log_line *out);
// host, ident and pid from behind a stamp.
void log_tag_line(struct log_format *format, struct text *rest, struct log_line *out);

// Lines that are no records (log_banner.c); LOG_TEXT for all others.
enum log_kind log_banner_parse(struct log_format *format, struct text line, struct log_line *out);

// JSON of the journal, of docker, of a program. False for anything else. *stamp is the outer stamp.
bool log_json_parse(struct log_format *format, struct text line, struct log_stamp *stamp,
                    struct log_line *out);
// The stamp and level of a program's JSON object, wherever in it they stand.
bool log_json_stamp(struct log_format *format, struct text object, struct log_inner *inner);
// The fields of a journal record, as JSON and the export format name them.
struct log_fields {
    struct text message, priority, ident, comm, pid, syslog_pid, unit, host, boot, transport, realtime,
        monotonic;
};
// The field of that name, or NULL for one that says nothing here.
struct text *log_field(struct log_fields *fields, struct text name);
void log_fields_line(const struct log_fields *fields, struct log_line *out);

// What klog, logfmt, logrus and JSON put at the start of a message. False where there is none of it.
bool log_inner_parse(struct log_format *format, struct text message, struct log_inner *inner);
// The log level of that name as a syslog priority; ROW_NULL for none.
int64_t log_priority_of(struct text level);
// Which of the outer stamp and the inner one is right becomes the record's; learns zone and year where one
// tells the other.
void log_inner_merge(struct log_format *format, const struct log_inner *inner, const struct log_stamp *outer,
                     struct log_line *out);

#endif
