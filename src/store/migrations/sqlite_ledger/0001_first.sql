R"sql(
-- Times are milliseconds since 1970 in UTC. What a block's bytes mean: src/store/ledger/block.h.

-- Up to 1024 entries. Narrow, so that looking through all of them is quick.
CREATE TABLE blocks (
  number INTEGER PRIMARY KEY,  -- the sequence of its first entry
  upto INTEGER NOT NULL,       -- ... of its last
  first INTEGER NOT NULL,      -- the earliest time in it
  last INTEGER NOT NULL,
  entries INTEGER NOT NULL
) STRICT;

CREATE TABLE presence (
  number INTEGER PRIMARY KEY,
  bits BLOB NOT NULL           -- what values its entries have: src/store/ledger/presence.h
) STRICT;

CREATE TABLE block_data (
  number INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

-- Of entries whose token asks for it.
CREATE TABLE bodies (
  sequence INTEGER PRIMARY KEY,
  request BLOB NOT NULL,       -- sealed
  response BLOB NOT NULL
) STRICT;

-- What sums are kept by: a token's id, a model.
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE sums (
  kind INTEGER NOT NULL,       -- UsageKey
  step INTEGER NOT NULL,       -- UsageStep
  start INTEGER NOT NULL,
  name INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  input INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  output INTEGER NOT NULL,
  thoughts INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  first_bytes INTEGER NOT NULL,
  first_byte_us INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  PRIMARY KEY (kind, step, start, name)
) STRICT, WITHOUT ROWID;
)sql"
