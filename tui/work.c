#include "tui/work.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct work {
	void (*run)(void *ctx, struct work *w);
	void *ctx;
	pthread_t thread;
	bool threaded;
	int wake;
	atomic_bool made, cancelled;
};

static void *work(void *ctx)
{
	struct work *w = ctx;

	w->run(w->ctx, w);
	atomic_store(&w->made, true);
	if (w->wake >= 0)
		eventfd_write(w->wake, 1);
	return NULL;
}

struct work *work_begin(void (*run)(void *ctx, struct work *w), void *ctx)
{
	struct work *w = xcalloc(1, sizeof(*w));
	sigset_t all, before;

	w->run = run;
	w->ctx = ctx;
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* signals are the main thread's, which sleeps until one comes */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	w->threaded = w->wake >= 0 && pthread_create(&w->thread, NULL, work, w) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!w->threaded)
		work(w);
	return w;
}

bool work_made(const struct work *w)
{
	return atomic_load(&w->made);
}

bool work_ready(const struct work *w, bool wait)
{
	while (wait && !work_made(w))
		work_wait(w, -1, 1000);
	return work_made(w);
}

int work_fd(const struct work *w)
{
	return w->wake;
}

void work_wait(const struct work *w, int in, int ms)
{
	struct pollfd any[] = { { .fd = w->wake, .events = POLLIN }, { .fd = in, .events = POLLIN } };

	if (!work_made(w))
		poll(any, 2, ms);
}

void work_cancel(struct work *w)
{
	atomic_store(&w->cancelled, true);
}

bool work_cancelled(void *w)
{
	return atomic_load(&((struct work *)w)->cancelled);
}

void work_end(struct work *w)
{
	if (w->threaded)
		pthread_join(w->thread, NULL);
	if (w->wake >= 0)
		close(w->wake);
	free(w);
}
