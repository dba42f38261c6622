// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/output.h"
#include "test.h"

static char folder[] = "/tmp/inquest-test-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/out", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); // fails when a temporary file was left
}

static size_t files_in_folder(void)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    while (readdir(listing))
        count++;
    (void)closedir(listing);
    return count - 2;
}

static void expect_content(const char *wanted)
{
    char got[64] = {0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_true(read(fd, got, sizeof got - 1) >= 0);
    (void)close(fd);
    assert_string_equal(got, wanted);
}

static void whole_or_not_at_all(void **state)
{
    (void)state;
    struct output output;
    struct error err = {0};
    struct stat status;
    assert_true(output_open(&output, path, &err));
    assert_true(output_write(&output, TEXT("one"), &err));
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(files_in_folder(), 1);
    assert_true(output_close(&output, &err));
    output_discard(&output); // harmless now
    expect_content("one");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_true(output_open(&output, path, &err)); // a second run that gives up leaves the first one's
    assert_true(output_write(&output, TEXT("two"), &err));
    output_discard(&output);
    expect_content("one");
    assert_int_equal(files_in_folder(), 1);
}

static void no_such_folder(void **state)
{
    (void)state;
    struct output output;
    struct error err = {0};
    assert_false(output_open(&output, "/nonexistent/out", &err));
    assert_non_null(strstr(err.message, "/nonexistent/out"));
    output_discard(&output);
}

static void a_full_disk(void **state)
{
    (void)state;
    struct output output;
    struct error err = {0};
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 2;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_true(output_open(&output, path, &err));
    bool written = output_write(&output, TEXT("too long"), &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(written);
    assert_non_null(strstr(err.message, "writing failed"));
    output_discard(&output);
    assert_int_equal(files_in_folder(), 0);
}

static void a_device_is_written_as_it_is(void **state)
{
    (void)state;
    struct output output;
    struct error err = {0};
    assert_true(output_open(&output, "/dev/full", &err));
    assert_false(output_write(&output, TEXT("x"), &err));
    output_discard(&output);
    assert_true(output_open(&output, "/dev/null", &err));
    assert_true(output_write(&output, TEXT("x"), &err));
    assert_true(output_close(&output, &err));
}

static void handler(int number)
{
    output_discard_all();
    _exit(128 + number);
}

static void a_signal_leaves_nothing(void **state)
{
    (void)state;
    int ready[2], status;
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct output output;
        struct error err = {0};
        (void)signal(SIGTERM, handler);
        if (output_open(&output, path, &err) && output_write(&output, TEXT("x"), &err))
            (void)!write(ready[1], "r", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGTERM);
    assert_int_equal(files_in_folder(), 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
}

static void a_reader_that_left(void **state)
{
    (void)state;
    int ends[2];
    struct output output;
    struct error err = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    int before = dup(STDOUT_FILENO);
    (void)fflush(stdout);
    assert_int_equal(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(output_open(&output, "-", &err));
    bool written = output_write(&output, TEXT("x"), &err) && output_close(&output, &err);
    assert_int_equal(dup2(before, STDOUT_FILENO), STDOUT_FILENO);
    (void)close(before);
    assert_true(written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_or_not_at_all, make_folder, remove_folder),
        cmocka_unit_test(no_such_folder),
        cmocka_unit_test_setup_teardown(a_full_disk, make_folder, remove_folder),
        cmocka_unit_test(a_device_is_written_as_it_is),
        cmocka_unit_test_setup_teardown(a_signal_leaves_nothing, make_folder, remove_folder),
        cmocka_unit_test(a_reader_that_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
