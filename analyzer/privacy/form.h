// SPDX-License-Identifier: Apache-2.0
//
// What is private by its form alone: addresses, ids, full host names, e-mail addresses. Look-alikes stay:
// times, versions, PCI addresses, symbols of the kernel and of Go, names of units and of files,
// io.kubernetes.pod.name.
#ifndef INQUEST_PRIVACY_FORM_H
#define INQUEST_PRIVACY_FORM_H

#include "privacy/names.h"

struct form {
    enum name_kind kind;
    size_t length;         // in the text
    char name[NAME_BYTES]; // as struct names wants it
    size_t name_length;
    struct text joint; // of a uuid: what stands between its groups (-, _, \x2d)
};

// Each looks at a place where a word of letters and digits begins (`at`; what is before it is looked at,
// too). False where no such form stands there.
bool form_of_v4(struct text text, size_t at, struct form *form);
bool form_of_v6(struct text text, size_t at, struct form *form);
// Six bytes; also 8 and 20 (Fibre Channel, InfiniBand), and the 14 of a netfilter log, of which the first
// six.
bool form_of_mac(struct text text, size_t at, struct form *form);
bool form_of_uuid(struct text text, size_t at, struct form *form);
// Hexadecimal: 12 or 13 digits with both letters and digits among them, 20 or more; never 16, a kernel
// address.
bool form_of_id(struct text text, size_t at, struct form *form);
// i-0abc…, vol-0abc… of a cloud; the form is the digits, `length` with what stands before.
bool form_of_cloud_id(struct text text, size_t at, struct form *form);

// Bytes of a host's full name with a known last label, 0 for none. `sure`: its place says that it is one
// (behind @ or ://), so two labels do, and any last one.
size_t full_name_length(struct text text, size_t at, bool sure);
// Bytes of the name of a user before @ and a host's full name or address, 0 for none.
size_t mail_user_length(struct text text, size_t at);
// Bytes of a symbol with its offset (`do_exit+0x1f`), or of a Go function with a path
// (`git.corp.com/a.Func(`), or of a reversed name (`io.kubernetes.x`), which stay as they are; 0 for none.
size_t symbol_length(struct text text, size_t at);
// Bytes of the name of a pod by the ends that Kubernetes gives it (deployment-5d78c9869d-x2x9z), 0 for none.
size_t pod_name_length(struct text text, size_t at);

#endif
