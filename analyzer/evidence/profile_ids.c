// SPDX-License-Identifier: Apache-2.0
#include "evidence/profile_ids.h"

#include <stdlib.h>

#include "util/hash.h"
#include "util/memory.h"

static uint32_t *slot_of(const struct id_map *map, uint64_t id)
{
    uint32_t at = (uint32_t)hash_number(id) & (map->capacity - 1);
    while (map->slots[at] && map->ids[map->slots[at] - 1] != id)
        at = (at + 1) & (map->capacity - 1);
    return &map->slots[at];
}

static void grow(struct id_map *map)
{
    map->capacity = map->capacity ? map->capacity * 2 : 64;
    free(map->slots);
    map->slots = mem_alloc(map->capacity, sizeof *map->slots);
    map->ids = mem_resize(map->ids, map->capacity, sizeof *map->ids);
    for (uint32_t i = 0; i < map->count; i++)
        *slot_of(map, map->ids[i]) = i + 1;
}

uint32_t id_map_add(struct id_map *map, uint64_t id, uint64_t most)
{
    if (map->count >= map->capacity / 2)
        grow(map);
    uint32_t *slot = slot_of(map, id);
    if (*slot)
        return *slot - 1;
    if (map->count >= most || map->count >= UINT32_MAX / 4)
        return ID_NONE;
    map->ids[map->count] = id;
    *slot = ++map->count;
    return map->count - 1;
}

uint32_t id_map_find(const struct id_map *map, uint64_t id)
{
    if (!map->capacity)
        return ID_NONE;
    uint32_t slot = *slot_of(map, id);
    return slot ? slot - 1 : ID_NONE;
}

void id_map_release(struct id_map *map)
{
    free(map->ids);
    free(map->slots);
    *map = (struct id_map){0};
}
