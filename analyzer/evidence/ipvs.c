// SPDX-License-Identifier: Apache-2.0
//
// IPVS: proc/net/ip_vs, proc/net/ip_vs_stats and what `ipvsadm -Ln` prints (net/netfilter/ipvs/ip_vs_ctl.c:
// ip_vs_info_seq_show; ipvsadm.c: print_service_entry). The kernel writes IPv4 addresses and ports in
// hexadecimal in host order (0A600001:01BB is 10.96.0.1:443), ip_vs_stats all its numbers; ipvsadm writes
// them for people.
//
//   TCP  0A600001:01BB rr persistent 10800 FFFFFFFF     service `TCP 10.96.0.1:443`
//     -> 0A000001:1F90      Masq    1      13         0
//   FWM  00000064 wlc                                   service `FWM 100`
//
// ip_vs_stats goes to `value`, scope net/ip_vs_stats: conns, in_packets, out_packets, in_bytes, out_bytes and
// the same with `_per_s`. Listings of `ipvsadm --stats` and `--rate` have other columns and are left alone.
#include "evidence/reading.h"

#include <arpa/inet.h>

static bool is_listing(struct text head)
{
    return text_contains(head, "IP Virtual Server version") &&
           (text_contains(head, "ActiveConn") || text_contains(head, "-> RemoteAddress:Port Forward"));
}

static bool claims(const struct member *member)
{
    if (member_path_fits(member, "proc/net/ip_vs") || member_path_fits(member, "proc/net/ip_vs_stats"))
        return member->type == MEMBER_FILE;
    return member_is_output(member) && is_listing(member->head);
}

// `0A600001` → 10.96.0.1
static struct text dotted(struct input *input, uint64_t address)
{
    return text_of(arena_printf(input->arena, "%u.%u.%u.%u", (unsigned)(address >> 24 & 255),
                                (unsigned)(address >> 16 & 255), (unsigned)(address >> 8 & 255),
                                (unsigned)(address & 255)));
}

// The kernel writes all eight groups of an IPv6 address, ipvsadm the short form; both become the short one.
static struct text shortened(struct input *input, struct text address)
{
    struct in6_addr bytes;
    char text[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET6, arena_string(input->arena, address), &bytes) != 1 ||
        !inet_ntop(AF_INET6, &bytes, text, sizeof text))
        return address;
    return arena_copy(input->arena, text_of(text));
}

static bool in_brackets(struct text text)
{
    return text_starts(text, "[") && text_ends(text, "]");
}

// `0A600001:01BB`, `[fd00::1]:01BB` (proc), `10.96.0.1:443`, `[fd00::1]:443`, `host:https` (ipvsadm).
static bool read_endpoint(struct input *input, struct text text, bool hex, struct text *address,
                          int64_t *port)
{
    ptrdiff_t colon = (ptrdiff_t)text.len - 1;
    while (colon >= 0 && text.ptr[colon] != ':')
        colon--;
    if (colon < 1)
        return false;
    struct text number = text_from(text, (size_t)colon + 1);
    *address = text_slice(text, 0, (size_t)colon);
    *port = hex ? row_hex(number) : row_number(number);
    uint64_t value;
    if (hex && address->len == 8 && text_to_hex(*address, &value))
        *address = dotted(input, value);
    else if (in_brackets(*address))
        *address = shortened(input, text_slice(*address, 1, address->len - 2));
    return true;
}

// A copy of the kernel's file under another name: eight digits, a colon, four digits.
static bool is_hex_endpoint(struct text text)
{
    return text.len == 13 && text.ptr[8] == ':' && text_all_hex(text_slice(text, 0, 8)) &&
           text_all_hex(text_from(text, 9));
}

struct listing {
    bool hex;            // the kernel's file, not ipvsadm's
    struct text service; // that the destinations belong to; absent before the first
};

static bool is_protocol(struct text word)
{
    return text_is(word, "TCP") || text_is(word, "UDP") || text_is(word, "SCTP") || text_is(word, "FWM");
}

// What the service is called in rows and reports: `TCP 10.96.0.1:443`, `TCP [fd00::a]:443`.
static struct text service_name(struct input *input, const struct row_ipvs_service *row, struct text where)
{
    bool six = text_find_byte(row->address, ':') >= 0;
    if (row->port == ROW_NULL)
        return text_of(arena_printf(input->arena, "%.*s %.*s", TEXT_ARG(row->protocol), TEXT_ARG(where)));
    return text_of(arena_printf(input->arena, "%.*s %s%.*s%s:%lld", TEXT_ARG(row->protocol), six ? "[" : "",
                                TEXT_ARG(row->address), six ? "]" : "", (long long)row->port));
}

