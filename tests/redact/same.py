#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""same.py ARGUMENT...  -  stands in for inquest in other suites: runs it, and when it analysed one bundle as JSON also
redacts the bundle and analyses that. Where the two diagnoses differ, or the second look finds something, a line goes
to the file $REDACT_DIFFERENCES; for each bundle compared one to $REDACT_COMPARED. Output and status are inquest's own."""
import json
import os
import subprocess
import sys
import tempfile

INQUEST = os.environ['REDACT_INQUEST']
FINDING = ('rank', 'rule', 'cause', 'title', 'severity', 'confidence', 'score', 'first_seen', 'last_seen', 'ongoing', 'explains',
           'explained_by', 'blocks', 'evidence_more')
NUMBERS = ('pid', 'tid', 'pidns', 'netns')


def diagnosis(report):
    """What must be the same: everything but names and texts that hold them."""
    out = {'counts': report['counts'], 'kernel': report['bundle']['kernel'], 'collected_at': report['bundle']['collected_at']}
    out['findings'] = [[f[k] for k in FINDING] +
                       [{k: v if k in NUMBERS else len(v) for k, v in f['subjects'].items()},
                        [(e['line'], e['function']) for e in f['evidence']]] for f in report['findings']]
    out['waits'] = [(w['waiter']['tid'], w['holder']['tid'], w['certainty'], w['one_of'], w['rule']) for w in report['waits']]
    out['unexplained'] = [(u['signature'], u['tasks'], u['where'], u['stack']) for u in report['unexplained']]
    out['undecided'] = [u['rule'] for u in report['undecided']]
    return out


def differences(one, other):
    for key in one:
        if one[key] == other[key]:
            continue
        if isinstance(one[key], list):
            for a, b in zip(one[key], other[key]):
                if a != b:
                    return '%s: %r became %r' % (key, a, b)
            return '%s: %d became %d' % (key, len(one[key]), len(other[key]))
        return '%s: %r became %r' % (key, one[key], other[key])
    return None


def note(variable, line):
    with open(os.environ[variable], 'a') as file:
        file.write(line[:2000].replace('\n', ' ') + '\n')


def run(*arguments, **more):
    return subprocess.run([INQUEST, *arguments], capture_output=True, timeout=300, **more)


def compare(bundle, options, original):
    """What is wrong, or None. Leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'redacted' + ('.txt' if os.path.isfile(bundle) and not bundle.endswith(('gz', 'zst', 'tar', 'xz', 'zip')) else '.tar'))
        redacted = run('redact', '-q', bundle, '-o', out)
        if redacted.returncode == 1 and not os.environ.get('REDACT_LENIENT'):
            return 'the second look: ' + redacted.stdout.decode(errors='replace')
        if redacted.returncode > 1:
            return 'exit %d: %s' % (redacted.returncode, redacted.stderr.decode(errors='replace'))
        again = run('-q', '--format', 'json', *options, out)
        if again.returncode > 1:
            return 'redacted, it cannot be read: ' + again.stderr.decode(errors='replace')
        return differences(diagnosis(original), diagnosis(json.loads(again.stdout)))


def main():
    arguments = sys.argv[1:]
    own = run(*arguments)
    sys.stdout.buffer.write(own.stdout)
    sys.stderr.buffer.write(own.stderr)
    words = [a for a in arguments if not a.startswith('-') and a not in ('analyze', 'json')]
    if own.returncode <= 1 and 'json' in arguments and len(words) == 1 and os.path.exists(words[0]):
        try:
            original = json.loads(own.stdout)
        except ValueError:  # several nodes, or no report
            original = {}
        if original.get('format') == 'inquest-report/1':
            wrong = compare(words[0], [], original)
            note('REDACT_COMPARED', words[0])
            if wrong:
                note('REDACT_DIFFERENCES', '%s: %s' % (words[0], wrong))
    return own.returncode


if __name__ == '__main__':
    sys.exit(main())
