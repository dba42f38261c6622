// SPDX-License-Identifier: Apache-2.0
//
// generate PROCESSES THREADS LOG_MB [SEED] - writes a bundle as plain tar to standard output: that many
// processes of that many threads on a node that is mostly idle, and logs. The same arguments give the same
// bytes.
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

// ---- tar (POSIX ustar) -----------------------------------------------------------------------

static void header(const char *path, size_t size)
{
    char block[512] = {0};
    unsigned sum = 0;
    snprintf(block, 100, "node-1/%s", path);
    snprintf(block + 100, 8, "%07o", 0644);
    snprintf(block + 108, 8, "%07o", 0);
    snprintf(block + 116, 8, "%07o", 0);
    snprintf(block + 124, 12, "%011lo", (unsigned long)size);
    snprintf(block + 136, 12, "%011o", 1710226800);
    block[156] = '0';
    memcpy(block + 257, "ustar\00000", 8);
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < sizeof block; i++)
        sum += (unsigned char)block[i];
    snprintf(block + 148, 8, "%06o", sum);
    fwrite(block, 1, sizeof block, stdout);
}

static void padding(size_t size)
{
    static const char zeros[512];
    fwrite(zeros, 1, (512 - size % 512) % 512, stdout);
}

__attribute__((format(printf, 2, 3))) static void member(const char *path, const char *format, ...)
{
    static char text[16384];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    header(path, (size_t)size);
    fwrite(text, 1, (size_t)size, stdout);
    padding((size_t)size);
}

// ---- tasks -----------------------------------------------------------------------------------

static const char *const tops[] = {
    "[<0>] futex_wait_queue+0x64/0xa0\n[<0>] futex_wait+0x177/0x270\n[<0>] do_futex+0x151/0x1b0\n[<0>] "
    "__x64_sys_futex+0x8d/0x1a0\n",
    "[<0>] ep_poll+0x3e9/0x450\n[<0>] do_epoll_wait+0xaa/0xc0\n[<0>] __x64_sys_epoll_wait+0x60/0x100\n",
    "[<0>] hrtimer_nanosleep+0x9a/0x140\n[<0>] common_nsleep+0x33/0x50\n[<0>] "
    "__x64_sys_clock_nanosleep+0xbf/0x140\n",
    "[<0>] poll_schedule_timeout.constprop.0+0x46/0x70\n[<0>] do_sys_poll+0x4c4/0x5d0\n[<0>] "
    "__x64_sys_poll+0x37/0x130\n",
    "[<0>] inet_csk_accept+0x15f/0x3a0\n[<0>] inet_accept+0x44/0x150\n[<0>] do_accept+0x101/0x1b0\n[<0>] "
    "__x64_sys_accept4+0x17/0x20\n",
    "[<0>] do_wait+0x160/0x2f0\n[<0>] kernel_wait4+0xaf/0x150\n[<0>] __do_sys_wait4+0x89/0xa0\n",
};
static const char tail[] = "[<0>] do_syscall_64+0x5c/0x90\n[<0>] entry_SYSCALL_64_after_hwframe+0x64/0xce\n";

static void thread(int pid, int tid, const char *comm)
{
    char path[128];
    int blocked = draw(2000) == 0;
    const char *top = blocked ? "[<0>] folio_wait_bit_common+0x13d/0x350\n[<0>] "
                                "filemap_fault+0x1af/0x960\n[<0>] __do_fault+0x33/0x110\n"
                              : tops[draw(6)];
    snprintf(path, sizeof path, "proc/%d/task/%d/stack", pid, tid);
    member(path, "%s%s", top, tail);
    snprintf(path, sizeof path, "proc/%d/task/%d/wchan", pid, tid);
    member(path, "%.*s", (int)strcspn(top + 6, "+"), top + 6);
    snprintf(path, sizeof path, "proc/%d/task/%d/comm", pid, tid);
    member(path, "%s\n", comm);
    snprintf(path, sizeof path, "proc/%d/task/%d/status", pid, tid);
    member(path,
           "Name:\t%s\nState:\t%s\nTgid:\t%d\nPid:\t%d\nPPid:\t1\nTracerPid:\t0\nVmSize:\t %u kB\nVmRSS:\t "
           "%u kB\nThreads:\t5\nNSpid:\t%d\t%d\nShdPnd:\t0000000000000000\n",
           comm, blocked ? "D (disk sleep)" : "S (sleeping)", pid, tid, draw(9000000), draw(900000), tid,
           tid % 100 + 1);
}

