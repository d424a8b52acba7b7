/* What the marks of a scenario mean in other people's formats: OneCRL, a list
 * of blocked keys, certdata.txt, Chrome's root store. Each is text that
 * canopy's own reader reads back; read back, it makes the program accept what
 * the scenario's "after" accepts. Where a format cannot say that, a note says
 * so: of each mark that is left out, and of the CAs that come out otherwise,
 * which is found by judging what was written.
 *
 *	onecrl, blocklist       what is added to the program's list; the file names the day of the list it adds to
 *	certdata, constraints   the whole store as it would be, changed objects marked by comments
 *
 *	struct export x;
 *	if (export_write(ix, &scenario, &query, EXPORT_ONECRL, &x, &err) == 0)
 *		fwrite(x.text.buf, 1, x.text.len, stdout);
 *	export_release(&x); */
#ifndef INDEX_EXPORT_H
#define INDEX_EXPORT_H

#include "index/index.h"

enum export_format { EXPORT_ONECRL, EXPORT_BLOCKLIST, EXPORT_CERTDATA, EXPORT_CONSTRAINTS, EXPORT_FORMATS };
struct export_kind {
	const char *name;    /* "onecrl" */
	const char *what;    /* for messages: "OneCRL" */
	const char *program; /* whose format it is, and of whom a scenario is asked for it */
	bool tls_only;
};
extern const struct export_kind export_kinds[EXPORT_FORMATS];

struct export
{
	struct strbuf text; /* UTF-8, clean; empty when there is nothing that the format can say */
	VEC(char *)
	note; /* what cannot be said, one line each; texts of people and certificates are not cleaned in it */
	size_t marks, said; /* marks that change something, and those of them that the text says something of */
	size_t differ;      /* CAs that, read back, are accepted otherwise than under the marks */
};
/* query: as scenario_resolve made it of *s, for the program of the format. -1 only when the index cannot be read. */
int export_write(struct index *ix, const struct scenario *s, const struct trust_query *q, enum export_format f,
	struct export *ret, struct err *err);
void export_release(struct export *x);

/* ---- what the marks touch, for pictures and lists of certificates ---- */
enum {                         /* of a CA certificate, as bits */
	AFFECTED_MARKED = 1,   /* a mark hits it, or its key */
	AFFECTED_ANCHOR = 2,   /* it is an anchor of the program beforehand */
	AFFECTED_LINK = 4,     /* it may stand in a path below an anchor */
	AFFECTED_SURVIVES = 8, /* it is on the path by which some CA stays trusted */
};
enum affected_ca {
	AFFECTED_NOT,
	AFFECTED_BESIDE, /* marked without effect, or above a touched one on a path */
	AFFECTED_KEPT,   /* accepts as before, by another path */
	AFFECTED_SOME,   /* accepts fewer leaves */
	AFFECTED_LOST,   /* accepts none any more */
};
struct affected {
	uint8_t *cert; /* bits, by certificate; only of CAs that are not AFFECTED_NOT */
	uint8_t *ca;   /* enum affected_ca, by CA */
	struct trust *trust;
};
void affected_find(const struct trust_query *q, struct affected *ret);
void affected_release(struct affected *a);
/* The actions that hit the certificate, ", " between, with dates; nothing when none does. */
void affected_actions(const struct trust_query *q, uint32_t cert, struct strbuf *out);

#endif
