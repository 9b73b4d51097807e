R"sql(
-- To which tokens the names of relay nodes belong: what clients have made through a node is
-- bound to its name.
CREATE TABLE node_names (
  id TEXT PRIMARY KEY,         -- of the node's credential
  token_id TEXT NOT NULL,
  taken INTEGER NOT NULL       -- when
) STRICT, WITHOUT ROWID;
)sql"
