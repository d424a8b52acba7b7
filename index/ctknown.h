/* Inside index/: which logs there are, out of the indexed lists, and what a log says of itself.
 *
 *	struct ct_known all = { 0 };
 *	if (ct_known_load(db, &all, err) < 0) …
 *	ct_known_nameless(&all, url, true, &log);
 *	if (ct_known_describe(&all, url, json, n, &log) == 0) …   // what is given lives as long as all
 *	ct_known_release(&all); */
#ifndef INDEX_CTKNOWN_H
#define INDEX_CTKNOWN_H

#include "base/map.h"
#include "db/leafrun.h"
#include "index/loglist.h"

struct ct_known {
	struct log_list list; /* each log once, as the newest list has it */
	struct map ids;
};
int ct_known_load(struct db *db, struct ct_known *ret, struct err *err);
void ct_known_release(struct ct_known *k);
/* The description that lies beside a log's tiles, which tells its key: 0; -1 it describes no log. url: where the tiles
 * are; kept as it is. */
int ct_known_describe(struct ct_known *all, const char *url, const char *json, size_t n, struct log_info *ret);
/* A log that nobody describes is known by its address, and has no key. */
void ct_known_nameless(struct ct_known *all, const char *url, bool tiled, struct log_info *ret);
/* file:// of a folder or a zip, with a "/" behind it (heap). */
char *ct_file_url(const char *path);

#endif
