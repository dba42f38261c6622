// SPDX-License-Identifier: Apache-2.0
#include "privacy/scrub.h"
#include "test.h"
#include "util/memory.h"

static void expect_scrubbed(struct scrubber *scrubber, const char *text, const char *wanted)
{
    struct buffer out = {0};
    scrub(scrubber, text_of(text), &out);
    buffer_putc(&out, '\0');
    assert_string_equal(out.ptr, wanted);
    buffer_release(&out);
}

static void names_with_a_form(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"mon1 10.20.3.2:6789 and 10.20.3.3, again 10.20.3.2",
         "mon1 240.0.1.1:6789 and 240.0.1.2, again 240.0.1.1"},
        {"another net 10.20.4.2, a public one 23.5.6.7, its end 23.5.6.255/24",
         "another net 240.0.2.1, a public one 242.0.1.1, its end 242.0.1.255/24"},
        {"pod0561fcdd_b512_4738_a6f0_ab2cfd9f62fb.slice 0561fcdd-b512-4738-a6f0-ab2cfd9f62fb",
         "pod00000000_0000_4000_8000_000000000001.slice 00000000-0000-4000-8000-000000000001"},
        {"pods-0561fcdd\\x2db512\\x2d4738\\x2da6f0\\x2dab2cfd9f62fb-volumes",
         "pods-00000000\\x2d0000\\x2d4000\\x2d8000\\x2d000000000001-volumes"},
        {"server files.prod.corp.com not responding, files.prod.corp.com, db.prod.corp.com",
         "server host-n1.domain-1.example not responding, host-n1.domain-1.example, "
         "host-n2.domain-1.example"},
        {"veth 3e:11:22:33:44:55 fe80::1ff:fe23:4567:890a up", "veth 02:00:00:00:00:01 2001:db8:0:1::1 up"},
        {"MAC=3e:11:22:33:44:55:52:54:00:01:02:03:08:00 SRC=10.20.3.2",
         "MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=240.0.1.1"},
        {"pod gateway-ab0b6cbf3-frq6f_default", "pod pod-1_default"},
        {"coredns-5d78c9869d-x2x9z", "coredns-pod-2"},
        {"mail jane.doe@corp.com from http://wiki:8080/x and https://jane@git.corp.com/",
         "mail user-1@domain-2.example from http://host-n3:8080/x and https://***@host-n4.domain-2.example/"},
        {"cd /home/jane/x; ls /home/root", "cd /home/user-2/x; ls /home/root"},
        {"instance i-0abc1234567890abc", "instance i-c0de0000000100000"},
        {"Accepted publickey for jane from 10.20.3.2 port 4",
         "Accepted publickey for user-2 from 240.0.1.1 port 4"},
    };
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect_scrubbed(scrubber, pairs[i][0], pairs[i][1]);
}

static void an_id_keeps_its_length_and_its_beginning(void **state)
{
    (void)state;
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    expect_scrubbed(scrubber,
                    "c4e17b027b02 other d4e17b027b02 same "
                    "c4e17b027b027b027b027b027b027b027b027b027b027b027b027b027b027b02",
                    "c0de00000001 other c0de00000002 same "
                    "c0de000000010000000100000001000000010000000100000001000000010000");
}

static void what_names_nothing_stays(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "at 06:40:12 on 5.15.0-91-generic, 127.0.0.1:2379, docker.service, io.containerd.grpc.v1.cri",
        "blocked for more than 120 seconds, deadbeefdead, 123456789012, func_0123456789ab",
        "kernel: BUG at fs/nfs/inode.c:123! ixgbe 5.1.0.0-k lib-2.4.1.0 0.0.0.0/0 10.0.0.0/8 255.255.255.0 "
        "::1",
        "RIP: 0010:[<ffffffff810a1b2c>] ffff888123456789 0000:3b:00.0 [ 1234.567890] "
        "2024-03-12T06:40:00.000000+0000",
        "ceph_mdsc_sync+0x1ea/0x2a0 [ceph] do_syscall_64.isra.0+0x5b/0x1a0 kworker/u16:3 jbd2/sda1-8",
        "git.corp.com/team/pkg.(*Server).Serve(0xc000123456, 0x1) net/http.(*conn).serve(0xc0)",
        "7f3c5e000000-7f3c5e021000 r-xp golang.org/x/net v0.0.0-20200822124328-c89045814202",
        "k8s.gcr.io/pause:3.1 kubernetes.io/hostname kube-dns.kube-system.svc.cluster.local",
        "libc.so.6 foo.service getty@tty1.service python3.11 v1.18.4-tke.6 net.ipv4.ip_forward",
        "Call Trace: ? __schedule+0x2e/0x740 task:kworker/0:1 state:D stack:0 pid:17",
        "unregister_netdevice: waiting for lo to become free. Usage count = 1",
        "",
    };
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_scrubbed(scrubber, texts[i], texts[i]);
    assert_int_equal(scrubbed_at(scrubber, TEXT("240.0.1.1")), 0);
}

