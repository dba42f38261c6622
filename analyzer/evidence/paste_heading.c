// SPDX-License-Identifier: Apache-2.0
//
// Lines that say whose evidence follows, or which file's.
#include <string.h>

#include "bundle/member.h"
#include "evidence/paste_line.h"

static bool any_starts(struct text text, const char *const *words)
{
    for (; *words; words++)
        if (text_starts(text, *words))
            return true;
    return false;
}

// Digits that are a pid; moves behind them.
static bool take_pid(struct text *rest, int64_t *pid)
{
    uint64_t value;
    struct text after = *rest;
    if (!text_take_u64(&after, &value) || value == 0 || value > INT32_MAX)
        return false;
    *pid = (int64_t)value;
    *rest = after;
    return true;
}

// ---- whose -------------------------------------------------------------------------------------

// `/proc/1/task/2/stack`, `/proc/1/ns/`: the first in the line. A `*` for the thread means any of them.
bool paste_proc_path(struct text text, struct paste_line *line)
{
    ptrdiff_t at = text_find(text, TEXT("/proc/"));
    struct text rest = text_from(text, (size_t)at + 6);
    if (at < 0 || !take_pid(&rest, &line->pid))
        return false;
    line->tid = line->pid;
    if (text_skip(&rest, "/task/") && !take_pid(&rest, &line->tid)) {
        line->tid = NO_ID;
        (void)text_skip(&rest, "*");
    }
    size_t n = 0;
    if (!text_skip(&rest, "/"))
        rest.len = 0;
    while (n < rest.len && (byte_is_word(rest.ptr[n]) ||
                            (rest.ptr[n] == '/' && n + 1 < rest.len && byte_is_word(rest.ptr[n + 1]))))
        n++;
    line->leaf = text_slice(rest, 0, n);
    return true;
}

// `('/bin/miglogd':237:S) [<…`, `(stress)  34110  34110 [<0>] …`: what a stack walker put before the frame.
void paste_walker(struct text text, struct paste_line *line)
{
    ptrdiff_t quoted = text_find(text, TEXT("('")); // a time may stand before it
    text = text_from(text, quoted > 0 ? (size_t)quoted : 0);
    ptrdiff_t close = text_find_byte(text, ')');
    if (!text_starts(text, "(") || close < 0)
        return;
    struct text inside = text_slice(text, 1, (size_t)close - 1), after = text_from(text, (size_t)close + 1);
    struct text name = inside, state = {NULL, 0};
    ptrdiff_t colon = text_find(inside, TEXT("':"));
    if (text_starts(inside, "'") && colon > 0) {
        name = text_slice(inside, 1, (size_t)colon - 1);
        state = text_from(inside, (size_t)colon + 2);
        if (!take_pid(&state, &line->pid))
            return;
        line->tid = line->pid;
        (void)text_skip(&state, ":");
        line->state = text_slice(state, 0, 1);
    } else {
        after = text_trim(after);
        if (!take_pid(&after, &line->pid))
            return;
        after = text_trim(after);
        if (!take_pid(&after, &line->tid))
            line->tid = line->pid;
    }
    ptrdiff_t slash = -1;
    for (size_t i = 0; i < name.len; i++)
        slash = name.ptr[i] == '/' ? (ptrdiff_t)i : slash;
    line->comm = text_from(name, (size_t)(slash + 1));
}

// `=== 3253: write_dirty_finish`, `===> 6018[6019]/stack <===`, `== pid 247 (dockerd)`.
static bool is_ruled_heading(struct text text, struct paste_line *line)
{
    if (!text_starts(text, "=="))
        return false;
    size_t n = 0;
    while (n < text.len && n < 24 && !byte_is_digit(text.ptr[n]))
        n++;
    struct text rest = text_from(text, n);
    if (!take_pid(&rest, &line->pid))
        return false;
    line->tid = line->pid;
    if (text_skip(&rest, "[") && !take_pid(&rest, &line->tid))
        return false;
    (void)text_skip(&rest, "]");
    if (text_skip(&rest, ": ") || text_skip(&rest, " ("))
        while (line->comm.len < rest.len && rest.ptr[line->comm.len] > ' ' && rest.ptr[line->comm.len] != ')')
            line->comm = text_slice(rest, 0, line->comm.len + 1);
    return true;
}

static bool is_state(struct text word)
{
    return word.len == 1 && word.ptr[0] && strchr("RSDTtZXxKWPI", word.ptr[0]);
}

// `15 rcu_tasks_trace_kthread D`; `pid: 987`, `PID 987`; `987`.
static bool is_pid_heading(struct text text, struct paste_line *line)
{
    static const char *const titles[] = {"pid:", "PID:", "Pid:", "pid ", "PID ", "pid=", "PID=", NULL};
    struct text rest = text, comm, state, more;
    bool titled = any_starts(text, titles);
    if (titled)
        rest = text_trim(text_from(text, 4));
    if (!take_pid(&rest, &line->pid))
        return false;
    line->tid = line->pid;
    rest = text_trim(rest);
    if (rest.len == 0 || (titled && text_is(rest, ":"))) {
        line->kind = titled ? PASTE_HEADING : PASTE_NUMBER;
        return true;
    }
    if (!text_word(&rest, &comm) || !text_word(&rest, &state) || text_word(&rest, &more) || !is_state(state))
        return false;
    line->comm = comm;
    line->state = state;
    line->kind = PASTE_NUMBER;
    return true;
}

