-- SPDX-License-Identifier: Apache-2.0
-- Where the node's memory is, in one row, all in bytes: parts that do not overlap, and the rest that no line of
-- proc/meminfo accounts for (pages that drivers, ZFS or a balloon took by themselves).
CREATE VIEW node_memory AS
WITH m AS MATERIALIZED (
    SELECT min(CASE key WHEN 'MemTotal' THEN bytes END) AS total, min(CASE key WHEN 'MemFree' THEN bytes END) AS free,
           min(CASE key WHEN 'MemAvailable' THEN bytes END) AS available,
           coalesce(min(CASE key WHEN 'Buffers' THEN bytes END), 0) AS buffers, coalesce(min(CASE key WHEN 'Cached' THEN bytes END), 0) AS cached,
           coalesce(min(CASE key WHEN 'SwapCached' THEN bytes END), 0) AS swap_cached,
           coalesce(min(CASE key WHEN 'AnonPages' THEN bytes END), 0) AS anon, coalesce(min(CASE key WHEN 'Shmem' THEN bytes END), 0) AS shmem,
           coalesce(min(CASE key WHEN 'Slab' THEN bytes END), 0) AS slab, coalesce(min(CASE key WHEN 'SReclaimable' THEN bytes END), 0) AS slab_r,
           coalesce(min(CASE key WHEN 'SUnreclaim' THEN bytes END), 0) AS slab_u,
           coalesce(min(CASE key WHEN 'KernelStack' THEN bytes END), 0) AS stacks,
           coalesce(min(CASE key WHEN 'PageTables' THEN bytes END), 0) + coalesce(min(CASE key WHEN 'SecPageTables' THEN bytes END), 0) AS tables,
           coalesce(min(CASE key WHEN 'Percpu' THEN bytes END), 0) AS percpu, coalesce(min(CASE key WHEN 'VmallocUsed' THEN bytes END), 0) AS vmalloc,
           coalesce(min(CASE key WHEN 'Hugetlb' THEN bytes END),
                    min(CASE key WHEN 'HugePages_Total' THEN bytes END) * min(CASE key WHEN 'Hugepagesize' THEN bytes END), 0) AS hugetlb,
           coalesce(min(CASE key WHEN 'SwapTotal' THEN bytes END), 0) AS swap_total, coalesce(min(CASE key WHEN 'SwapFree' THEN bytes END), 0) AS swap_free,
           min(CASE key WHEN 'MemTotal' THEN evidence END) AS evidence, min(CASE key WHEN 'MemAvailable' THEN evidence END) AS available_evidence,
           min(CASE key WHEN 'Shmem' THEN evidence END) AS shmem_evidence, min(CASE key WHEN 'SUnreclaim' THEN evidence END) AS slab_u_evidence,
           min(CASE key WHEN 'SReclaimable' THEN evidence END) AS slab_r_evidence, min(CASE key WHEN 'AnonPages' THEN evidence END) AS anon_evidence,
           min(CASE key WHEN 'Cached' THEN evidence END) AS cached_evidence
    FROM meminfo
)
SELECT total AS total,                                                  -- MemTotal
       free AS free,                                                    -- MemFree
       coalesce(available, free + buffers + max(cached - shmem, 0) / 2 + slab_r / 2) AS available, -- MemAvailable; before 3.14 an estimate
       anon AS anon,                                                    -- AnonPages: of processes
       max(cached + buffers + swap_cached - shmem, 0) AS file,          -- page cache of files, without tmpfs
       shmem AS tmpfs,                                                  -- Shmem: tmpfs, /dev/shm, SysV and shared anonymous memory
       slab_r AS slab_reclaimable,                                      -- SReclaimable: dentries and inodes above all
       slab_u AS slab_unreclaimable,                                    -- SUnreclaim
       stacks + tables + percpu + vmalloc AS kernel,                    -- kernel stacks, page tables, per-CPU data, vmalloc
       hugetlb AS hugetlb,                                              -- reserved huge pages, used or not
       max(total - free - buffers - cached - swap_cached - anon - max(slab, slab_r + slab_u) - stacks - tables - percpu - vmalloc - hugetlb, 0) AS unaccounted, -- the rest
       swap_total - swap_free AS swap_used,                             -- swapped out
       evidence AS evidence,                                            -- of MemTotal
       available_evidence AS available_evidence,                        -- of MemAvailable
       shmem_evidence AS tmpfs_evidence,                                -- of Shmem
       slab_r_evidence AS slab_reclaimable_evidence,                    -- of SReclaimable
       slab_u_evidence AS slab_unreclaimable_evidence,                  -- of SUnreclaim
       anon_evidence AS anon_evidence,                                  -- of AnonPages
       cached_evidence AS file_evidence                                 -- of Cached
FROM m WHERE total > 0;
