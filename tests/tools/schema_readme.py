#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes schema/README.md from schema/*.sql: every table and view with its columns, in one place for rule authors.

  schema_readme.py            prints it
  schema_readme.py --check    fails when schema/README.md differs
"""
import glob, os, re, sqlite3, sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAD = '''<!-- Made by tests/tools/schema_readme.py from schema/*.sql; a test keeps it so. -->
# Tables and views

What `inquest unpack BUNDLE -o FILE.db` writes, what `inquest sql` asks, and what the query of a rule reads. Times are
nanoseconds since 1970 UTC (`iso(time)` shows one), sizes are bytes unless the name says otherwise. `evidence` is the
place in the bundle, `member:line`.

Functions beside SQLite's own: `regexp(pattern, text)` and `text REGEXP pattern` (PCRE2), `iso(ns)`, `duration(s)`,
`bytes(n)`.

[rule.schema.json](rule.schema.json) gives completion and checks for rules in editors that speak JSON Schema;
[report.schema.json](report.schema.json) documents every key of `--format json`.

```console
$ inquest sql samples/s6-sync "SELECT tid, comm, place FROM blocked ORDER BY tid LIMIT 3"
…
```
'''


def notes_of(body):
    notes = dict((n, c.strip()) for n, c in re.findall(r'^    "?(\w+)"? (?:INTEGER|TEXT|REAL)[^\n]*?-- ([^\n]*)$', body, re.M))
    notes.update((n, c.strip()) for n, c in re.findall(r' AS "?(\w+)"?,? *-- ([^\n]*)$', body, re.M))
    return notes


def tables_of(paths):
    """What each table and view says of its columns: a view that hands one on need not say it again."""
    out = {}
    for path in paths:
        for name, body in re.findall(r'^CREATE (?:TABLE|VIEW) "?(\w+)"?(.*?);(?: --[^\n]*)?\n', open(path, encoding='utf-8').read(), re.M | re.S):
            out[name] = body, notes_of(body)
    return out


def inherited(column, body, tables):
    for name in re.findall(r'\b(?:FROM|JOIN)\s+\(?(\w+)', body):
        if name in tables:
            note = tables[name][1].get(column) or inherited(column, tables[name][0], {k: v for k, v in tables.items() if k != name})
            if note:
                return note
    return None


def describe(path, db, tables):
    text = open(path, encoding='utf-8').read()
    out = []
    for match in re.finditer(r'((?:^--[^\n]*\n)*)^CREATE (TABLE|VIEW) "?(\w+)"?(.*?);(?: --[^\n]*)?\n', text, re.M | re.S):
        comment, kind, name, body = match.groups()
        words = [line[2:].strip() for line in comment.splitlines() if 'SPDX' not in line]
        notes = notes_of(body)
        out.append('## %s\n' % name)
        out.append(('View. ' if kind == 'VIEW' else '') + ' '.join(words) + '\n')
        columns = [row[1] for row in db.execute('PRAGMA table_xinfo("%s")' % name)]
        for column in columns:
            note = notes.get(column) or OWN.get('%s.%s' % (name, column)) or SHARED.get(column) or inherited(column, body, tables)
            if not note:
                sys.exit('%s: nothing says what `%s` of %s is' % (path, column, name))
            out.append('- `%s`: %s' % (column, note))
        out.append('')
    return '\n'.join(out)


OWN = {
    'container.threads': 'of its processes', 'container.blocked': 'of these, threads in state D',
    'function.name': 'as profiles write it', 'function.profiles': 'how many name it', 'function.types': 'sample types in which they do',
    'goroutine_channel.kind': 'channel or select', 'goroutine_wait.kind': 'channel, select, lock, syscall, io … what its state says in one word',
    'goroutine_thread.call': "what its package of system calls names it, in lower case: statfs, unmount …; NULL unknown",
    'goroutine_thread.kernel_place': 'where that thread waits, in words', 'goroutine_thread.kernel_stack': 'its frames, one a line, top first',
    'goroutine_thread.thread_evidence': 'member:line of the thread', 'goroutine_thread.fitting': 'threads that fit this goroutine',
    'goroutine_thread.certainty': 'proved where number and argument fit one thread alone, else inferred',
    'meminfo.bytes': 'kilobytes of /proc/meminfo times 1024; counts as they are', 'pidns_member.is_init': '1: it is 1 in that namespace',
    'process.blocked_threads': 'of its threads, those in state D',
    'profile_below.below': 'a function', 'profile_below.function': 'a function that it calls, however far down, or itself',
    'profile_below.value': 'of the stacks with both, in the unit of the type', 'profile_below.share': 'value / total, 0 to 1',
    'profile_frame.depth': '0 is the leaf', 'profile_frame.function': 'that stands there',
    'profile_top.flat_share': 'flat / total, 0 to 1', 'profile_top.cum_share': 'cum / total, 0 to 1',
    'sighting.seen': 'now: as collected; report: a kernel log reports it', 'task_netns.how': 'see above',
    'thread_by_stack.blocked': 'of the threads, those in state D', 'thread_by_stack.example_tid': 'the lowest thread id',
    'thread_by_stack.threads': 'that have this stack',
    'wait_chain.depth': 'steps from the waiter', 'wait_chain.path': 'the ids on the way, joined by ->',
}
SHARED = dict(evidence='member:line', member='path of the member in the bundle', line='line in it, from 1',
              tid='thread', pid='process', comm='name of the task', state='R S D T t Z X I', container='id of its container',
              pod='namespace/name, else the uid', pidns='inode of the pid namespace', netns='inode of the network namespace',
              stack='stack.id', place='where it waits, in words', signature='stable fingerprint of the stack',
              moved_on='1: the second sample differs or is empty', age_s='seconds it had lived')


def main():
    db = sqlite3.connect(':memory:')
    paths = sorted(glob.glob(os.path.join(TOP, 'schema', '*.sql')))
    for path in paths:
        db.executescript(open(path, encoding='utf-8').read())
    text = HEAD + '\n' + '\n'.join(describe(path, db, tables_of(paths)) for path in paths)
    if sys.argv[1:] == ['--check']:
        same = open(os.path.join(TOP, 'schema', 'README.md'), encoding='utf-8').read() == text
        print('%d passed, %d failed' % (same, not same))
        return not same
    sys.stdout.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
