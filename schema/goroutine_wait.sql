-- SPDX-License-Identifier: Apache-2.0
-- What goroutines wait for: kind is lock, waitgroup, condition, channel, select, syscall, io, sleep, running, other;
-- where the form has no states, only a system call can be told, else NULL. place: the first function that is not the runtime's, a lock's or a system call's own.
CREATE VIEW goroutine_wait AS
SELECT g.component,
       CASE WHEN g.state IS NULL THEN CASE WHEN g.stack GLOB 'syscall.[Ss]yscall*' OR g.stack GLOB 'syscall.[Rr]awSyscall*' OR g.stack GLOB 'internal/runtime/syscall.*'
                                             OR g.stack GLOB 'runtime/internal/syscall.*' THEN 'syscall' END
            WHEN g.state LIKE 'sync.WaitGroup%' OR (g.state LIKE 'semacquire%' AND instr(g.stack, 'sync.(*WaitGroup).Wait')) THEN 'waitgroup'
            WHEN g.state LIKE 'sync.Cond%' THEN 'condition'
            WHEN g.state LIKE 'semacquire%' OR g.state LIKE 'sync.Mutex%' OR g.state LIKE 'sync.RWMutex%' THEN 'lock'
            WHEN g.state LIKE 'chan %' THEN 'channel'
            WHEN g.state LIKE 'select%' THEN 'select'
            WHEN g.state LIKE 'syscall%' THEN 'syscall'
            WHEN g.state LIKE 'IO wait%' THEN 'io'
            WHEN g.state LIKE 'sleep%' THEN 'sleep'
            WHEN g.state LIKE 'run%' THEN 'running'
            ELSE 'other' END AS kind,
       g.count, g.state, g.wait_minutes,
       (SELECT f.value FROM json_each('["' || replace(replace(replace(g.stack, '\', '/'), '"', ''''), char(10), '","') || '"]') f
        WHERE f.value NOT LIKE 'runtime.%' AND f.value NOT LIKE 'sync.%' AND f.value NOT LIKE 'internal/%'
          AND f.value NOT LIKE 'syscall.%' AND f.value NOT LIKE '%golang.org/x/sys/unix.%' AND f.value <> '' ORDER BY f.key LIMIT 1) AS place,
       g.stack, g.created_by, g.id, g.syscall, g.syscall_arg0, g.member, g.evidence
FROM goroutine g;
