-- SPDX-License-Identifier: Apache-2.0
-- Which logs the bundle holds: records by unit.
CREATE TABLE log_unit (
    unit TEXT PRIMARY KEY, -- docker, containerd, kubelet, kernel …; '' unknown
    records INTEGER        -- log records
) WITHOUT ROWID;
