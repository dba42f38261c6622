-- SPDX-License-Identifier: Apache-2.0
-- Memory of each cgroup that was collected, in bytes, v1 and v2 alike, with everything below it.
CREATE VIEW cgroup_memory AS
WITH v AS (
    SELECT cgroup, container,
           CASE WHEN file = 'memory.stat' THEN CASE WHEN key GLOB 'total_*' THEN substr(key, 7) ELSE key END ELSE file || CASE key WHEN '' THEN '' ELSE '.' || key END END AS name,
           number, member || ':' || line AS evidence
    FROM cgroup_value WHERE file GLOB 'memory.*' OR file = 'cgroup.stat'
), m AS MATERIALIZED ( -- v1 has both: `rss` of the group alone and `total_rss` with what is below it
    SELECT cgroup, container,
           max(CASE WHEN name IN ('memory.current', 'memory.usage_in_bytes') THEN number END) AS usage,
           max(CASE WHEN name IN ('memory.max', 'memory.limit_in_bytes') THEN number END) AS ceiling,
           max(CASE WHEN name IN ('anon', 'rss') THEN number END) AS anon,
           max(CASE WHEN name IN ('file', 'cache') THEN number END) AS cached,
           max(CASE name WHEN 'shmem' THEN number END) AS shmem, max(CASE name WHEN 'inactive_file' THEN number END) AS inactive_file,
           max(CASE name WHEN 'active_file' THEN number END) AS active_file,
           max(CASE name WHEN 'slab_reclaimable' THEN number END) AS slab_r, max(CASE name WHEN 'slab_unreclaimable' THEN number END) AS slab_u,
           max(CASE name WHEN 'memory.kmem.usage_in_bytes' THEN number END) AS kmem,
           coalesce(max(CASE name WHEN 'kernel_stack' THEN number END), 0) + coalesce(max(CASE name WHEN 'pagetables' THEN number END), 0)
             + coalesce(max(CASE name WHEN 'percpu' THEN number END), 0) + coalesce(max(CASE name WHEN 'sock' THEN number END), 0) AS kernel,
           max(CASE WHEN name IN ('memory.events.oom_kill', 'memory.oom_control.oom_kill') THEN number END) AS oom_kills,
           max(CASE WHEN name IN ('memory.events.max', 'memory.failcnt') THEN number END) AS hits,
           max(CASE name WHEN 'cgroup.stat.nr_dying_descendants' THEN number END) AS dying,
           min(CASE WHEN name IN ('memory.current', 'memory.usage_in_bytes') THEN evidence END) AS evidence,
           min(CASE WHEN name IN ('memory.max', 'memory.limit_in_bytes') THEN evidence END) AS limit_evidence,
           min(CASE WHEN name IN ('anon', 'rss') THEN evidence END) AS anon_evidence, min(CASE name WHEN 'shmem' THEN evidence END) AS tmpfs_evidence,
           min(CASE WHEN name IN ('file', 'cache') THEN evidence END) AS file_evidence,
           min(CASE WHEN name IN ('slab_unreclaimable', 'memory.kmem.usage_in_bytes') THEN evidence END) AS kernel_evidence,
           min(CASE WHEN name IN ('memory.events.oom_kill', 'memory.oom_control.oom_kill') AND number > 0 THEN evidence END) AS oom_evidence,
           min(CASE name WHEN 'cgroup.stat.nr_dying_descendants' THEN evidence END) AS dying_evidence
    FROM v GROUP BY cgroup, container
)
SELECT cgroup AS cgroup,                       -- path below the hierarchy's root
       container AS container,                 -- id in that path
       usage AS usage,                         -- charged, page cache included
       ceiling AS ceiling,                     -- memory.max; NULL for none
       coalesce(anon, 0) AS anon,              -- of processes
       max(coalesce(cached, 0) - coalesce(shmem, 0), 0) AS file, -- page cache of files
       coalesce(shmem, 0) AS tmpfs,            -- tmpfs, /dev/shm and shared memory
       coalesce(inactive_file, 0) AS inactive_file, -- page cache that goes first; usage less this is the working set
       coalesce(active_file, 0) AS active_file, -- page cache in use
       coalesce(slab_r, 0) AS slab_reclaimable, -- v2 alone
       coalesce(slab_u, max(coalesce(kmem, 0) - coalesce(kernel, 0), 0)) AS slab_unreclaimable, -- v1: all kernel memory
       kernel AS kernel,                       -- kernel stacks, page tables, per-CPU data, sockets
       oom_kills AS oom_kills,                 -- so far
       hits AS hits,                           -- how often the ceiling was reached
       dying AS dying,                         -- removed cgroups below that still hold memory
       evidence AS evidence,                   -- of usage
       limit_evidence AS limit_evidence,       -- of ceiling
       anon_evidence AS anon_evidence,         -- of anon
       file_evidence AS file_evidence,         -- of file
       tmpfs_evidence AS tmpfs_evidence,       -- of tmpfs
       kernel_evidence AS kernel_evidence,     -- of slab_unreclaimable
       oom_evidence AS oom_evidence,           -- of oom_kills
       dying_evidence AS dying_evidence        -- of dying
FROM m;
