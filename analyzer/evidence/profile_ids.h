// SPDX-License-Identifier: Apache-2.0
//
// Ids as a profile gives them (any 64-bit numbers, far apart or dense) to small numbers in order of
// first appearance. A hash table: nothing is ever indexed by an id.
#ifndef INQUEST_EVIDENCE_PROFILE_IDS_H
#define INQUEST_EVIDENCE_PROFILE_IDS_H

#include <stdbool.h>
#include <stdint.h>

#define ID_NONE UINT32_MAX

// A zeroed one is empty and ready.
struct id_map {
    uint64_t *ids;   // by number
    uint32_t *slots; // number + 1
    uint32_t count, capacity;
};

// The number of the id, a new one when it is not there yet; ID_NONE when it is new and `most` are there.
uint32_t id_map_add(struct id_map *map, uint64_t id, uint64_t most);
uint32_t id_map_find(const struct id_map *map, uint64_t id); // ID_NONE when absent
void id_map_release(struct id_map *map);

#endif
