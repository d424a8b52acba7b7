/* The sources canopy can fetch, one row each in sources.c: what it gives, where
 * from, how often at most, which documents. A row more there is all that a new
 * source of files needs.
 *
 *	for (size_t i = 0; source_at(i); i++)
 *		puts(source_at(i)->name);
 *	const struct source *s = source_find("ccadb");
 *	struct source_list list = {0};
 *	if (source_documents(s, url, &list, err) < 0)
 *		return -1;
 *	source_list_release(&list); */
#ifndef FETCH_SOURCES_H
#define FETCH_SOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

enum source_shape {
	SOURCE_FOLDER, /* the URL is a folder (trailing "/") that holds the documents */
	SOURCE_FILE,   /* the URL is the one document, or what names it */
	SOURCE_DATABASE, /* the URL is a connection string of PostgreSQL, which fetch/crtsh.h asks */
};

/* "{year}" in remote and name stands for each year from first_year to this one. */
struct source_document {
	const char *remote; /* put behind a folder's URL; NULL: the URL itself */
	const char *name;   /* in the cache */
	int first_year;     /* 0 = one document */
};

struct source {
	const char *name;
	const char *help;
	enum source_shape shape;
	const char *url;      /* NULL: certificates name the documents (fetch_request.items); one that is set is a folder
	                         of files, or a mirror with HOST/PATH of each */
	bool enabled;         /* fetched when no source is named */
	bool is_signed;       /* its documents are verified by their signatures: http is allowed */
	int64_t min_interval; /* seconds during which a document is not asked for again */
	uint64_t max_bytes;   /* of one document */
	const char *local;    /* fnmatch pattern of a folder's documents under file:// */
	const struct source_document *documents;
	size_t n_documents;
	const char *beside;   /* another URL than the default gives another document, with this name; NULL: the same one */
};

/* NULL past the end. */
const struct source *source_at(size_t i);
const struct source *source_find(const char *name);
/* NULL when url fits the source, else why not (static text). */
const char *source_url_refusal(const struct source *s, const char *url);

/* The documents of a source at url; a file:// folder is listed, for every
 * other the names follow from the table. Owned by the list. */
struct source_list {
	struct source_item {
		char *name; /* in the cache */
		char *url;
		char *origin; /* what it is called where it came from; NULL = url */
	} * v;
	size_t n, cap;
};
int source_documents(const struct source *s, const char *url, struct source_list *ret, struct err *err);
/* The documents at addresses that certificates name, below a mirror's folder when mirror is not NULL. */
void source_items(const char *const *urls, size_t n, const char *mirror, struct source_list *ret);
void source_list_release(struct source_list *list);

#endif
