-- SPDX-License-Identifier: Apache-2.0
-- Block devices of sys/block: how much they have in flight, and for loop devices what they stand on.
CREATE VIEW block_device AS
WITH told AS MATERIALIZED (
    SELECT substr(scope, 11) AS name, max(CASE key WHEN 'dev' THEN word END) AS device,
           sum(CASE WHEN key IN ('inflight.read', 'inflight.write') THEN number END) AS in_flight,
           max(CASE key WHEN 'dm/name' THEN word END) AS dm_name,
           max(CASE key WHEN 'loop/backing_file' THEN word END) AS backing_file,
           min(CASE WHEN key IN ('inflight.read', 'inflight.write') THEN member || ':' || line END) AS evidence,
           min(CASE key WHEN 'loop/backing_file' THEN member || ':' || line END) AS backing_evidence
    FROM value WHERE scope GLOB 'sys/block/*' GROUP BY scope
)
SELECT d.name AS name,                     -- loop0, sda, dm-3
       d.device AS device,                 -- major:minor
       d.in_flight AS in_flight,           -- requests that have not come back; NULL unknown
       d.dm_name AS dm_name,               -- of a device-mapper device
       d.backing_file AS backing_file,     -- of a loop device: its path
       m.mountpoint AS backing_mount,      -- the mount that this path leads to
       m.fstype AS backing_fstype,         -- its file system
       coalesce(m.device, (SELECT min(o.device) FROM mount o WHERE o.mountpoint = m.mountpoint
                                                                AND o.fstype = m.fstype)) AS backing_device, -- its major:minor
       (SELECT min(o.mountpoint) FROM mount o WHERE o.device = d.device OR o.mount_source = '/dev/' || d.name
                                                    OR o.mount_source = '/dev/mapper/' || d.dm_name) AS mounted_on, -- NULL: nowhere (any more)
       d.evidence AS evidence,             -- of in_flight
       d.backing_evidence AS backing_evidence, -- of backing_file
       m.evidence AS mount_evidence        -- of backing_mount
FROM told d
LEFT JOIN mount m ON d.backing_file IS NOT NULL AND (m.member, m.line) = (
    SELECT o.member, o.line FROM mount o
    WHERE (o.member = (SELECT member FROM process_mounts WHERE pid IS NULL) OR o.pid IS NULL)
      AND (o.mountpoint = '/' OR substr(d.backing_file, 1, length(o.mountpoint) + 1) = o.mountpoint || '/')
    ORDER BY length(o.mountpoint) DESC, o.device IS NULL, o.line DESC LIMIT 1);
