-- SPDX-License-Identifier: Apache-2.0
-- proc/meminfo in bytes.
CREATE VIEW meminfo AS
SELECT key, number AS bytes, evidence FROM value WHERE scope = 'meminfo';
