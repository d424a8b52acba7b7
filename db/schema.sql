-- The index: what was fetched or imported, and what was derived from it.
-- Derived tables (ca, ca_certificate, edge, leaf, bucket, site_bucket, ca_count, figure_ca, ct_duplicate, revocation) are rewritten by
-- the linker from the tables above them. Times are Unix seconds UTC, days are days since 1970-01-01,
-- hashes and serials are BLOBs. What the user keeps is in user.sql. Tables are private; the views v_… are the documented interface.

PRAGMA application_id = 0x63616e6f; -- "cano"
PRAGMA user_version = 6;

CREATE TABLE file ( -- one indexed document
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,       -- "import" or the name of a fetched source
  kind TEXT NOT NULL,         -- what its content is: ccadb-pems, ccadb-records, certdata, store, pem, der, unknown
  part TEXT NOT NULL,         -- which part of that kind: a newer file of the same part replaces it
  origin TEXT NOT NULL,       -- path or URL, cleaned
  sha256 BLOB NOT NULL,       -- of its bytes
  source_day INTEGER NOT NULL, -- date of the contents
  source_time INTEGER NOT NULL, -- the same to the second where the document tells it (CRLs)
  derived INTEGER NOT NULL,   -- 1: put together by somebody from other files; only fills gaps
  fetched_at INTEGER NOT NULL, -- when it was read
  bytes INTEGER NOT NULL,
  records INTEGER NOT NULL DEFAULT 0,
  problems INTEGER NOT NULL DEFAULT 0,
  added INTEGER, changed INTEGER, gone INTEGER, -- records, beside the file that it came after; NULL for a log
  UNIQUE (kind, part)
) STRICT;
CREATE INDEX file_sha256 ON file (sha256);

