#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""random_texts.py FOLDER FIRST COUNT - writes COUNT profiles in the text forms, one for each seed from FIRST.

Go's debug=1 (heap, goroutine, threadcreate, block, mutex), gperftools' heap, growth and contention, thread dumps, with and
without a list of mappings behind them. The same seed gives the same bytes.
"""
import os
import random
import sys

NAMES = ["main.main", "main.(*T).Do-fm", "runtime.mallocgc", "runtime.panic", "net/http.(*conn).serve", "example.com/a%2eb.(*T[...]).Do",
         "std::vector<int, std::allocator<int> >::push_back(int const&)", "operator new(unsigned long)", "malloc", "k8s.io/x/y.F.func1.2"]


class Text:
    def __init__(self, seed):
        self.r = random.Random(seed)
        base = self.r.choice([0x400000, 0x7f0000000000, 0x10000])
        self.pcs = [base + self.r.randrange(1, 1 << 20) for _ in range(self.r.randint(1, 40))]
        self.names = {pc: self.r.choice(NAMES) for pc in self.pcs}
        self.base = base
        self.stacks = [self.stack() for _ in range(self.r.randint(1, 25))]

    def stack(self):
        stack = [self.r.choice(self.pcs) for _ in range(self.r.choice([1, 1, 2, 5, 12, 30]))]
        if self.r.random() < 0.3:  # two places of one address, as recursion leaves them
            stack += [stack[0], stack[0]]
        return stack

    def addresses(self, stack):
        return " ".join("0x%x" % pc for pc in stack)

    def symbols(self, stack):
        if self.r.random() < 0.3:
            return ""
        return "".join("#\t%#x\t%s+%#x\t\t/src/a b/x.go:%d\n" % (pc, self.names[pc], pc & 0xfff, pc & 0xff) for pc in stack) + "\n"

    def size(self):
        return self.r.choice([0, 1, 16, 4096, 70000, 10 ** 6, 10 ** 9])

    def maps(self):
        kind = self.r.random()
        if kind < 0.4:
            return ""
        lines = ["%x-%x r-xp %08x fd:01 %d %s" % (self.base, self.base + self.r.choice([0x1000, 0x80000, 0x200000]), self.r.choice([0, 0x1000]), 77,
                                                self.r.choice(["/usr/bin/app", "/usr/bin/app (deleted)", "/opt/with space/app", ""])),
                 "7fff0000-7fff2000 r-xp 00000000 00:00 0 [vdso]", "%x-%x rw-p 00000000 00:00 0 [heap]" % (self.base + 0x300000, self.base + 0x400000)]
        if self.r.random() < 0.5:
            lines.insert(1, "%x-%x r-xp 00080000 fd:01 78 /usr/lib/libc.so.6" % (self.base + 0x80000, self.base + 0x100000))
        head = self.r.choice(["MAPPED_LIBRARIES:", "--- Memory map: ---"])
        if kind < 0.5:
            lines = ["build=/usr/bin/built", *(line.replace("/usr/bin/app", "$build") for line in lines)]
        return "\n%s\n%s\n" % (head, "\n".join(lines))

    def heap(self):
        rate = self.r.choice([1, 512, 524288, 1048576])
        kind = self.r.choice(["heap/%d" % rate, "heap/%d" % rate, "heap_v2/%d" % rate, "heap", "heapprofile", "growthz/1", "growth", "growthz"])
        if kind.startswith("growth"):
            kind = self.r.choice(["growthz/1", "growthz"]) if self.r.random() < 0.5 else "growthz"
        rows, totals = "", [0, 0, 0, 0]
        for stack in self.stacks:
            freed = self.r.choice([0, 1, 5])
            live = self.r.choice([0, 1, 3, 100])
            size = self.size()
            counts = [live, live * size, live + freed, (live + freed) * size]
            totals = [a + b for a, b in zip(totals, counts)]
            rows += "%d: %d [%d: %d] @ %s\n%s" % (*counts, self.addresses(stack), self.symbols(stack) if kind.startswith("heap/") else "")
        tail = "\n# runtime.MemStats\n# Alloc = 12\n# HeapIdle = 77\n" if kind.startswith("heap/") and self.r.random() < 0.5 else ""
        return "heap profile: %d: %d [%d: %d] @ %s\n%s%s%s" % (*totals, kind, rows, tail, self.maps())

    def counted(self):
        kind = self.r.choice(["goroutine", "threadcreate", "made_up"])
        rows, total = "", 0
        for stack in self.stacks:
            n = self.r.choice([1, 1, 7, 5000])
            total += n
            rows += "%d @ %s\n" % (n, self.addresses(stack))
            if kind == "goroutine" and self.r.random() < 0.3:
                rows += '# labels: {"key":"a b", "other":"\\"c\\""}\n'
            rows += self.symbols(stack)
        return "%s profile: total %d\n%s%s" % (kind, total, rows, self.maps())

    def contention(self):
        head = self.r.choice(["--- contention:\ncycles/second=%d\n", "--- mutex:\ncycles/second=%d\nsampling period=%d\n", "--- contentionz 1 ---\ncycles/second = %d\nsampling period = %d\nms since reset = 3000\ndiscarded samples = 0\n"])
        values = (self.r.choice([1000, 10 ** 9, 2394230000]), self.r.choice([1, 5, 100]))
        rows = "".join("%d %d @ %s\n%s" % (self.r.randrange(1, 10 ** 10), self.r.choice([1, 2, 900]), self.addresses(s), self.symbols(s) if "contentionz" not in head else "") for s in self.stacks)
        return head % values[:head.count("%")] + rows + self.maps()

    def threads(self):
        rows = ""
        for number, stack in enumerate(self.stacks):
            rows += "--- Thread %x (name: worker/%d) stack: ---\n" % (0x7f00 + number, number)
            rows += "  PC: " + "\n      ".join("%#x %s" % (pc, "") for pc in stack[:1]).rstrip() + "\n" if self.r.random() < 0.3 else ""
            rows += "".join("    0x%x\n" % pc for pc in stack) if self.r.random() < 0.8 else "    [same as previous thread]\n" if number else "    0x%x\n" % stack[0]
        return "--- threadz 1 ---\n\n%s%s" % (rows, self.maps().replace("MAPPED_LIBRARIES:", "--- Memory map: ---") or "\n--- Memory map: ---\n")

    def write(self):
        return self.r.choice([self.heap, self.heap, self.counted, self.contention, self.threads])()


def main():
    folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    for seed in range(first, first + count):
        with open(os.path.join(folder, "text-%d.prof" % seed), "w") as out:
            out.write(Text(seed).write())


main()
