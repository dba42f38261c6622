#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command in the docs is run, and what they show is what it prints.

A ```console block holds `$ command` lines, each followed by the output that the reader will see. A line `…` alone
stands for any number of lines; a line that ends in ` …` for any end of that line. Commands run in a copy of the tree.
`make demo` and `make check` are the suite's own callers and are only looked up in the Makefile.
"""
import os, re, shutil, subprocess, sys, tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get('BUILD', 'build'))
DOCS = ['README.md', 'CONTRIBUTING.md', 'rules/README.md', 'schema/README.md', 'collector/README.md', 'tests/bench/README.md']
ONLY_NAMED = re.compile(r'^(sudo )?(make (demo|check|bench|fuzz|install|golden|deps)\b.*|git clone .*|cd inquest|apt-get .*)$')


def blocks(path):
    text = open(path, encoding='utf-8').read()
    for match in re.finditer(r'^```console\n(.*?)^```', text, re.M | re.S):
        commands = []
        for line in match.group(1).splitlines():
            if line.startswith('$ '):
                commands.append((line[2:], []))
            elif commands:
                commands[-1][1].append(line)
        yield commands


def fits(wanted, got):
    """Whether the lines fit, `…` standing for any number of them."""
    if not wanted:
        return not got
    if wanted[0] == '…':
        return any(fits(wanted[1:], got[i:]) for i in range(len(got) + 1))
    if not got:
        return False
    same = got[0].startswith(wanted[0][:-1].rstrip()) if wanted[0].endswith(' …') else got[0].rstrip() == wanted[0].rstrip()
    return same and fits(wanted[1:], got[1:])


def main():
    passed = failed = 0
    targets = set(re.findall(r'^([a-z-]+):', open(os.path.join(TOP, 'Makefile')).read(), re.M))
    with tempfile.TemporaryDirectory() as work:
        tree = os.path.join(work, 'inquest')
        files = subprocess.run(['git', 'ls-files', '-z'], cwd=TOP, capture_output=True, check=True).stdout.decode().split('\0')
        for name in filter(None, files):
            if os.path.exists(os.path.join(TOP, name)):
                os.makedirs(os.path.dirname(os.path.join(tree, name)), exist_ok=True)
                shutil.copy2(os.path.join(TOP, name), os.path.join(tree, name))
        os.makedirs(os.path.join(tree, 'build'))
        os.symlink(os.path.join(BUILD, 'inquest'), os.path.join(tree, 'build', 'inquest'))
        env = dict(os.environ, PATH=os.path.join(tree, 'build') + ':' + os.path.join(tree, 'collector') + ':' + os.environ['PATH'], LC_ALL='C.UTF-8', NO_COLOR='1')
        for doc in DOCS:
            path = os.path.join(TOP, doc)
            if not os.path.exists(path):
                continue
            for commands in blocks(path):
                for command, wanted in commands:
                    name = '%s: %s' % (doc, command)
                    if ONLY_NAMED.match(command):
                        word = re.search(r'make (\S+)', command)
                        good = not word or word.group(1) in targets
                        why = 'no such target'
                    else:
                        run = subprocess.run(['sh', '-c', command], cwd=tree, env=env, capture_output=True, timeout=300)
                        got = (run.stdout + run.stderr).decode('utf-8', 'replace').splitlines()
                        good = fits(wanted, got)
                        why = 'printed:\n' + '\n'.join('      ' + line for line in got[:60])
                    passed, failed = passed + good, failed + (not good)
                    print('%s - %s' % ('ok' if good else 'not ok', name) + ('' if good else '\n    ' + why))
    print('%d passed, %d failed' % (passed, failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
