// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/[task/<tid>/]status (fs/proc/array.c: proc_pid_status). What is absent tells, too: no Vm lines
// means that the task has no memory (a kernel thread, a zombie, a task past exit_mm()), which is only
// believed when the lines behind them were read. NSpid came with 4.1 and is not in RHEL 7's 3.10, Kthread
// with 6.12. status.2 is of the second sample; of it only voluntary_ctxt_switches counts: a task that stands
// in the same place twice but has slept many times in between is busy, not stuck.
#include "evidence/reading.h"
#include "util/buffer.h"

enum { SIGKILL_BIT = 0x100 }; // signal 9 is bit 8

struct status {
    struct row_task row;
    bool has_vm, past_vm; // a Vm line was read; a line that comes behind them was
    int64_t own_pid, own_tgid;
    uint64_t pending;
    bool has_pending;
};

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "status") || member_is_leaf(member, "status.2");
}

// Name: newline and backslash are escaped (fs/seq_file.c: seq_escape_str).
static struct text unescaped(struct text name, struct arena *arena)
{
    if (text_find_byte(name, '\\') < 0)
        return name;
    char *out = arena_alloc(arena, name.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool escape = name.ptr[i] == '\\' && i + 1 < name.len;
        i += escape;
        out[n++] = escape && name.ptr[i] == 'n' ? '\n' : name.ptr[i];
    }
    return (struct text){out, n};
}

// `NSpid:\t9947\t1`, blanks between the ids made one.
static struct text joined(struct text ids, struct arena *arena)
{
    char *all = arena_alloc(arena, ids.len + 1, 1);
    size_t length = 0;
    struct text id;
    for (int level = 0; level < 33 && text_word(&ids, &id); level++) { // MAX_PID_NS_LEVEL is 32
        if (level)
            all[length++] = ' ';
        memcpy(all + length, id.ptr, id.len);
        length += id.len;
    }
    return (struct text){all, length};
}

static void take_pending(struct status *status, struct text value)
{
    uint64_t mask;
    if (!text_to_hex(value, &mask))
        return;
    status->pending |= mask;
    status->has_pending = true;
}

static void take_number(struct status *status, struct text key, struct text value)
{
    static const struct {
        struct text key;
        size_t at; // in struct status
    } numbers[] = {
#define NUMBER(name, field) {{name, sizeof(name) - 1}, offsetof(struct status, field)}
        NUMBER("PPid", row.ppid),
        NUMBER("TracerPid", row.tracer_pid),
        NUMBER("Threads", row.threads),
        NUMBER("Kthread", row.kthread),
        NUMBER("Uid", row.uid),
        NUMBER("Pid", own_pid),
        NUMBER("Tgid", own_tgid),
        NUMBER("VmRSS", row.rss_bytes),
        NUMBER("RssAnon", row.rss_anon_bytes),
        NUMBER("RssFile", row.rss_file_bytes),
        NUMBER("RssShmem", row.rss_shmem_bytes),
        NUMBER("VmSwap", row.swap_bytes),
        NUMBER("voluntary_ctxt_switches", row.switches),
#undef NUMBER
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!text_equal(key, numbers[i].key))
            continue;
        int64_t *to = (int64_t *)(void *)((char *)status + numbers[i].at);
        if (*to == ROW_NULL)
            *to = text_is(key, "Uid") ? row_number(nth_word(value, 0)) : row_bytes(value);
        return;
    }
}

static void take_line(struct input *input, struct status *status, struct text key, struct text value)
{
    struct row_task *row = &status->row;
    if (text_is(key, "Name") && !row->comm.ptr && value.len)
        row->comm = unescaped(value, input->arena);
    else if (text_is(key, "State") && !row->state.ptr && value.len && byte_is_alpha(value.ptr[0]))
        row->state = text_slice(value, 0, 1);
    else if (text_is(key, "NSpid") && !row->nspid.ptr && value.len)
        row->nspid = joined(value, input->arena);
    else if (text_is(key, "SigPnd") || text_is(key, "ShdPnd"))
        take_pending(status, value);
    else
        take_number(status, key, value);
    status->has_vm |= text_starts(key, "Vm");
    status->past_vm |= text_is(key, "Threads") || text_is(key, "SigQ") || text_is(key, "SigPnd");
}

static void finish(struct input *input, struct status *status)
{
    struct row_task *row = &status->row;
    if (status->has_pending)
        row->sigkill_pending = (status->pending & SIGKILL_BIT) != 0;
    if (status->has_vm || status->past_vm)
        row->has_mm = status->has_vm;
    if (row->pid < 0 && status->own_pid > 0) { // pasted without a path: the text knows better
        row->tid = status->own_pid;
        row->pid = status->own_tgid > 0 ? status->own_tgid : status->own_pid;
    }
    emit_task(input->sink, input->member, row);
}

// Whether a line may be of those that are read, by its first byte: half of a status file is not, and a node
// has thousands of them.
static bool may_tell(struct text line)
{
    return line.len && (!byte_is_alpha(line.ptr[0]) || strchr("NSPTKURVv", line.ptr[0]));
}

static void finish_second(struct input *input, const struct status *status)
{
    struct row_task row = input_task(input);
    row.switches_2 = status->row.switches;
    emit_task(input->sink, input->member, &row);
}

static void parse(struct input *input)
{
    if (text_trim(input->content).len == 0 || input_failed(input))
        return;
    struct status status = {.row = input_task(input), .own_pid = ROW_NULL, .own_tgid = ROW_NULL};
    struct lines lines = {.rest = input->content};
    struct text line, key, value;
    size_t known = 0;
    while (lines_next(&lines, &line)) {
        bool tells = may_tell(line) && key_value(without_number(line), ':', &key, &value);
        if (tells)
            take_line(input, &status, key, value);
        known += tells || (line.len && text_find_byte(line, ':') > 0);
    }
    if (known && member_is_leaf(input->member, "status.2"))
        finish_second(input, &status);
    else if (known)
        finish(input, &status);
    else
        sink_warn(input->sink, input->member, 1, "holds no line of a status file");
}

const struct evidence evidence_task_status = {
    .name = "status",
    .paths = "proc/<pid>/status, proc/<pid>/task/<tid>/status, status.2",
    .help = "Name, state, parent, tracer, memory, pending SIGKILL and pid-namespace ids of a thread.",
    .claims = claims,
    .parse = parse,
};
