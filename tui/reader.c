#include "tui/reader.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct reader {
	const struct index *of;
	int32_t day;
	int (*read)(void *ctx, struct reader *r, struct index *ix, struct err *err);
	void *ctx;
	pthread_t thread;
	bool threaded;
	int wake;
	atomic_bool made, cancelled;
	/* the thread's until it is made */
	int rc;
	struct err err;
};

static int read_index(struct reader *r)
{
	struct index *ix = NULL;
	int rc;

	if (index_open_beside(r->of, &ix, &r->err) < 0)
		return -1;
	index_set_day(ix, r->day);
	rc = r->read(r->ctx, r, ix, &r->err);
	index_close(ix);
	return rc;
}

static void *work(void *ctx)
{
	struct reader *r = ctx;

	r->rc = read_index(r);
	if (r->rc < 0 && !r->err.msg[0])
		err_set(&r->err, ERR_INDEX, "the index cannot be read");
	atomic_store(&r->made, true);
	if (r->wake >= 0)
		eventfd_write(r->wake, 1);
	return NULL;
}

struct reader *reader_begin(const struct index *of, int32_t day,
	int (*read)(void *ctx, struct reader *r, struct index *ix, struct err *err), void *ctx)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	sigset_t all, before;

	r->of = of;
	r->day = day;
	r->read = read;
	r->ctx = ctx;
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* signals are the main thread's, which sleeps until one comes */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r->threaded = r->wake >= 0 && pthread_create(&r->thread, NULL, work, r) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!r->threaded)
		work(r);
	return r;
}

bool reader_made(const struct reader *r)
{
	return atomic_load(&r->made);
}

int reader_fd(const struct reader *r)
{
	return r->wake;
}

void reader_cancel(struct reader *r)
{
	atomic_store(&r->cancelled, true);
}

bool reader_cancelled(void *r)
{
	return atomic_load(&((struct reader *)r)->cancelled);
}

int reader_end(struct reader *r, struct err *err)
{
	int rc;

	if (r->threaded)
		pthread_join(r->thread, NULL);
	if (r->wake >= 0)
		close(r->wake);
	rc = r->rc;
	if (rc < 0)
		*err = r->err;
	free(r);
	return rc;
}
