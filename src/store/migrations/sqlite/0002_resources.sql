R"sql(
-- What tokens may use, by kind. NULL: written by a program that knows allow_raw alone.
ALTER TABLE tokens ADD COLUMN allow TEXT;

-- What of an upstream account belongs to which token. Without references: a
-- credential that is away for a while still owns what it owns.
CREATE TABLE resources (
  token_id TEXT NOT NULL,
  name TEXT NOT NULL,          -- 'files/abc'
  credential_id TEXT NOT NULL,
  mime_type TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  PRIMARY KEY (token_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX resources_expiry ON resources (expires);
)sql"
