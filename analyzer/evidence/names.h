// SPDX-License-Identifier: Apache-2.0
//
// Names of containers as runtimes give them.
#ifndef INQUEST_EVIDENCE_NAMES_H
#define INQUEST_EVIDENCE_NAMES_H

#include "evidence/rows.h"

// Sets the row's name, and pod, namespace and uid where they are not known yet and the name says them:
// k8s_<container>_<pod>_<namespace>_<uid>_<attempt> (pkg/kubelet/dockershim/naming.go). A slash in front
// goes; of several names with commas between them the first counts.
void name_container(struct row_container_name *row, struct text name);

#endif
