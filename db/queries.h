/* Every statement of the program, included where QUERY says what to make of a row. No include guard. */
QUERY(Q_BEGIN, "BEGIN IMMEDIATE")
QUERY(Q_BEGIN_READ, "BEGIN")
QUERY(Q_COMMIT, "COMMIT")
QUERY(Q_ROLLBACK, "ROLLBACK")
QUERY(Q_DATA_VERSION, "PRAGMA data_version")

QUERY(Q_FILE_KNOWN, "SELECT source_day FROM file WHERE sha256 = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR part = ?3)")
QUERY(Q_FILE_DAY, "SELECT source_day FROM file WHERE kind = ?1 AND part = ?2")
QUERY(Q_DROP_FILE, "DELETE FROM file WHERE kind = ?1 AND part = ?2")
QUERY(Q_ADD_FILE, "INSERT INTO file (source, kind, part, origin, sha256, source_day, fetched_at, bytes)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
QUERY(Q_FINISH_FILE, "UPDATE file SET records = ?2, problems = ?3 WHERE id = ?1")
QUERY(Q_ADD_PROBLEM, "INSERT INTO problem (file, n, place, what) VALUES (?1, ?2, ?3, ?4)")
QUERY(Q_EACH_FILE, "SELECT id, source, kind, part, origin, sha256, source_day, fetched_at, bytes, records, problems"
                   " FROM file ORDER BY source, kind, part")
QUERY(Q_EACH_PROBLEM, "SELECT f.origin, p.place, p.what FROM problem p JOIN file f ON f.id = p.file ORDER BY f.origin, p.file, p.n")

QUERY(Q_FIND_CERTIFICATE, "SELECT id FROM certificate WHERE sha256 = ?1")
QUERY(Q_ADD_CERTIFICATE, "INSERT INTO certificate (sha256, der) VALUES (?1, ?2)")
QUERY(Q_ADD_SEEN, "INSERT OR IGNORE INTO seen (file, certificate) VALUES (?1, ?2)")
QUERY(Q_DROP_UNSEEN, "DELETE FROM certificate WHERE NOT EXISTS (SELECT 1 FROM seen WHERE seen.certificate = certificate.id)")
QUERY(Q_EACH_UNSETTLED,
      "SELECT c.id, c.sha256, c.class,"
      " EXISTS (SELECT 1 FROM ccadb_record r WHERE r.sha256 = c.sha256) OR"
      " EXISTS (SELECT 1 FROM seen s JOIN file f ON f.id = s.file WHERE s.certificate = c.id AND f.kind LIKE 'ccadb-%'),"
      " c.der FROM certificate c WHERE c.class <> 2 OR EXISTS (SELECT 1 FROM ccadb_record r WHERE r.sha256 = c.sha256)"
      " OR EXISTS (SELECT 1 FROM seen s JOIN file f ON f.id = s.file WHERE s.certificate = c.id AND f.kind LIKE 'ccadb-%')"
      " ORDER BY c.id")
QUERY(Q_SET_CLASS, "UPDATE certificate SET class = ?2 WHERE id = ?1 AND class <> ?2")
QUERY(Q_DROP_LEAF_CERTIFICATE, "DELETE FROM leaf_certificate WHERE certificate = ?1")
QUERY(Q_CERTIFICATE_DER, "SELECT der FROM certificate WHERE id = ?1")
QUERY(Q_EACH_ORIGIN, "SELECT f.origin FROM seen s JOIN file f ON f.id = s.file WHERE s.certificate = ?1 ORDER BY f.origin")

QUERY(Q_ADD_CCADB_RECORD,
      "INSERT INTO ccadb_record (file, row, sha256, ca_owner, sub_owner, record_id, name, record_type, mozilla_status,"
      " chrome_status, apple_status, microsoft_status, revocation_status, trust_bits, technically_constrained, full_crl_urls)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)")
#define CCADB_COLUMNS                                                                                                  \
	"r.sha256, r.ca_owner, r.sub_owner, r.record_id, r.name, r.record_type, r.mozilla_status, r.chrome_status,"    \
	" r.apple_status, r.microsoft_status, r.revocation_status, r.trust_bits, r.technically_constrained, r.full_crl_urls"
QUERY(Q_EACH_CCADB_RECORD, "SELECT " CCADB_COLUMNS " FROM ccadb_record r JOIN file f ON f.id = r.file"
                           " WHERE r.sha256 IS NOT NULL ORDER BY r.sha256, f.source_day DESC, f.id DESC, r.row")
QUERY(Q_CCADB_RECORDS_OF, "SELECT " CCADB_COLUMNS " FROM ccadb_record r JOIN file f ON f.id = r.file"
                          " WHERE r.sha256 = ?1 ORDER BY f.source_day DESC, f.id DESC, r.row")
#undef CCADB_COLUMNS

QUERY(Q_FIND_SNAPSHOT, "SELECT id FROM store_snapshot WHERE program = ?1 AND day = ?2")
QUERY(Q_ADD_SNAPSHOT, "INSERT INTO store_snapshot (program, day) VALUES (?1, ?2)")
QUERY(Q_DROP_EMPTY_SNAPSHOTS,
      "DELETE FROM store_snapshot WHERE NOT EXISTS (SELECT 1 FROM store_anchor a WHERE a.snapshot = store_snapshot.id)"
      " AND NOT EXISTS (SELECT 1 FROM store_distrust d WHERE d.snapshot = store_snapshot.id)")
QUERY(Q_ADD_ANCHOR, "INSERT INTO store_anchor (snapshot, file, n, sha256, purpose, nb_lo, nb_hi, sct_lo, sct_hi, judge_validity,"
                    " judge_constraints, unevaluated) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
QUERY(Q_ADD_DISTRUST, "INSERT INTO store_distrust (snapshot, file, n, issuer_sha256, serial, purpose)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
QUERY(Q_EACH_SNAPSHOT, "SELECT id, program, day FROM store_snapshot ORDER BY program, day")
QUERY(Q_EACH_ANCHOR, "SELECT sha256, purpose, nb_lo, nb_hi, sct_lo, sct_hi, judge_validity, judge_constraints, unevaluated"
                     " FROM store_anchor WHERE snapshot = ?1 ORDER BY file, n")
QUERY(Q_EACH_DISTRUSTED, "SELECT c.certificate, d.purpose FROM store_distrust d JOIN ca_certificate c"
                         " ON c.serial = d.serial AND c.issuer_sha256 = d.issuer_sha256 WHERE d.snapshot = ?1")

QUERY(Q_EACH_SIGNATURE, "SELECT certificate, spki_sha256, good FROM signature")
QUERY(Q_ADD_SIGNATURE, "INSERT OR REPLACE INTO signature (certificate, spki_sha256, good) VALUES (?1, ?2, ?3)")
QUERY(Q_CLEAR_REVOCATION, "DELETE FROM revocation")
QUERY(Q_CLEAR_EDGE, "DELETE FROM edge")
QUERY(Q_CLEAR_CA_CERTIFICATE, "DELETE FROM ca_certificate")
QUERY(Q_FIND_CA, "SELECT id FROM ca WHERE ca_id = ?1")
QUERY(Q_ADD_CA, "INSERT INTO ca (ca_id, spki_sha256, name, subject, owner) VALUES (?1, ?2, ?3, ?4, ?5)")
QUERY(Q_UPDATE_CA, "UPDATE ca SET name = ?2, subject = ?3, owner = ?4 WHERE id = ?1")
QUERY(Q_UNLINK_LEAVES, "UPDATE certificate SET class = 3 WHERE id IN (SELECT l.certificate FROM leaf_certificate l"
                       " WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c WHERE c.ca = l.ca))")
QUERY(Q_DROP_UNLINKED_LEAVES, "DELETE FROM leaf_certificate WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c"
                              " WHERE c.ca = leaf_certificate.ca)")
QUERY(Q_DROP_EMPTY_LEAVES, "DELETE FROM leaf WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c WHERE c.ca = leaf.ca)")
QUERY(Q_DROP_EMPTY_BUCKETS, "DELETE FROM bucket WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c WHERE c.ca = bucket.ca)")
QUERY(Q_DROP_EMPTY_COUNTS, "DELETE FROM ca_count WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c WHERE c.ca = ca_count.ca)")
QUERY(Q_DROP_EMPTY_CAS, "DELETE FROM ca WHERE NOT EXISTS (SELECT 1 FROM ca_certificate c WHERE c.ca = ca.id)")
QUERY(Q_ADD_CA_CERTIFICATE, "INSERT INTO ca_certificate (certificate, ca, sha256, sha1, flags, not_before, not_after, path_len,"
                            " eku, serial, issuer_sha256, ski) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
QUERY(Q_ADD_EDGE, "INSERT OR IGNORE INTO edge (certificate, issuer) VALUES (?1, ?2)")
QUERY(Q_ADD_REVOCATION, "INSERT OR REPLACE INTO revocation (certificate, source, since) VALUES (?1, ?2, ?3)")

QUERY(Q_ADD_LEAF_CERTIFICATE, "INSERT OR REPLACE INTO leaf_certificate (certificate, ca, serial, not_before, not_after, sct, eku,"
                              " kind, precert) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
QUERY(Q_CLEAR_LEAF, "DELETE FROM leaf")
QUERY(Q_CLEAR_BUCKET, "DELETE FROM bucket")
QUERY(Q_CLEAR_COUNT, "DELETE FROM ca_count")
QUERY(Q_EACH_LEAF_CERTIFICATE, "SELECT ca, serial, not_before, not_after, sct, eku, kind, precert FROM leaf_certificate"
                               " ORDER BY ca, serial")
QUERY(Q_ADD_LEAF, "INSERT INTO leaf (ca, nb_day, serial, na_day, sct_day, not_before, not_after, sct, eku, kind, forms)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
QUERY(Q_FILL_BUCKETS, "INSERT INTO bucket (ca, nb_day, na_day, sct_day, eku, kind, n)"
                      " SELECT ca, nb_day, na_day, coalesce(sct_day, 2147483647), eku, kind, count(*) FROM leaf"
                      " WHERE nb_day IS NOT NULL AND na_day IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6")
QUERY(Q_FILL_COUNTS,
      "INSERT INTO ca_count (ca, issued, first_nb_day, last_nb_day, last_na_day, source, source_day, coverage)"
      " SELECT l.ca, count(*), min(l.nb_day), max(l.nb_day), max(l.na_day), 'import',"
      " (SELECT max(f.fetched_at) / 86400 FROM leaf_certificate c JOIN seen s ON s.certificate = c.certificate"
      "   JOIN file f ON f.id = s.file WHERE c.ca = l.ca), 1 FROM leaf l GROUP BY l.ca")
QUERY(Q_EACH_LEAF,
      "SELECT serial, not_before, not_after, sct, eku, kind, forms, (SELECT c.certificate FROM leaf_certificate c"
      " WHERE c.ca = leaf.ca AND c.serial = leaf.serial ORDER BY c.precert LIMIT 1)"
      " FROM leaf WHERE ca = ?1 ORDER BY not_before, serial")
QUERY(Q_EACH_BUCKET_LEAF, "SELECT not_before, not_after, sct FROM leaf WHERE ca = ?1 AND nb_day = ?2 AND na_day = ?3"
                          " AND coalesce(sct_day, 2147483647) = ?4 AND eku = ?5 AND kind = ?6")

QUERY(Q_EACH_CA, "SELECT id, ca_id, spki_sha256, name, subject, owner FROM ca ORDER BY ca_id")
QUERY(Q_EACH_CA_CERTIFICATE, "SELECT certificate, ca, sha256, sha1, flags, not_before, not_after, path_len, eku, serial,"
                             " issuer_sha256, ski FROM ca_certificate")
QUERY(Q_EACH_EDGE, "SELECT certificate, issuer FROM edge")
QUERY(Q_EACH_REVOCATION, "SELECT certificate, source, since FROM revocation")
QUERY(Q_EACH_BUCKET, "SELECT ca, nb_day, na_day, sct_day, eku, kind, n FROM bucket")
QUERY(Q_EACH_COUNT, "SELECT ca, issued, first_nb_day, last_nb_day, last_na_day, source, source_day, coverage FROM ca_count")
QUERY(Q_TOTALS, "SELECT (SELECT sum(issued) FROM ca_count), (SELECT count(*) FROM leaf_certificate),"
                " (SELECT count(*) FROM certificate WHERE class = 3), (SELECT count(*) FROM problem)")
QUERY(Q_FIND_SERIAL, "SELECT certificate FROM ca_certificate WHERE serial >= ?1 AND serial < ?2")
QUERY(Q_FIND_SKI, "SELECT certificate FROM ca_certificate WHERE ski >= ?1 AND ski < ?2")

QUERY(Q_SAVE_SCENARIO, "INSERT OR REPLACE INTO scenario (name, text) VALUES (?1, ?2)")
QUERY(Q_DELETE_SCENARIO, "DELETE FROM scenario WHERE name = ?1")
QUERY(Q_EACH_SCENARIO, "SELECT name, text FROM scenario ORDER BY name")
