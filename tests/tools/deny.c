// SPDX-License-Identifier: Apache-2.0
//
// deny NUMBER=ERRNO[@VALUE]... -- COMMAND...: runs a command in which those system calls fail, as on an older
// kernel or in a container that refuses them. With @VALUE only where the first argument has that value.
// x86-64 and aarch64 alike: the numbers are the caller's affair.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { MOST = 128 };

static struct sock_filter code[MOST];
static unsigned short length;

static void add(unsigned short op, unsigned value, unsigned char yes, unsigned char no)
{
    if (length >= MOST)
        exit(125);
    code[length++] = (struct sock_filter){op, yes, no, value};
}

static void refuse(const char *what)
{
    char *end;
    unsigned call = (unsigned)strtoul(what, &end, 10),
             number = (unsigned)strtoul(end + (*end == '='), &end, 10);
    add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, *end == '@' ? 3 : 1);
    if (*end == '@') {
        add(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args), 0, 0);
        add(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)strtoul(end + 1, NULL, 10), 0, 1);
    }
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number & SECCOMP_RET_DATA), 0, 0);
}

int main(int argc, char **argv)
{
    int at = 1;
    while (at < argc && strcmp(argv[at], "--") != 0)
        refuse(argv[at++]);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    struct sock_fprog filter = {length, code};
    if (at + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
        (void)fprintf(stderr, "usage: deny NUMBER=ERRNO[@VALUE]... -- COMMAND...\n");
        return 125;
    }
    (void)execvp(argv[at + 1], argv + at + 1);
    return 127;
}
