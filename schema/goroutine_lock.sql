-- SPDX-License-Identifier: Apache-2.0
-- Goroutines that wait for a lock of sync, the longest first; those of one place are one convoy.
CREATE VIEW goroutine_lock AS
SELECT component, count, wait_minutes, place, stack, created_by, id, member, evidence
FROM goroutine_wait WHERE kind = 'lock' ORDER BY wait_minutes DESC, count DESC;
