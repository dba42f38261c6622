-- SPDX-License-Identifier: Apache-2.0
-- Which mount each open file stands on: the one with the longest mount point that leads to it, the last of
-- those that hide one another.
CREATE VIEW fd_mount AS
SELECT f.pid AS pid,                       -- process
       f.fd AS fd,                         -- descriptor number
       f.target AS target,                 -- path of the open file
       m.mountpoint AS mountpoint,         -- where the mount is
       m.device AS device,                 -- its major:minor; NULL where only proc/mounts tells
       m.fstype AS fstype,                 -- ext4, ceph, nfs4, fuse.sshfs …
       m.mount_source AS mount_source,     -- device or server
       f.evidence AS evidence,             -- of the open file
       m.evidence AS mount_evidence        -- of the mount
FROM fd f
CROSS JOIN process_mounts p ON p.pid = f.pid
CROSS JOIN mount m ON m.member = p.member AND m.line = (
    SELECT o.line FROM mount o
    WHERE o.member = p.member AND (o.mountpoint = '/' OR f.target = o.mountpoint
                                   OR substr(f.target, 1, length(o.mountpoint) + 1) = o.mountpoint || '/')
    ORDER BY length(o.mountpoint) DESC, o.line DESC LIMIT 1)
WHERE substr(f.target, 1, 1) = '/';
