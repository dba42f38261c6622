-- SPDX-License-Identifier: Apache-2.0
-- Mounts, of each mount namespace that was collected (member says whose) and of proc/mounts.
CREATE TABLE mount (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    pid INTEGER, -- whose mountinfo; NULL for the node's proc/mounts
    mount_id INTEGER, -- id in mountinfo; NULL in proc/mounts
    parent_id INTEGER, -- id of the mount it stands on
    device TEXT, -- major:minor
    root TEXT, -- the folder of the file system that is mounted
    mountpoint TEXT, -- where
    options TEXT, -- per mount
    fstype TEXT, -- ext4, ceph, nfs4, fuse.bindfs, overlay …
    mount_source TEXT, -- device or server
    super_options TEXT, -- of the superblock
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (member, line)
) WITHOUT ROWID;