CREATE TABLE problem ( -- what could not be read, kept and counted
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  place TEXT NOT NULL,        -- "row 17", "line 1204" or ""
  what TEXT NOT NULL,
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX file_origin ON file (origin);

CREATE TABLE certificate ( -- every certificate, as its bytes
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  class INTEGER NOT NULL DEFAULT 0, -- 0 new, 1 CA certificate, 2 leaf with a known issuer, 3 leaf without
  der BLOB NOT NULL
) STRICT;
CREATE INDEX certificate_class ON certificate (class);

CREATE TABLE seen ( -- which file gave a certificate
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  certificate INTEGER NOT NULL REFERENCES certificate (id),
  PRIMARY KEY (file, certificate)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_certificate ON seen (certificate);

CREATE TABLE ccadb_record ( -- one row of a CCADB records report; NULL where the report has no such column
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  row INTEGER NOT NULL,       -- in the file, from 1
  sha256 BLOB,                -- of the certificate it describes
  ca_owner TEXT, sub_owner TEXT, record_id TEXT, name TEXT, record_type TEXT,
  mozilla_status TEXT, chrome_status TEXT, apple_status TEXT, microsoft_status TEXT,
  revocation_status TEXT, trust_bits TEXT, technically_constrained TEXT, full_crl_urls TEXT,
  apple_trust_bits TEXT, mozilla_trust_bits TEXT, microsoft_ekus TEXT, partitioned_crl_urls TEXT,
  PRIMARY KEY (file, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX ccadb_record_sha256 ON ccadb_record (sha256);

CREATE TABLE store_snapshot ( -- a program's store as it stood on a day
  id INTEGER PRIMARY KEY,
  program TEXT NOT NULL,      -- mozilla, … or the name given with --store
  day INTEGER NOT NULL,
  version INTEGER NOT NULL,   -- of the store's own counting, 0 without: the higher one is the newer of a day
  report INTEGER REFERENCES file (id) ON DELETE CASCADE, -- CCADB's report it was derived from, else NULL; one of kind
                              -- past-report was replaced: its snapshot stays and is not derived anew
  UNIQUE (program, day, version)
) STRICT;

CREATE TABLE store_anchor ( -- one alternative set of rules of one anchor; NULL limits are open
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  snapshot INTEGER NOT NULL REFERENCES store_snapshot (id) ON DELETE CASCADE,
  sha256 BLOB NOT NULL,       -- of the anchor's certificate
  purpose INTEGER NOT NULL,   -- 0 tls, 1 email
  nb_lo INTEGER, nb_hi INTEGER, sct_lo INTEGER, sct_hi INTEGER,
  judge_validity INTEGER NOT NULL DEFAULT 0,
  judge_constraints INTEGER NOT NULL DEFAULT 0,
  unevaluated INTEGER NOT NULL DEFAULT 0,
  min_version TEXT, max_version TEXT, -- of the browser: from this one on, before that one
  note TEXT NOT NULL DEFAULT '', -- constraints shown and not judged, and why a rule is not evaluated; cleaned
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_anchor_snapshot ON store_anchor (snapshot);
CREATE INDEX store_anchor_sha256 ON store_anchor (sha256);

CREATE TABLE store_distrust ( -- actively distrusted by issuer and serial (CKT_NSS_NOT_TRUSTED)
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  snapshot INTEGER NOT NULL REFERENCES store_snapshot (id) ON DELETE CASCADE,
  issuer_sha256 BLOB NOT NULL, -- of the issuer Name's DER
  serial BLOB NOT NULL,       -- content octets
  purpose INTEGER NOT NULL,
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_distrust_snapshot ON store_distrust (snapshot);

CREATE TABLE revocation_statement ( -- a program's list: every certificate that fits all columns that are not NULL
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,
  source INTEGER NOT NULL,    -- enum revocation_source
  issuer_sha256 BLOB,         -- of the issuer Name's DER
  issuer_spki_sha256 BLOB,
  serial BLOB,
  subject_sha256 BLOB,        -- of the subject Name's DER
  spki_sha256 BLOB,
  enabled INTEGER NOT NULL DEFAULT 1, -- OneCRL's flag, which Firefox ignores
  note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE crl (
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  this_update INTEGER, next_update INTEGER,
  applies INTEGER NOT NULL,   -- 0: delta or indirect, recognised and not applied; 2: to CA certificates only
  ca INTEGER REFERENCES ca (id) ON DELETE SET NULL, -- whose key verified it, NULL none yet
  der BLOB NOT NULL,          -- where digest is not empty, without revokedCertificates
  digest BLOB NOT NULL,       -- of the whole TBSCertList, by the hash that its signature is of; empty where that needs all of it
  PRIMARY KEY (file, n)
) STRICT;
CREATE INDEX crl_ca ON crl (ca);

CREATE TABLE crl_entry (
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- of the CRL
  serial BLOB NOT NULL,       -- content octets
  since INTEGER,              -- revocationDate
  reason INTEGER NOT NULL,    -- RFC 5280 5.3.1, 0 when none is given
  PRIMARY KEY (file, n, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE revoked_once ( -- what any earlier state of a source revoked; never emptied
  sha256 BLOB NOT NULL,       -- of the certificate
  source INTEGER NOT NULL,
  day INTEGER NOT NULL,       -- when that was last so
  PRIMARY KEY (sha256, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE ccadb_change ( -- what a report said otherwise than the one it replaced; never emptied, derived from nothing that is left
  part TEXT NOT NULL,         -- the report, as in file
  sha256 BLOB NOT NULL,       -- of the certificate
  field TEXT NOT NULL,        -- column of ccadb_record; "record": it came or went as a whole
  day INTEGER NOT NULL,       -- of the newer report …
  since INTEGER NOT NULL,     -- … and of the older one
  old TEXT, new TEXT,         -- NULL where there was, or is, no record; never where the report has no such column
  PRIMARY KEY (part, sha256, field, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE signature ( -- signatures that were checked, so that none is checked twice
  certificate INTEGER NOT NULL REFERENCES certificate (id) ON DELETE CASCADE,
  spki_sha256 BLOB NOT NULL,  -- candidate key
  good INTEGER NOT NULL,      -- 1 verifies, 0 does not, -1 algorithm not supported
  PRIMARY KEY (certificate, spki_sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE ca (
  id INTEGER PRIMARY KEY,
  ca_id BLOB NOT NULL UNIQUE, -- SHA-256(subject Name DER | SPKI DER)
  spki_sha256 BLOB NOT NULL,
  subject_sha256 BLOB NOT NULL, -- of the subject Name's DER
  name TEXT NOT NULL, subject TEXT NOT NULL, owner TEXT NOT NULL, -- cleaned
  ca_owner TEXT NOT NULL      -- CCADB's "CA Owner"; owner is the subordinate one where given
) STRICT;
CREATE INDEX ca_spki ON ca (spki_sha256);

CREATE TABLE ca_certificate (
  certificate INTEGER PRIMARY KEY REFERENCES certificate (id) ON DELETE CASCADE,
  ca INTEGER NOT NULL REFERENCES ca (id),
  sha256 BLOB NOT NULL, sha1 BLOB NOT NULL,
  flags INTEGER NOT NULL,     -- CERT_… of index/graph.h
  not_before INTEGER, not_after INTEGER, -- NULL unreadable
  path_len INTEGER NOT NULL,  -- -1 none
  eku INTEGER NOT NULL,       -- EKU_… bits
  serial BLOB NOT NULL, issuer_sha256 BLOB NOT NULL, ski BLOB NOT NULL
) STRICT;
CREATE INDEX ca_certificate_serial ON ca_certificate (serial, issuer_sha256);
CREATE INDEX ca_certificate_issuer ON ca_certificate (issuer_sha256);
CREATE INDEX ca_certificate_ski ON ca_certificate (ski);
CREATE INDEX ca_certificate_ca ON ca_certificate (ca);

CREATE TABLE edge ( -- the issuer's key verifies the certificate's signature and the names fit
  certificate INTEGER NOT NULL REFERENCES certificate (id) ON DELETE CASCADE,
  issuer INTEGER NOT NULL REFERENCES ca (id),
  PRIMARY KEY (certificate, issuer)
) STRICT, WITHOUT ROWID;

CREATE INDEX edge_issuer ON edge (issuer);

CREATE TABLE revocation (
  certificate INTEGER NOT NULL REFERENCES certificate (id) ON DELETE CASCADE,
  source INTEGER NOT NULL,    -- enum revocation_source
  since INTEGER,              -- NULL: the source gives no date
  until INTEGER               -- first second it no longer holds, NULL: it still does
) STRICT;
CREATE INDEX revocation_certificate ON revocation (certificate);

CREATE TABLE leaf_certificate ( -- an imported certificate or precertificate of a leaf
  certificate INTEGER PRIMARY KEY REFERENCES certificate (id) ON DELETE CASCADE,
  ca INTEGER NOT NULL REFERENCES ca (id), -- whose name it names and whose key signed it
  serial BLOB NOT NULL,
  not_before INTEGER, not_after INTEGER, sct INTEGER, -- NULL unreadable, none
  eku INTEGER NOT NULL, kind INTEGER NOT NULL,
  precert INTEGER NOT NULL
) STRICT;
CREATE INDEX leaf_certificate_leaf ON leaf_certificate (ca, serial);

CREATE TABLE leaf ( -- one row a leaf: all certificates of one issuer and serial merged
  ca INTEGER NOT NULL REFERENCES ca (id),
  nb_day INTEGER, -- NULL when no validity could be read
  serial BLOB NOT NULL,
  na_day INTEGER, sct_day INTEGER,
  not_before INTEGER, not_after INTEGER, sct INTEGER,
  eku INTEGER NOT NULL, kind INTEGER NOT NULL,
  forms INTEGER NOT NULL,     -- 1 precertificate seen, 2 final certificate seen
  UNIQUE (ca, serial)
) STRICT;
CREATE INDEX leaf_day ON leaf (ca, nb_day, na_day);

CREATE TABLE bucket ( -- leaves of a CA that are alike to the day
  ca INTEGER NOT NULL REFERENCES ca (id),
  nb_day INTEGER NOT NULL, na_day INTEGER NOT NULL,
  sct_day INTEGER NOT NULL,   -- 2147483647 without SCT
  eku INTEGER NOT NULL, kind INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (ca, nb_day, na_day, sct_day, eku, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE site ( -- domains of rank lists, past ones too
  id INTEGER PRIMARY KEY,
  domain TEXT NOT NULL UNIQUE -- lower case, A-labels
) STRICT;

CREATE TABLE site_rank (
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  rank INTEGER NOT NULL,
  site INTEGER NOT NULL REFERENCES site (id),
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_rank_site ON site_rank (site);

CREATE TABLE leaf_site ( -- sites that an imported leaf certificate names
  certificate INTEGER NOT NULL REFERENCES leaf_certificate (certificate) ON DELETE CASCADE,
  site INTEGER NOT NULL REFERENCES site (id),
  PRIMARY KEY (certificate, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE site_bucket ( -- as bucket, of the leaves of a CA that name the site
  ca INTEGER NOT NULL REFERENCES ca (id),
  site INTEGER NOT NULL REFERENCES site (id),
  nb_day INTEGER NOT NULL, na_day INTEGER NOT NULL,
  sct_day INTEGER NOT NULL,
  eku INTEGER NOT NULL, kind INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (ca, site, nb_day, na_day, sct_day, eku, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE validation_count ( -- Firefox's telemetry: validations by the number that it gives a root
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  bin INTEGER NOT NULL,
  validations INTEGER NOT NULL,
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE validation_root ( -- which root has which number
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  bin INTEGER NOT NULL,
  sha256 BLOB NOT NULL,       -- of the root's certificate
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE ct_known ( -- a log that a log list names
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- order within the file
  log_id BLOB NOT NULL,       -- SHA-256 of its key
  name TEXT NOT NULL, operator TEXT NOT NULL, -- cleaned
  url TEXT NOT NULL,          -- RFC 6962: the base, static-ct-api: the monitoring prefix
  submission TEXT NOT NULL,   -- static-ct-api: the submission prefix, which its checkpoints name
  tiled INTEGER NOT NULL, test INTEGER NOT NULL,
  key BLOB NOT NULL,          -- SubjectPublicKeyInfo
  state INTEGER NOT NULL,     -- enum log_state
  starts INTEGER, ends INTEGER, -- of notAfter, NULL open
  final_size INTEGER, final_root BLOB, -- of a frozen log
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX ct_known_log ON ct_known (log_id);

CREATE TABLE ct_log ( -- how far a log is read
  id INTEGER PRIMARY KEY,
  log_id BLOB NOT NULL UNIQUE, -- without a key: SHA-256 of the URL
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE, -- that gives the certificates of its chains
  name TEXT NOT NULL, url TEXT NOT NULL,
  tiled INTEGER NOT NULL DEFAULT 0, -- read by data tiles, else by get-entries
  broken_from INTEGER,        -- the user takes entries from here on without proof, NULL: none
  unverified INTEGER NOT NULL DEFAULT 0, -- 1: some of what is counted was asked for without proof
  read_from INTEGER NOT NULL DEFAULT 0, -- first entry that was read
  position INTEGER NOT NULL DEFAULT 0, -- entries before it are stored
  merkle BLOB NOT NULL DEFAULT x'', -- compact range of [0, position)
  verified INTEGER NOT NULL DEFAULT 0, -- entries before it are proven by a signed head, and counted
  verified_merkle BLOB NOT NULL DEFAULT x'',
  head_size INTEGER NOT NULL DEFAULT 0, head_time INTEGER, -- newest signed head; milliseconds
  head_root BLOB NOT NULL DEFAULT x'',
  malformed INTEGER NOT NULL DEFAULT 0, -- entries before position that could not be read …
  verified_malformed INTEGER NOT NULL DEFAULT 0, -- … and those before verified
  read_at INTEGER, seconds REAL NOT NULL DEFAULT 0, -- last run: when it ended, how long it took …
  entries INTEGER NOT NULL DEFAULT 0, -- … and what it read
  error TEXT NOT NULL DEFAULT '', -- of the last run
  evidence BLOB               -- a head that does not fit what the log gave, as it came
) STRICT;

CREATE TABLE ct_issuer ( -- (key, name) that entries name as their issuer
  id INTEGER PRIMARY KEY,
  spki_sha256 BLOB NOT NULL,  -- 32 zero bytes: the chain does not tell
  by_cert INTEGER NOT NULL,   -- 1: it is the fingerprint of the issuer's certificate, which was not to be had
  name BLOB NOT NULL,         -- Name DER
  ca INTEGER,                 -- the CA it is, NULL unknown
  named INTEGER NOT NULL DEFAULT 0, -- leaves in ct_name; -1: too many, none are kept
  names_missing INTEGER NOT NULL DEFAULT 0, -- 1: ct_name does not have all its leaves
  siteless INTEGER NOT NULL DEFAULT 0, -- 1: the present rank list was not indexed when some of its rows were read
  UNIQUE (spki_sha256, name)
) STRICT;
CREATE INDEX ct_issuer_ca ON ct_issuer (ca);

CREATE TABLE ct_run ( -- leaf rows of one issuer, ascending by key (db/leafrun.h)
  id INTEGER PRIMARY KEY,
  issuer INTEGER NOT NULL REFERENCES ct_issuer (id) ON DELETE CASCADE,
  run INTEGER NOT NULL,       -- chunks of one run ascend by id
  log INTEGER,                -- NULL: of several logs, all verified
  ends INTEGER NOT NULL,      -- counted once the log is verified up to here
  n INTEGER NOT NULL,
  rows BLOB NOT NULL
) STRICT;
CREATE INDEX ct_run_issuer ON ct_run (issuer, run, log, ends, n); -- whole: what is asked of runs is asked without their rows
CREATE INDEX ct_run_run ON ct_run (run);
CREATE INDEX ct_run_log ON ct_run (log, ends);

CREATE TABLE ct_name ( -- what the rows do not hold, for issuers with few leaves
  issuer INTEGER NOT NULL REFERENCES ct_issuer (id) ON DELETE CASCADE,
  key INTEGER NOT NULL, content INTEGER NOT NULL, -- of the row: what another certificate of that serial number names is not its names
  serial BLOB NOT NULL, names TEXT NOT NULL, -- content octets; SAN names, cleaned
  PRIMARY KEY (issuer, key, content)
) STRICT, WITHOUT ROWID;

CREATE TABLE ct_site ( -- sites that a row's leaf names
  issuer INTEGER NOT NULL REFERENCES ct_issuer (id) ON DELETE CASCADE,
  key INTEGER NOT NULL,       -- of the row, its highest bit turned over: ascends as rows do
  content INTEGER NOT NULL,   -- of the row
  site INTEGER NOT NULL REFERENCES site (id),
  PRIMARY KEY (issuer, key, content, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE ct_names_of ( -- keys of CAs whose leaves' names are kept however many they are
  spki_sha256 BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE ct_duplicate ( -- serials that certificates with different contents share
  ca INTEGER NOT NULL REFERENCES ca (id) ON DELETE CASCADE,
  key INTEGER NOT NULL,
  PRIMARY KEY (ca, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ca_count ( -- what the buckets do not say
  ca INTEGER PRIMARY KEY REFERENCES ca (id),
  issued INTEGER NOT NULL,    -- also leaves whose validity could not be read
  first_nb_day INTEGER, last_nb_day INTEGER, last_na_day INTEGER,
  source TEXT NOT NULL,       -- ct, import, crtsh
  source_day INTEGER NOT NULL,
  coverage INTEGER NOT NULL,  -- enum coverage
  unproven INTEGER NOT NULL   -- of issued: no signed head of a log with a known key, and no signature, shows them
) STRICT;

CREATE TABLE figure ( -- what others counted, of one CA or of several together
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- line in the file
  kind TEXT NOT NULL,         -- what `counts` names as its source: figure, crtsh
  issued INTEGER, low INTEGER, high INTEGER, -- leaves issued; bounds of those unexpired; NULL unknown
  about INTEGER NOT NULL,     -- 1: rounded, low and high are near the number and no bounds
  source TEXT NOT NULL,       -- who counted what, in words, cleaned
  as_of INTEGER NOT NULL,     -- day on which it held
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE crtsh_counter ( -- crt.sh's counters of one of its CAs; figures of kind crtsh are derived from them
  file INTEGER NOT NULL REFERENCES file (id) ON DELETE CASCADE,
  n INTEGER NOT NULL,         -- line in the file
  id INTEGER NOT NULL,        -- crt.sh's of the CA
  spki_sha256 BLOB NOT NULL, name TEXT NOT NULL, -- as crt.sh writes it
  certs_issued INTEGER NOT NULL, certs_expired INTEGER NOT NULL, -- CA certificates among them
  precerts_issued INTEGER NOT NULL, precerts_expired INTEGER NOT NULL,
  last_not_after INTEGER,     -- up to when crt.sh counted what expired
  next_not_after INTEGER,     -- of the certificate that expires next
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (file, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE crtsh_exact ( -- leaves of one CA of crt.sh, counted one by one; a figure of kind crtsh is derived from it
  file INTEGER PRIMARY KEY REFERENCES file (id) ON DELETE CASCADE,
  id INTEGER NOT NULL,        -- crt.sh's of the CA
  spki_sha256 BLOB NOT NULL, name TEXT NOT NULL, -- as crt.sh writes it
  leaves INTEGER NOT NULL,    -- unexpired on the day of asked_at
  asked_at INTEGER NOT NULL
) STRICT;

CREATE TABLE figure_ref ( -- whom it is of, as written
  file INTEGER NOT NULL, n INTEGER NOT NULL,
  k INTEGER NOT NULL,         -- order within the figure
  ref TEXT NOT NULL,          -- REF, cleaned
  why TEXT NOT NULL DEFAULT '', -- why it names no CA of the index, '' where it does
  PRIMARY KEY (file, n, k),
  FOREIGN KEY (file, n) REFERENCES figure (file, n) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE figure_ca ( -- the CAs that the REFs name
  file INTEGER NOT NULL, n INTEGER NOT NULL,
  ca INTEGER NOT NULL REFERENCES ca (id) ON DELETE CASCADE,
  PRIMARY KEY (file, n, ca),
  FOREIGN KEY (file, n) REFERENCES figure (file, n) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX figure_ca_ca ON figure_ca (ca);

CREATE TABLE meta ( key TEXT PRIMARY KEY, value TEXT NOT NULL ) STRICT, WITHOUT ROWID;

CREATE VIEW v_ca AS
  SELECT lower(hex(ca_id)) AS ca_id, name, subject, lower(hex(spki_sha256)) AS spki_sha256, owner, ca_owner FROM ca;

CREATE VIEW v_ca_certificate AS -- one row an edge whose signature verifies
  SELECT lower(hex(c.sha256)) AS sha256, lower(hex(s.ca_id)) AS ca_id, lower(hex(i.ca_id)) AS issuer_ca_id,
         lower(hex(c.serial)) AS serial, date(c.not_before, 'unixepoch') AS not_before,
         date(c.not_after, 'unixepoch') AS not_after, nullif(c.path_len, -1) AS path_len,
         CASE WHEN c.eku = 0 THEN NULL ELSE trim(
           CASE WHEN c.eku & 1 THEN 'tls ' ELSE '' END || CASE WHEN c.eku & 2 THEN 'email ' ELSE '' END ||
           CASE WHEN c.eku & 4 THEN 'any ' ELSE '' END || CASE WHEN c.eku & 8 THEN 'ocsp ' ELSE '' END ||
           CASE WHEN c.eku & 16 THEN 'other ' ELSE '' END) END AS eku,
         (SELECT group_concat(DISTINCT f.kind) FROM seen JOIN file f ON f.id = seen.file
           WHERE seen.certificate = c.certificate) AS source
  FROM ca_certificate c JOIN edge e ON e.certificate = c.certificate
  JOIN ca s ON s.id = c.ca JOIN ca i ON i.id = e.issuer;

CREATE VIEW ct_unread AS -- listed logs that are not read to a signed head from their first entry on
  SELECT k.log_id, k.ends FROM ct_known k JOIN file f ON f.id = k.file
  WHERE k.test = 0 AND k.state NOT IN (1, 6) -- enum log_state: pending, rejected
   AND NOT EXISTS (SELECT 1 FROM ct_known o JOIN file g ON g.id = o.file WHERE o.log_id = k.log_id
                    AND (g.source_day, g.id, -o.n) > (f.source_day, f.id, -k.n)) -- the newest list tells
   AND NOT EXISTS (SELECT 1 FROM ct_log l WHERE l.log_id = k.log_id AND l.unverified = 0 AND l.read_from = 0
                    AND (l.head_size > 0 OR l.head_time IS NOT NULL)
                    AND l.verified >= max(l.head_size, coalesce(k.final_size, 0)));

CREATE VIEW ct_missing_issuer AS -- fingerprints of certificates that entries name as their issuer's and no source gave
  SELECT DISTINCT i.spki_sha256 AS sha256 FROM ct_issuer i WHERE i.by_cert = 1 AND i.ca IS NULL
   AND EXISTS (SELECT 1 FROM ct_run r WHERE r.issuer = i.id)
   AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.sha256 = i.spki_sha256);

CREATE VIEW ct_complete AS -- every log that can hold leaves unexpired on a day from from_day on is read
  SELECT CASE WHEN EXISTS (SELECT 1 FROM file WHERE kind = 'log-list' AND part NOT LIKE 'log %')
          AND NOT EXISTS (SELECT 1 FROM ct_missing_issuer) -- whose leaves may be anybody's
         THEN coalesce((SELECT max(coalesce((ends + 86399) / 86400, 2147483647)) FROM ct_unread), -2147483648)
         ELSE 2147483647 END AS from_day;

CREATE VIEW figure_today AS -- the figure that counts today, for each of its CAs (index/figures.h)
  WITH sized AS (SELECT c.ca, f.*, (SELECT count(*) FROM figure_ca m WHERE m.file = c.file AND m.n = c.n) AS cas,
                        f.as_of > unixepoch() / 86400 AS later,
                        NOT EXISTS (SELECT 1 FROM figure_ref r WHERE r.file = f.file AND r.n = f.n AND r.why <> '') AS whole,
                        (SELECT d.part FROM file d WHERE d.id = f.file AND d.kind = 'counts') AS imported
                 FROM figure_ca c JOIN figure f ON f.file = c.file AND f.n = c.n
                 WHERE abs(f.as_of - unixepoch() / 86400) <= 398), -- FIGURE_DAYS
       ranked AS (SELECT *, row_number() OVER (PARTITION BY ca ORDER BY later, CASE WHEN later THEN as_of ELSE -as_of END,
                                               cas, imported DESC, file DESC, n DESC) AS place FROM sized)
  SELECT * FROM ranked f WHERE NOT EXISTS (SELECT 1 FROM ranked o WHERE o.file = f.file AND o.n = f.n AND o.place > 1)
   AND EXISTS (SELECT 1 FROM figure_ca m LEFT JOIN ca_count k ON k.ca = m.ca WHERE m.file = f.file AND m.n = f.n AND NOT
               CASE WHEN k.source = 'ct' THEN (SELECT from_day FROM ct_complete) <= unixepoch() / 86400
               ELSE coalesce(k.coverage, 0) = 2 END);

CREATE VIEW v_ca_count AS -- the columns of `canopy counts`, as of today (UTC)
  SELECT lower(hex(a.ca_id)) AS ca_id, a.name, a.subject, lower(hex(a.spki_sha256)) AS spki_sha256, a.owner,
         CASE WHEN f.issued > coalesce(n.issued, -1) THEN f.issued ELSE n.issued END AS issued,
         CASE WHEN n.ca IS NULL THEN f.low ELSE max(coalesce(t.unexpired, 0), coalesce(f.low, 0)) END AS unexpired,
         CASE WHEN f.ca IS NOT NULL THEN max(coalesce(t.unexpired, 0), f.high)
              WHEN n.ca IS NOT NULL THEN coalesce(t.unexpired, 0) END AS unexpired_high,
         -- of leaves from logs SQL has no serial numbers: empty here, `canopy counts` tells them
         CASE WHEN n.source <> 'ct' AND max(coalesce(f.low, 0), coalesce(f.high, 0)) <= coalesce(t.unexpired, 0)
              THEN r.revoked END AS revoked,
         CASE WHEN n.source <> 'ct' AND max(coalesce(f.low, 0), coalesce(f.high, 0)) <= coalesce(t.unexpired, 0)
              THEN coalesce(t.unexpired, 0) - r.revoked END AS valid,
         (SELECT count(*) FROM ca_certificate c WHERE c.ca = a.id) AS ca_certs,
         (SELECT count(DISTINCT c.ca) FROM edge e JOIN ca_certificate c ON c.certificate = e.certificate
           WHERE e.issuer = a.id AND c.ca <> a.id) AS children,
         date(n.first_nb_day * 86400, 'unixepoch') AS first_not_before,
         date(n.last_nb_day * 86400, 'unixepoch') AS last_not_before,
         date(n.last_na_day * 86400, 'unixepoch') AS last_not_after,
         CASE WHEN n.ca IS NULL OR max(coalesce(f.low, 0), coalesce(f.high, 0)) > coalesce(t.unexpired, 0) OR f.issued > n.issued
              THEN coalesce(f.kind, n.source) ELSE n.source END AS source,
         date(CASE WHEN n.ca IS NULL OR max(coalesce(f.low, 0), coalesce(f.high, 0)) > coalesce(t.unexpired, 0) OR f.issued > n.issued
                   THEN coalesce(f.as_of, n.source_day) ELSE n.source_day END * 86400, 'unixepoch') AS source_as_of,
         CASE WHEN n.source = 'ct' AND (SELECT from_day FROM ct_complete) <= unixepoch() / 86400 THEN 'complete'
         ELSE CASE coalesce(n.coverage, f.ca IS NOT NULL) WHEN 0 THEN 'none' WHEN 1 THEN 'partial' ELSE 'complete' END END AS coverage,
         n.unproven, g.cas AS figure_cas, g.low AS figure_unexpired, g.high AS figure_unexpired_high,
         g.source AS figure_source, date(g.as_of * 86400, 'unixepoch') AS figure_as_of, g.about AS approximate,
         (SELECT date(CASE WHEN min(abs(s.as_of - unixepoch() / 86400)) > 398 -- FIGURE_DAYS; then the newest of the past, else the next
                           THEN coalesce(max(CASE WHEN s.as_of <= unixepoch() / 86400 THEN s.as_of END), min(s.as_of)) END * 86400,
                      'unixepoch')
            FROM figure_ca m JOIN figure s ON s.file = m.file AND s.n = m.n
           WHERE m.ca = a.id AND NOT CASE WHEN n.source = 'ct' THEN (SELECT from_day FROM ct_complete) <= unixepoch() / 86400
                                          ELSE coalesce(n.coverage, 0) = 2 END) AS stale_figure_as_of
  FROM ca a LEFT JOIN ca_count n ON n.ca = a.id
  LEFT JOIN figure_today g ON g.ca = a.id
  LEFT JOIN figure_today f ON f.ca = a.id AND f.cas = 1 AND f.whole
  LEFT JOIN (SELECT ca, sum(n) AS unexpired FROM bucket
              WHERE nb_day <= unixepoch() / 86400 AND na_day >= unixepoch() / 86400 GROUP BY ca) t ON t.ca = a.id
  LEFT JOIN (SELECT k.ca, count(DISTINCT l.rowid) AS revoked FROM crl k
              LEFT JOIN crl_entry e ON e.file = k.file AND e.n = k.n AND e.reason <> 8
               AND coalesce(e.since, 0) < (unixepoch() / 86400 + 1) * 86400
              LEFT JOIN leaf l ON l.ca = k.ca AND l.serial = e.serial AND l.nb_day <= unixepoch() / 86400
               AND l.na_day >= unixepoch() / 86400
              WHERE k.ca IS NOT NULL AND k.applies = 1 GROUP BY k.ca) r ON r.ca = a.id;

CREATE VIEW v_source AS
  SELECT f.source, kind, part, origin AS "from", lower(hex(sha256)) AS sha256,
         date(source_day * 86400, 'unixepoch') AS source_date,
         strftime('%Y-%m-%dT%H:%M:%SZ', fetched_at, 'unixepoch') AS fetched_at, bytes, records, problems,
         strftime('%Y-%m-%dT%H:%M:%SZ', t.tried_at, 'unixepoch') AS tried_at,
         strftime('%Y-%m-%dT%H:%M:%SZ', t.confirmed_at, 'unixepoch') AS confirmed_at, t.status AS http_status, t.error
  FROM file f LEFT JOIN tried t ON t.source = f.source AND t.url = f.origin
  UNION ALL SELECT source, '', document, url, NULL, NULL, NULL, NULL, NULL, NULL,
         strftime('%Y-%m-%dT%H:%M:%SZ', tried_at, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', confirmed_at, 'unixepoch'),
         status, error
  FROM tried t WHERE error <> '' AND NOT EXISTS (SELECT 1 FROM file f WHERE f.source = t.source AND f.origin = t.url);

CREATE VIEW v_problem AS
  SELECT f.origin AS "from", p.place, p.what FROM problem p JOIN file f ON f.id = p.file
  UNION ALL SELECT f.origin, '', 'a CRL that no indexed key verifies: not applied' FROM crl c
  JOIN file f ON f.id = c.file WHERE c.applies <> 0 AND c.ca IS NULL
  UNION ALL SELECT f.origin, 'line ' || r.n, r.why || ': the figure is not counted in full' FROM figure_ref r
  JOIN file f ON f.id = r.file WHERE r.why <> '';
