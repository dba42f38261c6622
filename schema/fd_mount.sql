-- SPDX-License-Identifier: Apache-2.0
-- Which mount each open file stands on: the one with the longest mount point that leads to it, the last of
-- those that hide one another.
CREATE VIEW fd_mount AS
SELECT p.pid AS pid,                       -- process
       f.fd AS fd,                         -- descriptor number
       f.target AS target,                 -- path of the open file
       m.mountpoint AS mountpoint,         -- where the mount is
       m.device AS device,                 -- its major:minor; NULL where only proc/mounts tells
       m.fstype AS fstype,                 -- ext4, ceph, nfs4, fuse.sshfs …
       m.mount_source AS mount_source,     -- device or server
       f.evidence AS evidence,             -- of the open file
       m.evidence AS mount_evidence        -- of the mount
-- from the mounts on: who asks for one device or type has few of them, and then few files below them
FROM process_mounts p
CROSS JOIN mount m ON m.member = p.member
CROSS JOIN fd f ON f.pid = p.pid AND substr(f.target, 1, 1) = '/'
  AND (m.mountpoint = '/' OR f.target = m.mountpoint OR substr(f.target, 1, length(m.mountpoint) + 1) = m.mountpoint || '/')
WHERE NOT EXISTS (
    SELECT 1 FROM mount o
    WHERE o.member = m.member AND (length(o.mountpoint) > length(m.mountpoint) OR o.mountpoint = m.mountpoint AND o.line > m.line)
      AND (f.target = o.mountpoint OR substr(f.target, 1, length(o.mountpoint) + 1) = o.mountpoint || '/'));
