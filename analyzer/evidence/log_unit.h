// SPDX-License-Identifier: Apache-2.0
//
// Which unit a log record is of: the one convention that rules' `unit:` relies on.
//
// 1. A kernel record is `kernel`, wherever it stands.
// 2. In journal/<unit>.log every other record is of that unit (`journalctl -u docker` also brings what
//    systemd says about docker), but for files that hold many units (messages, all …; units.list).
// 3. Elsewhere the line's ident tells; a container's log is of its container.
// 4. Last, the file's own name.
//
// Names are made equal by units.list (dockerd is docker), `.service`, rotation and compression endings
// go. Unknown names stay as they are.
#ifndef INQUEST_EVIDENCE_LOG_UNIT_H
#define INQUEST_EVIDENCE_LOG_UNIT_H

#include "util/text.h"

struct log_source {
    struct text unit; // of the member; absent where it holds many
    bool sure;        // journal/<unit>.log, a container's log: outranks idents
    bool container;   // a container's log: what follows a timestamp is the message
    bool kernel;      // dmesg, kern.log, journal/kernel.log: lines without an ident are the kernel's
};

// From the path of a member. The unit points into the path or is static.
struct log_source log_source_of(struct text path);

// The unit that an ident stands for; empty for a name of many. Points to the ident or is static.
struct text log_unit_of(struct text ident);

#endif
