-- SPDX-License-Identifier: Apache-2.0
-- Processes: their main threads, with how many of their threads wait in D.
CREATE VIEW process AS
SELECT t.*, (SELECT count(*) FROM thread o WHERE o.pid = t.pid AND o.state = 'D') AS blocked_threads
FROM thread t WHERE t.tid = t.pid;