// The pid that a sentence names: `pid 362091`, `进程362091`. With two of them nobody knows which is meant.
void paste_named_pid(struct text text, struct paste_line *line)
{
    static const char *const words[] = {
        "pid", "PID", "process", "Process", "task", "thread", "\xe8\xbf\x9b\xe7\xa8\x8b", NULL};
    int64_t found = NO_ID;
    for (size_t i = 0; i < text.len; i++) {
        struct text rest = text_from(text, i);
        const char *const *word = words;
        while (*word && !text_starts(rest, *word))
            word++;
        if (!*word || (i && byte_is_word(text.ptr[i - 1])))
            continue;
        rest = text_from(rest, strlen(*word));
        while (rest.len && rest.ptr[0] && strchr(" :=#", rest.ptr[0]))
            rest = text_from(rest, 1);
        int64_t pid;
        if (!take_pid(&rest, &pid) || (rest.len && (byte_is_word(rest.ptr[0]) || text_starts(rest, "."))))
            continue;
        if (found != NO_ID && found != pid)
            return;
        found = pid;
    }
    line->pid = line->tid = found;
}

// ---- commands ----------------------------------------------------------------------------------

// Behind a shell's prompt: `[root@host dir]# cmd`, `root@host:~$ cmd`, `$ cmd`, `# cmd`. Absent when there is
// none.
static struct text behind_prompt(struct text text)
{
    ptrdiff_t at = text_find_byte(text, '@');
    bool named = at > 0 && at < 48 && (text_starts(text, "[") || byte_is_word(text.ptr[0])) &&
                 text_find_byte(text_slice(text, 0, (size_t)at), ' ') < 0;
    for (size_t i = 0; i < text.len && i < 160; i++) {
        if (text.ptr[i] != '#' && text.ptr[i] != '$')
            continue;
        if (i + 1 < text.len && text.ptr[i + 1] != ' ')
            continue;
        if (i == 0 || (named && (text.ptr[i - 1] == ']' || text_find_byte(text_slice(text, 0, i), ':') > 0)))
            return text_trim(text_from(text, i + 1));
        break;
    }
    return (struct text){NULL, 0};
}

static struct text option_value(struct text command, const char *option)
{
    ptrdiff_t at = text_find(command, text_of(option));
    struct text rest = text_from(command, at < 0 ? command.len : (size_t)at + strlen(option)), word;
    (void)text_skip(&rest, "=");
    return text_word(&rest, &word) ? word : (struct text){NULL, 0};
}

// A unit's name becomes a file's: letters that names have, no folder.
static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!byte_is_word(name.ptr[i]) && !strchr("-.@", name.ptr[i]))
            return false;
    return name.len > 0 && name.ptr[0] != '.';
}

static struct text journal_path(struct paste_reader *reader, struct text command)
{
    struct text unit = option_value(command, " -u");
    if (!unit.ptr)
        unit = option_value(command, " --unit");
    if (!unit.ptr && (text_contains(command, " -k") || text_contains(command, " --dmesg")))
        return TEXT("journal/kernel.log");
    if (!is_plain_name(unit))
        return TEXT("journal/all.log");
    return text_of(arena_printf(reader->arena, "journal/%.*s.log", TEXT_ARG(text_slice(unit, 0, 100))));
}

// `cat /proc/meminfo`, `cat /sys/…`: the file as a member of a bundle has it.
static bool find_node_file(struct text command, struct paste_line *line)
{
    static const char *const roots[] = {" /proc/", " /sys/", NULL};
    for (const char *const *root = roots; *root; root++) {
        ptrdiff_t at = text_find(command, text_of(*root));
        if (at < 0)
            continue;
        struct text rest = text_from(command, (size_t)at + 2), path;
        if (text_word(&rest, &path) && is_plain_name(text_slice(path, 0, 1)) && !text_contains(path, ".."))
            line->path = path;
        return line->path.ptr != NULL;
    }
    return false;
}

// What a command prints, as far as we read it. `sure`: it stands behind a prompt.
static bool read_command(struct paste_reader *reader, struct text command, bool sure, struct paste_line *line)
{
    static const char *const readers[] = {"cat ",  "ls ",  "ll ",    "sudo ",    "head ",  "tail ",
                                          "less ", "for ", "while ", "nsenter ", "watch ", NULL};
    (void)text_skip(&command, "sudo ");
    bool reads = sure || any_starts(command, readers);
    if (text_starts(command, "journalctl")) {
        line->path = journal_path(reader, command);
    } else if (text_is(command, "dmesg") || text_starts(command, "dmesg ")) {
        line->path = TEXT("journal/kernel.log");
    } else if (!reads || !paste_proc_path(command, line)) {
        bool prints = text_starts(command, "cat ") && find_node_file(command, line);
        return prints;
    }
    return true;
}

// `==> /proc/1/task/2/stack <==`, `Task: /proc/30862/task/30869/stack`, a path alone on its line, with a
// colon.
static bool is_path_heading(struct text text, struct paste_line *line)
{
    static const char *const before[] = {"==> ", "===> ", "Task: ", "/proc/", "File: ", NULL};
    return any_starts(text, before) && paste_proc_path(text, line);
}

bool paste_heading_read(struct paste_reader *reader, struct text text, struct paste_line *line)
{
    struct text command = behind_prompt(text);
    line->sure = true;
    line->kind = PASTE_COMMAND;
    if (is_ruled_heading(text, line)) {
        bool file = text_contains(text, "/proc/") && paste_proc_path(text, line);
        line->kind = file ? PASTE_COMMAND : PASTE_HEADING;
        return true;
    }
    if (is_path_heading(text, line) ||
        read_command(reader, command.ptr ? command : text, command.ptr != NULL, line))
        return true;
    line->kind = PASTE_PROMPT;
    if (command.ptr)
        return true;
    line->sure = false;
    return is_pid_heading(text, line);
}
