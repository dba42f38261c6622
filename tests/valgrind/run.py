#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""valgrind's memcheck over commands and bundles, good and damaged ones: no invalid access, no use of what was
never written, nothing lost for good. Without the sandbox, whose calls valgrind does not know, and without
PCRE2's JIT (nojit.c). Needs no suppressions.

  run.py            everything; ends with `N passed, N failed`
  run.py --only REGEX
"""
import argparse
import concurrent.futures
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")
SHARED = pathlib.Path(os.environ.get("INQUEST_SHARED", ROOT.parent / "shared"))
WRONG = 99  # exit status of valgrind's own
VALGRIND = ["valgrind", "--quiet", f"--error-exitcode={WRONG}", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite", "--num-callers=30"]
TIMEOUT_S = 600


def pack(folder, bundle):
    """The bundle in every form, by ending."""
    forms = {}
    for end, mode in ((".tar", "w"), (".tar.gz", "w:gz"), (".tar.xz", "w:xz"), (".tar.bz2", "w:bz2")):
        forms[end] = folder / f"b{end}"
        with tarfile.open(forms[end], mode) as archive:
            archive.add(bundle, arcname="node-7")
    forms[".tar.zst"] = folder / "b.tar.zst"
    subprocess.run(["zstd", "-q", forms[".tar"], "-o", forms[".tar.zst"]], check=True)
    forms[".zip"] = pathlib.Path(shutil.make_archive(str(folder / "b"), "zip", bundle))
    return forms


def damaged(forms):
    """Each form cut, and with bytes changed; the same each time."""
    chance = random.Random(11)
    for end, whole in forms.items():
        content = whole.read_bytes()
        cut = whole.with_name(f"cut{end}")
        cut.write_bytes(content[:len(content) * 2 // 3])
        yield cut
        for i in range(2):
            wrong = bytearray(content)
            for _ in range(1 + len(wrong) // 20000):
                wrong[chance.randrange(20, len(wrong))] ^= 1 << chance.randrange(8)
            changed = whole.with_name(f"changed{i}{end}")
            changed.write_bytes(wrong)
            yield changed


def corpus(folder):
    """Some bundles of the corpus and profiles, where they are at hand."""
    tool, cases = SHARED / "tools/case2bundle.py", sorted((SHARED / "corpus/cases").glob("*.json"))
    if cases:
        subprocess.run([sys.executable, tool, *cases[::max(1, len(cases) // 12)], "--out", folder / "corpus"],
                       stdout=subprocess.DEVNULL, check=True)
        yield from sorted((folder / "corpus").iterdir())


def profiles():
    found = [path for path in sorted((SHARED / "profiles").glob("**/*"))
             if path.is_file() and path.stat().st_size < 200_000 and not path.name.endswith((".txt", ".tsv", ".md"))]
    return found[::max(1, len(found) // 12)]


def commands(folder):
    samples = sorted((ROOT / "samples").iterdir())
    forms = pack(folder, ROOT / "samples/ceph-dead-netns")
    out = str(folder / "out")
    for sample in samples:
        yield ["analyze", sample]
    for sample in samples[::3]:
        yield ["analyze", sample, "--format", "json", "--redact"]
    for form in [*forms.values(), *damaged(forms), *corpus(folder)]:
        yield ["analyze", form, "-o", "/dev/null"]
    sample = ROOT / "samples/s6-sync"
    yield ["analyze", sample, "--db", out + ".db", "-o", out]
    yield ["unpack", sample, "-o", out + "2.db"]
    yield ["analyze", sample, "--no-prefilter"]
    for i, form in enumerate([sample, forms[".tar.zst"], forms[".zip"], folder / "cut.tar.gz"]):
        for end in (".tar.gz", ".tar.zst")[:1 + i % 2]:
            yield ["redact", form, "-o", f"{out}{i}{end}"]
    yield ["sql", sample, "SELECT * FROM thread JOIN log ON message REGEXP comm ORDER BY time"]
    yield ["sql", sample, "SELECT nothing FROM nowhere"]
    yield ["explain", sample / "proc/362091/stack"]
    member = next((ROOT / "samples/apiserver-replicasets").glob("pprof/**/*.gz"))
    damaged_profile = folder / "damaged.pb"
    damaged_profile.write_bytes(member.read_bytes()[:-1000])
    for profile in [member, damaged_profile, *profiles()]:
        yield ["profile", profile]
    for shape in ("--svg", "--folded", "--json", "--cum"):
        yield ["profile", member, shape]
    yield ["profile", member, "--peek", "."]
    yield ["profile", member, "--diff", member]
    yield ["rules", "lint", ROOT / "rules/ceph"]
    yield ["rules", "lint", ROOT / "rules/ceph", "--no-builtin-rules"]
    yield ["rules", "test", "ceph-dead-netns"]
    yield ["rules", "why", "ceph-dead-netns", sample]
    yield ["rules", "new", "--from", sample, "--log", "mds0 caps stale", "-o", out + ".yaml"]
    for words in (["--help"], ["--limits"], ["--version"], ["rules", "list"], ["analyze", folder / "missing"],
                  ["analyze", "--formt", sample], ["sql", sample]):
        yield words


def run(words):
    reads = words[0] in ("analyze", "unpack", "redact", "sql", "explain", "profile") or words[1:2] in (["why"], ["new"])
    full = [*VALGRIND, BUILD / "inquest", *words, *(["--no-sandbox"] if reads else [])]
    env = dict(os.environ, LD_PRELOAD=str(BUILD / "tests/nojit.so"))
    name = " ".join(str(word) for word in words)
    try:
        ran = subprocess.run(full, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return name, "takes too long"
    said = ran.stderr.decode(errors="replace")
    fine = 0 <= ran.returncode <= 4 and "==" not in said
    return name, None if fine else f"exit {ran.returncode}\n{said}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    good = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        wanted = [words for words in commands(pathlib.Path(folder))
                  if re.search(options.only, " ".join(str(word) for word in words))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, wrong in pool.map(run, wanted):
                name = name.replace(folder, "…").replace(str(ROOT) + "/", "")
                print(f"{'not ok' if wrong else 'ok'} - {name}", flush=True)
                if wrong:
                    print("    " + wrong[:6000].replace("\n", "\n    "))
                good += not wrong
                bad += bool(wrong)
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
