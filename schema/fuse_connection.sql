-- SPDX-License-Identifier: Apache-2.0
-- FUSE file systems by their connection, which sys/fs/fuse/connections and fdinfo name by the device number
-- of the superblock (fs/fuse/control.c: fuse_ctl_add_conn).
CREATE VIEW fuse_connection AS
WITH found AS MATERIALIZED (
    SELECT device, fstype, mountpoint, mount_source, member || ':' || line AS evidence, line FROM mount
    WHERE fstype IN ('fuse', 'fuseblk') OR fstype GLOB 'fuse.*' OR fstype GLOB 'fuseblk.*'
), asked AS MATERIALIZED (
    SELECT CAST(substr(scope, 25) AS INTEGER) AS connection, max(number) AS waiting, min(member || ':' || line) AS evidence
    FROM value WHERE scope GLOB 'sys/fs/fuse/connections/*' AND key = 'waiting' GROUP BY 1
), mounted AS MATERIALIZED (
    SELECT CAST(device AS INTEGER) * 1048576 + CAST(substr(device, instr(device, ':') + 1) AS INTEGER) AS connection,
           min(device) AS device, min(fstype) AS fstype, min(mountpoint) AS mountpoint, min(mount_source) AS mount_source,
           min(evidence) AS evidence
    FROM found WHERE device IS NOT NULL GROUP BY 1
), told AS MATERIALIZED ( -- proc/mounts has no device numbers
    SELECT -min(line) AS connection, NULL AS device, min(fstype) AS fstype, mountpoint, min(mount_source) AS mount_source, min(evidence) AS evidence
    FROM found WHERE device IS NULL AND mountpoint NOT IN (SELECT f.mountpoint FROM found f WHERE f.device IS NOT NULL) GROUP BY mountpoint
), alone AS MATERIALIZED ( -- one such mount, one connection that no mount shows: they are the same
    SELECT connection FROM asked WHERE connection NOT IN (SELECT connection FROM mounted)
       AND (SELECT count(*) FROM told) = 1 AND (SELECT count(*) FROM asked WHERE connection NOT IN (SELECT connection FROM mounted)) = 1
), named AS MATERIALIZED (
    SELECT * FROM mounted
    UNION ALL SELECT coalesce((SELECT connection FROM alone), connection), device, fstype, mountpoint, mount_source, evidence FROM told
)
SELECT n.connection AS connection,         -- number below sys/fs/fuse/connections; negative: only this report's
       n.device AS device,                 -- major:minor of the mount; NULL where no mountinfo shows it
       n.fstype AS fstype,                 -- fuse.sshfs, fuse, fuseblk …; NULL where no mount shows it
       n.mountpoint AS mountpoint,         -- one place where it is mounted
       n.mount_source AS mount_source,     -- as the daemon named it
       a.waiting AS waiting,               -- requests without an answer; NULL unknown
       n.evidence AS evidence,             -- of the mount
       a.evidence AS waiting_evidence      -- of waiting
FROM named n LEFT JOIN asked a ON a.connection = n.connection
UNION ALL
SELECT a.connection, NULL, NULL, NULL, NULL, a.waiting, a.evidence, a.evidence
FROM asked a WHERE a.connection NOT IN (SELECT connection FROM named);
