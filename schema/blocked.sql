-- SPDX-License-Identifier: Apache-2.0
-- Threads that wait uninterruptibly, the longest stacks' places named.
CREATE VIEW blocked AS
SELECT t.tid, t.pid, t.comm, t.state, t.container, t.pod, t.pidns, t.wchan, s.place, s.signature, t.moved_on, t.evidence
FROM thread t LEFT JOIN stack s ON s.id = t.stack WHERE t.state = 'D';
