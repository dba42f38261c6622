#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory runs out, the disk is full: at the n-th call, for every n.

Each command runs once whole; then once for each n with its n-th allocation failing, with that and all later
ones, and the same of what it writes (inject.c does it, in every library too). What must hold each time:

- it ends as if nothing had been (the call could be done without), every byte of its outputs the same; or with
  exit status 4 and one line on standard error that says what was lacking: memory or space;
- an output that was there before is whole: the old one, or the new one; standard output says all or nothing;
- nothing else is left, neither beside the outputs nor in the temporary folder.

  run.py            a sample of the n, for make check
  run.py --places   every place that asks for memory, and every write
  run.py --every    every n
  run.py --only REGEX, --trace CASE FAULT   for whoever looks for a mistake
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
PROGRAM = BUILD / "inquest"
INJECT = BUILD / "tests/inject.so"
PLANTED = ROOT / "tests/faults/planted.yaml"
HEADER = 32  # bytes of inject.c's counts
PLACES_MOST = 2_000_000
TIMEOUT_S = 60
MEMORY = re.compile(r"out of memory|Cannot allocate memory")
SPACE = re.compile(r"No space left on device|database or disk is full|disk I/O error|temporary")
OLD = b"what was there before\n"

Case = collections.namedtuple("Case", "name words outputs")
Result = collections.namedtuple("Result", "status out err outputs left failed")


# ---- what is read ----------------------------------------------------------------------------

def make_inputs(folder):
    """One small bundle with something of every kind, in every form."""
    bundle = folder / "bundle"
    sample = ROOT / "samples/s6-sync"
    for part in ("manifest.json", "journal", "cmd", "proc/362091", "proc/291901", "proc/1", "proc/uptime"):
        target = bundle / part
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (sample / part).is_dir() else shutil.copy)(sample / part, target)
    shutil.copytree(ROOT / "samples/kube-proxy-idle/pprof", bundle / "pprof")
    os.symlink("../1", bundle / "proc/362091/parent")
    for end, mode in ((".tar", "w"), (".tar.gz", "w:gz"), (".tar.xz", "w:xz"), (".tar.bz2", "w:bz2")):
        with tarfile.open(folder / f"bundle{end}", mode) as archive:
            archive.add(bundle, arcname="node-7")
    subprocess.run(["zstd", "-q", folder / "bundle.tar", "-o", folder / "bundle.tar.zst"], check=True)
    shutil.make_archive(str(folder / "bundle"), "zip", bundle)
    shutil.copy(sample / "proc/362091/stack", folder / "stack")
    rules = ["--no-builtin-rules", "--rules", str(folder / PLANTED.name)]
    for each in (PROGRAM, INJECT, PLANTED):  # so that a build meanwhile does no harm
        shutil.copy(each, folder)
    subprocess.run([PROGRAM, "unpack", bundle, "-o", folder / "bundle.db"], check=True)
    return bundle, rules


def cases(folder, bundle, rules):
    forms = [str(folder / f"bundle{end}")
             for end in (".tar", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".zip")] + [str(bundle)]
    packed = str(folder / "bundle.tar.gz")
    yield Case("analyze", [packed, *rules], [])
    yield Case("analyze-json", [packed, *rules, "--format", "json", "-o", "{out}/r.json"], ["r.json"])
    yield Case("analyze-db", [str(bundle), *rules, "--db", "{out}/r.db", "-o", "{out}/r.txt"], ["r.db", "r.txt"])
    yield Case("analyze-redact", [packed, *rules, "--redact"], [])
    yield Case("analyze-bare", [packed, *rules, "--no-sandbox", "-o", "{out}/r.txt"], ["r.txt"])
    yield Case("analyze-of-db", [str(folder / "bundle.db"), *rules], [])
    yield Case("analyze-builtin", [packed], [])
    yield Case("unpack", ["unpack", packed, "-o", "{out}/r.db"], ["r.db"])
    yield Case("sql", ["sql", packed, "SELECT * FROM log JOIN thread ON message REGEXP comm ORDER BY time", "--format", "csv"], [])
    yield Case("sql-o", ["sql", packed, "SELECT * FROM thread", "--format", "json", "-o", "{out}/r.json"], ["r.json"])
    yield Case("explain", ["explain", str(folder / "stack"), *rules], [])
    for form in forms:
        yield Case(f"profile {form.partition('bundle')[2] or 'folder'}", ["profile", form, "--json", "-o", "{out}/r.json"], ["r.json"])
        yield Case(f"redact {form.partition('bundle')[2] or 'folder'}", ["redact", form, "-o", "{out}/r.tar", "--map", "{out}/r.map"], ["r.tar", "r.map"])
    for end in (".tar.gz", ".tar.xz", ".tar.zst"):
        yield Case(f"redact to {end}", ["redact", packed, "-o", "{out}/r" + end], ["r" + end, f"r{end}.map"])
    for shape in ("--svg", "--folded", "--top", "--peek=."):
        yield Case(f"profile {shape}", ["profile", packed, *shape.split("=")], [])
    yield Case("rules-lint", ["rules", "lint", *rules], [])
    yield Case("rules-test", ["rules", "test", *rules], [])
    yield Case("rules-why", ["rules", "why", "planted", packed, *rules], [])
    yield Case("rules-new", ["rules", "new", "--from", packed, "--log", "mds0 caps stale", "-o", "{out}/r.yaml"], ["r.yaml"])
    yield Case("help", ["--help"], [])
    yield Case("limits", ["--limits"], [])


