R"sql(
-- Times are milliseconds since 1970 in UTC.

-- Proves at start that the master key is the one the rows were sealed with.
CREATE TABLE master_keys (
  version INTEGER PRIMARY KEY,
  proof BLOB NOT NULL
) STRICT;

CREATE TABLE credentials (
  id TEXT PRIMARY KEY,
  provider TEXT NOT NULL,
  name TEXT NOT NULL,
  secret BLOB,                 -- sealed; NULL: given by the environment
  fingerprint BLOB NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('ready', 'disabled', 'needs_person')),
  reason TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL
) STRICT;

CREATE TABLE cooldowns (
  credential_id TEXT NOT NULL REFERENCES credentials (id) ON DELETE CASCADE,
  scope TEXT NOT NULL,         -- a model; '': everything
  until INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (credential_id, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,   -- HMAC-SHA-256 under a key of its own
  prefix TEXT NOT NULL,
  allow_raw INTEGER NOT NULL CHECK (allow_raw IN (0, 1)),
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT,                  -- one of both
  sealed BLOB,
  CHECK ((value IS NULL) != (sealed IS NULL))
) STRICT;

CREATE TABLE admin (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  password_hash TEXT NOT NULL, -- argon2id, encoded
  updated INTEGER NOT NULL
) STRICT;

CREATE TABLE model_aliases (
  alias TEXT PRIMARY KEY,
  model TEXT NOT NULL
) STRICT;
)sql"
