// SPDX-License-Identifier: Apache-2.0
//
// Counters of the node's network stack, into `value`:
//
//   scope                  key                                  number
//   net/sockstat, 6        TCP.inuse, TCP.tw, TCP.mem, …        sockets; mem in pages
//   net/netstat, net/snmp  TcpExt.ListenDrops, Tcp.RetransSegs  events
//   net/softnet_stat       processed, dropped, time_squeeze     packets and polls, of all processors
//   net/stat/nf_conntrack  entries, insert_failed, drop, …      entries; events of all processors
#include "evidence/reading.h"

static struct text joined(struct input *input, struct text a, struct text b)
{
    return text_of(arena_printf(input->arena, "%.*s.%.*s", TEXT_ARG(a), TEXT_ARG(b)));
}

// TCP: inuse 5 orphan 0 tw 0 alloc 6 mem 1
static void parse_sockstat(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line, group, rest, key, value;
    while (next_line(&lines, &line))
        if (key_value(line, ':', &group, &rest))
            while (text_word(&rest, &key) && text_word(&rest, &value))
                add_number(input, lines.number, value_scope(input->member), joined(input, group, key),
                           row_number(value));
}

// Pairs of lines: `TcpExt: SyncookiesSent …` and `TcpExt: 0 …`
static void parse_pairs_of_lines(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text names, values, group, names_rest, values_group, values_rest, key, value;
    while (next_line(&lines, &names) && next_line(&lines, &values)) {
        if (!key_value(names, ':', &group, &names_rest) ||
            !key_value(values, ':', &values_group, &values_rest) || !text_equal(group, values_group)) {
            sink_warn(input->sink, input->member, lines.number, "names and numbers do not go together");
            return;
        }
        while (text_word(&names_rest, &key) && text_word(&values_rest, &value))
            add_number(input, lines.number, value_scope(input->member), joined(input, group, key),
                       row_number(value));
    }
}

enum { COLUMNS_MAX = 32 };

// Adds up the hexadecimal columns of one line.
static void add_columns(struct text line, uint64_t *sums)
{
    struct text word;
    uint64_t value;
    for (unsigned i = 0; i < COLUMNS_MAX && text_word(&line, &word); i++)
        if (text_to_hex(word, &value) && __builtin_add_overflow(sums[i], value, &sums[i]))
            sums[i] = INT64_MAX;
}

static int64_t clamped(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static void parse_softnet(struct input *input)
{
    static const char *const names[] = {"processed", "dropped", "time_squeeze"};
    uint64_t sums[COLUMNS_MAX] = {0};
    struct lines lines = {.rest = input->content};
    struct text line;
    while (lines_next(&lines, &line))
        add_columns(line, sums);
    for (unsigned i = 0; i < 3 && lines.number; i++)
        add_number(input, 1, value_scope(input->member), text_of(names[i]), clamped(sums[i]));
}

// A line of names, then one of hexadecimal counters for each processor; `entries` is the same in all.
static void parse_conntrack(struct input *input)
{
    uint64_t sums[COLUMNS_MAX] = {0}, first[COLUMNS_MAX] = {0};
    struct lines lines = {.rest = input->content};
    struct text names, line, key;
    if (!next_line(&lines, &names) || !byte_is_alpha(names.ptr[0]))
        return;
    for (unsigned cpu = 0; lines_next(&lines, &line); cpu++) {
        add_columns(line, sums);
        if (cpu == 0)
            add_columns(line, first);
    }
    for (unsigned i = 0; i < COLUMNS_MAX && text_word(&names, &key); i++)
        add_number(input, 1, value_scope(input->member), key,
                   clamped(text_is(key, "entries") ? first[i] : sums[i]));
}

static const struct file_parser files[] = {
    {"proc/net/sockstat", parse_sockstat},
    {"proc/net/sockstat6", parse_sockstat},
    {"proc/net/netstat", parse_pairs_of_lines},
    {"proc/net/snmp", parse_pairs_of_lines},
    {"proc/net/softnet_stat", parse_softnet},
    {"proc/net/stat/nf_conntrack", parse_conntrack},
    {NULL, NULL},
};

static bool claims(const struct member *member)
{
    return files_claim(files, member);
}

static void parse(struct input *input)
{
    files_parse(files, input);
}

const struct evidence evidence_node_network = {
    .name = "node-network",
    .paths = "proc/net/sockstat, sockstat6, netstat, snmp, softnet_stat, stat/nf_conntrack",
    .help = "Counters of the network stack: sockets, drops, retransmissions, connection tracking.",
    .claims = claims,
    .parse = parse,
};
