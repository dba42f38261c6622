-- SPDX-License-Identifier: Apache-2.0
-- How many threads share each stack.
CREATE VIEW thread_by_stack AS
SELECT s.id AS stack, count(*) AS threads, sum(t.state = 'D') AS blocked, min(t.tid) AS example_tid, s.place, s.signature, s.frames
FROM thread t JOIN stack s ON s.id = t.stack GROUP BY s.id ORDER BY blocked DESC, threads DESC, s.id;
