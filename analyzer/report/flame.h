// SPDX-License-Identifier: Apache-2.0
//
// A flame graph as one SVG file that needs nothing else: no network, no other file. Opened in a browser, a
// frame tells its name, value and share under the pointer or the keyboard's focus, a click zooms, and a
// search marks what a regular expression matches. Where scripts do not run it is a picture.
//
// Names of functions come from a hostile place: they stand in the file as escaped character data only, never
// in the script or in an attribute that one reads, and the script puts them nowhere but in text nodes.
#ifndef INQUEST_REPORT_FLAME_H
#define INQUEST_REPORT_FLAME_H

#include "report/profile_report.h"

// Root at the top. Of a difference, the width is the larger of before and after, red what grew and blue
// what shrank. Frames under 1/10,000 of the total are left out, and beyond 20,000 frames or 256 levels the
// smallest, respectively the deepest; the drawing says so.
void profile_write_svg(struct buffer *out, const struct profile_report *report);

#endif
