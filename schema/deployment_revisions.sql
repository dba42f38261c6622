-- SPDX-License-Identifier: Apache-2.0
-- Deployments with the ReplicaSets that they left behind, as far as the bundle holds both. Rows without a name are
-- ReplicaSets that no Deployment of the bundle owns.
CREATE VIEW deployment_revisions AS
WITH sets AS MATERIALIZED (
    -- a table has no owners: the name is the Deployment's and a hash of the template
    SELECT namespace, coalesce(owner_name, rtrim(rtrim(name, 'bcdfghjklmnpqrstvwxz2456789'), '-')) AS owner, count(*) AS replicasets,
           sum(coalesce(replicas, 0) = 0 AND coalesce(ready_replicas, 0) = 0) AS idle, min(member || ':' || line) AS evidence
    FROM k8s_object WHERE kind = 'ReplicaSet' GROUP BY 1, 2
)
SELECT d.namespace AS namespace,           -- of the Deployment
       d.name AS name,                     -- its name
       d.api_version AS api_version,       -- it was read as; NULL in a table
       d.revision_history_limit AS revision_history_limit, -- NULL where not set, and in a table
       coalesce(s.replicasets, 0) AS replicasets, -- of it
       coalesce(s.idle, 0) AS idle,        -- of these without a replica: old revisions
       d.member || ':' || d.line AS evidence, -- of the Deployment
       s.evidence AS replicaset_evidence   -- of one of its ReplicaSets
FROM k8s_object d LEFT JOIN sets s ON s.namespace IS d.namespace AND s.owner = d.name
WHERE d.kind = 'Deployment'
UNION ALL
SELECT s.namespace, NULL, NULL, NULL, s.replicasets, s.idle, s.evidence, s.evidence
FROM sets s WHERE NOT EXISTS (SELECT 1 FROM k8s_object d WHERE d.kind = 'Deployment' AND d.namespace IS s.namespace AND d.name = s.owner);
