// SPDX-License-Identifier: Apache-2.0
//
// What we add to SQLite: functions for rules and people, and the virtual table `log` over compressed
// blocks of lines.
//
//   regexp(pattern, text)  1 when the PCRE2 pattern is found in text; `text REGEXP pattern` likewise
//   iso(ns)                nanoseconds since 1970 as 2021-06-10T08:09:15Z
//   duration(s)            seconds as "3 h 20 min"
//   bytes(n)               "1.5 GiB"
#ifndef INQUEST_STORE_EXTEND_H
#define INQUEST_STORE_EXTEND_H

#include "store/db.h"

struct sqlite3;

bool extend_functions(struct sqlite3 *handle);

// settled(member, clock, raw, boot), see db_settle_with().
bool extend_settle(struct sqlite3 *handle, db_settle *settle, void *context);

// Replaces the table `log` by a virtual table of the same columns over `lines`, which must outlive the
// handle.
bool extend_log(struct sqlite3 *handle, struct line_store *lines);

#endif
