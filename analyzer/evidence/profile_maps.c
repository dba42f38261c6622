// SPDX-License-Identifier: Apache-2.0
//
// The memory map behind a legacy profile: /proc/<pid>/maps or a shorter form of it. A location without a
// name is then counted under its binary.
#include "evidence/profile_legacy.h"

enum { MOST_MAPS = 1024, MOST_VARIABLES = 16 };

#define RANGE "^\\s*(?:0x)?(?<a_start>[[:xdigit:]]+)[\\s-]?\\s*(?:0x)?(?<b_end>[[:xdigit:]]+):?"
#define PERMISSIONS "(?:\\s+(?<c_perm>[-rwxp]+))?"
static const char full_regex[] = RANGE PERMISSIONS "(?:\\s+(?<d_offset>[[:xdigit:]]+))?\\s+[[:xdigit:]]+:[[:"
                                                   "xdigit:]]+\\s+[[:digit:]]+(?:\\s+(?<e_file>\\S+))?";
static const char brief_regex[] =
    RANGE PERMISSIONS "(?:\\s+(?<e_file>\\S+))?(?:\\s+\\(@(?<d_offset>[[:xdigit:]]+)\\))?"
                      "(?:\\s+(?<f_build>[[:xdigit:]]+))?";
enum { START, END, PERMISSION, OFFSET, FILE_NAME, BUILD_ID };

// ---- lines -----------------------------------------------------------------------------------

// "source=/home" names what $source stands for below.
static void take_variable(struct legacy *legacy, struct text line)
{
    ptrdiff_t at = text_find_byte(line, '=');
    if (at < 0 || legacy->variables.count >= MOST_VARIABLES)
        return;
    struct arena *arena = &legacy->profile->arena;
    struct text name = text_trim(text_slice(line, 0, (size_t)at));
    *array_add(&legacy->variables) = (struct legacy_variable){
        text_of(arena_printf(arena, "$%.*s", TEXT_ARG(name))),
        arena_copy(arena, text_trim(text_from(line, (size_t)at + 1))),
    };
}

static struct text with_variables(struct legacy *legacy, struct text line)
{
    for (size_t i = 0; i < legacy->variables.count; i++) {
        const struct legacy_variable *variable = &legacy->variables.items[i];
        ptrdiff_t at = text_find(line, variable->name);
        if (at < 0)
            continue;
        struct text rest = text_from(line, (size_t)at + variable->name.len);
        line = text_of(arena_printf(&legacy->profile->arena, "%.*s%.*s%.*s",
                                    TEXT_ARG(text_slice(line, 0, (size_t)at)), TEXT_ARG(variable->value),
                                    TEXT_ARG(rest)));
    }
    return line;
}

void maps_line(struct legacy *legacy, struct text line)
{
    struct profile *profile = legacy->profile;
    struct pattern *logging = legacy_pattern(&legacy->logging, "^[^\\[\\]]+:[0-9]+\\]\\s"); // glog's prefix
    if (profile->mappings.count >= MOST_MAPS)
        return;
    if (legacy_match(logging, line))
        line = text_from(line, pattern_matched(logging).len);
    line = with_variables(legacy, line);
    struct pattern *map = legacy_pattern(&legacy->maps, full_regex);
    bool brief = !legacy_match(map, line);
    if (brief) {
        map = legacy_pattern(&legacy->brief_maps, brief_regex);
        if (!legacy_match(map, line)) {
            take_variable(legacy, line);
            return;
        }
    }
    struct text permission = legacy_group(map, PERMISSION);
    struct profile_mapping mapping = {.build_id = ID_NONE, .defined = true};
    if ((permission.len && text_find_byte(permission, 'x') < 0) ||
        !text_to_hex(legacy_group(map, START), &mapping.start) ||
        !text_to_hex(legacy_group(map, END), &mapping.limit))
        return;
    (void)text_to_hex(legacy_group(map, OFFSET), &mapping.offset);
    mapping.file = profile_string(profile, legacy_group(map, FILE_NAME));
    if (brief)
        mapping.build_id = profile_string(profile, legacy_group(map, BUILD_ID));
    *array_add(&profile->mappings) = mapping;
}

// ---- putting them in order -------------------------------------------------------------------

static bool same_or_absent(const struct profile *profile, uint32_t a, uint32_t b)
{
    struct text left = profile_text(profile, a), right = profile_text(profile, b);
    return left.len == 0 || right.len == 0 || text_equal(left, right);
}

