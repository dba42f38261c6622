// SPDX-License-Identifier: Apache-2.0
#include "evidence/report_parse.h"

#include <string.h>

// The text behind the first `mark`, or an absent one.
static struct text behind(struct text line, const char *mark)
{
    ptrdiff_t at = text_find(line, text_of(mark));
    return at < 0 ? (struct text){NULL, 0} : text_from(line, (size_t)at + strlen(mark));
}

static struct text before(struct text line, const char *mark)
{
    ptrdiff_t at = text_find(line, text_of(mark));
    return at < 0 ? (struct text){NULL, 0} : text_slice(line, 0, (size_t)at);
}

static bool take_number(struct text *rest, int64_t *number)
{
    uint64_t value;
    while (rest->len && rest->ptr[0] == ' ')
        *rest = text_from(*rest, 1);
    if (!text_take_u64(rest, &value) || value > INT64_MAX)
        return false;
    *number = (int64_t)value;
    return true;
}

int64_t report_number(struct text line, const char *key)
{
    struct text rest = line;
    int64_t number;
    for (;;) {
        ptrdiff_t at = text_find(rest, text_of(key));
        if (at < 0)
            return ROW_NULL;
        // "pid:" also ends "ppid:" and "tgid:"
        bool starts = at == 0 || !byte_is_word(rest.ptr[at - 1]);
        rest = text_from(rest, (size_t)at + strlen(key));
        struct text value = rest;
        if (starts)
            return take_number(&value, &number) ? number : ROW_NULL;
    }
}

// Blanks at both ends, and the no-break blanks that mails turn padding into.
static struct text trim_comm(struct text comm)
{
    comm = text_trim(comm);
    while (text_ends(comm, "\xc2\xa0") || text_ends(comm, "=A0"))
        comm = text_trim(text_slice(comm, 0, comm.len - (text_ends(comm, "=A0") ? 3 : 2)));
    return comm;
}

// `A:1` at the end of a text: comms may hold colons and blanks, pids do not.
static bool split_task(struct text text, struct report_task *task)
{
    *task = report_task_null;
    size_t n = text.len;
    while (n && byte_is_digit(text.ptr[n - 1]))
        n--;
    uint64_t tid;
    if (n < 2 || text.ptr[n - 1] != ':' || !text_to_u64(text_from(text, n), &tid) || tid > INT32_MAX)
        return false;
    task->tid = (int64_t)tid;
    task->comm = text_slice(text, 0, n - 1);
    return task->comm.len <= 64; // 15 bytes, but a kworker's grows with its workqueue's name in ps
}

// ---- headers ---------------------------------------------------------------------------------

static bool new_header(struct text line, struct report_task *task, bool *partial)
{
    struct text rest = behind(line, "task:"), state = behind(rest, "state:");
    *task = report_task_null;
    if (!state.ptr || !state.len || !byte_is_alpha(state.ptr[0]))
        return false;
    task->comm = trim_comm(before(rest, "state:"));
    task->state = text_slice(state, 0, 1);
    task->tid = report_number(state, "pid:");
    task->tgid = report_number(state, "tgid:");
    task->ppid = report_number(state, "ppid:");
    *partial = task->tid == ROW_NULL;
    return task->comm.len > 0;
}

// The last word of *rest, taken off.
static struct text last_word(struct text *rest)
{
    *rest = text_trim_end(*rest);
    size_t n = rest->len;
    while (n && rest->ptr[n - 1] != ' ')
        n--;
    struct text word = text_from(*rest, n);
    *rest = text_trim_end(text_slice(*rest, 0, n));
    return word;
}

// `D`, `D22656`: the state letter, with the free stack's five digits glued to it when there are five.
static bool take_state(struct text word, struct text *state)
{
    if (!word.len || !memchr("RSDTtZXxKWPI", word.ptr[0], 12))
        return false;
    *state = text_slice(word, 0, 1);
    return word.len == 1 || text_all_digits(text_from(word, 1));
}

// From the right: flags, parent, pid, free stack, then an address or `running task`, the state, and what is
// left is the comm, blanks and all.
static bool old_header(struct text line, struct report_task *task)
{
    struct text rest = text_trim(line), flags = last_word(&rest), ppid = last_word(&rest);
    struct text tid = last_word(&rest), word = last_word(&rest);
    uint64_t parent, number, ignored;
    if (!text_starts(flags, "0x") || flags.len < 10 || !text_to_hex(flags, &ignored) ||
        !text_to_u64(ppid, &parent) || !text_to_u64(tid, &number) || number > INT32_MAX || parent > INT32_MAX)
        return false;
    *task = report_task_null;
    task->tid = (int64_t)number;
    task->ppid = (int64_t)parent;
    if (text_all_digits(word))
        word = last_word(&rest);
    if (text_is(word, "task") || text_is(word, "running")) { // `R  running task    `
        while (text_is(word, "task") || text_is(word, "running"))
            word = last_word(&rest);
    } else if (word.len >= 8 && text_all_hex(word)) {
        word = last_word(&rest);
    }
    task->comm = rest;
    return take_state(word, &task->state) && rest.len > 0 && rest.len <= 16;
}

bool report_header_parse(struct text line, struct report_task *task, bool *partial)
{
    *partial = false;
    return text_contains(line, "task:") ? new_header(line, task, partial) : old_header(line, task);
}

