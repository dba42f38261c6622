-- SPDX-License-Identifier: Apache-2.0
-- Functions of profiles with their shares of the total.
CREATE VIEW profile_top AS
SELECT p.component, f.member, f.type, t.unit, f.function, f.flat, f.cum,
       CAST(f.flat AS REAL) / nullif(t.total, 0) AS flat_share, CAST(f.cum AS REAL) / nullif(t.total, 0) AS cum_share
FROM profile_function f JOIN profile_type t ON t.member = f.member AND t.type = f.type
JOIN profile p ON p.member = f.member;
