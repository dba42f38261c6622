// SPDX-License-Identifier: Apache-2.0
#include "test.h"
#include "util/memory.h"
#include "util/scrub.h"

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
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    expect_scrubbed(scrubber, "mon1 10.20.3.2:6789 and 10.20.3.3, again 10.20.3.2",
                    "mon1 192.0.2.1:6789 and 192.0.2.2, again 192.0.2.1");
    expect_scrubbed(scrubber, "pod 0561fcdd-b512-4738-a6f0-ab2cfd9f62fb",
                    "pod 6f1d2c3b-0000-4000-8000-000000000001");
    expect_scrubbed(scrubber, "server files.prod.example.com not responding, files.prod.example.com",
                    "server host-1.example.org not responding, host-1.example.org");
    expect_scrubbed(scrubber, "veth 3e:11:22:33:44:55 fe80::1ff:fe23:4567:890a up",
                    "veth 02:00:00:00:00:01 2001:db8::1 up");
    expect_scrubbed(scrubber, "pod gateway-ab0b6cbf3-frq6f_default", "pod pod-1_default");
}

static void an_id_keeps_its_length_and_its_beginning(void **state)
{
    (void)state;
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    expect_scrubbed(scrubber, "c4e17b027b02 other d4e17b027b02 same c4e17b027b02aabb",
                    "4d0e01c74d0e other 4d0e02c74d0e same 4d0e01c74d0e01c7");
}

static void what_names_nothing_stays(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "at 06:40:12 on 5.15.0-91-generic, 127.0.0.1:2379, docker.service, io.containerd.grpc.v1.cri",
        "blocked for more than 120 seconds, deadbeefdead, 123456789012, func_0123456789ab",
        "kernel: BUG at fs/nfs/inode.c:123!",
        "",
    };
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_scrubbed(scrubber, texts[i], texts[i]);
    assert_int_equal(scrubbed_at(scrubber, TEXT("192.0.2.1")), 0);
}

static void names_that_are_told(void **state)
{
    (void)state;
    CLEANUP(scrubber_close) struct scrubber *scrubber = scrubber_open();
    scrubber_know(scrubber, TEXT("worker7"), "node-1");
    scrubber_know(scrubber, TEXT("x"), "never");
    expect_scrubbed(scrubber, "worker7: worker77 x, worker7\nworker7\n",
                    "node-1: worker77 x, node-1\nnode-1\n");
    assert_int_equal(scrubbed_at(scrubber, TEXT("node-1 is")), 6);
    assert_int_equal(scrubbed_at(scrubber, TEXT("is node-1")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_with_a_form),
        cmocka_unit_test(an_id_keeps_its_length_and_its_beginning),
        cmocka_unit_test(what_names_nothing_stays),
        cmocka_unit_test(names_that_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
