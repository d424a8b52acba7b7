/* Saved answers of an RFC 6962 log in a folder: which head, whose log, which entries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/text.h"
#include "index/ct.h"
#include "index/cthead.h"
#include "index/ctknown.h"
#include "index/ctread.h"
#include "index/key.h"

#define SMALL_MAX ((size_t)1 << 20)
#define DIGITS "0123456789"

/* ---- the order of pages ---- */

/* Numbers that "-" or "_" joins: *n of them, the last two in v. Where they end, or NULL when none begin at p. */
static const char *joined(const char *p, uint64_t v[2], size_t *n)
{
	char text[24];

	*n = 0;
	while (*p >= '0' && *p <= '9') {
		size_t len = strspn(p, DIGITS);
		v[0] = v[1];
		snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), p);
		if (num_parse_u64(text, &v[1]) < 0)
			v[1] = 0;
		++*n;
		p += len;
		if ((*p != '-' && *p != '_') || p[1] < '0' || p[1] > '9')
			return p;
		p++;
	}
	return *n ? p : NULL;
}

/* "…start=512&end=767", as a download names it, or "…512-767…"; more numbers than two in a row are a date's. */
static bool start_in_name(const char *path, uint64_t *ret)
{
	const char *p = path_base(path), *word = strstr(p, "start");
	uint64_t v[2] = { 0, 0 };
	bool found = false;
	size_t n;

	if (word && (word[5] == '=' || word[5] == '_') && joined(word + 6, v, &n)) {
		*ret = v[n > 1 ? 0 : 1];
		return n <= 2;
	}
	while (*p) {
		p += strcspn(p, DIGITS);
		const char *end = joined(p, v, &n);
		if (!end)
			break;
		if (n == 2 && v[0] <= v[1]) {
			*ret = v[0];
			found = true;
		}
		p = end;
	}
	return found;
}

static int by_start(const void *a, const void *b)
{
	const struct ct_saved_page *x = a, *y = b;

	return x->start != y->start ? (x->start < y->start ? -1 : 1) : strcmp(x->path, y->path);
}

/* As people number files: 9 before 10. */
static int by_number(const void *a, const void *b)
{
	const char *x = ((const struct ct_saved_page *)a)->path, *y = ((const struct ct_saved_page *)b)->path;

	while (*x && *y) {
		size_t n = strspn(x, DIGITS), m = strspn(y, DIGITS);
		if (n && m) {
			size_t zx = strspn(x, "0"), zy = strspn(y, "0");
			zx -= zx == n;
			zy -= zy == m;
			int order = n - zx != m - zy ? (n - zx < m - zy ? -1 : 1) : memcmp(x + zx, y + zy, n - zx);
			if (order)
				return order;
			x += n;
			y += m;
		} else if (*x != *y) {
			break;
		} else {
			x++;
			y++;
		}
	}
	return (int)(unsigned char)*x - (int)(unsigned char)*y;
}

static struct ct_saved_page *order_pages(const struct ct_saved_files *f)
{
	struct ct_saved_page *page = xcalloc(f->n_pages + 1, sizeof(*page));
	bool all = true;

	for (size_t i = 0; i < f->n_pages; i++) {
		page[i].path = f->page[i];
		page[i].has_start = start_in_name(f->page[i], &page[i].start);
		all &= page[i].has_start;
	}
	for (size_t i = 0; !all && i < f->n_pages; i++)
		page[i].has_start = false;
	if (f->n_pages)
		qsort(page, f->n_pages, sizeof(*page), all ? by_start : by_number);
	return page;
}

/* ---- the head, and whose it is ---- */

struct saved_head {
	const char *path;
	char *text;
	size_t n;
	struct ct_head head;
};

static int read_head(const char *path, struct saved_head *ret, struct err *err)
{
	uint8_t *data;
	size_t n;

	if (path_read(path, SMALL_MAX, &data, &n, err) < 0)
		return -1;
	*ret = (struct saved_head){ .path = path, .text = (char *)data, .n = n };
	if (ct_head_sth(&ret->head, ret->text, n, err) == 0)
		return 0;
	free(data);
	return err_context(err, "'%s'", path_base(path));
}

/* That of the largest tree. */
static int choose_head(const struct ct_saved_files *f, struct saved_head *ret, struct err *err)
{
	for (size_t i = 0; i < f->n_heads; i++) {
		struct saved_head h;
		if (read_head(f->head[i], &h, err) < 0)
			return -1;
		bool same = ret->text && h.head.size == ret->head.size && memcmp(h.head.root, ret->head.root, 32) != 0;
		bool larger = !ret->text || h.head.size > ret->head.size;
		if (same)
			err_set(err, ERR_INPUT, "'%s' and '%s' are heads of two different trees of one size", path_base(ret->path),
			        path_base(h.path));
		free(larger ? ret->text : h.text);
		if (larger)
			*ret = h;
		if (same)
			return -1;
	}
	return 0;
}

static bool signs(const struct log_info *log, const struct ct_head *h)
{
	EVP_PKEY *key = log->key.n ? key_load(log->key) : NULL;
	bool good = key && ct_head_verify(h, key, NULL) == 0;

	EVP_PKEY_free(key);
	return good;
}

/* The log that describes itself in the folder, whatever its key says to the head; else the one whose key signed it. */
static bool find_log(struct ct_known *all, const char *folder, const char *url, const struct ct_head *h, struct log_info *ret)
{
	char *own = path_join(folder, "log.v3.json");
	uint8_t *json = NULL;
	size_t n;
	bool described = path_exists(own) && path_read(own, SMALL_MAX, &json, &n, NULL) == 0 &&
	                 ct_known_describe(all, url, (const char *)json, n, ret) == 0;

	free(json);
	free(own);
	for (size_t i = 0; i < all->list.log.n; i++) {
		const struct log_info *log = &all->list.log.v[i];
		if (described ? memcmp(log->id, ret->id, 32) != 0 : !signs(log, h))
			continue;
		*ret = *log; /* its own address: there its entries can be asked for again */
		described = true;
		break;
	}
	ret->tiled = false;
	return described;
}

int ct_import_saved(struct db *db, const struct ct_saved_files *f, bool *more, struct ct_result *ret, struct err *err)
{
	struct ct_known all = { 0 };
	struct saved_head h = { 0 };
	struct log_info log;
	char *url = ct_file_url(f->folder);
	int rc = ct_known_load(db, &all, err);

	*more = false;
	if (rc == 0)
		rc = choose_head(f, &h, err);
	ct_known_nameless(&all, url, false, &log);
	if (rc == 0 && !find_log(&all, f->folder, url, &h.head, &log) && !f->unverified)
		rc = err_set(err, ERR_INPUT,
		             "its head '%s' is signed by no key of a known log, so nothing in it can be proven (--unverified reads it all the same)",
		             path_base(h.path));
	if (rc == 0) {
		struct ct_saved_page *page = order_pages(f);
		struct ct_saved_log s = { .head = h.text, .head_n = h.n, .page = page, .n = f->n_pages, .unverified = f->unverified };
		rc = ct_read_saved(db, &log, &s, more, ret, err);
		free(page);
	}
	free(h.text);
	free(url);
	ct_known_release(&all);
	return rc;
}
