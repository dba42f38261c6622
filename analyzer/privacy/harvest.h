// SPDX-License-Identifier: Apache-2.0
//
// A sink that learns names from rows: what the parsers know to be a host, a pod, a container, an image.
#ifndef INQUEST_PRIVACY_HARVEST_H
#define INQUEST_PRIVACY_HARVEST_H

#include "evidence/sink.h"
#include "privacy/scrub.h"
#include "util/error.h"

struct harvest {
    struct sink sink;
    struct scrubber *scrubber;
    char host[NAME_BYTES]; // of the last log record
    size_t host_length;
    struct error refused; // why a manifest cannot be read; no message for none
};

void harvest_init(struct harvest *harvest, struct scrubber *scrubber);

#endif
