// SPDX-License-Identifier: Apache-2.0
//
// Rows become SQLite and come back. One store a node.
//
// Its sink takes rows in any order while the bundle streams; store_finish settles what is only known at
// the end (clocks, threads, pods), and from then on the tables and views of schema/ are whole.
//
// Two shapes: while analysing the store is private, and log lines and kept texts lie in compressed
// blocks behind the name `log`. A store with a path is what leaves the program: plain tables of
// the same columns, and the kept members whole in `file`.
#ifndef INQUEST_STORE_STORE_H
#define INQUEST_STORE_STORE_H

#include "bundle/limits.h"
#include "evidence/sink.h"
#include "store/db.h"
#include "util/room.h"

struct store;

// What the stores of one bundle's nodes share, so that many nodes need little more memory than one: zeroed
// for the first, and theirs alone.
struct pack;
struct store_share {
    struct room tasks;         // limit task_mb
    struct room names, clocks; // limit name_mb, while the bundle is read and at its end
    struct pack *pack;         // of log lines and kept texts
    uint64_t stores;           // opened so far: the first has the largest caches
};

void store_share_close(struct store_share *share); // after the stores; fits CLEANUP()

// path NULL: private. limits and share must outlive the store.
bool store_open(struct store **store, const char *path, const struct limits *limits,
                struct store_share *share, struct error *err);
void store_close(struct store **store); // fits CLEANUP()

struct sink *store_sink(struct store *store);
struct db *store_db(struct store *store);

// A warning that no parser's sink sees: of the bundle as a whole.
void store_warn(struct store *store, struct text source, uint64_t line, const char *problem);

// After the last row. Fails where SQLite does.
bool store_finish(struct store *store, struct error *err);

// False, with the reason, once the disk failed it: see db_sound.
bool store_sound(const struct store *store, struct error *err);

// The text of a line of evidence, for the report: of a log record its message. False where it was not kept.
bool store_line(struct store *store, struct text member, int64_t line, struct arena *arena,
                struct text *text);

// Whether anything but warnings came: a bundle without any evidence is none.
bool store_has_evidence(const struct store *store);

// Log records that passed.
uint64_t store_log_count(const struct store *store);

// How times settle; from store_finish on.
struct clocks;
const struct clocks *store_clocks(const struct store *store);

// Re-emits everything a database that `unpack` wrote holds, as if its bundle were read again.
// Fails with ERROR_BUNDLE when it is not such a database.
bool store_replay(struct db *database, const struct limits *limits, struct sink *sink, struct error *err);

#endif
