-- SPDX-License-Identifier: Apache-2.0
-- What kernel and runtime logs report in a form that joins: hung tasks, OOM kills, lockups, stalls, oopses.
CREATE TABLE event (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    kind TEXT NOT NULL, -- hung-task, hung-task-owner, oom-kill, soft-lockup, hard-lockup, rcu-stall, oops, panic, reboot …
    time INTEGER, -- nanoseconds since 1970 UTC; NULL unknown
    clock INTEGER,         -- that the line's own stamp is on: 1 UTC, 2 local, 3 local without a year, 4 since boot
    tid INTEGER, -- the task it is about
    comm TEXT, -- its name
    seconds INTEGER, -- how long it was blocked or stuck
    other_tid INTEGER, -- owner of the lock, victim of the OOM killer
    other_comm TEXT, -- its name
    what TEXT, -- lock, device, cgroup, cpu
    detail TEXT, -- the rest
    boot TEXT, -- boot the line belongs to (boot id, or a counter in the log); NULL unknown
    container TEXT, -- of the cgroup: the OOM victim's
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line, kind)
) WITHOUT ROWID;
