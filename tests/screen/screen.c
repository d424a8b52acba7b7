/* Plays keys to the browser without a terminal and writes what stands on the
 * screen: what the golden screens, the pictures and the monkey are made with. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/num.h"
#include "base/opt.h"
#include "cli/browse_write.h"
#include "cli/command.h"
#include "cli/shipped.h"

struct screen_args {
	const char *db, *size, *keys, *program, *purpose, *theme, *notice, *canopy;
	struct opt_date day, today;
	struct opt_number monkey, seed;
	bool fetch, first, ascii, plain, no_color, cells, roles, views, time;
};
#define AT(field) offsetof(struct screen_args, field)

static const struct opt options[] = {
	{ 0, "db", OPT_STR, "FILE", "the index", AT(db), NULL },
	{ 0, "size", OPT_STR, "COLSxROWS", "80x24 without", AT(size), NULL },
	{ 0, "keys", OPT_STR, "KEYS", "key names and 'text'", AT(keys), NULL },
	{ 0, "program", OPT_STR, "P", "the root program", AT(program), NULL },
	{ 0, "purpose", OPT_CHOICE, "tls|email", "the purpose", AT(purpose), "tls|email" },
	{ 0, "theme", OPT_STR, "T", "off, dark, light, contrast", AT(theme), NULL },
	{ 0, "canopy", OPT_STR, "PROGRAM", "writes the files of x and X", AT(canopy), NULL },
	{ 0, "fetch", OPT_FLAG, NULL, "PROGRAM fetches, too, from wherever its sources are", AT(fetch), NULL },
	{ 0, "notice", OPT_STR, "TEXT", "shown at the start", AT(notice), NULL },
	{ 0, "as-of", OPT_DATE, "DATE", "the as-of date", AT(day), NULL },
	{ 0, "today", OPT_DATE, "DATE", "for the index's age", AT(today), NULL },
	{ 0, "first", OPT_FLAG, NULL, "nobody has been here before", AT(first), NULL },
	{ 0, "ascii", OPT_FLAG, NULL, "ASCII only", AT(ascii), NULL },
	{ 0, "plain", OPT_FLAG, NULL, "for screen readers", AT(plain), NULL },
	{ 0, "no-color", OPT_FLAG, NULL, "no colours", AT(no_color), NULL },
	{ 0, "cells", OPT_FLAG, NULL, "runs with their colours", AT(cells), NULL },
	{ 0, "roles", OPT_FLAG, NULL, "runs with their roles", AT(roles), NULL },
	{ 0, "views", OPT_FLAG, NULL, "name the views, no more", AT(views), NULL },
	{ 0, "time", OPT_FLAG, NULL, "say how long the first frame and the slowest key took", AT(time), NULL },
	{ 0, "monkey", OPT_NUMBER, "N", "N random keys instead", AT(monkey), NULL },
	{ 0, "seed", OPT_NUMBER, "N", "of the random keys", AT(seed), NULL },
	OPT_END,
};

static int parse_size(const char *s, int *cols, int *rows)
{
	char text[32];
	uint64_t c, r;
	char *x;

	snprintf(text, sizeof(text), "%s", s ? s : "80x24");
	x = strchr(text, 'x');
	if (!x)
		return -1;
	*x = '\0';
	if (num_parse_u64(text, &c) < 0 || num_parse_u64(x + 1, &r) < 0 || !c || !r || c > 1000 || r > 1000)
		return -1;
	*cols = (int)c;
	*rows = (int)r;
	return 0;
}

/* All keys but those that leave the browser or suspend it; now and then another size, a date, a word. */
static void random_keys(struct strbuf *out, uint64_t n, uint64_t seed)
{
	static const char *const keys[] = { "j", "k", "Down", "Up", "Left", "Right", "l", "h", "+", "-", "Enter",
		"Space", "m", "b", "v", "x", "U", "y", "u", "i", "p", "P", "T", "T c", "[", "]", "{", "}", "g", "G", "Home", "End",
		"PgUp", "PgDn", "C-d", "C-u", "C-f", "C-b", "*", ">", "%", "A", "a", "O", "E", "e", "o", "R", "n", "N",
		"Tab", "S-Tab", "H", "V", "f", "s", "r", "F", "Esc f * / 'sha' n", "Esc f & 'kind:weak-key' Enter", "Space i Tab", "F5", "C-l", "?", "F1", "Esc", "y", "Backspace", "/", "&", "D", "F3", "F4",
		"resize:12x60", "resize:24x80", "resize:50x160", "resize:5x20", "resize:30x100", "Esc / 'alder' Enter",
		"Esc & 'sunset' Enter", "Esc D C-u '2025-12-31' Enter", "Esc & 'issued>10' Enter", "Esc / 'ab' n n",
		"m d Enter", "m a", "A m a", "m s C-u '2026-01-01' Enter", "j l j l", "Mouse", "Resize", "Paste 'alder' Enter PasteEnd", "Paste", "PasteEnd", "(", ")", "Backspace", ">", "v", ".", ",",
		"C-r", "L", "X", "Del", "& 'key:rsa'", "& '!owner:x' Enter", "D ] Up Enter", "x", "Left", "Home", "é", "界", "q" };
	size_t count = sizeof(keys) / sizeof(keys[0]);

	for (uint64_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		size_t at = (size_t)(seed >> 33) % count;
		/* q leaves at the bottom of the stack: only from above it. */
		strbuf_addf(out, " %s", at == count - 1 ? "i q" : keys[at]);
	}
}