# ---- one run ---------------------------------------------------------------------------------

class Runner:
    """Folders of its own for each thread that runs commands."""

    def __init__(self, top):
        self.top = top
        self.mine = threading.local()

    def folder(self):
        if not hasattr(self.mine, "folder"):
            self.mine.folder = pathlib.Path(tempfile.mkdtemp(dir=self.top))
        return self.mine.folder

    def run(self, case, fault, places=False, trace=None):
        folder = self.folder()
        out, tmp, counts = folder / "out", folder / "tmp", folder / "counts"
        for each in (out, tmp):
            shutil.rmtree(each, ignore_errors=True)
            each.mkdir()
        for name in case.outputs:
            (out / name).write_bytes(OLD)
        with open(counts, "wb") as file:
            file.truncate(HEADER + (8 * PLACES_MOST if places else 0))
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp), "LC_ALL": "C", "LD_PRELOAD": str(self.top / INJECT.name),
               "INQUEST_FAULT": fault, "INQUEST_FAULT_COUNTS": str(counts)}
        if trace:
            env["INQUEST_FAULT_TRACE"] = str(trace)
        words = [word.replace("{out}", str(out)) for word in case.words]
        try:
            with open(folder / "stdout", "wb") as stdout:  # a file: what goes to a pipe is not counted
                ran = subprocess.run([self.top / PROGRAM.name, *words], env=env, stdin=subprocess.DEVNULL, stdout=stdout,
                                     stderr=subprocess.PIPE, timeout=TIMEOUT_S, cwd=ROOT)
            status, complaint = ran.returncode, ran.stderr
        except subprocess.TimeoutExpired:
            status, complaint = "hangs", b""
        said = (folder / "stdout").read_bytes()
        outputs = {name: (out / name).read_bytes() if (out / name).exists() else None for name in case.outputs}
        left = sorted({*os.listdir(out)} - {*case.outputs}) + sorted(os.listdir(tmp))
        with open(counts, "rb") as file:
            numbers = struct.unpack("=4Q", file.read(HEADER))
            hashes = struct.unpack(f"={numbers[0]}Q", file.read(8 * numbers[0])) if places else ()
        said = said.replace(str(out).encode(), b"OUT")
        complaint = complaint.replace(str(out).encode(), b"OUT")
        return Result(status, said, complaint.decode(errors="replace"), outputs, left, numbers[3]), numbers, hashes


