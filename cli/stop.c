#include "cli/stop.h"

#include <signal.h>

/* Written by the signal handler alone. */
static struct {
	volatile sig_atomic_t stop;
} asked;

static void on_interrupt(int number)
{
	signal(number, SIG_DFL);
	asked.stop = 1;
}

void stop_on_interrupt(void)
{
	asked.stop = 0;
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
}

bool stop_asked(void *ctx)
{
	(void)ctx;
	return asked.stop;
}

void stop_end(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
}
