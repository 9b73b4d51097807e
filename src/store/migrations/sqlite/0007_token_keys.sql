R"sql(
-- Keys that other machines hashed their tokens with, which came here by an import.
CREATE TABLE token_keys (
  id TEXT PRIMARY KEY,         -- tells nothing about the key
  key BLOB NOT NULL            -- sealed
) STRICT;
)sql"
