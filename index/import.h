/* Inside index/: what import and linking share. index.h has the public call. */
#ifndef INDEX_IMPORT_H
#define INDEX_IMPORT_H

#include "base/date.h"
#include "base/map.h"
#include "base/progress.h"
#include "base/vec.h"
#include "db/db.h"
#include "index/index.h"
#include "index/x509.h"

struct import;
struct document; /* the file at hand */
struct import_kind {
	const char *name;
	bool (*recognise)(const char *data, size_t n);
	/* Which part of its kind the file is, into a fixed buffer. */
	void (*part)(const struct import *im, struct document *d, char part[256]);
	int (*read)(struct import *im, struct document *d, struct err *err);
	bool dated; /* an older file never replaces a newer one of the same part */
	bool by_day; /* each day's is kept, and is compared with the one before */
};

struct document {
	const char *path, *origin;
	const char *data;
	size_t n;
	bool mapped;             /* data is of path_map, and nothing stands behind it */
	uint8_t sha256[32];
	int32_t day;
	int64_t time;            /* of the contents; the day's first second where it tells no more */
	const struct import_kind *kind;
	int64_t id;
	int64_t records, problems;
	size_t at;               /* how far it was read, as far as the reader tells */
	char first_problem[256];
	int64_t snapshot, rules; /* of the store it describes */
	bool mozilla_roots;      /* Mozilla's report of included roots */
};

struct saved_answer { /* of an RFC 6962 log */
	char *path;
	bool named, head;
};

struct import {
	struct db *db;
	const struct import_options *o;
	struct import_result *ret;
	struct err *err;       /* of the call at hand, for callbacks that return nothing */
	bool failed;           /* the index could not be written */
	bool changed;
	bool new_ranks;        /* a rank list came: leaves are compared with it */
	int64_t before[4];     /* certificates of each class */
	int32_t store_day;     /* all files of one call go to one snapshot */
	struct map parts;      /* "KIND PART" of the files of this call */
	const char *from;      /* URL of the file at hand, or NULL */
	struct strbuf notes;
	VEC(char *) log_folder; /* laid out as logs, found on the way */
	VEC(struct saved_answer) answer; /* found on the way, read when all are known */
	bool reading_answers;
	struct progress progress; /* bytes of files */
	uint64_t through;         /* of those that were read */
	uint64_t file_size;       /* of the named file at hand; 0 while a folder is walked, whose size nobody knows */
};

void sha256_of(const void *p, size_t n, uint8_t out[32]);
/* A time that could not be read is NULL in the index. */
static inline struct db_int time_or_null(int64_t t)
{
	return t == TIME_UNKNOWN ? DB_NULL : DB_INT(t);
}

/* A reader's callbacks get both. */
struct reading {
	struct import *im;
	struct document *d;
};

/* One more record of the document, shown meanwhile. */
void import_record(struct import *im, struct document *d);
/* Keeps what could not be read; sets im->failed when even that fails. */
void import_problem(struct import *im, struct document *d, const char *place, const char *what);
void import_line_problem(struct import *im, struct document *d, size_t line, const char *what);
/* Adds one certificate, parsed into *cert (which borrows der). 1 added or known, 0 unparsable (told), -1 error. */
int import_certificate(struct import *im, struct document *d, const uint8_t *der, size_t n, const char *place,
                       struct x509_cert *cert, uint8_t sha256[32]);
/* One of its kind a day: stores and lists. */
void import_part_of_day(const struct import *im, struct document *d, char part[256]);

/* The report: the file's name without extension and date, so that tomorrow's copy replaces today's. */
void import_part_by_name(const struct import *im, struct document *d, char part[256]);
/* The first refusal is the error of the call, further ones are notes. */
void import_refuse(struct import *im, const char *why);

/* A document as bytes: path is what it is called, file what holds it. Refused as a file is, told as such when named. */
int import_bytes(struct import *im, const char *path, const char *file, const char *data, size_t n, bool named);

int import_file(struct import *im, const char *path, bool named);

