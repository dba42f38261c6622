// SPDX-License-Identifier: Apache-2.0
//
// gperftools' binary CPU profile: words of 4 or 8 bytes in either byte order. Five words of header (0, 3, 0
// for C++ or 1 for Java, period in microseconds, 0), samples (count, frames, addresses), the trailer 0 1 0,
// and text: the memory map, or Java's names. Old Go programs wrote it too.
#ifndef INQUEST_EVIDENCE_PROFILE_CPU_H
#define INQUEST_EVIDENCE_PROFILE_CPU_H

#include "evidence/profile_legacy.h"

struct cpu {
    struct profile *profile;
    struct legacy *legacy; // whose stack and locations it fills; takes the text behind
    struct buffer pending;
    unsigned word_bytes;
    bool big_endian, java, begun;
    bool text; // the rest is text
    bool broken;
};

// Whether bytes are the header of such a profile.
bool cpu_is_header(struct text head);

void cpu_init(struct cpu *cpu, struct profile *profile, struct legacy *legacy);
void cpu_release(struct cpu *cpu);
// Takes what is binary; gives the rest, which is text (empty while there is none).
struct text cpu_feed(struct cpu *cpu, struct text piece);
void cpu_end(struct cpu *cpu); // before legacy_end()

#endif
