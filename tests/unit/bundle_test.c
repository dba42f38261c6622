// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "bundle/format.h"
#include "packing.h"

#define COMM "proc/7/comm"

static const struct packed_entry node[] = {
    {"./n1/proc/7/comm", "sync\n", 0, NULL, false},
    {"n1//proc/7/task/8/stack", "[<0>] f+0x1/0x2\n", 0, NULL, false},
    {"n1/proc/7/ns/net", NULL, AE_IFLNK, "net:[4026531992]", false},
    {"n1/manifest.json", "{}", 0, NULL, false},
    {NULL, NULL, 0, NULL, false},
};
#define NODE_MEMBERS \
    "[n1]proc/7/comm|sync\n\n[n1]proc/7/task/8/stack|[<0>] f+0x1/0x2\n\n" \
    "[n1]proc/7/ns/net->net:[4026531992]\n[n1]manifest.json|{}\n"

static void expect_members(const struct reading_of *reading, const char *members, const char *warnings)
{
    assert_true(reading->opened);
    assert_true(reading->closed);
    assert_string_equal(reading->members.ptr, members);
    assert_string_equal(reading->warnings.ptr, warnings);
}

static void expect_refused(struct text bytes, const char *why)
{
    struct reading_of reading;
    read_bytes(&reading, "x.tar.gz", bytes, &limits_default);
    assert_false(reading.opened && reading.closed);
    assert_int_equal(reading.err.kind, ERROR_BUNDLE);
    if (!strstr(reading.err.message, why))
        fail_msg("'%s' does not say '%s'", reading.err.message, why);
    reading_release(&reading);
}

// ---- places --------------------------------------------------------------------------------------

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *raw, *node, *path, *leaf;
        int64_t pid, tid;
    } cases[] = {
        {"proc/1/stack", "", "proc/1/stack", "stack", 1, 1},
        {"./a/b/proc/12/task/13/ns/net", "a/b", "proc/12/task/13/ns/net", "ns/net", 12, 13},
        {"n//proc/./meminfo", "n", "proc/meminfo", "proc/meminfo", NO_ID, NO_ID},
        {"n/proc/0/comm", "n", "proc/0/comm", "proc/0/comm", NO_ID, NO_ID},
        {"n/proc/007/comm", "n", "proc/007/comm", "proc/007/comm", NO_ID, NO_ID},
        {"n/proc/2147483648/comm", "n", "proc/2147483648/comm", "proc/2147483648/comm", NO_ID, NO_ID},
        {"n/proc/5/task/x/comm", "n", "proc/5/task/x/comm", "task/x/comm", 5, 5},
        {"n/manifest.json", "n", "manifest.json", "manifest.json", NO_ID, NO_ID},
        {"n/manifest.json/x", NULL, "n/manifest.json/x", "n/manifest.json/x", NO_ID, NO_ID},
        {"proc", NULL, "proc", "proc", NO_ID, NO_ID},
        {"README", NULL, "README", "README", NO_ID, NO_ID},
        {"srv/var/log/messages", "srv", "var/log/messages", "var/log/messages", NO_ID, NO_ID},
        {"srv/etc/hostname", NULL, "srv/etc/hostname", "srv/etc/hostname", NO_ID, NO_ID},
        {"sosreport-h/etc/hostname", "sosreport-h", "etc/hostname", "etc/hostname", NO_ID, NO_ID},
        {"n/proc/1/root/sys/x", "n", "proc/1/root/sys/x", "root/sys/x", 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct member member = {0};
        struct buffer clean CLEANUP(buffer_release) = {0};
        path_clean(text_of(cases[i].raw), &clean);
        assert_true(member_place(&member, buffer_text(&clean)));
        assert_text(member.node, cases[i].node);
        assert_text(member.path, cases[i].path);
        assert_text(member.leaf, cases[i].leaf);
        assert_int_equal(member.pid, cases[i].pid);
        assert_int_equal(member.tid, cases[i].tid);
        assert_int_equal(member.thread_level, cases[i].tid != cases[i].pid);
    }
}

static void no_places(void **state)
{
    (void)state;
    static const char *const raw[] = {"",   ".",   "./",  "/proc/1/stack", "a/../proc/1/stack",
                                      "..", "//x", "n/.."};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        struct member member = {0};
        struct buffer clean CLEANUP(buffer_release) = {0};
        path_clean(text_of(raw[i]), &clean);
        assert_false(member_place(&member, buffer_text(&clean)));
    }
}

