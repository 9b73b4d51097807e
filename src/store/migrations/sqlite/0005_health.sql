R"sql(
-- How credentials have fared, as the pool last said it; written now and then.
CREATE TABLE credential_health (
  credential_id TEXT PRIMARY KEY REFERENCES credentials (id) ON DELETE CASCADE,
  successes INTEGER NOT NULL,         -- what is believed, in thousandths
  failures INTEGER NOT NULL,
  failures_in_a_row INTEGER NOT NULL,
  half_open INTEGER NOT NULL CHECK (half_open IN (0, 1)),
  attempts INTEGER NOT NULL,          -- since it was added
  succeeded INTEGER NOT NULL,
  last_success INTEGER NOT NULL,      -- 0: never
  last_failure INTEGER NOT NULL,
  noted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql"
