-- SPDX-License-Identifier: Apache-2.0
-- Goroutines of dumps and profiles, grouped by stack and state.
CREATE TABLE goroutine (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; of a profile, which has no states, the number of the stack from 1
    component TEXT, -- dockerd, apiserver, …
    count INTEGER, -- goroutines with this stack and state
    state TEXT, -- semacquire, chan receive, IO wait, syscall …; NULL where the form has none
    wait_minutes INTEGER, -- the longest wait among them; NULL unknown
    stack TEXT, -- one function a line, top first
    created_by TEXT, -- function that started it
    id INTEGER, -- of the one that has waited longest
    syscall INTEGER, -- number of the system call it waits in, where the dump shows it; NULL otherwise
    syscall_arg0 INTEGER, -- its first argument (a file descriptor for read, write …)
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line)
) WITHOUT ROWID;
