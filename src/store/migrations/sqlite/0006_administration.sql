R"sql(
-- Administrators who have logged in.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,   -- HMAC-SHA-256 of the token under a key of its own
  created INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL
) STRICT;

-- What they did.
CREATE TABLE audit (
  number INTEGER PRIMARY KEY,  -- newer ones are larger
  time INTEGER NOT NULL,
  session_id TEXT NOT NULL,    -- '': nobody had logged in
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL        -- 'ok', or the error's code
) STRICT;

CREATE INDEX audit_time ON audit (time);
)sql"
