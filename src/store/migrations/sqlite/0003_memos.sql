R"sql(
-- What is remembered for later requests of a token: thought signatures by tool
-- call, conversations by response.
CREATE TABLE memos (
  number INTEGER PRIMARY KEY,  -- newer ones are larger
  token_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('signature', 'response')),
  key TEXT NOT NULL,
  value BLOB NOT NULL,         -- sealed
  created INTEGER NOT NULL,
  UNIQUE (token_id, kind, key)
) STRICT;
)sql"
