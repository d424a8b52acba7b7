/* One source of documents for fetch: asked, kept in the cache, indexed, summed up in one line. */
#ifndef CLI_FETCH_RUN_H
#define CLI_FETCH_RUN_H

#include "cli/cli.h"
#include "fetch/config.h"
#include "fetch/sources.h"

struct fetching {
	struct cli *cli;
	const struct config *config;
	const char *cache; /* folder */
	struct out *plan;  /* of --dry-run: gets a row a document, and nobody is asked; else NULL */
	size_t failed;     /* sources */
	struct ahead *ahead; /* fetch_ahead.h: what came already, or NULL */
};
/* What goes wrong with the source is told and counted; -1 when the index cannot be read or written. */
int fetch_run(struct fetching *f, const struct source *s, struct err *err);
/* Appends what every source's line begins with: "10 records (2 new, 3 changed, 1 gone), 0 problems, as of 2026-11-29". */
void fetch_sum(struct strbuf *b, const struct import_result *r, bool had_documents);
/* A row a document of --dry-run. */
extern const struct column fetch_plan_columns[];

/* fetch_named.c: the documents of crl and aia, which the index names. The index is closed again. *ret of source_list_release. */
int fetch_named(struct fetching *f, const struct source *s, const char *mirror, struct source_list *ret, struct err *err);

#endif
