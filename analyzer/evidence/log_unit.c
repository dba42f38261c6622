// SPDX-License-Identifier: Apache-2.0
#include "evidence/log_unit.h"

#include <string.h>

struct text log_unit_of(struct text ident)
{
    static const struct {
        const char *ident, *unit;
        size_t length;
    } units[] = {
#define UNIT(ident, unit) {ident, unit, sizeof(ident) - 1},
#include "evidence/units.list"
#undef UNIT
    };
    if (text_ends(ident, ".service"))
        ident.len -= strlen(".service");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (ident.len == units[i].length && memcmp(ident.ptr, units[i].ident, ident.len) == 0)
            return text_of(units[i].unit);
    return ident;
}

static void cut_end(struct text *name, const char *end)
{
    if (text_ends(*name, end) && name->len > strlen(end))
        name->len -= strlen(end);
}

// docker.service.log.1.gz: docker
static struct text bare_name(struct text name)
{
    cut_end(&name, ".gz");
    cut_end(&name, ".xz");
    cut_end(&name, ".zst");
    cut_end(&name, ".bz2");
    size_t n = name.len; // kern.log.1, messages-20240312
    while (n && byte_is_digit(name.ptr[n - 1]))
        n--;
    if (n && n < name.len && (name.ptr[n - 1] == '.' || name.ptr[n - 1] == '-'))
        name.len = n - 1;
    cut_end(&name, ".old");
    cut_end(&name, ".txt");
    cut_end(&name, ".log");
    return name;
}

// The last `depth` folder, counted from the end: 0 is the file.
static struct text part_from_end(struct text path, size_t depth)
{
    size_t end = path.len;
    for (;;) {
        size_t start = end;
        while (start && path.ptr[start - 1] != '/')
            start--;
        if (!depth-- || !start)
            return text_slice(path, start, end - start);
        end = start - 1;
    }
}

// var/log/containers/<pod>_<namespace>_<container>-<64 digits>.log
static struct text container_of_link(struct text name)
{
    struct text rest = bare_name(name), piece = {NULL, 0};
    while (text_split(&rest, '_', &piece))
        ;
    size_t n = piece.len;
    while (n && byte_is_hex(piece.ptr[n - 1]))
        n--;
    if (n > 1 && piece.ptr[n - 1] == '-' && piece.len - n >= 12)
        piece.len = n - 1;
    return piece;
}

// Logs of containers: the paths of the kubelet, of docker, of must-gather and of `kubectl cluster-info dump`.
static bool container_source(struct text path, struct log_source *source)
{
    struct text name = part_from_end(path, 0);
    if (text_contains(path, "log/containers/"))
        source->unit = container_of_link(name);
    else if (text_contains(path, "log/pods/"))
        source->unit = part_from_end(path, 1); // <namespace>_<pod>_<uid>/<container>/0.log
    else if (text_ends(path, "/logs/current.log") || text_ends(path, "/logs/previous.log"))
        source->unit = part_from_end(path, 2);
    else if (!text_ends(path, "-json.log") && !text_ends(path, "/logs.txt"))
        return false;
    source->container = true;
    source->sure = source->unit.len > 0;
    return true;
}

// sos: sos_commands/docker/journalctl_--no-pager_--unit_docker
static struct text sos_unit(struct text name)
{
    ptrdiff_t at = text_find(name, TEXT("_--unit_"));
    return at < 0 ? (struct text){NULL, 0} : text_from(name, (size_t)at + strlen("_--unit_"));
}

struct log_source log_source_of(struct text path)
{
    struct log_source source = {0};
    if (container_source(path, &source))
        return source;
    struct text name = bare_name(part_from_end(path, 0)), sos = sos_unit(name);
    source.sure = text_starts(path, "journal/") || sos.ptr;
    if (text_starts(name, "dmesg"))
        source.unit = TEXT("kernel");
    else if (!text_starts(name, "journalctl_") || sos.ptr)
        source.unit = log_unit_of(sos.ptr ? sos : name);
    if (!source.unit.len)
        source.sure = false;
    source.kernel = text_is(source.unit, "kernel");
    if (!source.unit.len)
        source.unit = (struct text){NULL, 0};
    return source;
}
