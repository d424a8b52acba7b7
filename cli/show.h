/* What `show` says of one CA, gathered once for people (show.c) and for
 * programs (show_json.c). */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/counts.h"

#define SHOW_PATHS 32 /* per program and purpose */
#define SHOW_SITES 20
#define ENFORCED_MAX 64

/* One way up from the CA, and how it ends. */
struct show_path {
	const uint32_t *certs; /* in the arena */
	size_t n, at;
	enum path_reason reason;
	struct box box;
};
struct show_trust {
	const char *program;
	const struct store *store;
	enum purpose purpose;
	enum acceptance acceptance;
	uint32_t via[64];
	size_t n_via;
	VEC(struct show_path) path;
	bool more; /* than SHOW_PATHS */
	bool unevaluated; /* an accepting path rests on a rule that was taken as met */
};
/* Another CA above or below, and the certificates between. */
struct show_kin {
	uint32_t ca;
	VEC(uint32_t) cert;
};
struct show_kins {
	struct show_kin *v;
	size_t n, cap;
};
struct show {
	struct cli *cli;
	const struct graph *g;
	uint32_t ca, only; /* only: the certificate that REF names, or NO_INDEX */
	struct tallies tally;
	VEC(uint32_t) cert; /* all of the CA, or `only` */
	struct show_kins parent, child;
	VEC(struct show_trust) trust;
	struct validations use;
	struct leaf_crls crls;
	struct arena arena;
};
/* Programs and purposes whose clients enforce a revocation by that source: "mozilla tls", borrowed of the arena.
 * Returns their number, at most max. */
size_t show_enforced_by(const struct show *s, enum revocation_source source, const char **ret, size_t max);
/* Is the rule one of the shown certificates' for the purpose? */
bool show_is_anchor(const struct show *s, const struct show_trust *t, const struct anchor_rule *rule);
/* `leaves with notBefore from … to …` of a box, "" for all. */
void show_box(const struct box *b, struct strbuf *out);
int show_json(const struct show *s, struct err *err);

#endif
