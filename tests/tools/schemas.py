#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds rules and reports against schema/rule.schema.json and schema/report.schema.json.

  schemas.py               every built-in rule, broken rules, the reports of samples/: prints not ok lines and the sums
  schemas.py REPORT...     these reports

As a module: report_faults(report) gives what is wrong with a report. A report may hold keys that the schema does not
list, for it may be of a later version; here it must not, so that the schema lists all that this version writes.
"""
import copy, glob, json, os, subprocess, sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INQUEST = os.environ.get('INQUEST', os.path.join(TOP, 'build', 'inquest'))
try:
    import jsonschema
    import yaml

    class Loader(yaml.SafeLoader):
        """YAML 1.2, as editors read it: `on` is a word."""

    Loader.yaml_implicit_resolvers = {first: [(tag, form) for tag, form in forms if not tag.endswith(':bool') or first in 'tTfF']
                                      for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()}
except ImportError:
    jsonschema = None


def read(name):
    return json.load(open(os.path.join(TOP, 'schema', name), encoding='utf-8'))


def strict(schema):
    """The schema with no keys but those it lists."""
    schema = copy.deepcopy(schema)
    for part in [schema, *schema['definitions'].values()]:
        part['additionalProperties'] = False
    return schema


def faults(schema, value):
    found = jsonschema.Draft7Validator(schema).iter_errors(value)
    return ['%s: %s' % ('/'.join(map(str, error.absolute_path)) or 'the whole', error.message[:200]) for error in found]


def report_faults(report):
    """[] where python3-jsonschema is absent: schemas.py says so once."""
    global STRICT
    if not jsonschema:
        return []
    STRICT = STRICT or strict(read('report.schema.json'))
    return faults(STRICT, report) + undocumented(report)


STRICT = None


def undocumented(report):
    """Ranks must be ranks of the list, evidence must be there: what a schema cannot say."""
    ranks = {finding['rank'] for finding in report['findings']}
    out = []
    for finding in report['findings']:
        if not set(finding['explains'] + finding['explained_by']) <= ranks:
            out.append('finding %d speaks of ranks that are not there' % finding['rank'])
        if not finding['evidence']:
            out.append('finding %d has no evidence' % finding['rank'])
    return out


GOOD = """id: good
title: T
severity: low
cause: umount-stuck
patterns:
  a: {stack: [umount, '> /x/'], state: [D, S], not: y}
  b: {log: 'abcd', unit: kernel, optional: true}
query: SELECT evidence FROM a, b
summary: s
remedy: r
tests:
  - {name: hits, files: {proc/1/stack: x}, expect: [{pid: 1}]}
  - {name: misses, sample: s6-sync, expect: none}
"""
# What is put in place of what, and the schema must mind.
BROKEN = [('title: T', 'titel: T'), ('severity: low', 'severity: awful'), ('cause: umount-stuck', 'cause: umount-stack'), ('id: good', 'id: Good Rule'),
          ('state: [D, S]', 'state: [Q]'), ('unit: kernel', 'state: D'), ('optional: true', 'optional: perhaps'), ('log: ', 'log: abcd, wchan: '), ('expect: none', 'expect: nothing'),
          ('{pid: 1}', '{pdi: 1}'), ('summary: s\n', ''), ('sample: s6-sync', 'sample: s6-sync, files: {a: b}'), ('proc/1/stack', '/proc/1/stack'), ('  b: {log', '  b-c: {log'),
          ("{stack: [umount, '> /x/'], state: [D, S], not: y}", '{comm: x}'), ('name: hits, ', ''), ('umount-stuck\n', 'umount-stuck\nexplains: [nonsense]\n')]


class Suite:
    passed = failed = 0

    def check(self, name, found):
        self.passed, self.failed = self.passed + (not found), self.failed + bool(found)
        for fault in found[:5]:
            print('not ok - %s: %s' % (name, fault))


def check_rules(suite):
    schema = read('rule.schema.json')
    jsonschema.Draft7Validator.check_schema(schema)
    paths = sorted(glob.glob(os.path.join(TOP, 'rules', '**', '*.yaml'), recursive=True))
    suite.check('there are rules', [] if len(paths) > 100 else ['only %d' % len(paths)])
    for path in paths:
        suite.check(os.path.relpath(path, TOP), faults(schema, yaml.load(open(path, encoding='utf-8'), Loader)))
    suite.check('a good rule', faults(schema, yaml.load(GOOD, Loader)))
    for old, new in BROKEN:
        assert old in GOOD, old
        found = faults(schema, yaml.load(GOOD.replace(old, new), Loader))
        suite.check('a rule with `%s`' % new.strip(), [] if found else ['the schema lets it pass'])


def check_reports(suite, reports):
    schema = read('report.schema.json')
    jsonschema.Draft7Validator.check_schema(schema)
    bare = [key for part in [schema, *schema['definitions'].values()] for key, field in part['properties'].items() if not field.get('description')]
    suite.check('every field is described', bare)
    for name, report in reports:
        suite.check(name, report_faults(report))
    later = dict(reports[0][1], nodes=[], more={})
    suite.check('a report with keys of a later version', faults(schema, later))
    for key in schema['required']:
        less = {k: v for k, v in reports[0][1].items() if k != key}
        suite.check('a report without ' + key, [] if faults(schema, less) else ['the schema lets it pass'])


def main():
    if not jsonschema:
        print('skip - the schemas: python3-jsonschema or python3-yaml is not installed')
        print('0 passed, 0 failed, 1 skipped')
        return 0
    suite = Suite()
    if sys.argv[1:]:
        reports = [(path, json.load(open(path, encoding='utf-8'))) for path in sys.argv[1:]]
    else:
        check_rules(suite)
        reports = []
        for path in sorted(glob.glob(os.path.join(TOP, 'samples', '*'))):
            run = subprocess.run([INQUEST, '-q', '--format', 'json', path], capture_output=True, check=True)
            reports.append((os.path.relpath(path, TOP), json.loads(run.stdout)))
    check_reports(suite, reports)
    print('%d passed, %d failed' % (suite.passed, suite.failed))
    return suite.failed > 0


if __name__ == '__main__':
    sys.exit(main())
