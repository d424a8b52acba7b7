/* What the findings and details show of one check: it is made once for both.
 *
 *	checked INDEX DATE
 *
 * One TAP point each. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "tui/screen.h"
#include "tui/view.h"

#define BOTH (CHECK_FINDINGS | CHECK_SITES)

static int points;

static void point(bool good, const char *what)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++points, what);
}

static void press(struct tui *t, const char *keys)
{
	char text[64], *rest = text;

	snprintf(text, sizeof(text), "%s", keys);
	for (char *key; (key = strsep(&rest, " "));) {
		tui_key(t, key_parse(key, strlen(key)));
		while (search_step(t, true) || asking_step(t, true))
			;
		frame_draw(t);
	}
}

/* As if the user waited. */
static void settle(struct tui *t)
{
	do
		frame_draw(t);
	while (tui_work_beside(t));
	beside_step(t, true);
	frame_draw(t);
}

static unsigned parts(const struct tui *t)
{
	return checking_there(&t->checking, &t->model, t->version);
}

static void detail_first(struct tui *t)
{
	const struct checked *first;

	settle(t);
	point(!t->checking.last && !t->checking.job, "nothing is checked while nothing shows it");
	press(t, "l j Enter");
	settle(t);
	first = t->checking.last;
	point(first && first->check.n && parts(t) == BOTH, "a detail has findings and sites looked for");
	press(t, "q f");
	settle(t);
	point(t->checking.last == first && t->findings.of == first && t->findings.row.n,
		"the findings show the same check");
	press(t, "q");
}

static void findings_first(struct tui *t)
{
	const struct checked *first;

	press(t, "[ f");
	settle(t);
	first = t->checking.last;
	point(first && first->day == t->model.day && parts(t) == CHECK_FINDINGS,
		"of another day it is made anew, without the sites");
	press(t, "q Enter");
	settle(t);
	point(t->checking.last == first && parts(t) == BOTH,
		"a detail takes the check of the findings, and adds the sites");
}

static void quick_days(struct tui *t)
{
	press(t, "[");
	tui_work_beside(t);
	press(t, "[ ] ]");
	tui_work_beside(t);
	settle(t);
	point(!t->checking.job && parts(t) == BOTH && t->checking.last->day == t->model.day,
		"who does not wait sees the day asked last");
	press(t, "[");
	checking_ask(&t->checking, &t->model, t->version, BOTH);
	point(t->checking.job && !parts(t), "the browser may be left in the midst of a check");
}

int main(int argc, char **argv)
{
	struct tui_options o = { .purpose = PURPOSE_TLS };
	struct screen_options s = { .rows = 40, .cols = 120, .theme = theme_off() };
	struct err err = { 0 };
	struct tui t;

	setlocale(LC_ALL, "C.UTF-8");
	if (argc != 3 || date_parse(argv[2], &o.day) < 0) {
		fprintf(stderr, "usage: checked INDEX DATE\n");
		return 2;
	}
	o.today = o.day;
	if (index_open(argv[1], INDEX_READ, &o.index, &err) < 0 || tui_open(&t, &o, &err) < 0 ||
		screen_open(&s, &err) < 0) {
		fprintf(stderr, "checked: %s\n", err.msg);
		return 1;
	}
	detail_first(&t);
	findings_first(&t);
	quick_days(&t);
	screen_close();
	tui_close(&t);
	index_close(o.index);
	point(true, "and it is left");
	printf("1..%d\n", points);
	return 0;
}