static bool adjacent(const struct profile *profile, const struct profile_mapping *a,
                     const struct profile_mapping *b)
{
    if (!same_or_absent(profile, a->file, b->file) || !same_or_absent(profile, a->build_id, b->build_id))
        return false;
    if (a->limit != b->start)
        return false;
    return a->offset == 0 || b->offset == 0 || a->offset + (a->limit - a->start) == b->offset;
}

static void merge_adjacent(struct profile *profile)
{
    size_t kept = 0;
    for (size_t i = 1; i < profile->mappings.count; i++) {
        struct profile_mapping *last = &profile->mappings.items[kept], *next = &profile->mappings.items[i];
        if (!adjacent(profile, last, next)) {
            profile->mappings.items[++kept] = *next;
            continue;
        }
        last->limit = next->limit;
        if (profile_text(profile, next->file).len)
            last->file = next->file;
        if (profile_text(profile, next->build_id).len)
            last->build_id = next->build_id;
    }
    if (profile->mappings.count)
        profile->mappings.count = kept + 1;
}

// `[.]so$` or `[.]so[._][0-9]+`
static bool is_library(struct text file)
{
    struct text rest = file;
    ptrdiff_t at;
    while ((at = text_find(rest, TEXT(".so"))) >= 0) {
        rest = text_from(rest, (size_t)at + 3);
        if (rest.len == 0 ||
            (rest.len >= 2 && (rest.ptr[0] == '.' || rest.ptr[0] == '_') && byte_is_digit(rest.ptr[1])))
            return true;
    }
    return false;
}

// The first that is neither library nor "[vdso]" is taken for the program and put first.
static void main_first(struct profile *profile)
{
    for (size_t i = 0; i < profile->mappings.count; i++) {
        struct text file = text_trim(profile_text(profile, profile->mappings.items[i].file));
        if (text_ends(file, "(deleted)"))
            file = text_trim_end(text_slice(file, 0, file.len - 9));
        if (file.len == 0 || file.ptr[0] == '[' || is_library(file))
            continue;
        struct profile_mapping first = profile->mappings.items[0];
        profile->mappings.items[0] = profile->mappings.items[i];
        profile->mappings.items[i] = first;
        return;
    }
}

// Quirks of some handlers (google/pprof remapMappingIDs).
static void fix_first(struct profile *profile)
{
    struct profile_mapping *maps = profile->mappings.items;
    if (profile->mappings.count > 1 && text_starts(profile_text(profile, maps[0].file), "/anon_hugepage") &&
        maps[0].limit == maps[1].start)
        memmove(maps, maps + 1, --profile->mappings.count * sizeof *maps);
    const uint64_t usual = 0x400000;
    if (profile->mappings.count && maps[0].start - maps[0].offset == usual) {
        maps[0].start = usual;
        maps[0].offset = 0;
    }
}

static uint32_t mapping_of(struct profile *profile, uint64_t address)
{
    struct profile_mapping *maps = profile->mappings.items;
    for (uint32_t i = 0; i < profile->mappings.count; i++)
        if (maps[i].start <= address && address < maps[i].limit)
            return i;
    for (uint32_t i = 0; i < profile->mappings.count; i++)
        if (maps[i].offset != 0 && maps[i].start - maps[i].offset <= address && address < maps[i].start) {
            maps[i].start -= maps[i].offset;
            maps[i].offset = 0;
            return i;
        }
    return ID_NONE;
}

// Of all places that lie in none: it has no file, and where it is the only one the profile has no binary.
static uint32_t no_mapping(struct profile *profile, uint32_t *none)
{
    if (*none == ID_NONE) {
        *none = (uint32_t)profile->mappings.count;
        *array_add(&profile->mappings) = (struct profile_mapping){
            .limit = UINT64_MAX, .file = ID_NONE, .build_id = ID_NONE, .defined = true};
    }
    return *none;
}

void maps_end(struct legacy *legacy)
{
    struct profile *profile = legacy->profile;
    uint32_t none = ID_NONE;
    merge_adjacent(profile);
    main_first(profile);
    fix_first(profile);
    for (size_t i = 0; i < profile->locations.count; i++) {
        struct profile_location *location = &profile->locations.items[i];
        if (location->address == 0)
            continue;
        uint32_t mapping = mapping_of(profile, location->address);
        location->mapping = mapping == ID_NONE ? no_mapping(profile, &none) : mapping;
    }
    if (profile->mappings.count)
        profile->main_mapping = 0;
}