/* import_ct.c */
void import_part_loglist(const struct import *im, struct document *d, char part[256]);
int import_loglist(struct import *im, struct document *d, struct err *err);
/* A file of a folder that is laid out as a log: the folder is read as a whole, by import_log_folders. */
bool import_is_of_log(struct import *im, const char *path);
/* The same for a zip; named: the paths that the caller named, none while folders are walked. */
bool import_is_archive(struct import *im, const char *path, char *const *named, size_t n);
int import_log_folders(struct import *im, char *const *paths, size_t n);
bool import_is_page(const char *data, size_t n);
int import_page(struct import *im, struct document *d, struct err *err);
bool import_is_head(const char *data, size_t n);
int import_head(struct import *im, struct document *d, struct err *err);
/* Pages and heads of one folder belong together. */
int import_answers(struct import *im, char *const *paths, size_t n);

/* import_lists.c */
void import_part_chromestore(const struct import *im, struct document *d, char part[256]);
int import_chromestore(struct import *im, struct document *d, struct err *err);
/* One a day, and beside it what adds to that day's list: such a file takes the list's day for its own. */
void import_part_onecrl(const struct import *im, struct document *d, char part[256]);
void import_part_spkilist(const struct import *im, struct document *d, char part[256]);
int import_onecrl(struct import *im, struct document *d, struct err *err);
int import_spkilist(struct import *im, struct document *d, struct err *err);
/* By the file's whole name: a corrected file replaces the earlier, one of another day stands beside it. */
void import_part_figures(const struct import *im, struct document *d, char part[256]);
int import_figures(struct import *im, struct document *d, struct err *err);
void import_part_crtsh(const struct import *im, struct document *d, char part[256]);
int import_crtsh(struct import *im, struct document *d, struct err *err);
void import_part_crtsh_days(const struct import *im, struct document *d, char part[256]);
int import_crtsh_days(struct import *im, struct document *d, struct err *err);
int import_ranks(struct import *im, struct document *d, struct err *err);
int import_crlset(struct import *im, struct document *d, struct err *err);
/* validations.c: Firefox's telemetry, and the table of its roots. */
int import_validations(struct import *im, struct document *d, struct err *err);
int import_validation_roots(struct import *im, struct document *d, struct err *err);
/* A list of ranks as it travels: a zip whose only file is a CSV. 1 imported or refused, 0 it is something else, -1. */
int import_zipped_list(struct import *im, const char *path, bool named);
/* A CRL's part is its issuer and distribution point; it is dated by thisUpdate. */
void import_part_crl(const struct import *im, struct document *d, char part[256]);
int import_crl(struct import *im, struct document *d, struct err *err);
/* A list of the part was read: an equal or earlier one that was from the future goes. */
int import_crl_has_come(struct import *im, const struct document *d, const char *part);
/* What a list is to the one that is held as its part, which lists of several keys share where they name none. */
enum crl_place {
	CRL_IN_TURN, /* the later of them stays */
	CRL_FIRST,   /* its key is known, and none verifies the other */
	CRL_BESIDE,  /* another key of the same name: `part` now is its own */
	CRL_FORGED,  /* a key verifies the other, none this one */
};
int import_crl_place(struct import *im, const struct document *d, char part[256], enum crl_place *ret);
/* The same for a list among other things. */
int import_crl_bytes(struct import *im, struct document *d, const uint8_t *data, size_t n, struct err *err);

struct link_result {
	uint64_t ca_certs, leaves, signatures; /* signatures: checked now, not remembered */
	uint64_t capped; /* certificates whose issuer name has so many keys that not all were tried */
};
/* Derives CAs, edges, revocations, leaves and counts anew from the certificates and records in db, inside the
 * caller's transaction. Signatures that were checked before are not checked again. */
int link_certificates(struct db *db, bool quiet, struct link_result *ret, struct err *err);

/* Status of a root in Mozilla's own report, which lists all that is included: a root that is not in it is not. */
#define CCADB_OWN_LIST "Included, in Mozilla's own list"

/* Stores of programs whose own files are not indexed, out of CCADB's status columns: one snapshot a report. */
int derive_stores(struct db *db, struct err *err);

#endif
