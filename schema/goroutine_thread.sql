-- SPDX-License-Identifier: Apache-2.0
-- The thread that a goroutine's system call sits in, of the same daemon: in the same call with the same first argument,
-- or, where the dump or the bundle does not show those, with that call in its kernel stack (also of a hung-task report);
-- a D thread whose stack shows no call (cut, or at the work that an umount leaves for its end) fits any.
-- certainty is proved where number and argument fit one thread alone, else inferred; fitting: threads that fit.
-- Looked at are the 200 longest waits and 1000 threads, those in D first.
CREATE VIEW goroutine_thread AS
WITH kernel_name(go, kernel) AS (VALUES -- what Go calls it, in lower case; only where the kernel's name differs
  ('stat', 'newstat'), ('stat', 'newfstatat'), ('lstat', 'newlstat'), ('lstat', 'newfstatat'), ('fstat', 'newfstat'),
  ('fstatat', 'newfstatat'), ('open', 'openat'), ('openat', 'openat2'), ('pread', 'pread64'), ('pwrite', 'pwrite64'), ('unmount', 'umount'),
  ('unlink', 'unlinkat'), ('rmdir', 'unlinkat'), ('mkdir', 'mkdirat'), ('rename', 'renameat'), ('rename', 'renameat2'),
  ('renameat', 'renameat2'), ('getdents', 'getdents64'), ('readdirent', 'getdents64'), ('readdirent', 'getdents'),
  ('readlink', 'readlinkat'), ('symlink', 'symlinkat'), ('link', 'linkat'), ('fcntlflock', 'fcntl'), ('access', 'faccessat'), ('faccessat', 'faccessat2'),
  ('chmod', 'fchmodat'), ('chown', 'fchownat'), ('lchown', 'fchownat'), ('utimesnano', 'utimensat'), ('utimesnanoat', 'utimensat'),
  ('copyfilerange', 'copy_file_range'), ('pivotroot', 'pivot_root'), ('epollwait', 'epoll_wait'), ('epollwait', 'epoll_pwait'),
  ('exec', 'execve'), ('removexattr', 'lremovexattr'), ('blockuntilwaitable', 'waitid'), ('readlen', 'read')),
go_call AS MATERIALIZED ( -- the innermost function that is a system call by name
  SELECT g.*, (SELECT lower(CASE WHEN instr(f.value, 'golang.org/x/sys/unix.') THEN substr(f.value, instr(f.value, 'golang.org/x/sys/unix.') + 22)
                                 WHEN f.value LIKE 'internal/syscall/unix.%' THEN substr(f.value, 23)
                                 WHEN f.value LIKE 'syscall.%' THEN substr(f.value, 9) ELSE 'blockuntilwaitable' END)
               FROM json_each('["' || replace(replace(replace(g.stack, '\', '/'), '"', ''''), char(10), '","') || '"]') f
               WHERE (f.value LIKE 'syscall.%' OR f.value LIKE '%golang.org/x/sys/unix.%' OR f.value LIKE 'internal/syscall/unix.%' OR f.value = 'os.(*Process).blockUntilWaitable')
                 AND f.value NOT GLOB '*.[Ss]yscall*' AND f.value NOT GLOB '*.[Rr]awSyscall*' AND f.value NOT GLOB '*.runtime_*'
               ORDER BY f.key LIMIT 1) AS call
  FROM (SELECT * FROM goroutine_syscall LIMIT 200) g),
task AS MATERIALIZED (
  SELECT t.tid, t.pid, t.comm, coalesce(p.comm, t.comm) AS process, t.state, t.syscall, t.syscall_arg0, t.stack, t.evidence, t.state = 'D' AS blocked
  FROM thread t LEFT JOIN thread p ON p.tid = t.pid WHERE coalesce(t.moved_on, 0) = 0 AND (t.stack IS NOT NULL OR t.syscall >= 0)
  UNION ALL
  SELECT r.tid, NULL, r.comm, r.comm, r.state, NULL, NULL, r.stack, min(r.evidence), 1
  FROM report_stack r LEFT JOIN thread t ON t.tid = r.tid
  WHERE r.presence IN ('there', 'unknown') AND r.state = 'D' AND t.stack IS NULL GROUP BY r.tid, r.comm, r.stack
  ORDER BY blocked DESC, 1 LIMIT 1000),
pair AS MATERIALIZED (
  SELECT g.*, t.tid, t.pid, t.comm, t.state, t.stack AS kernel, t.evidence AS thread_evidence,
         g.syscall IS NOT NULL AND g.syscall = t.syscall AND g.syscall_arg0 = t.syscall_arg0 AS exact
  FROM go_call g JOIN task t ON (t.comm IN (substr(g.component, 1, 15), substr('kube-' || g.component, 1, 15))
                                 OR t.process IN (substr(g.component, 1, 15), substr('kube-' || g.component, 1, 15)))
  WHERE (g.syscall = t.syscall AND g.syscall_arg0 = t.syscall_arg0)
     OR ((g.syscall IS NULL OR t.syscall IS NULL OR g.syscall = t.syscall OR g.syscall >= 1000 OR t.syscall < 0) -- no other call; newer Go prints what registers hold
         AND ((g.wait_minutes >= 1 OR t.state = 'D')
              AND EXISTS (SELECT 1 FROM frame f WHERE f.stack = t.stack AND (f.function = 'sys:' || g.call
                          OR f.function IN (SELECT 'sys:' || k.kernel FROM kernel_name k WHERE k.go = g.call)))
              OR g.wait_minutes >= 1 AND t.state = 'D' AND t.stack IS NOT NULL -- no call to be seen
              AND NOT EXISTS (SELECT 1 FROM frame f WHERE f.stack = t.stack AND (f.function GLOB 'sys:*' OR f.function GLOB '*page_fault*'))
              AND (g.call IN ('unmount', 'close') OR NOT EXISTS (SELECT 1 FROM frame f WHERE f.stack = t.stack AND (f.function GLOB '*syscall*' OR f.function GLOB 'el0*')))
              AND g.call NOT IN ('read', 'readlen', 'recvfrom', 'recvmsg', 'accept', 'accept4', 'epollwait', 'poll', 'ppoll', 'select', 'pselect', 'nanosleep', 'futex',
                                 'wait4', 'blockuntilwaitable', 'flock', 'fcntlflock')))) -- these wait by their nature
SELECT c.component, c.id, c.count, c.wait_minutes, c.place, c.call, c.syscall, c.syscall_arg0, c.tid, c.pid, c.comm, c.state,
       s.place AS kernel_place, s.frames AS kernel_stack, c.evidence, c.thread_evidence,
       CASE WHEN c.exact AND c.fitting = 1 THEN 'proved' ELSE 'inferred' END AS certainty, c.fitting
FROM (SELECT p.*, count(*) OVER (PARTITION BY p.evidence) AS fitting
      FROM (SELECT o.*, max(o.exact) OVER (PARTITION BY o.evidence) AS best FROM pair o) p WHERE p.exact = p.best) c
LEFT JOIN stack s ON s.id = c.kernel;
