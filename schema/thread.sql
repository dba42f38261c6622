-- SPDX-License-Identifier: Apache-2.0
-- Threads as they were when the bundle was collected; tid = pid is the main thread. A task of pasted
-- text without a pid has a negative one: minus its line.
CREATE TABLE thread (
    tid INTEGER PRIMARY KEY,  -- thread id in the collector's pid namespace
    pid INTEGER NOT NULL,     -- of the process (tgid)
    comm TEXT,                -- name, at most 15 bytes
    state TEXT,               -- R S D T t Z X I; NULL unknown
    ppid INTEGER,             -- parent process
    tracer_pid INTEGER,       -- who traces it; 0 nobody
    uid INTEGER,              -- real user id
    kthread INTEGER,          -- 1 for a kernel thread
    threads INTEGER,          -- threads of its process
    nspid TEXT,               -- ids from the outermost to the innermost pid namespace
    pidns_level INTEGER,      -- namespaces below the collector's; NULL unknown
    pidns_tid INTEGER,        -- its id in its innermost pid namespace; 1 is that namespace's init
    has_mm INTEGER,           -- 0: a kernel thread, a zombie, or a task past exit_mm
    exiting INTEGER,          -- 1: a user task without memory that is no zombie, or do_exit on its stack
    rss_bytes INTEGER,        -- resident memory of the process
    rss_anon_bytes INTEGER,   -- of it anonymous
    rss_file_bytes INTEGER,   -- of it page cache
    rss_shmem_bytes INTEGER,  -- of it shared memory
    swap_bytes INTEGER,       -- swapped out
    sigkill_pending INTEGER,  -- 1: SIGKILL was sent and did not work yet
    start_ticks INTEGER,      -- start, in 1/100 s since boot
    age_s INTEGER,            -- how long it had lived when collected; NULL unknown
    cpu_ticks INTEGER,        -- user and system time, in 1/100 s
    flags INTEGER,            -- PF_ flags of the kernel
    switches INTEGER,         -- times it had slept of its own will (voluntary_ctxt_switches) at the first sample
    switches_2 INTEGER,       -- and at the second: what has slept again and again in between is not stuck
    wchan TEXT,               -- wait channel; 0 says nothing
    syscall INTEGER,          -- number of the system call it is in; -1 outside of one
    syscall_arg0 INTEGER,     -- its first argument (a file descriptor for read, write …)
    syscall_arg1 INTEGER,     -- its second argument
    cgroup TEXT,              -- its most telling cgroup path
    container TEXT,           -- id: of its own cgroup, else of its pid namespace's members, else of its shim
    container_from TEXT,      -- cgroup, pidns, shim
    pod_uid TEXT,             -- uid of its pod
    pod TEXT,                 -- namespace/name where anything names it, else the uid
    exe TEXT,                 -- the program
    cmdline TEXT,             -- arguments, credentials masked
    env TEXT,                 -- allow-listed variables
    pidns INTEGER,            -- inode of its pid namespace
    netns INTEGER,            -- inode of its network namespace
    mntns INTEGER,            -- inode of its mount namespace
    stack INTEGER,            -- first sample; stack.id
    stack_2 INTEGER,          -- second sample
    moved_on INTEGER,         -- 1: the second sample differs or is empty; 0 the same; NULL one sample only, or busy in between
    evidence TEXT             -- member:line of its stack, else of what is known of it
);
CREATE INDEX thread_pid ON thread (pid);
CREATE INDEX thread_stack ON thread (stack);
CREATE INDEX thread_pidns ON thread (pidns);
CREATE INDEX thread_container ON thread (container);
-- few threads are in D, and many rules ask for them
CREATE INDEX thread_blocked ON thread (state) WHERE state = 'D';
