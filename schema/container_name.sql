-- SPDX-License-Identifier: Apache-2.0
-- Who a container is: from docker ps, crictl ps, pod status.
CREATE TABLE container_name (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    container TEXT NOT NULL, -- id, as long as it was written
    name TEXT, -- of the container
    image TEXT, -- image
    pod TEXT, -- name of the pod
    namespace TEXT, -- Kubernetes namespace
    pod_uid TEXT, -- uid of the pod
    state TEXT, -- running, exited …
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (container, member, line)
) WITHOUT ROWID;
