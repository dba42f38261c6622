// SPDX-License-Identifier: Apache-2.0
//
// Where results go: standard output, or a file that is there whole or not at all.
#ifndef INQUEST_COMMAND_OUTPUT_H
#define INQUEST_COMMAND_OUTPUT_H

#include "util/buffer.h"
#include "util/error.h"

struct output {
    const char *path; // NULL for standard output
    char *temporary;  // beside path, until output_close renames it
    int fd;
};

// Opens standard output (path NULL or "-") or a temporary file beside `path` (mode 0600).
bool output_open(struct output *output, const char *path, struct error *err);
// A reader of standard output that went away is no failure (SIGPIPE must be ignored for that).
bool output_write(struct output *output, struct text text, struct error *err);
// fsync and rename; for standard output a flush. On failure nothing is left at path.
bool output_close(struct output *output, struct error *err);
// Gives up: removes the temporary file. Fits CLEANUP(); harmless after output_close.
void output_discard(struct output *output);
// Removes the temporary files of every open output; async-signal-safe, for the handler of SIGINT and SIGTERM.
void output_discard_all(void);

#endif