static void limits_by_name(void **state)
{
    (void)state;
    struct limits limits = limits_default;
    struct error err = {0};
    assert_true(limits_set(&limits, "frames=17", &err));
    assert_int_equal(limits.frames, 17);
    static const char *const wrong[] = {
        "frames", "frames=", "frames=x", "frames=-1", "frame=3", "=3", "frames=99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(limits_set(&limits, wrong[i], &err));
        assert_int_equal(err.kind, ERROR_USAGE);
    }
    assert_false(limits_set(&limits, "frame=3", &err));
    assert_non_null(strstr(err.message, "frames"));
    assert_int_equal(limits.frames, 17);
}

// ---- archives ------------------------------------------------------------------------------------

static void every_packing(void **state)
{
    (void)state;
    static const struct {
        int format, filter;
    } cases[] = {
        {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE},
        {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP},
        {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_XZ},
        {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FILTER_ZSTD},
        {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_BZIP2},
        {ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer bytes CLEANUP(buffer_release) = {0};
        struct reading_of reading;
        pack(&bytes, cases[i].format, cases[i].filter, node);
        read_bytes(&reading, "x", buffer_text(&bytes), &limits_default);
        expect_members(&reading, NODE_MEMBERS, "");
        assert_int_equal(reading.totals.entries, 4);
        assert_int_equal(reading.totals.bytes, 5 + 16 + 2);
        assert_int_equal(strlen(reading.totals.sha256), 64);
        reading_release(&reading);
    }
}

static void names_keep_their_bytes(void **state)
{
    (void)state;
    static const struct packed_entry odd[] = {
        {"proc/1/\xe8\xbf\x9b\xe7\xa8\x8b", "a", 0, NULL, false},
        {"journal/new\nline.log", "b", 0, NULL, false},
        {"journal/bad\xff.log", "c", 0, NULL, false},
        {"manifest.json", "{}", 0, NULL, false},
        {NULL, NULL, 0, NULL, false},
    };
    struct buffer bytes CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    pack(&bytes, ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_NONE, odd);
    read_bytes(&reading, "x", buffer_text(&bytes), &limits_default);
    expect_members(&reading,
                   "proc/1/\xe8\xbf\x9b\xe7\xa8\x8b|a\njournal/new\nline.log|b\njournal/"
                   "bad\xff.log|c\nmanifest.json|{}\n",
                   "");
    reading_release(&reading);
}

static void odd_entries_are_counted(void **state)
{
    (void)state;
    static const struct packed_entry odd[] = {
        {"/tmp/x", "a", 0, NULL, false},
        {"n/../../x", "b", 0, NULL, false},
        {"n/proc/1/comm", NULL, AE_IFLNK, "/etc/passwd", false},
        {"n/proc/2/comm", NULL, 0, "/etc/passwd", true},
        {"n/proc/3/comm", NULL, AE_IFCHR, NULL, false},
        {"n/proc/4/comm", NULL, AE_IFIFO, NULL, false},
        {"n/proc/0x5/comm", "c", 0, NULL, false},
        {"n/proc/6/comm", "d", 0, NULL, false},
        {"n/proc/6/comm", "e", 0, NULL, false},
        {"n/d/d/d/d/d/d/d", "f", 0, NULL, false},
        {NULL, NULL, 0, NULL, false},
    };
    struct buffer bytes CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    struct limits limits = limits_default;
    limits.path_depth = 6;
    pack(&bytes, ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_NONE, odd);
    read_bytes(&reading, "x", buffer_text(&bytes), &limits);
    expect_members(&reading, "[n]proc/0x5/comm|c\n[n]proc/6/comm|d\n[n]proc/6/comm|e\n",
                   "/tmp/x: an absolute name, or one with '..': left out (and 1 more like it)\n"
                   "n/d/d/d/d/d/d/d: deeper than limit path_depth: left out\n"
                   "n/proc/1/comm: a symbolic link: not followed\n"
                   "n/proc/2/comm: a hard link: not followed\n"
                   "n/proc/3/comm: a device: not opened\n"
                   "n/proc/4/comm: a named pipe: not opened\n"
                   "n/proc/6/comm: stands more than once in the bundle; all of them were read\n"
                   "n/proc/0x5/comm: a folder of proc that is no process id\n"
                   "n/manifest.json: absent: the collection was cut short, or made by another tool\n");
    reading_release(&reading);
}

static void two_nodes(void **state)
{
    (void)state;
    static const struct packed_entry both[] = {
        {"a/manifest.json", "1", 0, NULL, false},
        {"b/manifest.json", "2", 0, NULL, false},
        {"c/manifest.json", "3", 0, NULL, false},
        {"a/README", "4", 0, NULL, false},
        {NULL, NULL, 0, NULL, false},
    };
    struct buffer bytes CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    struct limits limits = limits_default;
    limits.nodes = 2;
    pack(&bytes, ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FILTER_NONE, both);
    read_bytes(&reading, "x", buffer_text(&bytes), &limits);
    expect_members(&reading, "[a]manifest.json|1\n[b]manifest.json|2\na/README|4\n",
                   "c/manifest.json: of a node beyond limit nodes: left out\n"
                   "bundle: holds 2 nodes: each is looked at by itself\n");
    reading_release(&reading);
}

// ---- damage --------------------------------------------------------------------------------------

// A member of its own size for each of many, so that what is read shows how far.
static void pack_many(struct buffer *bytes, int filter)
{
    enum { MEMBERS = 60 };
    struct packed_entry entries[MEMBERS + 1] = {0};
    char names[MEMBERS][32], contents[MEMBERS][1200];
    for (int i = 0; i < MEMBERS; i++) {
        (void)snprintf(names[i], sizeof names[i], "proc/%d/comm", i + 1);
        unsigned seed = (unsigned)i * 2654435761u + 1;
        for (size_t j = 0; j + 1 < sizeof contents[i]; j++)
            contents[i][j] = (char)('a' + ((seed = seed * 1103515245u + 12345u) >> 16) % 26);
        contents[i][sizeof contents[i] - 1] = '\0';
        entries[i] = (struct packed_entry){names[i], contents[i], 0, NULL, false};
    }
    pack(bytes, ARCHIVE_FORMAT_TAR_USTAR, filter, entries);
}

static void a_cut_gzip_loses_only_what_is_behind(void **state)
{
    (void)state;
    struct buffer plain CLEANUP(buffer_release) = {0}, packed CLEANUP(buffer_release) = {0};
    struct reading_of whole, reading;
    pack_many(&plain, ARCHIVE_FILTER_NONE);
    gzip(&packed, buffer_text(&plain));
    read_bytes(&whole, "x", buffer_text(&packed), &limits_default);
    assert_int_equal(whole.count, 60);
    for (size_t cut = 40; cut + 200 < packed.len; cut += 997) {
        read_bytes(&reading, "x", text_slice(buffer_text(&packed), 0, cut), &limits_default);
        // deflate holds back less than a block of literals; six bits a letter at most
        bool enough = cut > 4000;
        if (enough) {
            assert_true(reading.opened && reading.closed);
            assert_true(reading.members.len > (cut * 8 / 6) * 7 / 10);
            char where[80];
            (void)snprintf(where, sizeof where, "bundle: truncated gzip stream at byte %zu; ", cut);
            assert_non_null(strstr(reading.warnings.ptr, where));
            assert_memory_equal(reading.members.ptr, whole.members.ptr, reading.members.len - 1);
        }
        reading_release(&reading);
    }
    reading_release(&whole);
}

static void a_damaged_header_is_passed_over(void **state)
{
    (void)state;
    struct buffer plain CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    pack(&plain, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, node);
    plain.ptr[150] ^= 1; // the checksum of the first header
    read_bytes(&reading, "x", buffer_text(&plain), &limits_default);
    assert_true(reading.closed);
    assert_non_null(strstr(reading.members.ptr, "manifest.json|{}"));
    assert_null(strstr(reading.members.ptr, "comm"));
    assert_non_null(strstr(reading.warnings.ptr, "bundle: a damaged header: passed over"));
    reading_release(&reading);
}

static void a_second_tar_behind_the_first(void **state)
{
    (void)state;
    static const struct packed_entry more[] = {{"n1/proc/9/comm", "late", 0, NULL, false},
                                               {NULL, NULL, 0, NULL, false}};
    struct buffer both CLEANUP(buffer_release) = {0}, packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    pack(&both, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, node);
    pack(&both, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, more);
    size_t third = both.len / 3; // over several gzip members, one of them empty, and junk at the end
    gzip(&packed, text_slice(buffer_text(&both), 0, third));
    gzip(&packed, TEXT(""));
    gzip(&packed, text_from(buffer_text(&both), third));
    size_t good = packed.len;
    static const char *const junks[] = {"\x1fjunk", "\x1f and junk that is longer than a header", "junk"};
    for (size_t i = 0; i < sizeof junks / sizeof *junks; i++) {
        packed.len = good;
        buffer_puts(&packed, junks[i]);
        read_bytes(&reading, "x", buffer_text(&packed), &limits_default);
        expect_members(&reading, NODE_MEMBERS "[n1]proc/9/comm|late\n", "");
        reading_release(&reading);
    }
}

static void a_wrong_checksum_loses_nothing(void **state)
{
    (void)state;
    struct buffer plain CLEANUP(buffer_release) = {0}, packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    pack(&plain, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, node);
    gzip(&packed, text_slice(buffer_text(&plain), 0, 1024));
    packed.ptr[packed.len - 6] ^= 1;
    gzip(&packed, text_from(buffer_text(&plain), 1024));
    read_bytes(&reading, "x", buffer_text(&packed), &limits_default);
    expect_members(&reading, NODE_MEMBERS, "bundle: a gzip checksum is wrong\n");
    reading_release(&reading);
}

static void long_names(void **state)
{
    (void)state;
    static const int formats[] = {ARCHIVE_FORMAT_TAR_GNUTAR, ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE};
    char name[400] = "proc/1/";
    memset(name + 7, 'n', sizeof name - 8);
    const struct packed_entry entries[] = {{name, "long", 0, NULL, false},
                                           {"proc/1/fd/3", NULL, AE_IFLNK, name, false},
                                           {"manifest.json", "{}", 0, NULL, false},
                                           {NULL, NULL, 0, NULL, false}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        CLEANUP(buffer_release) struct buffer bytes = {0};
        struct reading_of reading;
        pack(&bytes, formats[i], ARCHIVE_FILTER_NONE, entries);
        read_bytes(&reading, "x", buffer_text(&bytes), &limits_default);
        assert_true(reading.closed);
        assert_memory_equal(reading.members.ptr, name, strlen(name));
        assert_memory_equal(reading.members.ptr + strlen(name), "|long\n", 6);
        assert_non_null(strstr(reading.members.ptr, "proc/1/fd/3->proc/1/nnn"));
        assert_string_equal(reading.warnings.ptr, "");
        reading_release(&reading);
    }
}

// Sets a header's size field and makes its checksum right again.
static void set_size(char *header, const char size[static 12])
{
    unsigned sum = 0;
    memcpy(header + 124, size, 12);
    memset(header + 148, ' ', 8);
    for (int i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    (void)snprintf(header + 148, 8, "%06o", sum);
}

static void sizes_that_no_file_has(void **state)
{
    (void)state;
    static const char *const sizes[] = {"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff",     // 2^63 - 1
                                        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe\0", // negative
                                        "zz/!99999 \0\0"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        CLEANUP(buffer_release) struct buffer bytes = {0};
        struct reading_of reading;
        pack(&bytes, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, node);
        set_size(bytes.ptr, sizes[i]);
        read_bytes(&reading, "x", buffer_text(&bytes), &limits_default);
        assert_true(reading.closed); // that member is lost, the others are not
        assert_null(strstr(reading.members.ptr, "comm|"));
        assert_non_null(strstr(reading.members.ptr, "stack|[<0>] f"));
        assert_non_null(strstr(reading.members.ptr, "manifest.json|{}"));
        assert_non_null(strstr(reading.warnings.ptr, "bundle: a damaged header"));
        reading_release(&reading);
    }
}

static void holes_in_a_tar(void **state)
{
    (void)state;
    CLEANUP(buffer_release) struct buffer bytes = {0};
    struct reading_of reading;
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    static char content[1 << 20];
    memcpy(content + (512 << 10), "deep", 4);
    assert_int_equal(archive_write_set_format_pax(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open(archive, &bytes, NULL, pack_write, NULL), ARCHIVE_OK);
    archive_entry_set_pathname(entry, "journal/a.log");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, sizeof content);
    archive_entry_sparse_add_entry(entry, 512 << 10, 4);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_true(archive_write_data(archive, content, sizeof content) > 0);
    archive_entry_free(entry);
    pack_entry(archive, &node[3]);
    archive_write_free(archive);
    read_bytes(&reading, "x", buffer_text(&bytes), &limits_default);
    assert_true(reading.closed);
    assert_non_null(strstr(reading.members.ptr, "journal/a.log|deep"));
    assert_non_null(strstr(reading.members.ptr, "manifest.json|{}"));
    assert_non_null(strstr(reading.warnings.ptr, "journal/a.log: a sparse file: its holes were left out\n"));
    reading_release(&reading);
}

// Large enough that a thread unpacks it, read whole and given up half way.
static void a_large_archive(void **state)
{
    (void)state;
    enum { BYTES = 6 << 20 };
    CLEANUP(buffer_release) struct buffer big = {0}, tar = {0}, packed = {0};
    struct reading_of reading;
    unsigned seed = 1;
    char *at = buffer_reserve(&big, BYTES + 1);
    for (int i = 0; i < BYTES; i++)
        at[i] = (char)('a' + ((seed = seed * 1103515245u + 12345u) >> 16) % 26);
    at[BYTES] = '\0';
    big.len = BYTES;
    const struct packed_entry entries[] = {{"journal/big.log", big.ptr, 0, NULL, false},
                                           {"proc/1/comm", "init", 0, NULL, false},
                                           {"manifest.json", "{}", 0, NULL, false},
                                           {NULL, NULL, 0, NULL, false}};
    pack(&tar, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, entries);
    gzip(&packed, buffer_text(&tar));
    read_bytes(&reading, "x", buffer_text(&packed), &limits_default);
    assert_true(reading.closed);
    assert_int_equal(reading.count, 3);
    assert_memory_equal(reading.members.ptr + strlen("journal/big.log|"), big.ptr, BYTES);
    assert_non_null(strstr(reading.members.ptr, "proc/1/comm|init\n"));
    assert_string_equal(reading.warnings.ptr, "");
    reading_release(&reading);
    struct limits limits = limits_default;
    limits.total_bytes = 2 << 20;
    read_bytes(&reading, "x", buffer_text(&packed), &limits);
    assert_true(reading.closed);
    assert_non_null(strstr(reading.warnings.ptr, "limit total_bytes"));
    reading_release(&reading);
    read_bytes(&reading, "x", text_slice(buffer_text(&packed), 0, packed.len / 2), &limits_default);
    assert_non_null(strstr(reading.warnings.ptr, "bundle: truncated gzip stream at byte"));
    reading_release(&reading);
}

// ---- refused ---------------------------------------------------------------------------------------

static void refused_by_name(void **state)
{
    (void)state;
    struct buffer once CLEANUP(buffer_release) = {0}, twice CLEANUP(buffer_release) = {0},
                       zip CLEANUP(buffer_release) = {0}, zipped CLEANUP(buffer_release) = {0};
    gzip(&once, TEXT("text\n"));
    gzip(&twice, buffer_text(&once));
    pack(&zip, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, node);
    gzip(&zipped, buffer_text(&zip));
    expect_refused(buffer_text(&twice), "nested compression (gzip in gzip)");
    expect_refused(buffer_text(&zipped), "nested compression (zip in gzip)");
    expect_refused(TEXT("7z\xbc\xaf\x27\x1c\0\4xxxxxxxx"), "7-Zip archive");
    expect_refused(TEXT("Rar!\x1a\x07\1\0xxxx"), "RAR archive");
    expect_refused(TEXT("LRZI\0\6xxxxxxx"), "lrzip");
    expect_refused(TEXT("070701000000000000"), "cpio");
    expect_refused(TEXT("#mtree\n./x contents=/etc/passwd\n"), "mtree");
    expect_refused(TEXT("SQLite format 3\0xxxxxxxxxx"), "database");
    expect_refused(TEXT(""), "empty");
    expect_refused(text_slice(buffer_text(&once), 0, 10), "truncated gzip stream at byte 10");
    expect_refused(TEXT("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "no members");
}

static void no_regular_file(void **state)
{
    (void)state;
    static const char *const paths[][2] = {{"/dev/zero", "a device"}, {"/nonexistent/x", "No such file"}};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct reading_of reading;
        read_path(&reading, paths[i][0], &limits_default);
        assert_false(reading.opened);
        assert_non_null(strstr(reading.err.message, paths[i][1]));
        assert_non_null(strstr(reading.err.message, paths[i][0]));
    }
}

// ---- single files and packed members ---------------------------------------------------------------

static void one_file(void **state)
{
    (void)state;
    struct buffer packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    read_bytes(&reading, "ticket.txt", TEXT("hello\n"), &limits_default);
    expect_members(&reading, "ticket.txt|hello\n\n", "");
    assert_string_equal(reading.totals.sha256,
                        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    reading_release(&reading);
    gzip(&packed, TEXT("hel"));
    gzip(&packed, TEXT("lo\n"));
    read_bytes(&reading, "docker.log.gz", buffer_text(&packed), &limits_default);
    expect_members(&reading, "docker.log|hello\n\n", "");
    reading_release(&reading);
}

static void packed_members(void **state)
{
    (void)state;
    struct buffer gz CLEANUP(buffer_release) = {0}, twice CLEANUP(buffer_release) = {0},
                     tar CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    gzip(&gz, TEXT("profile"));
    gzip(&gz, TEXT(" goes on"));
    gzip(&twice, buffer_text(&gz));
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    assert_int_equal(archive_write_set_format_ustar(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open(archive, &tar, NULL, pack_write, NULL), ARCHIVE_OK);
    const struct {
        const char *path;
        struct text bytes;
    } files[] = {
        {"pprof/x/heap.pb.gz", buffer_text(&gz)},
        {"pprof/x/cut.pb.gz", text_slice(buffer_text(&gz), 0, gz.len - 12)},
        {"journal/a.log.gz", buffer_text(&gz)},
        {"journal/b.log.gz", buffer_text(&twice)},
        {"manifest.json", TEXT("{}")},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        archive_entry_clear(entry);
        archive_entry_set_pathname(entry, files[i].path);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (int64_t)files[i].bytes.len);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_true(archive_write_data(archive, files[i].bytes.ptr, files[i].bytes.len) >= 0);
    }
    archive_entry_free(entry);
    archive_write_free(archive);
    read_bytes(&reading, "x", buffer_text(&tar), &limits_default);
    assert_true(reading.closed);
    assert_non_null(strstr(reading.members.ptr, "pprof/x/heap.pb.gz|profile goes on\n"));
    assert_non_null(strstr(reading.members.ptr, "pprof/x/cut.pb.gz|profile goes"));
    assert_non_null(strstr(reading.members.ptr, "journal/a.log|profile goes on\n"));
    assert_null(strstr(reading.members.ptr, "b.log"));
    assert_non_null(strstr(reading.warnings.ptr, "pprof/x/cut.pb.gz: truncated gzip stream at byte"));
    assert_non_null(strstr(reading.warnings.ptr, "journal/b.log.gz: compressed twice: not unpacked"));
    reading_release(&reading);
}

// ---- limits ----------------------------------------------------------------------------------------

static void bombs_stop(void **state)
{
    (void)state;
    struct buffer zeros CLEANUP(buffer_release) = {0}, packed CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    struct limits limits = limits_default;
    enum { BOMB = 64 << 20 };
    memset(buffer_reserve(&zeros, BOMB), 0, BOMB);
    zeros.len = BOMB;
    zeros.ptr[0] = 'x'; // else it is an empty tar
    gzip(&packed, buffer_text(&zeros));
    limits.dense_bytes = 4 << 20;
    read_bytes(&reading, "x", buffer_text(&packed), &limits);
    assert_true(reading.closed);
    assert_true(reading.totals.bytes < 16 << 20);
    assert_non_null(strstr(reading.warnings.ptr, "limit dense_bytes"));
    reading_release(&reading);
    limits = limits_default;
    limits.total_bytes = 8 << 20;
    read_bytes(&reading, "x", buffer_text(&packed), &limits);
    assert_true(reading.totals.bytes < 12 << 20);
    assert_non_null(strstr(reading.warnings.ptr, "limit total_bytes"));
    reading_release(&reading);
}

static void counts_and_sizes(void **state)
{
    (void)state;
    struct buffer bytes CLEANUP(buffer_release) = {0};
    struct reading_of reading;
    struct limits limits = limits_default;
    pack_many(&bytes, ARCHIVE_FILTER_NONE);
    limits.members = 7;
    read_bytes(&reading, "x", buffer_text(&bytes), &limits);
    assert_int_equal(reading.count, 7);
    assert_int_equal(reading.totals.entries, 7);
    assert_non_null(strstr(reading.warnings.ptr, "limit members"));
    reading_release(&reading);
    limits = limits_default;
    limits.member_bytes = 1000;
    read_bytes(&reading, "x", buffer_text(&bytes), &limits);
    assert_int_equal(reading.count, 60); // the others are read all the same
    assert_non_null(strstr(reading.warnings.ptr, "proc/1/comm: longer than 1000 bytes (limit member_bytes)"));
    reading_release(&reading);
}

// ---- folders ---------------------------------------------------------------------------------------

static void write_file(const char *folder, const char *name, const char *content)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(content, file);
    (void)fclose(file);
}

static void make_folder(const char *folder, const char *name)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void fill_folder(const char *folder)
{
    char path[256];
    static const char *const folders[] = {"proc", "proc/7", "proc/7/ns", "journal", "journal/a"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        make_folder(folder, folders[i]);
    write_file(folder, "proc/7/comm", "sync\n");
    write_file(folder, "journal/a.log", "one\n");
    write_file(folder, "journal/a/b.log", "two\n");
    write_file(folder, "manifest.json", "{}");
    (void)snprintf(path, sizeof path, "%s/proc/7/ns/net", folder);
    assert_int_equal(symlink("net:[1]", path), 0);
    (void)snprintf(path, sizeof path, "%s/journal/out.log", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    (void)snprintf(path, sizeof path, "%s/journal/pipe.log", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    (void)snprintf(path, sizeof path, "%s/journal/huge.log", folder);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
    assert_int_equal(pwrite(fd, "data\n", 5, (off_t)1 << 30), 5);
    (void)close(fd);
}

static void a_folder(void **state)
{
    (void)state;
    char folder[] = "/tmp/inquest-test-XXXXXX", command[128];
    struct reading_of reading;
    assert_non_null(mkdtemp(folder));
    fill_folder(folder);
    read_path(&reading, folder, &limits_default);
    assert_true(reading.closed);
    const char *names[] = {"journal/a.log|one\n", "journal/a/b.log|two\n", "journal/huge.log|",
                           "manifest.json|{}",    "proc/7/comm|sync\n",    "proc/7/ns/net->net:[1]"};
    const char *at = reading.members.ptr; // in the byte order of paths
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(at = memmem(at, (size_t)(reading.members.ptr + reading.members.len - at), names[i],
                                    strlen(names[i])));
    assert_true(reading.totals.bytes < 1 << 20); // holes are no bytes
    assert_string_equal(reading.totals.sha256, "");
    assert_non_null(
        strstr(reading.warnings.ptr, "journal/huge.log: a sparse file: its holes were left out\n"));
    assert_non_null(strstr(reading.warnings.ptr, "journal/out.log: a symbolic link: not followed\n"));
    assert_non_null(strstr(reading.warnings.ptr, "journal/pipe.log: a named pipe: not opened\n"));
    reading_release(&reading);
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

// ---- formats ---------------------------------------------------------------------------------------

static void databases(void **state)
{
    (void)state;
    char *path = scratch_file("x.db", TEXT("SQLite format 3\0rest of the header"));
    assert_true(bundle_is_database(path));
    scratch_remove(path);
    path = scratch_file("x", TEXT("SQLite format 3"));
    assert_false(bundle_is_database(path));
    scratch_remove(path);
    assert_false(bundle_is_database("/tmp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places),
        cmocka_unit_test(no_places),
        cmocka_unit_test(limits_by_name),
        cmocka_unit_test(every_packing),
        cmocka_unit_test(names_keep_their_bytes),
        cmocka_unit_test(odd_entries_are_counted),
        cmocka_unit_test(two_nodes),
        cmocka_unit_test(a_cut_gzip_loses_only_what_is_behind),
        cmocka_unit_test(a_damaged_header_is_passed_over),
        cmocka_unit_test(a_second_tar_behind_the_first),
        cmocka_unit_test(a_wrong_checksum_loses_nothing),
        cmocka_unit_test(long_names),
        cmocka_unit_test(sizes_that_no_file_has),
        cmocka_unit_test(holes_in_a_tar),
        cmocka_unit_test(a_large_archive),
        cmocka_unit_test(refused_by_name),
        cmocka_unit_test(no_regular_file),
        cmocka_unit_test(one_file),
        cmocka_unit_test(packed_members),
        cmocka_unit_test(bombs_stop),
        cmocka_unit_test(counts_and_sizes),
        cmocka_unit_test(a_folder),
        cmocka_unit_test(databases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
