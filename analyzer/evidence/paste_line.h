// SPDX-License-Identifier: Apache-2.0
//
// One line of a ticket, a mail or a blog post: is it evidence, does it say whose evidence follows,
// or is it somebody talking? The separators are those of real reports: a prompt and a command, head's
// `==> … <==`, a pid alone, `pid comm state`, `pid: 987`, and more.
#ifndef INQUEST_EVIDENCE_PASTE_LINE_H
#define INQUEST_EVIDENCE_PASTE_LINE_H

#include "evidence/log_line.h"
#include "util/arena.h"

enum paste_kind {
    PASTE_BLANK,
    PASTE_PROSE,     // anything else: code, shell, a sentence. pid is the one it names, if just one
    PASTE_PROMPT,    // a shell's prompt, or a command that brings nothing we read
    PASTE_COMMAND,   // says what follows: pid and path of a file of /proc, or another path
    PASTE_HEADING,   // says whose evidence follows: pid, perhaps comm and state
    PASTE_NUMBER,    // a number alone: a heading when evidence follows at once
    PASTE_FRAME,     // of a kernel stack
    PASTE_TRAILER,   // the end mark of a stack
    PASTE_LISTING,   // of `ls -l`: a link of proc/<pid>/ns or fd, or a line round them
    PASTE_LOG,       // begins a record
    PASTE_REPORT,    // of the kernel, without a stamp
    PASTE_TABLE,     // heads a table or file: path says which
    PASTE_GOROUTINE, // heads a goroutine
};

enum listing { LISTING_OTHER, LISTING_NS, LISTING_FD };

struct paste_line {
    enum paste_kind kind;
    struct text text;        // without a glued line number
    int64_t pid, tid;        // NO_ID where it says none; tid is NO_ID too for "some thread of pid"
    struct text comm, state; // of a heading
    struct text
        path; // of a command or table: journal/docker.log, proc/meminfo; points into the arena or is static
    struct text leaf;     // of a command with a pid: stack, ns, status
    enum listing listing; // of PASTE_LISTING
    bool sure;            // of a command, prompt or heading: no line of a table or file looks so
    bool is_frame;        // also a stack frame, whatever else it is
    bool is_entry;        // of a frame: how a thread got into the kernel
    bool kernel;          // of PASTE_LOG: the kernel's record
};

// Whether a line of that kind is evidence by itself.
static inline bool paste_is_evidence(enum paste_kind kind)
{
    return kind == PASTE_FRAME || kind == PASTE_TRAILER || kind == PASTE_LISTING || kind == PASTE_LOG ||
           kind == PASTE_REPORT;
}

// What is known from line to line. Texts of lines live until the arena is reset.
struct paste_reader {
    struct log_format format;
    struct arena *arena;
};

void paste_line_read(struct paste_reader *reader, struct text text, struct paste_line *line);

// ---- for the files evidence/paste_*.c alone ---------------------------------------------------

// A line that says whose evidence follows, or that some command begins: kind, sure and what they say. False
// for any other line.
bool paste_heading_read(struct paste_reader *reader, struct text text, struct paste_line *line);
// `/proc/1/task/2/stack`, the first in the line: pid, tid, leaf.
bool paste_proc_path(struct text text, struct paste_line *line);
// `('/bin/miglogd':237:S) [<…`: what a stack walker put before a frame: comm, pid, tid, state.
void paste_walker(struct text text, struct paste_line *line);
// The one pid that a sentence names.
void paste_named_pid(struct text text, struct paste_line *line);

#endif
