R"sql(
-- The sums of a step that is over: they leave the table `sums`, whose rows take long to read.
-- What comes late for such a step is a row there until it is put in here, too.
CREATE TABLE sum_blocks (
  kind INTEGER NOT NULL,       -- UsageKey
  step INTEGER NOT NULL,       -- UsageStep
  start INTEGER NOT NULL,
  bytes BLOB NOT NULL,         -- src/store/ledger/sum_block.h
  UNIQUE (kind, step, start)
) STRICT;
)sql"
