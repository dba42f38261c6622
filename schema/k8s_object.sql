-- SPDX-License-Identifier: Apache-2.0
-- Kubernetes objects of the bundle.
CREATE TABLE k8s_object (
    member TEXT NOT NULL,  -- path of the member in the bundle
    line INTEGER NOT NULL, -- line in it, from 1; 0 for the member as a whole
    kind TEXT NOT NULL, -- ReplicaSet, Deployment, Pod …
    api_version TEXT, -- apps/v1 …
    namespace TEXT NOT NULL, -- its namespace; '' for none, and where a table does not show it
    name TEXT NOT NULL, -- its name
    uid TEXT, -- its uid
    created TEXT, -- metadata.creationTimestamp
    owner_kind TEXT, -- of the controlling owner
    owner_name TEXT, -- likewise
    node TEXT, -- spec.nodeName
    replicas INTEGER, -- spec.replicas (tables: DESIRED)
    ready_replicas INTEGER, -- status.readyReplicas (tables: READY)
    revision_history_limit INTEGER, -- spec.revisionHistoryLimit; NULL where not set
    json TEXT, -- the object, capped
    evidence TEXT AS (member || ':' || line) VIRTUAL, -- member:line
    PRIMARY KEY (kind, namespace, name, member, line)
) WITHOUT ROWID;
