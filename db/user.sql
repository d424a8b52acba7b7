-- What the user keeps in the index, and how fetching went. Nothing that is indexed or derived touches it; an index that was
-- made before it had one of these tables gets it when something is kept.

CREATE TABLE IF NOT EXISTS scenario (
  name TEXT PRIMARY KEY,
  saved_at INTEGER NOT NULL,  -- Unix seconds
  body TEXT NOT NULL          -- as a scenario file: REFs and fingerprints, no row ids
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tried ( -- a document that was asked for, and what came of it
  source TEXT NOT NULL,
  document TEXT NOT NULL,     -- as the cache names it; "" the source as a whole
  url TEXT NOT NULL,          -- as in file.origin
  tried_at INTEGER NOT NULL,  -- Unix seconds of the last try
  status INTEGER,             -- its HTTP status; NULL: no answer
  error TEXT NOT NULL,        -- of the last try, "" when it was fine
  confirmed_at INTEGER,       -- when the source last gave or confirmed the cached copy
  run INTEGER NOT NULL,       -- number of the last run that knew the document
  PRIMARY KEY (source, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tried_url ON tried (source, url);
