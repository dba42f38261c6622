// SPDX-License-Identifier: Apache-2.0
//
// Preloaded, takes PCRE2's compiler away, as a kernel does that lets no memory be executable: the interpreter
// decides then. valgrind cannot follow the machine code, which reads whole words beyond a subject's end.
#include <stdint.h>

int pcre2_jit_compile_8(void *code, uint32_t options);

int pcre2_jit_compile_8(void *code, uint32_t options)
{
    (void)code;
    (void)options;
    return -48; // PCRE2_ERROR_NOMEMORY
}
