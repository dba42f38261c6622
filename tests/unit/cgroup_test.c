// SPDX-License-Identifier: Apache-2.0
#include "kernel/cgroup.h"
#include "test.h"

#define ID "10f0451e1345f5028f636e2b09c9f8204e55a01f5f09f2e57de3c17d3f93f492"
#define UID "4f5b1e0a-6c1d-4b7e-9f0a-0123456789ab"
#define UID_ "4f5b1e0a_6c1d_4b7e_9f0a_0123456789ab"
#define STATIC "0123456789abcdef0123456789abcdef"

static void paths_of_all_runtimes(void **state)
{
    (void)state;
    static const struct {
        const char *path, *container, *pod, *unit;
    } cases[] = {
        {"/docker/" ID, ID, NULL, NULL},
        {"/system.slice/docker-" ID ".scope", ID, NULL, "system.slice"},
        {"/kubepods/burstable/pod" UID "/" ID, ID, UID, NULL},
        {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/docker-" ID ".scope",
         ID, UID, "kubepods-burstable.slice"},
        {"/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", ID, UID, "kubepods.slice"},
        {"/system.slice/containerd.service/kubepods-besteffort-pod" UID_ ".slice:cri-containerd:" ID, ID, UID,
         "containerd.service"},
        {"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope/container", ID, UID, "kubepods.slice"},
        {"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID ".scope", NULL, UID,
         "crio-conmon-" ID ".scope"},
        {"/system.slice/crio-conmon-" ID ".scope", NULL, NULL, "crio-conmon-" ID ".scope"},
        {"/machine.slice/libpod-" ID ".scope", ID, NULL, "machine.slice"},
        {"/machine.slice/libpod-" ID ".scope/container", ID, NULL, "machine.slice"},
        {"/kubepods/besteffort/pod" STATIC "/" ID, ID, STATIC, NULL},
        {"/docker/" ID " (deleted)", ID, NULL, NULL},
        {"/../../kubepods/pod" UID "/" ID "\n", ID, UID, NULL},
        {"/system.slice/kubelet.service", NULL, NULL, "kubelet.service"},
        {"/user.slice/user-0.slice/session-3.scope", NULL, NULL, "session-3.scope"},
        {"/", NULL, NULL, NULL},
        {"/docker/10f0451e1345", NULL, NULL, NULL},
        {"/podman/notapod", NULL, NULL, NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cgroup_id id;
        cgroup_identify(text_of(cases[i].path), &arena, &id);
        assert_text(id.container, cases[i].container);
        assert_text(id.pod_uid, cases[i].pod);
        assert_text(id.unit, cases[i].unit);
    }
    arena_release(&arena);
}

static void the_most_telling_line(void **state)
{
    (void)state;
    assert_text(
        cgroup_choose(TEXT("12:cpuset:/\n11:memory:/docker/" ID "\n1:name=systemd:/system.slice/x.service\n"
                           "0::/\n")),
        "/docker/" ID);
    assert_text(cgroup_choose(TEXT("0::/system.slice/kubelet.service\n")), "/system.slice/kubelet.service");
    assert_text(cgroup_choose(TEXT("9:pids:/user.slice/user-0.slice\n1:name=systemd:/user.slice/x.scope\n")),
                "/user.slice/x.scope");
    assert_text(cgroup_choose(TEXT("2:cpu,cpuacct:/\n1:name=systemd:/\n")), "/"); // a dying task on v1
    assert_text(cgroup_choose(TEXT("nonsense\n")), NULL);
    assert_text(cgroup_choose(TEXT("")), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_all_runtimes),
        cmocka_unit_test(the_most_telling_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
