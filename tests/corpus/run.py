#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run.py [CASE...]  -  the labelled stacks of ../shared/corpus against the built-in rules.

Each case becomes a bundle (../shared/tools/case2bundle.py), each bundle is analysed, and the report is held
against the label:

  fault    the first finding's cause is the case's label, or that of a task that holds the others up
  holder   where the case knows who holds whom up, the report names that task in its wait graph or as a
           finding's subject
  benign   no finding of severity medium or above (and, told apart, none that is also of confidence medium or above)

Prints recall, precision and every miss by name, then `N passed, N failed`. Exits 1 below 95 % recall or where a
benign case is flagged. Arguments are parts of case ids, to look at a few: then each report's findings are shown.
"""
import collections
import concurrent.futures
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.environ.get('INQUEST_SHARED', os.path.join(os.path.dirname(ROOT), 'shared'))
INQUEST = os.environ.get('INQUEST', os.path.join(ROOT, 'build', 'inquest'))
RECALL = 0.95
sys.path.insert(0, os.path.join(ROOT, 'tests', 'tools'))
from schemas import report_faults  # noqa: E402
LEVELS = ['info', 'low', 'medium', 'high', 'critical']


def converter():
    spec = importlib.util.spec_from_file_location('case2bundle', os.path.join(SHARED, 'tools', 'case2bundle.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_cases(names):
    folder = os.path.join(SHARED, 'corpus', 'cases')
    for name in sorted(os.listdir(folder)):
        if name.endswith('.json') and (not names or any(n in name for n in names)):
            with open(os.path.join(folder, name)) as file:
                yield json.load(file)


def tasks_of(case):
    return case.get('tasks') or [case]


def analyse(bundle):
    command = [INQUEST, 'analyze', '--format', 'json'] + os.environ.get('INQUEST_FLAGS', '').split() + [bundle]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if run.returncode > 1:
        raise RuntimeError('%s: exit %d: %s' % (bundle, run.returncode, run.stderr.decode(errors='replace').strip()))
    return json.loads(run.stdout)


def at_least(level, word):
    return LEVELS.index(word) >= LEVELS.index(level)


def accepted(case):
    """Causes that may stand first: of the case, and of the tasks that hold others up."""
    held = {t.get('label') for t in case.get('tasks') or [] if t.get('role') == 'holder' and not t.get('benign')}
    return {case['label']} | (held - {None})


def holder_pids(case):
    """Pids that case2bundle gives to holders; empty where nobody is known to wait for them."""
    roles = [t.get('role') for t in case.get('tasks') or []]
    if 'holder' not in roles or 'waiter' not in roles:
        return []
    return [4100 + n * 11 for n, role in enumerate(roles) if role == 'holder']


def names_task(report, pid):
    for wait in report['waits']:
        if (wait.get('holder') or {}).get('tid') == pid:
            return True
    return any(pid in (f['subjects'].get('pid') or []) + (f['subjects'].get('tid') or []) for f in report['findings'])


def told(finding):
    return '%s/%s/%s (%s)' % (finding['cause'], finding['severity'], finding['confidence'], finding['rule'])


def judge(case, report):
    """Complaints about a report; none: it is right."""
    findings = report['findings']
    if report_faults(report):
        return ['not as schema/report.schema.json says: ' + '; '.join(report_faults(report)[:3])]
    if case.get('benign'):
        return ['flagged: ' + told(f) for f in findings if at_least('medium', f['severity'])]
    complaints = []
    first = findings[0] if findings else None
    if not first or first['cause'] not in accepted(case):
        place = next((f['rank'] for f in findings if f['cause'] in accepted(case)), None)
        complaints.append('%s is %s; first is %s' % (case['label'], 'at rank %d' % place if place else 'not found',
                                                     told(first) if first else 'nothing'))
    for pid in holder_pids(case):
        if not names_task(report, pid):
            complaints.append('holder %d is not named' % pid)
    return complaints


class Tally:
    def __init__(self):
        self.cases = self.right = self.first = self.faults = self.benign = self.quiet = self.surely_quiet = 0
        self.misses = []
        self.expected, self.given, self.hits = (collections.Counter() for _ in range(3))

    def add(self, case, report):
        complaints = judge(case, report)
        findings = report['findings']
        self.cases += 1
        self.right += not complaints
        if complaints:
            self.misses.append((case['id'], case['label'], complaints))
        if case.get('benign'):
            self.benign += 1
            self.quiet += not complaints
            self.surely_quiet += not any(at_least('medium', f['severity']) and f['confidence'] != 'low' for f in findings)
            return
        self.faults += 1
        hit = bool(findings) and findings[0]['cause'] in accepted(case)
        self.first += hit
        self.expected[case['label']] += 1
        if findings:
            self.given[case['label'] if hit else findings[0]['cause']] += 1
        self.hits[case['label']] += hit

    def recall(self):
        return self.first / self.faults if self.faults else 1.0

    def write(self):
        wrong_benign = self.benign - self.quiet
        said = sum(self.given.values()) + wrong_benign
        print('recall     %5.1f %%  (%d of %d faults have their cause first)' %
              (100 * self.recall(), self.first, self.faults))
        print('precision  %5.1f %%  (%d of %d first findings are right)' %
              (100 * self.first / said if said else 100, self.first, said))
        print('benign     %d of %d without a finding at medium or above; %d of %d counting only confident ones' %
              (self.quiet, self.benign, self.surely_quiet, self.benign))
        for label in sorted(self.expected):
            if self.hits[label] < self.expected[label]:
                print('  %-32s %d of %d' % (label, self.hits[label], self.expected[label]))
        for name, label, complaints in self.misses:
            print('MISS %s: %s' % (name, '; '.join(complaints)))


def show(case, report):
    print('%s  [%s]' % (case['id'], case['label']))
    for finding in report['findings']:
        print('  %d. %s: %s' % (finding['rank'], told(finding), finding['summary']))
    for wait in report['waits']:
        print('     wait %s' % json.dumps(wait))
    for group in report['unexplained']:
        print('     unexplained: %s' % group['where'])


def main():
    names = sys.argv[1:]
    if not os.path.isdir(os.path.join(SHARED, 'corpus', 'cases')):
        print('skipped: no ../shared/corpus here')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    convert = converter()
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix='inquest-corpus-') as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
        cases = list(load_cases(names))
        for case in cases:
            convert.bundle(case, os.path.join(folder, case['id']))
        reports = pool.map(lambda case: analyse(os.path.join(folder, case['id'])), cases)
        for case, report in zip(cases, reports):
            tally.add(case, report)
            if names:
                show(case, report)
    tally.write()
    wrong = tally.cases - tally.right
    print('%d passed, %d failed' % (tally.right, wrong))
    return 0 if tally.recall() >= RECALL and tally.quiet == tally.benign else 1


if __name__ == '__main__':
    sys.exit(main())
