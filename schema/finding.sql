-- SPDX-License-Identifier: Apache-2.0
-- The diagnosis: findings in the order of the report.
CREATE TABLE finding (
    rank INTEGER PRIMARY KEY, -- 1 is the root cause
    rule TEXT NOT NULL,       -- id of the rule
    cause TEXT,               -- word of the shared vocabulary
    title TEXT,               -- of the rule
    summary TEXT,             -- with the numbers of this bundle
    severity TEXT,            -- info low medium high critical
    confidence TEXT,          -- low medium high
    score INTEGER,            -- 0 to 100
    first_seen INTEGER,       -- nanoseconds since 1970 UTC; NULL unknown
    last_seen INTEGER,        -- likewise
    ongoing INTEGER,          -- 1: still so when collected
    blocks INTEGER            -- threads it holds up
);
CREATE TABLE finding_evidence (
    rank INTEGER NOT NULL,    -- finding.rank
    source TEXT NOT NULL,     -- member
    line INTEGER,             -- line in it
    text TEXT,                -- what stands there
    PRIMARY KEY (rank, source, line)
);
CREATE TABLE finding_subject (
    rank INTEGER NOT NULL,    -- finding.rank
    kind TEXT NOT NULL,       -- pid tid container pod pidns netns device mount superblock component unit node
    value TEXT NOT NULL,      -- number, id or name
    PRIMARY KEY (rank, kind, value)
);
CREATE TABLE finding_explains (
    rank INTEGER NOT NULL,      -- the cause
    explained INTEGER NOT NULL, -- the symptom
    PRIMARY KEY (rank, explained)
);
CREATE TABLE unexplained (
    signature TEXT NOT NULL, -- of the stack
    place TEXT,              -- where it waits
    tasks INTEGER,           -- threads in D with it that no finding names
    example_tid INTEGER,     -- one of them
    PRIMARY KEY (signature)
);
CREATE TABLE undecided (
    rule TEXT NOT NULL,  -- that could not be decided
    needs TEXT NOT NULL, -- the evidence that is missing, and how to collect it
    PRIMARY KEY (rule, needs)
);
