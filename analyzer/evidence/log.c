// SPDX-License-Identifier: Apache-2.0
//
// Logs: journals in every output of journalctl, dmesg, syslog files, logs of containers and daemons.
#include "evidence/log_reader.h"

// ---- which members are logs --------------------------------------------------------------------

bool log_head_is_log(struct text head)
{
    struct log_format format;
    struct log_line line;
    size_t records = 0, others = 0;
    log_format_init(&format, TEXT("all"));
    while (head.len) {
        struct text text = {NULL, 0};
        bool whole = text_find_byte(head, '\n') >= 0;
        (void)text_split(&head, '\n', &text);
        enum log_kind kind = log_line_parse(&format, text, &line);
        bool report = kind == LOG_TEXT && report_may_begin(text);
        if (!whole && records + others) // cut by the head's end
            break;
        records += kind == LOG_RECORD || kind == LOG_REBOOT || kind == LOG_BANNER || report;
        others += kind == LOG_TEXT && !report;
        if (!records && others == 4)
            break;
    }
    log_format_release(&format);
    return records > 0 && records >= others;
}

static bool is_export(struct text head)
{
    return text_starts(head, "__CURSOR=") || text_starts(head, "__REALTIME_TIMESTAMP=");
}

// Text, or one of the encodings of a text; a journal's own file (LPKSHHRH), wtmp and the like are none.
static bool is_readable(struct text head)
{
    size_t controls = 0, nuls = 0;
    if (text_starts(head, "\xff\xfe") || text_starts(head, "\xfe\xff") || is_export(head))
        return true;
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char)head.ptr[i];
        nuls += c == 0;
        controls += c && (c < '\b' || (c > '\r' && c < ' ' && c != '\033' && c != '\x1e'));
    }
    return !text_starts(head, "LPKSHHRH") && controls * 20 <= head.len &&
           (nuls * 2 <= head.len || nuls == head.len);
}

static bool is_log_path(struct text path)
{
    static const char *const starts[] = {"journal/", "var/log/",  "sos_commands/logs/",
                                         "dmesg",    "cmd/dmesg", "cmd/journal"};
    static const char *const holds[] = {"/var/log/",         "/journalctl_",    "/dmesg",
                                        "log/pods/",         "log/containers/", "/logs/current.log",
                                        "/logs/previous.log"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (text_starts(path, starts[i]))
            return true;
    for (size_t i = 0; i < sizeof holds / sizeof *holds; i++)
        if (text_contains(path, holds[i]))
            return true;
    return text_ends(path, "-json.log");
}

// A lone file that is called like a log and is one from its first lines on. Others may be tickets with log
// lines.
static bool is_log_name(struct text path)
{
    static const char *const ends[] = {".log", "messages", "syslog", ".journal", ".export", "logs.txt"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (text_ends(path, ends[i]))
            return true;
    return false;
}

static bool claims(const struct member *member)
{
    if (member->type != MEMBER_FILE || !is_readable(member->head))
        return false;
    return is_log_path(member->path) || is_export(member->head) ||
           (is_log_name(member->path) && log_head_is_log(member->head));
}

// ---- reading ---------------------------------------------------------------------------------

static void open_once(struct log_reader *reader, struct input *input)
{
    struct text head = input->member->head;
    if (reader->open)
        return;
    reader->open = true;
    log_format_init(&reader->format, input->member->path);
    reader->mode = is_export(head) ? LOG_EXPORT : LOG_LINES;
    utf16_begin(&reader->utf16, head);
    reader->line = reader->export.line = reader->export.part_line = 1;
    reader->last_printk = ROW_NULL;
}

static void feed(struct input *input)
{
    struct log_reader *reader = input->state;
    open_once(reader, input);
    if (reader->mode == LOG_EXPORT)
        log_export_feed(reader, input);
    else
        log_split_feed(reader, input);
}

static void end(struct input *input)
{
    struct log_reader *reader = input->state;
    open_once(reader, input);
    if (reader->mode == LOG_EXPORT)
        log_export_end(reader, input);
    log_split_end(reader, input);
    log_record_end(reader, input);
    log_format_release(&reader->format);
}

const struct evidence evidence_log = {
    .name = "log",
    .paths = "journal/<unit>.log, var/log/*, dmesg*, cmd/dmesg.txt, cmd/journal*.txt, logs of containers",
    .help =
        "Records with time, unit, pid and priority; what the kernel reports in them: hung tasks, lockups, "
        "OOM kills.",
    .claims = claims,
    .state_bytes = sizeof(struct log_reader),
    .feed = feed,
    .end = end,
};
