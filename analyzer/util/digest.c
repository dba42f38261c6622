// SPDX-License-Identifier: Apache-2.0
#include "util/digest.h"

#include <nettle/sha2.h>
#include <stdlib.h>

#include "util/memory.h"

struct digest {
    struct sha256_ctx state;
};

struct digest *digest_open(void)
{
    struct digest *digest = mem_alloc(1, sizeof *digest);
    sha256_init(&digest->state);
    return digest;
}

void digest_add(struct digest *digest, struct text piece)
{
    if (piece.len)
        sha256_update(&digest->state, piece.len, (const uint8_t *)piece.ptr);
}

static void write_hex(const uint8_t *bytes, size_t count, char *hex)
{
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    hex[2 * count] = '\0';
}

void digest_close(struct digest **digest, char *hex)
{
    uint8_t sum[SHA256_DIGEST_SIZE];
    if (!*digest)
        return;
    sha256_digest(&(*digest)->state, sizeof sum, sum);
    if (hex)
        write_hex(sum, sizeof sum, hex);
    free(*digest);
    *digest = NULL;
}

void digest_of(struct text whole, char hex[static DIGEST_HEX])
{
    struct digest *digest = digest_open();
    digest_add(digest, whole);
    digest_close(&digest, hex);
}
