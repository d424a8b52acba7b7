#include "tui/reader.h"

#include <stdlib.h>

#include "base/mem.h"

struct reader {
	const struct index *of;
	int32_t day;
	int (*read)(void *ctx, struct work *w, struct index *ix, struct err *err);
	void *ctx;
	struct work *work;
	/* the thread's until it is made */
	int rc;
	struct err err;
};

static int read_index(struct reader *r, struct work *w)
{
	struct index *ix = NULL;
	int rc;

	if (index_open_beside(r->of, &ix, &r->err) < 0)
		return -1;
	index_set_day(ix, r->day);
	rc = r->read(r->ctx, w, ix, &r->err);
	index_close(ix);
	return rc;
}

static void run(void *ctx, struct work *w)
{
	struct reader *r = ctx;

	r->rc = read_index(r, w);
	if (r->rc < 0 && !r->err.msg[0])
		err_set(&r->err, ERR_INDEX, "the index cannot be read");
}

struct reader *reader_begin(const struct index *of, int32_t day,
	int (*read)(void *ctx, struct work *w, struct index *ix, struct err *err), void *ctx)
{
	struct reader *r = xcalloc(1, sizeof(*r));

	r->of = of;
	r->day = day;
	r->read = read;
	r->ctx = ctx;
	r->work = work_begin(run, r);
	return r;
}

struct work *reader_work(const struct reader *r)
{
	return r->work;
}

int reader_end(struct reader *r, struct err *err)
{
	int rc;

	work_end(r->work);
	rc = r->rc;
	if (rc < 0)
		*err = r->err;
	free(r);
	return rc;
}
