// SPDX-License-Identifier: Apache-2.0
//
// Work on a stranger's bundle in a child process that is locked in (util/sandbox.h): a crash costs that
// bundle and nothing else, and whatever the bytes make the reader do, it can only read the bundle, write to
// what was opened before, and use one private folder for temporary files.
#ifndef INQUEST_COMMAND_JAIL_H
#define INQUEST_COMMAND_JAIL_H

#include "command/command.h"

struct jail; // what the child needs to lock itself in

// Runs work(context, jail, err) as --sandbox and --no-sandbox say. What work must open besides the
// bundle (a database to write) it opens first; then it calls jail_lock. Gives work's result, 0 to 255, and
// its error. False when the child died. Longer than limits.wall_s it may not take; outside of a jail SIGALRM
// then comes.
typedef int jailed_work(void *context, const struct jail *jail, struct error *err);
bool jail_run(const struct arguments *arguments, const char *bundle_path, jailed_work *work, void *context,
              int *result, struct error *err);

// The same for work that reads a second bundle too (NULL for none).
bool jail_run_two(const struct arguments *arguments, const char *bundle_path, const char *second_path,
                  jailed_work *work, void *context, int *result, struct error *err);

// Removes the private folder, if there is one, for a handler of signals. A killed process cannot: the next
// jail_run removes what such a one left in the same place.
void jail_discard(void);

// Locks the process in, from here on. Fails only with --sandbox=require. Harmless outside a jail (jail NULL).
bool jail_lock(const struct jail *jail, struct error *err);

#endif
