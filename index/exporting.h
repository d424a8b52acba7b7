/* Inside index/: what the writers of export.c and export_store.c share. */
#ifndef INDEX_EXPORTING_H
#define INDEX_EXPORTING_H

#include "index/export.h"
#include "index/state.h"
#include "index/x509.h"

struct exporting {
	struct index *ix;
	const struct graph *g;
	const struct scenario *s;
	const struct trust_query *q;
	const struct export_kind *kind;
	struct export *x;
	uint8_t *cut; /* by certificate: the marks reject it wherever it can stand */
	struct arena arena;
	struct store store;      /* as it is when the export is read back; rules and distrusts are the arena's */
	VEC(struct mark) effect; /* the same of a list: what it rejects */
};

/* Is the certificate an anchor for the purpose, or assumed to be one? */
bool export_is_anchor(const struct exporting *w, uint32_t cert);
/* No other CA issued it, so that it stands at the end of a path or nowhere. */
bool export_only_as_anchor(const struct exporting *w, uint32_t cert);
/* "# …" lines: what it is, the marks and the day. */
void export_head(struct exporting *w, const char *what);
/* A text from outside for a comment: one clean line. */
void export_clean(struct strbuf *out, const char *text);
/* Calls each certificate that the mark hits. */
void export_hits(const struct exporting *w, const struct mark *m, void (*each)(void *ctx, uint32_t cert), void *ctx);

/* export_held.c: what the certdata.txt of the store holds beside its anchors. */
struct held_other { /* a leaf, or a certificate that is not indexed: of no graph */
	uint8_t issuer_sha256[32];
	struct slice issuer, serial, der; /* der: empty where it is not known */
	bool distrusted[PURPOSE_COUNT];
};
struct held_others {
	struct held_other *v;
	size_t n, cap;
};
/* Calls held() for each CA certificate that stands there, and pushes the rest to *ret, to be freed with vec_release().
 */
int export_held(struct exporting *w, void (*held)(void *ctx, uint32_t cert), void *ctx, struct held_others *ret,
	struct err *err);
int export_held_write(const struct held_other *o, struct strbuf *out, struct err *err);

/* export_store.c: NULL, or why the format cannot say the mark. Writing also fills w->store. */
const char *certdata_cannot(const struct exporting *w, const struct mark *m);
const char *constraints_cannot(const struct exporting *w, const struct mark *m);
int export_certdata(struct exporting *w, struct err *err);
int export_constraints(struct exporting *w, struct err *err);

#endif