def mistake(got, want, kind):
    """What is wrong with a run, or None."""
    if got.status == "hangs" or got.status < 0:
        return f"{got.status} (a signal, or too long)"
    if got.left:
        return f"left behind: {re.sub('-[A-Za-z0-9]{6}$', '-XXXXXX', got.left[0])}"
    same = (got.status, got.out, got.err) == (want.status, want.out, want.err) and got.outputs == want.outputs
    if same:
        return None
    if got.failed == 0 or kind == "short":
        return f"differs though nothing failed (exit {got.status}): {got.err.strip()[-300:]}"
    if got.status == want.status:
        what = [name for name, content in got.outputs.items() if content != want.outputs[name]]
        return f"exit {got.status} as if nothing had been, but {', '.join(what) or 'standard output'} differs: {got.err[:200]!r}"
    if got.status != 4:
        return f"exit {got.status}: {got.err.strip()[-300:]}"
    if got.err.count("\n") != 1 or not got.err.startswith("inquest: "):
        return f"not one line: {got.err!r}"
    if not (MEMORY if kind == "alloc" else SPACE).search(got.err):
        return f"a wrong reason: {got.err.strip()}"
    for name, content in got.outputs.items():
        if content not in (OLD, want.outputs[name]):
            return f"{name} is neither the old nor the new one"
    if got.out not in (b"", want.out) and kind == "alloc":
        return "standard output is cut"
    return None


# ---- all of them -----------------------------------------------------------------------------

def choose(total, most):
    """At most so many of 1 … total, spread evenly, with both ends."""
    if total <= most:
        return list(range(1, total + 1))
    return sorted({1 + i * (total - 1) // (most - 1) for i in range(most)})


def faults_of(numbers, hashes, how):
    allocs, writes, shorts = numbers[:3]
    if how == "every":
        chosen = range(1, allocs + 1)
    elif how == "places":
        last = {place: number for number, place in enumerate(hashes, 1)}
        first = {}
        for number, place in enumerate(hashes, 1):
            first.setdefault(place, number)
        chosen = sorted({*first.values(), *last.values()})
    else:
        chosen = choose(allocs, 9)
    for i, number in enumerate(chosen):
        yield f"alloc:{number}"
        if i % 4 == 0:
            yield f"alloc:{number}+"
    for number in choose(writes, 5) if how == "sample" else range(1, writes + 1):
        yield f"write:{number}"
        yield f"write:{number}+"
    for number in choose(shorts, 3) if how == "sample" else range(1, shorts + 1):
        yield f"short:{number}"


def check_case(runner, pool, case, how, show):
    want, numbers, hashes = runner.run(case, "none", places=how == "places")
    again = runner.run(case, "none")[0]
    problems = collections.OrderedDict()
    if want != again or want.status != 0 or want.left:
        problems[f"exit {want.status}, or two runs differ: {want.err[:200]}"] = ["none"]
    faults = list(faults_of(numbers, hashes, how))

    def one(fault):
        return fault, mistake(runner.run(case, fault)[0], want, fault.partition(":")[0])

    for fault, what in pool.map(one, faults):
        if what:
            problems.setdefault(what, []).append(fault)
    print(f"{'not ok' if problems else 'ok'} - {case.name}: {len(faults)} runs ({numbers[0]} allocations, "
          f"{numbers[1]} writes)", flush=True)
    for what, where in list(problems.items())[:show]:
        print(f"    {len(where)}: {what}  [{' '.join(where[:3])}]")
    return len(faults), not problems


def trace(runner, wanted, name, fault):
    case = next(case for case in wanted if case.name == name)
    target = runner.top / "trace"
    result = runner.run(case, fault, trace=target)[0]
    print(result._replace(out=result.out[-300:], outputs={}))
    text = target.read_text() if target.exists() else ""
    own = re.findall(r"inquest\(\+?([^)]*)\)\s?\[(0x[0-9a-f]+)\]", text)
    print(text)
    addresses = [a[0] for a in own if a[0].startswith("0x")]
    if addresses:
        subprocess.run(["addr2line", "-pfse", PROGRAM, *addresses], check=False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", action="store_true")
    parser.add_argument("--places", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=30)
    parser.add_argument("--trace", nargs=2)
    options = parser.parse_args()
    how = "every" if options.every else "places" if options.places else "sample"
    total = good = bad = 0
    with tempfile.TemporaryDirectory() as top:
        top = pathlib.Path(top)
        bundle, rules = make_inputs(top)
        runner = Runner(top)
        wanted = [case for case in cases(top, bundle, rules) if re.search(options.only, case.name)]
        if options.trace:
            trace(runner, wanted, *options.trace)
            return 0
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for case in wanted:
                runs, fine = check_case(runner, pool, case, how, options.show)
                total += runs
                good += fine
                bad += not fine
    print(f"{total} runs")
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
