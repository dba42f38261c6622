// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_tag.h"

#include <string.h>

enum { IDENT_BYTES = 96, HOST_BYTES = 255 }; // POSIX HOST_NAME_MAX, and what idents were seen to take

// `ident[1751]` or `ident`: the pid taken off. False for what is no ident.
static bool ident_read(struct text text, struct log_tag *tag)
{
    uint64_t pid;
    size_t n = text.len;
    tag->pid = ROW_NULL;
    if (n && text.ptr[n - 1] == ']') {
        size_t open = n - 1;
        while (open && text.ptr[open - 1] != '[')
            open--;
        if (open > 1 && text_to_u64(text_slice(text, open, n - 1 - open), &pid) && pid <= INT32_MAX) {
            tag->pid = (int64_t)pid;
            tag->ident = text_slice(text, 0, open - 1);
            return true;
        }
    }
    tag->ident = text;
    return n > 0 && text_find_byte(text, ' ') < 0;
}

// Where an ident ends: at a colon with a blank or nothing behind it. `kernel:text` of wall messages too.
static bool ident_take(struct text *rest, struct log_tag *tag)
{
    size_t limit = rest->len < IDENT_BYTES ? rest->len : IDENT_BYTES, from = 0;
    for (;;) {
        const char *colon = memchr(rest->ptr + from, ':', limit - from);
        if (!colon)
            return false;
        size_t at = (size_t)(colon - rest->ptr);
        bool ends = at + 1 >= rest->len || rest->ptr[at + 1] == ' ' || rest->ptr[at + 1] == '\t';
        struct text text = text_slice(*rest, 0, at);
        if ((ends || text_is(text, "kernel")) && ident_read(text, tag)) {
            *rest = text_from(*rest, at + 1);
            if (rest->len && rest->ptr[0] == ' ')
                *rest = text_from(*rest, 1);
            return true;
        }
        from = at + 1;
    }
}

void log_tag_keep(struct log_tag_cache *cache, const char *start, size_t length, const struct log_tag *tag)
{
    cache->length = 0;
    if (length > sizeof cache->bytes ||
        start[length - 1] != ' ') // what follows must not depend on the line before
        return;
    memcpy(cache->bytes, start, length);
    cache->length = length;
    cache->host = tag->host.ptr ? (size_t)(tag->host.ptr - start) : 0;
    cache->host_length = tag->host.len;
    cache->ident = (size_t)(tag->ident.ptr - start);
    cache->ident_length = tag->ident.len;
    cache->pid = tag->pid;
}

bool log_tag_known(struct text *rest, const struct log_tag_cache *cache, struct log_tag *tag)
{
    size_t length = cache->length;
    if (!length || rest->len < length || memcmp(rest->ptr, cache->bytes, length) != 0)
        return false;
    const char *start = rest->ptr;
    tag->host = (struct text){cache->host_length ? start + cache->host : NULL, cache->host_length};
    tag->ident = (struct text){start + cache->ident, cache->ident_length};
    tag->pid = cache->pid;
    rest->ptr += length;
    rest->len -= length;
    return true;
}

void log_tag_take(struct text *rest, struct log_tag_cache *cache, struct log_tag *tag)
{
    if (log_tag_known(rest, cache, tag))
        return;
    struct text at = *rest, word;
    *tag = (struct log_tag){.pid = ROW_NULL};
    while (at.len && at.ptr[0] == ' ')
        at = text_from(at, 1);
    struct text whole = at;
    // `kernel: …`: whoever pasted it took the host out
    const char *blank = at.len ? memchr(at.ptr, ' ', at.len < HOST_BYTES ? at.len : HOST_BYTES) : NULL;
    word = text_slice(at, 0, blank ? (size_t)(blank - at.ptr) : 0);
    bool found = text_ends(word, ":") && ident_take(&at, tag);
    if (!found && word.len) {
        at = text_from(whole, word.len + 1);
        while (at.len && at.ptr[0] == ' ')
            at = text_from(at, 1);
        found = ident_take(&at, tag);
        tag->host = word;
    }
    if (!found) {
        *tag = (struct log_tag){.pid = ROW_NULL};
        *rest = whole;
        return;
    }
    log_tag_keep(cache, rest->ptr, (size_t)(at.ptr - rest->ptr), tag);
    *rest = at;
}
