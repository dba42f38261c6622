-- SPDX-License-Identifier: Apache-2.0
-- Goroutines in system calls, the longest first.
CREATE VIEW goroutine_syscall AS
SELECT component, count, wait_minutes, syscall, syscall_arg0, place, stack, created_by, id, member, evidence
FROM goroutine_wait WHERE kind = 'syscall' ORDER BY wait_minutes DESC, count DESC;
