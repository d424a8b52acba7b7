/* Inside index/: what import and linking share. index.h has the public call. */
#ifndef INDEX_IMPORT_H
#define INDEX_IMPORT_H

#include "db/db.h"
#include "index/index.h"

struct link_result {
	uint64_t ca_certs, leaves, signatures; /* signatures: checked now, not remembered */
};
/* Derives CAs, edges, revocations, leaves and counts anew from the certificates and records in db, inside the
 * caller's transaction. Signatures that were checked before are not checked again. */
int link_certificates(struct db *db, bool quiet, struct link_result *ret, struct err *err);

/* Stores of programs whose own files are not indexed, out of CCADB's status columns: one snapshot a report. */
int derive_stores(struct db *db, struct err *err);

#endif