static void process(int number, int threads)
{
    static const char *const names[] = {"java",    "nginx", "envoy", "postgres",
                                        "python3", "node",  "etcd",  "coredns"};
    int pid = 1000 + number * 40;
    const char *comm = names[draw(8)];
    char path[128];
    snprintf(path, sizeof path, "proc/%d/cgroup", pid);
    member(path,
           "0::/kubepods.slice/kubepods-burstable.slice/"
           "kubepods-burstable-pod%08x_1111_2222_3333_444444444444.slice/cri-containerd-%064x.scope\n",
           number / 3, number / 3);
    snprintf(path, sizeof path, "proc/%d/ns.txt", pid);
    member(path,
           "total 0\nlrwxrwxrwx 1 root root 0 Mar 12 06:40 cgroup -> cgroup:[%d]\nlrwxrwxrwx 1 root root 0 "
           "Mar 12 06:40 mnt -> mnt:[%d]\n"
           "lrwxrwxrwx 1 root root 0 Mar 12 06:40 net -> net:[%d]\nlrwxrwxrwx 1 root root 0 Mar 12 06:40 pid "
           "-> pid:[%d]\nlrwxrwxrwx 1 root root 0 Mar 12 06:40 user -> user:[4026531837]\n",
           number + 700000, number + 800000, number / 3 + 900000, number / 3 + 600000);
    for (int i = 0; i < threads; i++)
        thread(pid, pid + i, comm);
}

// ---- logs ------------------------------------------------------------------------------------

static int log_line(char *out, size_t size, uint64_t number, int kind)
{
    unsigned second = (unsigned)(number / 50), micro = draw(1000000);
    const int at =
        snprintf(out, size, "2024-03-%02uT%02u:%02u:%02u.%06u+0000 node-1 ", 1 + second / 86400 % 28,
                 second / 3600 % 24, second / 60 % 60, second % 60, micro);
    char *rest = out + at;
    size -= (size_t)at;
    if (kind == 0)
        return at +
               snprintf(
                   rest, size,
                   "kubelet[1450]: I0312 %02u:%02u:%02u.%06u    1450 reconciler.go:%u] "
                   "\"operationExecutor.VerifyControllerAttachedVolume started for volume \\\"config-%u\\\" "
                   "(UniqueName: \\\"kubernetes.io/configmap/%08x-config\\\") pod \\\"web-%u\\\" \"\n",
                   second / 3600 % 24, second / 60 % 60, second % 60, micro, draw(900), draw(500),
                   draw(1u << 30), draw(4000));
    if (kind == 1)
        return at + snprintf(rest, size,
                             "dockerd[1751]: time=\"2024-03-12T06:%02u:%02u.%06u000Z\" level=info "
                             "msg=\"ignoring event\" container=%08x%08x module=libcontainerd namespace=moby "
                             "topic=/tasks/delete type=\"*events.TaskDelete\"\n",
                             second / 60 % 60, second % 60, micro, draw(1u << 30), draw(1u << 30));
    return at +
           snprintf(rest, size,
                    "kernel: IPv6: ADDRCONF(NETDEV_CHANGE): veth%07x: link becomes ready; queue %u of %u\n",
                    draw(1u << 27), draw(64), 64);
}

static void logs(size_t megabytes)
{
    static const char *const paths[] = {"journal/kubelet.log", "journal/docker.log", "journal/kernel.log"};
    char line[1024];
    for (int kind = 0; kind < 3; kind++) {
        size_t size = megabytes * 1000000 / 3, written = 0;
        header(paths[kind], size);
        for (uint64_t number = 0; written < size; number++) {
            int length = log_line(line, sizeof line, number, kind);
            size_t part = size - written < (size_t)length ? size - written : (size_t)length;
            fwrite(line, 1, part, stdout);
            written += part;
        }
        padding(size);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: generate PROCESSES THREADS LOG_MB [SEED]\n");
        return 2;
    }
    state = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    for (int i = 0; i < atoi(argv[1]); i++)
        process(i, atoi(argv[2]));
    member("proc/uptime", "864000.00 1.00\n");
    member("proc/meminfo", "MemTotal: 65536000 kB\nMemFree: 28000000 kB\nMemAvailable: 52000000 kB\nCached: "
                           "20000000 kB\nSlab: 1000000 kB\n");
    if (atoi(argv[3]) > 0)
        logs((size_t)atoi(argv[3]));
    member("manifest.json", "{\"format\":\"inquest-bundle/"
                            "1\",\"hostname\":\"node-1\",\"kernel\":\"6.1.0-18-amd64\",\"collected_at\":"
                            "\"2024-03-28T07:00:00Z\",\"collector\":\"bench/1\"}\n");
    char end[1024] = {0};
    fwrite(end, 1, sizeof end, stdout);
    return ferror(stdout) != 0;
}