static void names_that_are_told(void **state)
{
    (void)state;
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    scrubber_know(scrubber, TEXT("worker7"), "node-1");
    scrubber_know(scrubber, TEXT("x"), "never");
    expect_scrubbed(scrubber, "worker7: worker77 x, worker7\nworker7\n",
                    "node-1: worker77 x, node-1\nnode-1\n");
    assert_int_equal(scrubbed_at(scrubber, TEXT("node-1 is")), 6);
    assert_int_equal(scrubbed_at(scrubber, TEXT("is node-1")), 0);
}

// The first pass finds what the second replaces wherever it stands, in the order of the names.
static void names_that_are_learned(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"hostname\": \"zeta\", \"nodeName\":\"alpha.corp.com\"}",
        "kubelet: pod=\"shop/cart-0\" containerName=\"cart\"",
        "\"cart-7b9d_shop(0561fcdd-b512-4738-a6f0-ab2cfd9f62fb)\"",
        "/var/log/pods/billing_invoice-0_0561fcdd-b512-4738-a6f0-ab2cfd9f62fb/main/0.log",
        "drwxr-xr-x 2 jane staffers 4096 Mar 12 06:44 x",
        "\"image\": \"registry.corp.com:5000/team-red/cart:1.2\"",
        "hostname=ceph namespace=kube-system user=root",
        "SyncLoop (SYNC): 2 pods; till-196ef069b-qnvr9_wages",
    };
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        scrub_learn(scrubber, text_of(lines[i]));
    scrubber_settle(scrubber);
    expect_scrubbed(scrubber, "zeta kernel: ceph: mds0 hung on Alpha",
                    "host-2 kernel: ceph: mds0 hung on host-1");
    expect_scrubbed(scrubber, "k8s_cart_cart-0_shop_0561fcdd-b512-4738-a6f0-ab2cfd9f62fb_3",
                    "k8s_container-1_pod-1_namespace-2_00000000-0000-4000-8000-000000000001_3");
    expect_scrubbed(scrubber, "jane staffers invoice-0 billing cart-7b9d shop_lock cartoon team-red",
                    "user-1 user-2 pod-3 namespace-1 pod-2 shop_lock cartoon image-1");
    expect_scrubbed(scrubber, "till-196ef069b-qnvr9_wages; wages, wages_lock",
                    "pod-4_namespace-3; namespace-3, wages_lock");
    expect_scrubbed(scrubber, "kube-apiserver-zeta zeta.corp.com",
                    "kube-apiserver-host-2 host-2.domain-1.example");
}

static void append(struct scrubber *scrubber, const char *text, struct buffer *out)
{
    buffer_clear(out);
    scrub_line(scrubber, text_of(text), out);
    buffer_putc(out, '\0');
}

// More names than there is room for: ids still tell each other apart, and none of them comes through.
static void more_names_than_room(void **state)
{
    (void)state;
    struct buffer one = {0}, same = {0}, other = {0};
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(2);
    scrub_learn(scrubber, TEXT("10.1.2.3 10.1.2.4 10.1.2.5"));
    scrubber_settle(scrubber);
    append(scrubber, "0561fcdd-b512-4738-a6f0-ab2cfd9f62fb c4e17b027b02 10.9.9.9", &one);
    append(scrubber, "0561fcdd-b512-4738-a6f0-ab2cfd9f62fb c4e17b027b02 10.9.9.8", &same);
    append(scrubber, "1561fcdd-b512-4738-a6f0-ab2cfd9f62fb d4e17b027b02 10.9.9.8", &other);
    assert_string_equal(one.ptr, same.ptr);
    assert_true(strncmp(one.ptr, other.ptr, 36) != 0);
    assert_null(strstr(one.ptr, "561fcdd"));
    assert_null(strstr(one.ptr, "e17b027b02"));
    assert_null(strstr(one.ptr, "10.9"));
    assert_int_equal(one.len, 36 + 1 + 12 + 1 + 9 + 1);
    append(scrubber, "c4e17b027b027b027b027b027b027b027b027b027b027b027b027b027b027b02", &other);
    assert_memory_equal(other.ptr, one.ptr + 37, 12); // an id and its short form
    assert_true(names_full(scrubber_names(scrubber)));
    buffer_release(&one);
    buffer_release(&same);
    buffer_release(&other);
}

static void users_of_a_process_table(void **state)
{
    (void)state;
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open(SCRUB_NAMES_MOST);
    scrub_learn(scrubber, TEXT("USER         PID %CPU COMMAND"));
    scrub_learn(scrubber, TEXT("jonathan      12  0.0 sleep"));
    scrub_learn(scrubber, TEXT("root           1  0.0 init"));
    scrub_restart(scrubber);
    scrub_learn(scrubber, TEXT("something else"));
    scrubber_settle(scrubber);
    expect_scrubbed(scrubber, "jonathan root something", "user-1 root something");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_with_a_form),
        cmocka_unit_test(an_id_keeps_its_length_and_its_beginning),
        cmocka_unit_test(what_names_nothing_stays),
        cmocka_unit_test(names_that_are_told),
        cmocka_unit_test(names_that_are_learned),
        cmocka_unit_test(more_names_than_room),
        cmocka_unit_test(users_of_a_process_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
