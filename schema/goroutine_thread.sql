-- SPDX-License-Identifier: Apache-2.0
-- The thread that a goroutine's system call sits in: one of the same daemon, in the same call with the same first
-- argument. certainty is proved where only one fits, else inferred.
CREATE VIEW goroutine_thread AS
SELECT c.*, CASE WHEN c.fitting = 1 THEN 'proved' ELSE 'inferred' END AS certainty
FROM (SELECT g.component, g.id, g.wait_minutes, g.place, g.syscall, g.syscall_arg0, t.tid, t.pid, t.comm, t.state,
             s.place AS kernel_place, s.frames AS kernel_stack, g.evidence, t.evidence AS thread_evidence,
             count(*) OVER (PARTITION BY g.evidence) AS fitting
      FROM goroutine_syscall g
      JOIN thread t ON t.syscall = g.syscall AND t.syscall_arg0 = g.syscall_arg0
      LEFT JOIN stack s ON s.id = t.stack
      WHERE EXISTS (SELECT 1 FROM thread p WHERE p.tid IN (t.pid, t.tid)
                    AND p.comm IN (substr(g.component, 1, 15), substr('kube-' || g.component, 1, 15)))) c;
