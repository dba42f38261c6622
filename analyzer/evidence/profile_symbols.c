// SPDX-License-Identifier: Apache-2.0
//
// Function names in the comments of Go's text forms (runtime/pprof pprof.go, printStackRecord): one line a
// frame, with the address of the call, which is one less than the return address above. Inlined frames
// have the address of the one they are inlined into. Runtime frames at the top, and runtime.goexit, have
// none.
#include "evidence/profile_edit.h"
#include "evidence/profile_legacy.h"

enum { MOST_MEMSTATS = 64, MOST_SAME_PLACE = 16 };

// "# HeapIdle = 123", behind "# runtime.MemStats".
static void take_memstat(struct legacy *legacy, struct text line)
{
    struct profile *profile = legacy->profile;
    struct text key, equals, value;
    int64_t number;
    if (profile->memstats.count >= MOST_MEMSTATS || !text_word(&line, &key) || !text_word(&line, &equals) ||
        !text_is(equals, "=") || !text_word(&line, &value) || !text_to_i64(value, &number))
        return;
    *array_add(&profile->memstats) =
        (struct profile_number){legacy->line, arena_copy(&profile->arena, key), number};
}

// The end of a function's name: the last "+0x" and hexadecimal digits up to a blank or the end.
static bool split_name(struct text line, struct text *name, struct text *place)
{
    for (size_t i = line.len; i-- > 1;) {
        if (!text_starts(text_from(line, i), "+0x"))
            continue;
        size_t end = i + 3;
        while (end < line.len && byte_is_hex(line.ptr[end]))
            end++;
        if (end < line.len && line.ptr[end] != ' ' && line.ptr[end] != '\t')
            continue;
        *name = text_slice(line, 0, i);
        *place = text_trim(text_from(line, end));
        return true;
    }
    return false;
}

static bool add_symbol(struct legacy *legacy, struct text line)
{
    struct text name, place;
    if (!split_name(text_trim(line), &name, &place))
        return false;
    struct profile *profile = legacy->profile;
    if (legacy->symbols.count >= profile_most_ids(profile)) {
        profile->ids_full = true;
        return true;
    }
    struct legacy_symbol symbol = {
        .address = legacy->symbol_address,
        .name = profile_string(profile, name),
        .order = (uint32_t)legacy->symbols.count,
    };
    // a frame that calls itself at one place has this line twice
    for (size_t i = 1; i <= legacy->symbols.count && i <= MOST_SAME_PLACE; i++) {
        const struct legacy_symbol *before = &legacy->symbols.items[legacy->symbols.count - i];
        if (before->address == symbol.address && before->name == symbol.name)
            return true;
    }
    ptrdiff_t colon = text_find_byte(place, ':');
    uint64_t number = 0;
    if (colon >= 0)
        (void)text_to_u64(text_from(place, (size_t)colon + 1), &number);
    symbol.line = number <= INT64_MAX ? (int64_t)number : 0;
    symbol.file = profile_string(profile, text_slice(place, 0, colon >= 0 ? (size_t)colon : place.len));
    *array_add(&legacy->symbols) = symbol;
    return true;
}

// An address that was named in an earlier stack needs no names again.
static void open_address(struct legacy *legacy, uint64_t address)
{
    if (legacy->symbol_open && address == legacy->symbol_address)
        return;
    uint32_t before = legacy->symbol_ids.count;
    uint32_t number = id_map_add(&legacy->symbol_ids, address, profile_most_ids(legacy->profile));
    legacy->symbol_open = number != ID_NONE && number == before;
    legacy->symbol_address = address;
}

bool symbols_line(struct legacy *legacy, struct text line)
{
    struct text rest = text_trim(line);
    if (legacy->symbol_wrapped) { // a paste that was wrapped behind the address
        legacy->symbol_wrapped = false;
        if (rest.len && !byte_is_digit(rest.ptr[0]) && rest.ptr[0] != '#')
            return !legacy->symbol_open || add_symbol(legacy, rest);
    }
    if (!text_skip(&rest, "#")) {
        legacy->symbol_open = false;
        return false;
    }
    rest = text_trim(rest);
    uint64_t address;
    struct text word = {0};
    struct text behind = rest;
    if (!text_word(&behind, &word) || !text_starts(word, "0x") || !text_to_hex(word, &address)) {
        take_memstat(legacy, rest);
        return true;
    }
    open_address(legacy, address);
    behind = text_trim(behind);
    legacy->symbol_wrapped = behind.len == 0;
    if (legacy->symbol_open && behind.len)
        (void)add_symbol(legacy, behind);
    return true;
}

// ---- at the end ------------------------------------------------------------------------------

static int by_address(const void *left, const void *right)
{
    const struct legacy_symbol *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void add_line(struct profile *profile, struct profile_location *location,
                     const struct legacy_symbol *symbol)
{
    uint32_t number = profile_function(profile, symbol->name);
    if (number == ID_NONE)
        return;
    profile->functions.items[number] =
        (struct profile_function){.name = symbol->name, .file = symbol->file, .defined = true};
    if (location->line_count++ == 0)
        location->first_line = (uint32_t)profile->lines.count;
    *array_add(&profile->lines) = (struct profile_line){.function = number, .line = symbol->line};
}

static bool is_unnamed(const struct profile *profile, uint32_t number)
{
    return number < profile->locations.count && profile->locations.items[number].line_count == 0;
}

// What has no name at either end of a stack is the runtime frames that Go left out of the comments.
static bool drop_hidden(struct profile *profile, struct profile_numbers *stack, void *context)
{
    (void)context;
    size_t start = 0, end = stack->count;
    while (start < end && is_unnamed(profile, stack->items[start]))
        start++;
    while (end > start && is_unnamed(profile, stack->items[end - 1]))
        end--;
    if (start == end)
        return true;
    memmove(stack->items, stack->items + start, (end - start) * sizeof *stack->items);
    stack->count = end - start;
    return true;
}

void symbols_apply(struct legacy *legacy)
{
    struct profile *profile = legacy->profile;
    array_sort(&legacy->symbols, by_address);
    for (size_t i = 0; i < legacy->symbols.count; i++) {
        const struct legacy_symbol *symbol = &legacy->symbols.items[i];
        uint32_t number = id_map_find(&profile->location_ids, symbol->address);
        if (number != ID_NONE)
            add_line(profile, &profile->locations.items[number], symbol);
    }
    if (profile->sampling)
        profile_edit_stacks(profile, drop_hidden, NULL);
}
