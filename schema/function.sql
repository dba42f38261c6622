-- SPDX-License-Identifier: Apache-2.0
-- Functions that any profile names, and how many profiles do.
CREATE VIEW function AS
SELECT function AS name, count(DISTINCT member) AS profiles, group_concat(DISTINCT type) AS types
FROM profile_function GROUP BY function;
