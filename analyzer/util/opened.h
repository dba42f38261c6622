// SPDX-License-Identifier: Apache-2.0
//
// What was opened by its path before the sandbox was entered, for whoever opens that path afterwards: there
// nothing can be opened by a path any more, or, where the kernel knows no Landlock, nothing at all.
#ifndef INQUEST_UTIL_OPENED_H
#define INQUEST_UTIL_OPENED_H

#include <stdbool.h>

// Opens the path for reading, without waiting, and keeps the descriptor (which it gives; -1 with errno, and
// that is kept too). A few paths at most; they must outlive the process's use of them.
int opened_keep(const char *path);
// Opens the path for reading, without waiting: a kept one from its start (of a file the position is shared
// with every other that was opened so). -1 with errno.
int opened_again(const char *path);

#endif
