// SPDX-License-Identifier: Apache-2.0
//
// What every unit test includes first: cmocka with the headers it wants, and asserts over texts.
#ifndef INQUEST_TESTS_TEST_H
#define INQUEST_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// cmocka's fail() would hide ours (util/error.h), and its fail_msg() stands on it.
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error("ERROR: " __VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include "util/text.h"

static inline void assert_text_at(struct text got, const char *wanted, const char *file, int line)
{
    if (wanted ? got.ptr && text_is(got, wanted) : !got.ptr)
        return;
    print_error("got '%.*s'%s, wanted '%s'%s\n", TEXT_ARG(got), got.ptr ? "" : " (absent)",
                wanted ? wanted : "", wanted ? "" : " (absent)");
    _fail(file, line);
}

// The text equals the string; NULL says that it must be absent.
#define assert_text(got, wanted) assert_text_at(got, wanted, __FILE__, __LINE__)

#endif
