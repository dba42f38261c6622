-- SPDX-License-Identifier: Apache-2.0
-- Stacks that a kernel log reports (hung tasks, sysrq-w, lockups), whether the task is still there or not.
CREATE TABLE report_stack (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line of its first frame
    tid INTEGER,           -- thread, as the report says
    comm TEXT,             -- its name
    state TEXT,            -- R S D …
    ppid INTEGER,          -- parent
    report TEXT,           -- hung-task, sysrq, soft-lockup, oops, oom …
    time INTEGER,          -- nanoseconds since 1970 UTC; NULL unknown
    clock INTEGER,         -- that the line's own stamp is on, as in log
    stack INTEGER,         -- stack.id
    presence TEXT,         -- of the task when collected: there, over (there, blocked no more), gone, reused (pid with another name), unknown
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line)
) WITHOUT ROWID;
