/* What the commands share: opening the index, programs and their stores, REFs
 * and messages. Only this folder prints; answers go to stdout, all else to
 * stderr through cli_note (messages) and cli_fail (errors).
 *
 *	if (cli_open(c, err) < 0)
 *		return -1;
 *	struct scope s;
 *	if (cli_scope(c, &s, err) < 0) ... */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/command.h"
#include "cli/report.h"

/* "canopy: MESSAGE" on stderr unless --quiet; outside text in it is cleaned. */
void cli_note(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, also with --quiet: something failed and the work goes on. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Error and candidates on stderr; returns the exit code. */
int cli_fail(const struct cli *c, const struct err *err);

/* Opens the index for reading, with --chrome-version. An index that is not there is ERR_INDEX. */
int cli_open(struct cli *c, struct err *err);
/* Tells an opened index of --chrome-version. */
int cli_chrome_version(const struct cli *c, struct err *err);
/* " for Chrome 120" where it is given and the program is chrome, else "". */
const char *cli_for_version(const struct cli *c, const char *program, char buf[40]);
/* Says on stderr what fills an empty index. */
void cli_note_empty(const struct cli *c);
/* That figures which are too old or too new do not count. */
void cli_note_stale(const struct cli *c);
/* That no rank list of sites is indexed. */
void cli_note_unranked(const struct cli *c);
void cli_release(struct cli *c);
/* Its numbers are known: some source counts the CA. */
bool ca_counted(const struct ca *ca);

/* A program, what for, when, and the snapshot of its store. */
struct scope {
	const char *program;
	enum purpose purpose;
	const struct store *store;
};
enum purpose cli_purpose(const struct cli *c);
/* --program (default mozilla) and --purpose; ERR_USAGE when the program has no store. */
int cli_scope(struct cli *c, struct scope *ret, struct err *err);
int cli_store(struct cli *c, const char *program, const struct store **ret, struct err *err);
struct trust *scope_trust(const struct cli *c, const struct scope *s);
/* Trust of every program that has a store, for one purpose. */
struct programs {
	const char *const *name;
	struct trust **trust;
	size_t n;
};
void programs_open(struct cli *c, enum purpose purpose, struct programs *ret);
void programs_close(struct programs *p);

/* REF; the candidates of an ambiguous one are kept for cli_fail. */
int cli_resolve(struct cli *c, const char *text, struct ref *ret, struct err *err);
/* One bool a CA: those that the operands name; NULL without operands. free() */
int cli_chosen(struct cli *c, bool **ret, struct err *err);
/* Exactly one CA; *cert is the certificate or NO_INDEX. */
int cli_resolve_one(struct cli *c, const char *text, uint32_t *ca, uint32_t *cert, struct err *err);

/* The scenario of --scenario NAME|FILE and of the options above it, resolved into *q. The
 * arrays of *q live in `arena`; release *s with scenario_release, also on failure. */
int cli_scenario(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err);
/* Its two halves. */
int cli_scenario_read(struct cli *c, struct scenario *s, struct err *err);
int cli_scenario_resolve(struct cli *c, struct scenario *s, struct arena *arena, struct trust_query *q, struct err *err);

/* --kind of a command whose `value` lists the kinds: ERR_USAGE for an unknown one, "'x' is no kind of NOUN". */
int cli_kinds(const struct cli *c, const char *noun, struct err *err);
/* Among those of --kind; without any all are. */
bool cli_kind_wanted(const struct cli *c, const char *kind);

/* The order of all rows: unexpired leaves, most first, unknown last, then ca_id. -1 or 1. */
int ca_compare(const struct graph *g, const uint64_t *unexpired, uint32_t a, uint32_t b);
/* Sorts CAs by it. */
void ca_sort(const struct graph *g, const uint64_t *unexpired, uint32_t *ca, size_t n);

/* Fingerprints of certificates, or ids of CAs, in hex, as lists are written. */
struct hex_list {
	const char **v;
	size_t n;
	struct arena arena;
};
void hex_list_certs(struct hex_list *l, const struct graph *g, const uint32_t *certs, size_t n);
void hex_list_cas(struct hex_list *l, const struct graph *g, const uint32_t *ca, size_t n); /* their ca_id */
void hex_list_release(struct hex_list *l);

#endif
