// SPDX-License-Identifier: Apache-2.0
//
// The two locks of the sandbox (sandbox.h), for sandbox.c alone.
#ifndef INQUEST_UTIL_LOCK_H
#define INQUEST_UTIL_LOCK_H

#include "util/sandbox.h"

// Both need PR_SET_NO_NEW_PRIVS before. False when the kernel cannot, with errno set.
bool lock_folders(const struct sandbox *sandbox); // Landlock
// `folders_locked`: whether Landlock stands before it; else opening is narrowed here, as far as flags tell.
bool lock_calls(const struct sandbox *sandbox, bool folders_locked); // seccomp

#endif
