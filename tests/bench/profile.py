#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profile.py [MB] - time and peak memory of `inquest profile` on a big profile, beside `go tool pprof -top` in
the same run where Go is installed. Two profiles of the same size: one whose samples all have a stack of their own,
one with 20,000 stacks. Fails when inquest takes longer than the reference or more than a fifth of its memory."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INQUEST = os.environ.get("INQUEST", os.path.join(TOP, os.environ.get("BUILD", "build"), "inquest"))
BYTES_A_SAMPLE = 142


def measure(words):
    """Wall and CPU seconds, peak MB, what it printed."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        out.seek(0)
        text = out.read()
    if status:
        sys.exit(f"{words[0]} failed")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def table(text):
    return text[text.index(b"      flat  flat%"):]


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    go = shutil.which("go")
    pprof = os.path.join(subprocess.check_output([go, "env", "GOTOOLDIR"], text=True).strip(), "pprof") if go else None
    good = True
    with tempfile.TemporaryDirectory() as work:
        maker = os.path.join(work, "big_profile")
        subprocess.check_call(["cc", "-std=c11", "-O2", "-o", maker, os.path.join(TOP, "tests/bench/big_profile.c")])
        samples = size * 1000000 // BYTES_A_SAMPLE
        for name, stacks in (("all stacks distinct", samples), ("20,000 stacks", 20000)):
            path = os.path.join(work, "profile.pb")
            with open(path, "wb") as out:
                subprocess.check_call([maker, str(samples), str(stacks)], stdout=out)
            runs = [measure([INQUEST, "profile", path, "--nodecount", "30"]) for _ in range(3)]
            ours = min(runs)
            print(f"{os.path.getsize(path) / 1e6:.0f} MB, {name}: inquest {ours[0]:.2f} s ({ours[1]:.2f} s CPU), {ours[2]:.0f} MB")
            if not pprof:
                continue
            theirs = measure([pprof, "-symbolize=none", "-top", "-nodecount=30", path])
            same = table(ours[3]) == table(theirs[3])
            print(f"    go tool pprof {theirs[0]:.2f} s ({theirs[1]:.2f} s CPU), {theirs[2]:.0f} MB; the table is {'the same' if same else 'ANOTHER'}")
            good &= same and ours[0] <= theirs[0] and ours[2] * 5 <= theirs[2]
    sys.exit(0 if good else 1)


main()
