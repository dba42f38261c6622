-- SPDX-License-Identifier: Apache-2.0
-- Goroutines that have waited on a channel or a select for an hour or more. Many idle for good reason: a leak shows
-- in the count of one place.
CREATE VIEW goroutine_channel AS
SELECT component, kind, state, count, wait_minutes, place, stack, created_by, id, member, evidence
FROM goroutine_wait WHERE kind IN ('channel', 'select') AND wait_minutes >= 60 ORDER BY wait_minutes DESC, count DESC;