static void take_flags(struct text flags, struct row_ipvs_service *row)
{
    struct text word, rest = flags;
    row->flags = flags.len ? flags : (struct text){NULL, 0};
    while (text_word(&rest, &word))
        if (text_is(word, "persistent"))
            row->persistent_s = row_number(nth_word(rest, 0));
}

static bool take_service(struct input *input, struct listing *listing, struct text line, uint64_t number)
{
    struct row_ipvs_service row = row_ipvs_service_null;
    struct text where;
    if (!text_word(&line, &row.protocol) || !is_protocol(row.protocol) || !text_word(&line, &where))
        return false;
    bool mark = text_is(row.protocol, "FWM");
    listing->hex |= is_hex_endpoint(where);
    if (mark) {
        int64_t value = listing->hex ? row_hex(where) : row_number(where);
        listing->service = text_of(arena_printf(input->arena, "FWM %lld", (long long)value));
    } else if (read_endpoint(input, where, listing->hex, &row.address, &row.port)) {
        listing->service = service_name(input, &row, where);
    } else {
        return false;
    }
    (void)text_word(&line, &row.scheduler);
    take_flags(text_trim(line), &row);
    row.service = listing->service;
    row.line = input_line(input, number);
    emit_ipvs_service(input->sink, input->member, &row);
    return true;
}

static bool take_real(struct input *input, const struct listing *listing, struct text line, uint64_t number)
{
    struct row_ipvs_real row = row_ipvs_real_null;
    struct text where, weight, active, inactive;
    if (!text_skip(&line, "->") || !listing->service.ptr || !text_word(&line, &where) ||
        !read_endpoint(input, where, listing->hex, &row.address, &row.port) ||
        !text_word(&line, &row.forward) || !text_word(&line, &weight) || !text_word(&line, &active) ||
        !text_word(&line, &inactive))
        return false;
    row.weight = row_number(weight);
    row.active = row_number(active);
    row.inactive = row_number(inactive);
    if (row.weight == ROW_NULL || row.active == ROW_NULL)
        return false;
    row.service = listing->service;
    row.line = input_line(input, number);
    emit_ipvs_real(input->sink, input->member, &row);
    return true;
}

static bool is_title(struct text line)
{
    return text_contains(line, "LocalAddress") || text_contains(line, "RemoteAddress") ||
           text_contains(line, "IP Virtual Server") || line.len == 0;
}

static void parse_services(struct input *input)
{
    struct listing listing = {.hex = member_path_fits(input->member, "proc/net/ip_vs")};
    struct lines lines = {.rest = input->content};
    struct text line;
    uint64_t bad = 0, first_bad = 0;
    while (lines_next(&lines, &line)) {
        line = without_number(line);
        if (byte_is_digit(line.len ? line.ptr[0] : ' ') && text_contains(line, "->")) // a number before `->`
            line = text_from(line, (size_t)text_find(line, TEXT("->")));
        if (!is_title(line) && !take_service(input, &listing, line, lines.number) &&
            !take_real(input, &listing, line, lines.number))
            first_bad = bad++ ? first_bad : lines.number;
    }
    if (bad && listing.service.ptr)
        sink_warn(input->sink, input->member, first_bad, "%llu lines are neither service nor destination",
                  (unsigned long long)bad);
}

// Two lines of five hexadecimal numbers, totals and rates, each below its titles.
static void parse_stats(struct input *input)
{
    static const char *const names[2][5] = {
        {"conns", "in_packets", "out_packets", "in_bytes", "out_bytes"},
        {"conns_per_s", "in_packets_per_s", "out_packets_per_s", "in_bytes_per_s", "out_bytes_per_s"}};
    struct lines lines = {.rest = input->content};
    struct text line;
    unsigned block = 0;
    while (block < 2 && lines_next(&lines, &line)) {
        if (!nth_word(line, 4).ptr || row_hex(nth_word(line, 0)) == ROW_NULL ||
            row_hex(nth_word(line, 4)) == ROW_NULL)
            continue;
        for (unsigned i = 0; i < 5; i++)
            add_number(input, lines.number, TEXT("net/ip_vs_stats"), text_of(names[block][i]),
                       row_hex(nth_word(line, i)));
        block++;
    }
}

static void parse(struct input *input)
{
    if (input_failed(input))
        return;
    if (member_path_fits(input->member, "proc/net/ip_vs_stats"))
        parse_stats(input);
    else
        parse_services(input);
}

const struct evidence evidence_ipvs = {
    .name = "ipvs",
    .paths = "proc/net/ip_vs, proc/net/ip_vs_stats, output of ipvsadm -Ln",
    .help = "IPVS services, their real servers, weights and connections.",
    .claims = claims,
    .parse = parse,
};
