// SPDX-License-Identifier: Apache-2.0
//
// Writes a big profile.proto to standard output: big_profile SAMPLES [STACKS]. A heap profile as a large
// program's: four sample types, a label a sample, stacks of 8 to 70 frames drawn from a random call tree so
// that they share their roots. STACKS: how many distinct ones; by default every sample has its own. The same
// arguments give the same bytes.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS = 40000, LOCATIONS = 120000, MESSAGE = 4096 };

struct bytes {
    unsigned char data[MESSAGE];
    size_t count;
};

static uint64_t seed;

// splitmix64
static uint64_t next_random(void)
{
    uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void put_varint(struct bytes *out, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        out->data[out->count++] = (unsigned char)(value | 128);
    out->data[out->count++] = (unsigned char)value;
}

static void put_number(struct bytes *out, unsigned field, uint64_t value)
{
    put_varint(out, field << 3);
    put_varint(out, value);
}

static void put_bytes(struct bytes *out, unsigned field, const void *data, size_t count)
{
    put_varint(out, field << 3 | 2);
    put_varint(out, count);
    memcpy(out->data + out->count, data, count);
    out->count += count;
}

static void write_message(unsigned field, const struct bytes *body)
{
    struct bytes header = {.count = 0};
    put_varint(&header, field << 3 | 2);
    put_varint(&header, body->count);
    (void)fwrite(header.data, 1, header.count, stdout);
    (void)fwrite(body->data, 1, body->count, stdout);
}

static void write_string(const char *text)
{
    struct bytes whole = {.count = 0};
    put_bytes(&whole, 6, text, strlen(text));
    (void)fwrite(whole.data, 1, whole.count, stdout);
}

// Frame `depth` of the stack `number`: near the root few choices, toward the leaf many.
static uint64_t location_of(uint64_t number, unsigned depth)
{
    uint64_t spread = depth < 12 ? number % (1u << depth) : number >> (depth < 30 ? 6 : 0);
    uint64_t mixed = (spread + 1) * 0x9e3779b97f4a7c15u + depth * 0x632be59bd9b4e019u;
    return 1 + (mixed >> 33) % LOCATIONS;
}

static void write_sample(uint64_t number)
{
    struct bytes sample = {.count = 0}, ids = {.count = 0}, values = {.count = 0}, label = {.count = 0};
    unsigned depth = 8 + (unsigned)((number * 2654435761u >> 7) % 63);
    for (unsigned i = depth; i-- > 0;)
        put_varint(&ids, location_of(number, i));
    uint64_t block = 16u << next_random() % 12, count = 1 + next_random() % 500;
    put_varint(&values, count);
    put_varint(&values, count * block);
    put_varint(&values, count / 3);
    put_varint(&values, count / 3 * block);
    put_number(&label, 1, 9);
    put_number(&label, 3, block);
    put_bytes(&sample, 1, ids.data, ids.count);
    put_bytes(&sample, 2, values.data, values.count);
    put_bytes(&sample, 3, label.data, label.count);
    write_message(2, &sample);
}

static void write_types(void)
{
    for (unsigned i = 0; i < 4; i++) {
        struct bytes type = {.count = 0};
        put_number(&type, 1, 1 + i);
        put_number(&type, 2, 5 + i % 2);
        write_message(1, &type);
    }
}

static void write_tables(void)
{
    struct bytes mapping = {.count = 0};
    put_number(&mapping, 1, 1);
    put_number(&mapping, 2, 0x400000);
    put_number(&mapping, 3, 0x8000000);
    put_number(&mapping, 5, 7);
    put_number(&mapping, 7, 1);
    write_message(3, &mapping);
    for (uint64_t i = 1; i <= LOCATIONS; i++) {
        struct bytes location = {.count = 0};
        put_number(&location, 1, i);
        put_number(&location, 2, 1);
        put_number(&location, 3, 0x400000 + i * 37);
        for (unsigned k = 0; k < (i % 5 == 0 ? 2 : 1); k++) { // one in five has a frame inlined
            struct bytes line = {.count = 0};
            put_number(&line, 1, 1 + (i * 7 + k * 13) % FUNCTIONS);
            put_number(&line, 2, i % 900);
            put_bytes(&location, 4, line.data, line.count);
        }
        write_message(4, &location);
    }
    for (uint64_t i = 1; i <= FUNCTIONS; i++) {
        struct bytes function = {.count = 0};
        put_number(&function, 1, i);
        put_number(&function, 2, 9 + i);
        put_number(&function, 3, 9 + i);
        put_number(&function, 4, 8);
        write_message(5, &function);
    }
}

static void write_strings(void)
{
    static const char *const fixed[] = {
        "",      "alloc_objects", "alloc_space",  "inuse_objects", "inuse_space",
        "count", "bytes",         "/usr/bin/big", "/src/big.go",   "bytes_label"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        write_string(fixed[i]);
    for (unsigned i = 1; i <= FUNCTIONS; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "example.com/big/pkg/module%u/area%u.(*Handler%u).Process%u",
                       i % 97, i % 31, i % 1009, i);
        write_string(name);
    }
}

int main(int count, char **words)
{
    uint64_t samples = count > 1 ? strtoull(words[1], NULL, 10) : 1000;
    uint64_t stacks = count > 2 ? strtoull(words[2], NULL, 10) : samples;
    write_types();
    for (uint64_t i = 0; i < samples; i++)
        write_sample(stacks ? i % stacks : i);
    write_tables();
    write_strings();
    return ferror(stdout) || fflush(stdout) != 0;
}
