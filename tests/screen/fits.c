/* Writes the ca_id of every CA that fits a filter of the browser, behind a '?' where that is not known. */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "tui/filter.h"

static int play(const char *day, const char *program, const char *text, struct index *ix, struct err *err)
{
	struct tui_options o = { .index = ix, .program = program };
	struct filter f = { 0 };
	struct model m = { 0 };
	bool done = false;
	char id[65];
	int rc = -1;

	if (date_parse(day, &o.day) < 0)
		return err_set(err, ERR_USAGE, "'%s' is no date", day);
	if (model_open(&m, &o, err) == 0 && filter_parse(&f, text, NULL, err) == 0) {
		rc = 0;
		model_key(&m, 0);
		while (model_work_keys(&m, &done) && !done)
			;
		for (uint32_t i = 0; i < m.g->ca.n; i++) {
			enum fit fit = filter_fit(&f, &m, i);
			if (fit == FITS_NOT)
				continue;
			hex_encode(m.g->ca.v[i].id, 32, id);
			printf("%s%s\n", fit == FIT_UNKNOWN ? "?" : "", id);
		}
	}
	filter_release(&f);
	model_close(&m);
	return rc;
}

int main(int argc, char **argv)
{
	struct index *ix = NULL;
	struct err err = { 0 };
	int rc = -1;

	if (argc != 5) {
		fprintf(stderr, "usage: fits INDEX DATE PROGRAM FILTER\n");
		return 2;
	}
	if (index_open(argv[1], INDEX_READ, &ix, &err) == 0)
		rc = play(argv[2], argv[3], argv[4], ix, &err);
	if (rc < 0)
		fprintf(stderr, "fits: %s\n", err.msg);
	if (ix)
		index_close(ix);
	return rc < 0 ? 2 : 0;
}