static int play(const struct screen_args *a, struct index *ix, struct err *err)
{
	struct browse_writer writer = { .program = a->canopy, .db_path = a->db };
	const char *fetch_argv[] = { a->canopy, "fetch", "--quiet", "--db", a->db, "--progress=lines", NULL };
	const struct tui_fetch fetch = { .exe = a->canopy, .argv = fetch_argv };
	struct tui_options o = { .db_path = "canopy.db",
		.index = ix,
		.program = a->program,
		.purpose = a->purpose && !strcmp(a->purpose, "email") ? PURPOSE_EMAIL : PURPOSE_TLS,
		.day = a->day.set ? a->day.day : date_today(),
		.today = a->today.set ? a->today.day : 0,
		.first = a->first,
		.ascii = a->ascii,
		.plain = a->plain,
		.no_color = a->no_color,
		.theme = a->theme,
		.notice = a->notice,
		.scenario_files = scenario_each_shipped,
		.writer = a->canopy ? &writer.ops : NULL,
		.fetch = a->canopy && a->fetch ? &fetch : NULL,
		.command_line = command_browse.options };
	struct tui_headless h = { .keys = a->keys ? a->keys : "", .cells = a->cells, .roles = a->roles };
	struct strbuf keys = STRBUF_INIT;
	int r;

	browse_writer_init(&writer);
	if (parse_size(a->size, &h.cols, &h.rows) < 0)
		return err_set(err, ERR_USAGE, "'%s' is no size", a->size);
	if (a->monkey.set) {
		random_keys(&keys, a->monkey.n, a->seed.n);
		h.keys = keys.buf;
	}
	r = tui_headless(&o, &h, stdout, err);
	if (r == 0 && a->time)
		fprintf(stderr, "first frame %.1f ms, slowest key %.1f ms, longest work beside %.1f ms\n",
			(double)h.first_ns / 1e6, (double)h.worst_ns / 1e6, (double)h.piece_ns / 1e6);
	strbuf_release(&keys);
	return r;
}

int main(int argc, char **argv)
{
	struct screen_args a = { 0 };
	struct str_list operands = { 0 };
	struct index *ix = NULL;
	struct err err = { 0 };
	int r;

	setlocale(LC_ALL, "");
	r = opt_parse(options, &a, argc - 1, argv + 1, &operands, &err);
	if (r == 0 && a.views) {
		for (size_t i = 0; tui_view_name(i); i++)
			printf("%s\n", tui_view_name(i));
		return 0;
	}
	if (r == 0 && !a.db)
		r = err_set(&err, ERR_USAGE, "--db is missing");
	if (r == 0)
		r = index_open(a.db, INDEX_READ, &ix, &err);
	if (r == 0)
		r = play(&a, ix, &err);
	if (r < 0)
		fprintf(stderr, "screen: %s\n", err.msg);
	if (ix)
		index_close(ix);
	vec_release(&operands);
	return r < 0 ? 2 : 0;
}