bool report_cpu_parse(struct text line, struct report_task *task)
{
    static const char *const ends[] = {" Not tainted", " Tainted:", " Kdump:", " xid:"};
    bool old = text_starts(line, "Pid:");
    if (!old && !text_starts(line, "CPU:"))
        return false;
    *task = report_task_null;
    task->tid = report_number(line, old ? "Pid:" : "PID:");
    struct text comm = behind(line, old ? "comm: " : "Comm: ");
    if (task->tid == ROW_NULL || !comm.ptr)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct text shorter = before(comm, ends[i]);
        if (shorter.ptr)
            comm = shorter;
    }
    task->comm = text_trim(comm);
    return true;
}

// ---- hung tasks ------------------------------------------------------------------------------

bool report_hung_parse(struct text line, struct report_task *task, int64_t *seconds)
{
    struct text name = behind(line, "task "), rest = behind(line, " for more than ");
    struct text subject = before(name, " blocked for more than ");
    if (!subject.ptr)
        subject = before(name, " blocked in I/O wait for more than ");
    return subject.ptr && rest.ptr && take_number(&rest, seconds) && text_starts(text_trim(rest), "second") &&
           split_task(subject, task);
}

static bool take_owner(struct text rest, struct report_task *owner)
{
    struct text end = before(rest, " <");
    rest = text_trim(end.ptr ? end : rest);
    if (text_ends(rest, "."))
        rest.len--;
    return split_task(rest, owner);
}

// Who waits for whom on an rw-semaphore; NULL for the other locks.
static const char *rwsem_roles(struct text subject, struct text object)
{
    bool read = text_ends(subject, "<reader>"), held_by_reader = text_contains(object, "<reader>");
    if (!read && !text_ends(subject, "<writer>"))
        return NULL;
    if (read)
        return held_by_reader ? "reader waits for reader" : "reader waits for writer";
    return held_by_reader ? "writer waits for reader" : "writer waits for writer";
}

bool report_owner_parse(struct text line, struct report_task *task, struct report_task *owner,
                        struct text *lock, const char **detail)
{
    struct text subject = before(behind(line, "task "), " blocked on a");
    struct text object = behind(line, " blocked on a");
    if (!subject.ptr)
        return false;
    *detail = rwsem_roles(subject, object);
    struct text end = before(subject, *detail ? " <" : " is");
    (void)text_skip(&object, "n");
    (void)text_skip(&object, " ");
    struct text names = behind(object, "likely owned by task ");
    names = names.ptr ? names : behind(object, "likely last held by task ");
    *lock = before(object, names.ptr ? " " : ",");
    if (!lock->ptr || !split_task(text_trim(end.ptr ? end : subject), task))
        return false;
    if (names.ptr)
        return take_owner(names, owner);
    *owner = report_task_null;
    *detail = "owner not found";
    return text_ends(text_trim(line), "is not found.");
}

// ---- lockups ---------------------------------------------------------------------------------

bool report_soft_lockup_parse(struct text line, struct report_task *task, int64_t *seconds, struct text *what)
{
    struct text rest = behind(line, "BUG: soft lockup"), bracket = behind(rest, "! ");
    rest = behind(rest, "- ");
    struct text stuck = behind(rest, "stuck for ");
    if (!stuck.ptr || !text_word(&rest, what) || !take_number(&stuck, seconds))
        return false;
    *task = report_task_null;
    (void)text_skip(&bracket, "-");
    bracket = text_trim(bracket);
    if (text_skip(&bracket, "[") && text_ends(bracket, "]"))
        (void)split_task(text_slice(bracket, 0, bracket.len - 1), task);
    return true;
}

bool report_workqueue_parse(struct text line, int64_t *seconds, struct text *what)
{
    struct text rest = behind(line, "BUG: workqueue lockup - pool "), stuck = behind(rest, " stuck for ");
    if (!stuck.ptr || !take_number(&stuck, seconds))
        return false;
    *what = before(rest, " stuck for ");
    return true;
}

// ---- out of memory ----------------------------------------------------------------------------

bool report_oom_invoker(struct text line, struct text *comm)
{
    *comm = text_trim(before(line, " invoked oom-killer:"));
    return comm->len > 0;
}

static struct text value_of(struct text line, const char *key, const char *end)
{
    struct text value = behind(line, key), cut = before(value, end);
    return cut.ptr ? cut : value;
}

bool report_oom_summary(struct text line, struct report_task *victim, struct text *task_memcg,
                        struct text *oom_memcg)
{
    struct text rest = behind(line, "oom-kill:constraint=");
    *victim = report_task_null;
    *task_memcg = value_of(rest, ",task_memcg=", ",task=");
    *oom_memcg = value_of(rest, ",oom_memcg=", ",task_memcg=");
    victim->comm = value_of(rest, ",task=", ",pid=");
    victim->tid = report_number(rest, "pid=");
    return rest.ptr != NULL;
}

bool report_oom_task_in(struct text line, struct text *task_memcg, struct text *oom_memcg)
{
    *task_memcg = before(behind(line, "Task in "), " killed as a result of limit of ");
    *oom_memcg = text_trim(behind(line, " killed as a result of limit of "));
    return task_memcg->ptr != NULL;
}

bool report_oom_kill(struct text line, struct report_task *victim, bool *memcg)
{
    struct text rest = behind(line, "Killed process ");
    rest = rest.ptr ? rest : behind(line, "Kill process ");
    *victim = report_task_null;
    *memcg = text_contains(line, "emory cgroup out of memory");
    if (!rest.ptr || !take_number(&rest, &victim->tid))
        return false;
    rest = behind(rest, "("); // el6: `3834, UID 0, (docker) total-vm:`
    // the comm may hold brackets, so what follows it tells where it ends
    static const char *const ends[] = {") total-vm:", "), UID", ") score ", ") vsz", ")"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !victim->comm.ptr; i++)
        victim->comm = before(rest, ends[i]);
    return true;
}
