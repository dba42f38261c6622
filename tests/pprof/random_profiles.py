#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""random_profiles.py FOLDER FIRST COUNT - writes COUNT valid profiles, one for each seed from FIRST.

Each mixes what real writers do differently: sections in any order, packed and unpacked numbers, sparse ids,
inlined and recursive frames, functions without a name, locations without lines, mappings that merge, labels,
negative values, drop_frames, default types, units. The same seed gives the same bytes.
"""
import gzip
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tools'))
from protobuf import field, varint  # noqa: E402


class Profile:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.strings = [""]
        self.sparse = self.r.random() < 0.3
        self.negative = self.r.random() < 0.35
        self.packed = self.r.random() < 0.7

    def string(self, text):
        if text not in self.strings:
            self.strings.append(text)
        return self.strings.index(text)

    def numbers(self, key, values):
        if self.packed and (len(values) > 1 or self.r.random() < 0.5):
            return field(key, b"".join(map(varint, values)))
        return b"".join(field(key, v) for v in values)

    def ids(self, count):
        if self.sparse:
            return self.r.sample([self.r.getrandbits(64) | 1 for _ in range(count * 3)], count)
        return list(range(1, count + 1))

    def value_type(self, name, unit):
        return field(1, self.string(name)) + field(2, self.string(unit))

    def types(self):
        known = [("samples", "count"), ("cpu", "nanoseconds"), ("wall", "microseconds"), ("inuse_space", "bytes"),
                 ("alloc_objects", "count"), ("delay", "milliseconds"), ("things", "widgets"), ("", ""), ("size", "kb"), ("t", "s"), ("t2", "us"),
                 ("t3", "hours"), ("c", "cycles"), ("gcu", "gcu"), ("m", "megabytes"), ("b", "Bytes"), ("k", "kilobyte"), ("objects", "1"), ("p", "percent"), ("d", "day"),
                 ("g", "GiB"), ("u", "microsecond"), ("ev", "events"), ("f", "CPU nanoseconds"), ("naïve", "ns"), ("a,b", "secs")]
        self.type_names = self.r.sample(known, self.r.randint(1, 4))
        return [field(1, self.value_type(*t)) for t in self.type_names]

    def mappings(self):
        files = ["/usr/bin/app", "/usr/lib/libc.so.6", "[vdso]", "", "http://host:80/x", "/opt/app/", "relative/name",
                 "/other/libc.so.6"]
        self.mapping_ids = self.ids(self.r.choice([0, 1, 1, 2, 4]))
        out = []
        for i in self.mapping_ids:
            start = self.r.randrange(1, 1 << 30) << 12
            body = field(1, i) + field(2, start) + field(3, start + self.r.choice([0x1000, 0x3000, 0x2801]))
            body += field(5, self.string(self.r.choice(files)))
            if self.r.random() < 0.4:
                body += field(6, self.string(self.r.choice(["abc", "def"])))
            if self.r.random() < 0.5:
                body += field(7, 1)
            out.append(field(3, body))
        return out

    def functions(self):
        names = ["main.main", "main.work", "runtime.mallocgc", "runtime.panic", "net/http.(*conn).serve", "",
                 "example.com/a/b.(*T[...]).Do", "std::vector<int>::push_back(int const&)", "(anonymous namespace)::f(int)",
                 "operator()", "malloc", "b\u00fcro.\u00dcber", "a b c", "[app]", ".hidden", "foo;bar", "calloc(unsigned long)", "java.lang.Thread.run", "com.example.Foo$Bar.lambda$baz$0(Foo.java:12)", "Lorg/x/Y;.<init>",
                 "std::map<std::string, std::vector<int, std::allocator<int> > >::operator[](std::string const&)", "operator new(unsigned long)", "foo<bar<(anonymous namespace)::baz> >",
                 "core::ops::function::FnOnce::call_once{{vtable.shim}}", "<alloc::vec::Vec<T> as core::ops::Drop>::drop", "_ZN3foo3barEv", "main.Map[go.shape.int,go.shape.string]",
                 "main.(*T).M-fm", "type..eq.[2]interface {}", "do_syscall_64_[k]", "py::f <module>", "tab\tname", " lead", "trail ", "100%", "a\"b", "(*T).x(...)", "", "f(int) const", "operator()(int)"]
        names += [f"pkg{n}.Func{n * 7}" for n in range(20)]
        self.function_ids = self.ids(self.r.randint(1, 40))
        out = []
        for i in self.function_ids:
            body = field(1, i) + field(2, self.string(self.r.choice(names))) + field(3, self.string(self.r.choice(names)))
            body += field(4, self.string(self.r.choice(["", "/src/a.go", "/src/../b.go", "c.cc"])))
            if self.r.random() < 0.3:
                body += field(5, self.r.randrange(100))
            out.append(field(5, body))
        return out

    def locations(self):
        self.location_ids = self.ids(self.r.randint(1, 60))
        out = []
        for i in self.location_ids:
            body = field(1, i)
            if self.mapping_ids and self.r.random() < 0.8:
                body += field(2, self.r.choice(self.mapping_ids))
            body += field(3, self.r.randrange(1 << 40))
            one = self.r.choice(self.function_ids)
            for _ in range(self.r.choice([0, 1, 1, 1, 1, 2, 4])):
                function = one if self.r.random() < 0.2 else self.r.choice(self.function_ids)  # inlined into itself
                body += field(4, field(1, function) + field(2, self.r.randrange(5)) + (field(3, self.r.randrange(80)) if self.r.random() < 0.1 else b""))
            if self.r.random() < 0.05:
                body += field(5, 1)
            out.append(field(4, body))
        return out

    def label(self):
        body = field(1, self.string(self.r.choice(["bytes", "thread", "key"])))
        if self.r.random() < 0.5:
            return field(3, body + field(2, self.string(self.r.choice(["a", "b"]))))
        return field(3, body + field(3, self.r.choice([0, 16, 32])) + (field(4, self.string(self.r.choice(["bytes", "kb"]))) if self.r.random() < 0.3 else b""))

    def value(self):
        kind = self.r.random()
        if kind < 0.25:
            return 0
        size = self.r.choice([3, 100, 5000, 10 ** 7, 10 ** 11])
        value = self.r.randrange(1, size)
        return -value if self.negative and self.r.random() < 0.4 else value

    def samples(self):
        out, stacks = [], []
        for _ in range(self.r.choice([0, 1, 5, 60, 200])):
            if stacks and self.r.random() < 0.4:
                stack = self.r.choice(stacks)
            else:
                stack = [self.r.choice(self.location_ids) for _ in range(self.r.choice([0, 1, 2, 5, 12, 30]))]
                if self.r.random() < 0.2:  # recursion
                    stack = stack[:2] * self.r.choice([2, 40]) + stack
                stacks.append(stack)
            body = self.numbers(1, stack) + self.numbers(2, [self.value() for _ in self.type_names])
            for _ in range(self.r.choice([0, 0, 1, 2])):
                body += self.label()
            out.append(field(2, body))
        return out

    def header(self):
        out = []
        if self.r.random() < 0.3:
            out.append(field(7, self.string(self.r.choice(["runtime\\..*|malloc|calloc", "main\\.work", "std::.*", "(", "^main.*", "operator.*|.*Drop", "(?i)MAIN.*", "[[:alpha:]]+\\.Func\\d+", "\\Qa b c\\E", "(?s).*x.*"]))))
            if self.r.random() < 0.5:
                out.append(field(8, self.string("runtime\\.panic|calloc")))
        if self.r.random() < 0.6:
            out.append(field(9, self.r.randrange(1, 2 * 10 ** 18)))
        if self.r.random() < 0.5:
            out.append(field(10, self.r.choice([1, 10 ** 6, 30 * 10 ** 9, 7 * 3600 * 10 ** 9])))
        if self.r.random() < 0.5:
            out.append(field(11, self.value_type("cpu", "nanoseconds")) + field(12, 10 ** 7))
        if self.r.random() < 0.3:
            out.append(self.numbers(13, [self.string("a comment"), self.string("# not shown")]))
        if self.r.random() < 0.4:
            out.append(field(14, self.string(self.r.choice(self.type_names)[0])))
        return out

    def write(self):
        sections = [self.types(), self.mappings(), self.functions(), self.locations(), self.samples(), self.header()]
        if self.r.random() < 0.4:
            self.r.shuffle(sections)
        strings = [field(6, s.encode()) for s in self.strings]
        if self.r.random() < 0.7:
            sections.append(strings)
        else:
            sections.insert(self.r.randrange(len(sections)), strings)
        whole = b"".join(b"".join(s) for s in sections)
        if self.r.random() < 0.2:
            whole += field(15, 0) + field(99, b"of a newer writer")
        if self.r.random() < 0.1:  # two members, as concatenated streams are
            return gzip.compress(whole[:len(whole) // 2], mtime=0) + gzip.compress(whole[len(whole) // 2:], mtime=0)
        return gzip.compress(whole, mtime=0) if self.r.random() < 0.5 else whole


def main():
    folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    for seed in range(first, first + count):
        with open(os.path.join(folder, f"random-{seed}.pb"), "wb") as out:
            out.write(Profile(seed).write())


main()
