-- What the user keeps in the index. Nothing that is fetched, imported or derived touches it; an index that was made
-- before it had one of these tables gets it when something is kept.

CREATE TABLE IF NOT EXISTS scenario (
  name TEXT PRIMARY KEY,
  saved_at INTEGER NOT NULL,  -- Unix seconds
  body TEXT NOT NULL          -- as a scenario file: REFs and fingerprints, no row ids
) STRICT, WITHOUT ROWID;
