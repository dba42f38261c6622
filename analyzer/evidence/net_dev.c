// SPDX-License-Identifier: Apache-2.0
//
// proc/<pid>/net/dev and proc/net/dev: the devices of a network namespace. Eight columns of receiving, eight
// of sending behind `name:`, which may be glued to the first number (net/core/net-procfs.c:
// dev_seq_printf_stats). A namespace that shows only lo lost its devices.
#include "evidence/reading.h"

static bool claims(const struct member *member)
{
    return member_is_leaf(member, "net/dev") || member_path_fits(member, "proc/net/dev") ||
           member_path_fits(member, "proc/self/net/dev");
}

static void take_device(struct input *input, uint64_t number, struct text device, struct text counters)
{
    enum { RX_BYTES = 0, RX_PACKETS = 1, TX_BYTES = 8, TX_PACKETS = 9 };
    struct row_net_device row = row_net_device_null;
    row.line = input_line(input, number);
    row.pid = input->member->pid;
    row.device = device;
    row.rx_bytes = row_number(nth_word(counters, RX_BYTES));
    row.rx_packets = row_number(nth_word(counters, RX_PACKETS));
    row.tx_bytes = row_number(nth_word(counters, TX_BYTES));
    row.tx_packets = row_number(nth_word(counters, TX_PACKETS));
    if (row.rx_bytes == ROW_NULL)
        sink_warn(input->sink, input->member, number, "is no line of a device");
    else
        emit_net_device(input->sink, input->member, &row);
}

static void parse(struct input *input)
{
    struct lines lines = {.rest = input->content};
    struct text line;
    if (input_failed(input))
        return;
    // a device's name may begin with a digit, so line numbers are taken off only where the title has one
    struct text first = text_trim(input->content);
    bool numbered = first.len && byte_is_digit(first.ptr[0]);
    while (lines_next(&lines, &line)) {
        line = numbered ? without_number(line) : text_trim(line);
        ptrdiff_t colon = (ptrdiff_t)line.len - 1; // a name may hold colons: eth0:1
        while (colon >= 0 && line.ptr[colon] != ':')
            colon--;
        if (colon > 0)
            take_device(input, lines.number, text_trim(text_slice(line, 0, (size_t)colon)),
                        text_from(line, (size_t)colon + 1));
    }
}

const struct evidence evidence_net_dev = {
    .name = "net-devices",
    .paths = "proc/<pid>/net/dev, proc/net/dev",
    .help = "The network devices of a namespace; only lo left means that its network was taken down.",
    .claims = claims,
    .parse = parse,
};
