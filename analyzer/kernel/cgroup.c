// SPDX-License-Identifier: Apache-2.0
#include "kernel/cgroup.h"

#include <string.h>

enum { CONTAINER_DIGITS = 64, STATIC_POD_DIGITS = 32, UID_BYTES = 36 };

// The first run of exactly `digits` lower-case hexadecimal digits; cadvisor, too, takes any 64.
static struct text find_hex(struct text part, size_t digits)
{
    for (size_t i = 0; i < part.len;) {
        size_t n = i;
        while (n < part.len && byte_is_hex(part.ptr[n]))
            n++;
        if (n - i == digits)
            return text_slice(part, i, digits);
        i = n + 1;
    }
    return (struct text){NULL, 0};
}

// 8-4-4-4-12 hexadecimal digits with one of two separators: kubelet writes `_` for `-` in systemd's
// names (pkg/kubelet/cm/cgroup_manager_linux.go: escapeSystemdCgroupName).
static bool is_uid(struct text uid)
{
    if (uid.len != UID_BYTES)
        return false;
    for (size_t i = 0; i < uid.len; i++) {
        bool separator = i == 8 || i == 13 || i == 18 || i == 23;
        bool fits = separator ? uid.ptr[i] == '-' || uid.ptr[i] == '_' : byte_is_hex(uid.ptr[i]);
        if (!fits)
            return false;
    }
    return true;
}

static struct text with_dashes(struct text uid, struct arena *arena)
{
    struct text copy = arena_copy(arena, uid);
    char *bytes = arena_alloc(arena, copy.len + 1, 1);
    for (size_t i = 0; i < copy.len; i++)
        bytes[i] = copy.ptr[i] == '_' ? '-' : copy.ptr[i];
    return (struct text){bytes, copy.len};
}

// Behind `pod` at the start of a folder's name or after a dash: kubepods-burstable-pod<uid>.slice. The
// uid of a static pod is a hash of its manifest: 32 digits without dashes.
static struct text find_pod(struct text part, struct arena *arena)
{
    for (size_t i = 0; i + 3 < part.len; i++) {
        bool begins = i == 0 || part.ptr[i - 1] == '-';
        if (!begins || memcmp(part.ptr + i, "pod", 3) != 0)
            continue;
        struct text uid = text_slice(part, i + 3, UID_BYTES);
        if (is_uid(uid))
            return with_dashes(uid, arena);
        struct text hash = find_hex(text_from(part, i + 3), STATIC_POD_DIGITS);
        if (hash.ptr == part.ptr + i + 3)
            return hash;
    }
    return (struct text){NULL, 0};
}

// conmon watches a container from the host: crio-conmon-<id>.scope, libpod-conmon-<id>.scope
static bool is_watcher(struct text part)
{
    return text_starts(part, "crio-conmon-") || text_starts(part, "libpod-conmon-");
}

static void take_part(struct text part, struct arena *arena, struct cgroup_id *id)
{
    struct text pod = find_pod(part, arena);
    if (pod.ptr)
        id->pod_uid = pod;
    struct text container = is_watcher(part) ? (struct text){NULL, 0} : find_hex(part, CONTAINER_DIGITS);
    if (container.ptr)
        id->container = container;
    else if (!pod.ptr &&
             (text_ends(part, ".service") || text_ends(part, ".scope") || text_ends(part, ".slice")))
        id->unit = part;
}

static struct text without_deleted(struct text path)
{
    path = text_trim_end(path);
    if (text_ends(path, " (deleted)"))
        path.len -= strlen(" (deleted)");
    return path;
}

void cgroup_identify(struct text path, struct arena *arena, struct cgroup_id *id)
{
    struct text rest = without_deleted(path), part;
    *id = (struct cgroup_id){0};
    while (text_split(&rest, '/', &part))
        take_part(part, arena, id);
}

// ---- which line of a cgroup file -------------------------------------------------------------

// `11:memory:/docker/<id>`, `1:name=systemd:/…`, `0::/…`
struct cgroup_line {
    struct text controllers, path;
};

static bool read_line(struct text line, struct cgroup_line *out)
{
    struct text number;
    line = text_trim(line);
    if (!text_split(&line, ':', &number) || !text_all_digits(number) ||
        !text_split(&line, ':', &out->controllers) || !text_starts(line, "/"))
        return false;
    out->path = line;
    return true;
}

// A container decides, then the unified line of v2 (v1's name=systemd as its stand-in), then length.
static int merit(const struct cgroup_line *line)
{
    bool unified = line->controllers.len == 0, systemd = text_is(line->controllers, "name=systemd");
    bool names = find_hex(line->path, CONTAINER_DIGITS).ptr != NULL;
    bool root = line->path.len <= 1; // a hybrid layout has `0::/` beside the v1 lines that tell
    return names * 8 + !root * 4 + unified * 2 + systemd;
}

struct text cgroup_choose(struct text file)
{
    struct lines lines = {.rest = file};
    struct text line, best = {NULL, 0};
    int best_merit = -1;
    while (lines_next(&lines, &line)) {
        struct cgroup_line parsed;
        if (!read_line(line, &parsed))
            continue;
        int m = merit(&parsed);
        if (m > best_merit || (m == best_merit && parsed.path.len > best.len)) {
            best_merit = m;
            best = parsed.path;
        }
    }
    return best;
}
