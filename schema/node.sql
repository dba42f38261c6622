-- SPDX-License-Identifier: Apache-2.0
-- The node in one row.
CREATE VIEW node AS
SELECT (SELECT value FROM fact WHERE key = 'hostname') AS hostname,       -- name of the node
       (SELECT value FROM fact WHERE key = 'kernel') AS kernel,           -- release, as uname -r
       CAST((SELECT value FROM fact WHERE key = 'kernel') AS INTEGER) * 1000
       + CAST(substr((SELECT value FROM fact WHERE key = 'kernel'),
                     instr((SELECT value FROM fact WHERE key = 'kernel'), '.') + 1) AS INTEGER) AS kernel_number, -- 5015 for 5.15
       (SELECT value FROM fact WHERE key = 'boot_id') AS boot_id,         -- of the running kernel
       CAST((SELECT value FROM fact WHERE key = 'collected_ns') AS INTEGER) AS collected_at, -- nanoseconds since 1970 UTC
       CAST((SELECT value FROM fact WHERE key = 'uptime_s') AS INTEGER) AS uptime_s,         -- since boot
       CAST((SELECT value FROM fact WHERE key = 'boot_time_s') AS INTEGER) AS boot_time_s,   -- seconds since 1970 UTC
       CAST((SELECT value FROM fact WHERE key = 'cpus') AS INTEGER) AS cpus,                 -- processors
       (SELECT value FROM fact WHERE key = 'os') AS os,                   -- distribution
       (SELECT member || ':' || line FROM fact ORDER BY key = 'kernel' DESC LIMIT 1) AS evidence; -- member:line
