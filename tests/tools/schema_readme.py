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

```console
$ inquest sql samples/s6-sync "SELECT tid, comm, place FROM blocked ORDER BY tid LIMIT 3"
…
```
'''


def describe(path, db):
    text = open(path, encoding='utf-8').read()
    out = []
    for match in re.finditer(r'((?:^--[^\n]*\n)*)^CREATE (TABLE|VIEW) "?(\w+)"?(.*?);(?: --[^\n]*)?\n', text, re.M | re.S):
        comment, kind, name, body = match.groups()
        words = [line[2:].strip() for line in comment.splitlines() if 'SPDX' not in line]
        notes = dict((n, c.strip()) for n, c in re.findall(r'^    "?(\w+)"? (?:INTEGER|TEXT|REAL)[^\n]*?-- ([^\n]*)$', body, re.M))
        notes.update((n, c.strip()) for n, c in re.findall(r' AS "?(\w+)"?,? *-- ([^\n]*)$', body, re.M))
        out.append('## %s\n' % name)
        out.append(('View. ' if kind == 'VIEW' else '') + ' '.join(words) + '\n')
        columns = [row[1] for row in db.execute('PRAGMA table_xinfo("%s")' % name)]
        for column in columns:
            note = notes.get(column) or SHARED.get(column, '')
            out.append('- `%s`%s' % (column, ': ' + note if note else ''))
        out.append('')
    return '\n'.join(out)


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
    text = HEAD + '\n' + '\n'.join(describe(path, db) for path in paths)
    if sys.argv[1:] == ['--check']:
        same = open(os.path.join(TOP, 'schema', 'README.md'), encoding='utf-8').read() == text
        print('%d passed, %d failed' % (same, not same))
        return not same
    sys.stdout.write(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
