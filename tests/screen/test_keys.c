#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/text.h"
#include "tui/chart.h"
#include "tui/questions.h"
#include "tui/screen.h"
#include "tui/view.h"

struct seen {
	int key[256];
	size_t n;
};

static bool check_name(void *ctx, const char *name, size_t len)
{
	struct seen *s = ctx;
	int key = key_parse(name, len);

	assert_int_not_equal(key, 0);
	for (size_t i = 0; i < s->n; i++)
		assert_int_not_equal(s->key[i], key);
	s->key[s->n++] = key;
	return false;
}

static void check_table(const struct binding *table)
{
	struct seen seen = { 0 };

	for (const struct binding *b = table; b->keys; b++) {
		assert_non_null(b->act);
		assert_true(b->help && *b->help);
		keys_each(b->keys, check_name, &seen);
	}
}

static void every_binding_has_known_keys_an_action_and_a_help(void **state)
{
	(void)state;
	check_table(general_keys);
	for (const struct view_ops *const *v = views; *v; v++)
		check_table((*v)->keymap);
}

static void every_view_has_what_the_browser_calls(void **state)
{
	(void)state;
	for (const struct view_ops *const *v = views; *v; v++) {
		assert_non_null((*v)->name);
		assert_non_null((*v)->draw);
		assert_non_null((*v)->act);
		assert_non_null((*v)->status);
	}
}

static void a_role_looks_like_something_in_every_theme(void **state)
{
	static const char *const names[] = { "dark", "light", "contrast" };
	struct err err = { 0 };
	const struct theme *t;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(theme_find(names[i], &t, &err), 0);
		for (int role = 0; role < R_COUNT; role++) {
			struct style s = theme_style(t, (enum role)role, 0);
			assert_true(s.fg > 0);
			assert_non_null(theme_role_name((enum role)role));
		}
	}
	assert_int_equal(theme_find("pink", &t, &err), -1);
	assert_string_equal(err.msg, "no theme 'pink' (off, dark, light, contrast)");
}

static void marks_come_back_by_undo(void **state)
{
	struct marks k = { 0 };
	struct user_mark a = { .action = MARK_REMOVE, .id = { 1 } }, b = { .action = MARK_BLOCK, .id = { 2 } };

	(void)state;
	marks_set(&k, &a, 1);
	marks_set(&k, &b, 1);
	marks_take(&k, &a, 1);
	assert_int_equal(k.now.n, 1);
	assert_int_equal(k.now.v[0].action, MARK_BLOCK);
	marks_clear(&k);
	assert_int_equal(k.now.n, 0);
	assert_true(marks_undo(&k));
	assert_true(marks_undo(&k));
	assert_int_equal(k.now.n, 2);
	assert_true(marks_undo(&k));
	assert_true(marks_undo(&k));
	assert_int_equal(k.now.n, 0);
	assert_false(marks_undo(&k));
	marks_release(&k);
}

static void several_marks_are_one_step(void **state)
{
	struct marks k = { 0 };
	struct user_mark of[] = { { .action = MARK_DISTRUST_AFTER, .id = { 1 }, .day = 20000 },
		{ .action = MARK_DISTRUST_AFTER, .id = { 2 }, .day = 20000 }, { .action = MARK_DISTRUST_AFTER, .id = { 3 }, .day = 20000 } };

	(void)state;
	marks_set(&k, &of[1], 1);
	of[0].day = of[1].day = of[2].day = 20100;
	marks_set(&k, of, 3);
	assert_int_equal(k.now.n, 3);
	assert_int_equal(marks_find(&k, &of[1])->day, 20100);
	marks_take(&k, of, 2);
	assert_int_equal(k.now.n, 1);
	assert_non_null(marks_find(&k, &of[2]));
	assert_true(marks_undo(&k));
	assert_int_equal(k.now.n, 3);
	assert_true(marks_undo(&k));
	assert_int_equal(k.now.n, 1);
	assert_int_equal(marks_find(&k, &of[1])->day, 20000);
	marks_release(&k);
}

static void loading_is_one_step_with_all_that_it_changes(void **state)
{
	struct marks k = { 0 };
	struct user_mark a = { .action = MARK_REMOVE, .id = { 1 } }, b = { .action = MARK_BLOCK, .id = { 2 } };
	struct marks_asked *asked = xcalloc(1, sizeof(*asked));

	(void)state;
	asked->name = xstrdup("cut");
	asked->program = xstrdup("mozilla");
	marks_set(&k, &a, 1);
	marks_load(&k, &b, 1, asked);
	marks_set(&k, &a, 1);
	assert_true(marks_undo(&k));
	assert_null(marks_undone(&k)); /* the mark alone */
	assert_true(marks_undo(&k));
	assert_ptr_equal(marks_undone(&k), asked);
	assert_int_equal(k.now.v[0].action, MARK_REMOVE);
	assert_true(marks_redo(&k));
	assert_ptr_equal(marks_redone(&k), asked);
	assert_int_equal(k.now.v[0].action, MARK_BLOCK);
	assert_true(marks_redo(&k));
	assert_null(marks_redone(&k));
	assert_true(marks_undo(&k) && marks_undo(&k));
	marks_set(&k, &b, 1); /* nothing to redo any more, and nothing leaks */
	assert_null(marks_undone(&k));
	assert_false(marks_redo(&k));
	marks_release(&k);
}

/* Two names of one key: what carries it is not counted twice. */
static void a_key_is_hit_once(void **state)
{
	struct user_mark m[] = { { .action = MARK_BLOCK, .id = { 1 } }, { .action = MARK_BLOCK, .id = { 2 } } };
	struct graph g;

	(void)state;
	graph_init(&g);
	for (unsigned char i = 0; i < 2; i++) {
		m[i].at = graph_add_ca(&g, &(struct ca){ .name = i ? "B" : "A", .id = { i }, .spki_sha256 = { 9 } });
		graph_add_cert(&g, &(struct ca_cert){ .ca = m[i].at });
	}
	graph_finish(&g);
	assert_int_equal(g.ca.v[0].key, g.ca.v[1].key);
	assert_int_equal(marks_hits(m, 2, NULL, &g, NULL, PURPOSE_TLS), 2);
	m[0].action = m[1].action = MARK_REVOKE;
	assert_int_equal(marks_hits(m, 2, NULL, &g, NULL, PURPOSE_TLS), 2);
	graph_release(&g);
}

static void a_stage_stays_a_stage(void **state)
{
	struct marks k = { 0 };
	struct user_mark staged = { .action = MARK_DISTRUST_AFTER, .id = { 1 }, .day = 20000, .since = 20100 };
	struct user_mark other_day = { .action = MARK_DISTRUST_AFTER, .id = { 1 }, .day = 20050, .since = MARK_ALWAYS };
	struct graph g;
	struct mark_query q;

	(void)state;
	graph_init(&g);
	graph_add_cert(&g, &(struct ca_cert){ .ca = graph_add_ca(&g, &(struct ca){ .name = "CA" }) });
	graph_finish(&g);
	marks_replace(&k, &staged, 1);
	marks_query(&k, &g, &q);
	assert_int_equal(q.mark.n, 1);
	assert_int_equal(q.mark.v[0].since, 20100);
	mark_query_release(&q);
	marks_set(&k, &other_day, 1);
	assert_int_equal(k.now.n, 1);
	assert_int_equal(k.now.v[0].day, 20050);
	assert_int_equal(k.now.v[0].since, 20100);
	staged.since = 20200;
	staged.day = 19000;
	marks_stage(&k, &staged, 1);
	assert_int_equal(k.now.n, 1);
	assert_int_equal(k.now.v[0].day, 20050);
	assert_int_equal(k.now.v[0].since, 20200);
	assert_true(marks_undo(&k));
	assert_int_equal(k.now.v[0].since, 20100);
	marks_release(&k);
	graph_release(&g);
}

static void what_is_in_force_comes_before_what_is_to_come(void **state)
{
	struct marks k = { 0 };
	struct user_mark stage = { .action = MARK_REMOVE, .id = { 1 }, .since = 20100 };
	struct user_mark now = { .action = MARK_DISTRUST_AFTER, .id = { 1 }, .day = 20000, .since = 20050 };
	struct graph g;

	(void)state;
	graph_init(&g);
	graph_add_cert(&g, &(struct ca_cert){ .ca = graph_add_ca(&g, &(struct ca){ .name = "CA" }) });
	graph_finish(&g);
	marks_stage(&k, &stage, 1);
	assert_int_equal(marks_letter(&k, &g, 0, 20099), 'r');
	assert_int_equal(marks_letter(&k, &g, 0, 20100), 'R');
	marks_stage(&k, &now, 1);
	assert_int_equal(marks_letter(&k, &g, 0, 20049), 'r');
	assert_int_equal(marks_letter(&k, &g, 0, 20050), 'D');
	assert_int_equal(marks_next_stage(&k, 20049), 20050);
	assert_int_equal(marks_next_stage(&k, 20050), 20100);
	assert_int_equal(marks_next_stage(&k, 20100), MARK_ALWAYS);
	marks_release(&k);
	graph_release(&g);
}

static void a_set_of_ids_keeps_each_once(void **state)
{
	struct idset s = { 0 }, copy = { 0 };

	(void)state;
	idset_add(&s, 5);
	idset_add(&s, 1);
	idset_add(&s, 5);
	assert_int_equal(s.id.n, 2);
	assert_true(idset_has(&s, 1) && idset_has(&s, 5) && !idset_has(&s, 2));
	idset_copy(&copy, &s);
	idset_remove(&s, 1);
	assert_false(idset_has(&s, 1));
	assert_true(idset_has(&copy, 1));
	idset_release(&s);
	idset_release(&copy);
}

static void write_doc(struct doc *d, bool more)
{
	doc_begin(d, 40);
	doc_section(d, "first");
	for (int i = 0; more && i < 3; i++)
		doc_wrap(d, R_TEXT, 2, "inserted");
	doc_section(d, "second");
	doc_wrap(d, R_TEXT, 2, "one");
	doc_wrap(d, R_TEXT, 2, "two");
}

static void the_cursor_stays_on_its_line_when_lines_come_before_it(void **state)
{
	struct strbuf at = STRBUF_INIT;
	struct doc d = { 0 };

	(void)state;
	write_doc(&d, false);
	assert_int_equal(d.line.n, 5);
	d.cursor = 4;
	d.top = 1;
	doc_keep(&d, &at);
	write_doc(&d, true);
	doc_seek(&d, &at);
	assert_int_equal(d.cursor, 7);
	assert_int_equal(d.top, 4);
	doc_keep(&d, &at);
	write_doc(&d, false);
	doc_seek(&d, &at);
	assert_int_equal(d.cursor, 4);
	assert_int_equal(d.top, 1);
	strbuf_release(&at);
	doc_release(&d);
}

static void sections_follow_each_other(void **state)
{
	struct doc d = { 0 };

	(void)state;
	write_doc(&d, true);
	assert_true(doc_next_section(&d, 1));
	assert_int_equal(d.cursor, 5);
	assert_int_equal(d.top, 5);
	assert_false(doc_next_section(&d, 1));
	d.cursor = 6;
	assert_true(doc_next_section(&d, -1));
	assert_int_equal(d.cursor, 5);
	assert_true(doc_next_section(&d, -1));
	assert_int_equal(d.cursor, 0);
	assert_false(doc_next_section(&d, -1));
	assert_int_equal(d.cursor, 0);
	doc_release(&d);
}

static void a_mark_of_the_query_is_from_its_place_in_the_list(void **state)
{
	struct marks k = { 0 };
	struct user_mark list[2] = { { .action = ACTION_EXEMPT, .id = { 1 } }, { .action = MARK_REVOKE, .id = { 1 } } };
	struct graph g;
	struct mark_query q;

	(void)state;
	graph_init(&g);
	graph_add_cert(&g, &(struct ca_cert){ .ca = graph_add_ca(&g, &(struct ca){ .name = "CA" }) });
	graph_finish(&g);
	marks_replace(&k, list, 2);
	marks_query(&k, &g, &q);
	assert_int_equal(q.mark.n, 1);
	assert_int_equal(q.mark.v[0].from, 1);
	assert_int_equal(q.exempt.n, 1);
	mark_query_release(&q);
	marks_release(&k);
	graph_release(&g);
}

/* A CA that is assumed stands for all its certificates; of two that say something of it, its letter is the mark's. */
static void what_is_assumed_is_no_mark(void **state)
{
	struct user_mark assume = { .action = ACTION_ASSUME, .id = { 1 }, .since = MARK_ALWAYS };
	struct user_mark remove = { .action = MARK_REMOVE, .id = { 1 }, .since = 20100 };
	struct strbuf says = STRBUF_INIT;
	struct marks k = { 0 };
	struct mark_query q;
	struct graph g;

	(void)state;
	graph_init(&g);
	uint32_t ca = graph_add_ca(&g, &(struct ca){ .name = "CA", .id = { 1 } });
	graph_add_cert(&g, &(struct ca_cert){ .ca = ca, .sha256 = { 2 } });
	graph_add_cert(&g, &(struct ca_cert){ .ca = ca, .sha256 = { 3 } });
	graph_finish(&g);
	assume.at = remove.at = ca;
	assert_int_equal(mark_hits(&remove, &k, &g, NULL, PURPOSE_TLS), 0);
	marks_set(&k, &assume, 1);
	assert_int_equal(marks_letter(&k, &g, ca, 20000), 'A');
	assert_true(marks_assume_cert(&k, &g, 1) && marks_assume_ca(&k, &g, ca));
	assert_int_equal(mark_hits(&remove, &k, &g, NULL, PURPOSE_TLS), 2);
	marks_set(&k, &remove, 1);
	assert_int_equal(marks_letter(&k, &g, ca, 20000), 'r');
	assert_int_equal(marks_letter(&k, &g, ca, 20100), 'R');
	marks_query(&k, &g, &q);
	assert_int_equal(q.assume.n, 2);
	assert_int_equal(q.assume.v[0] + q.assume.v[1], 1);
	assert_int_equal(q.mark.n, 2);
	assert_int_equal(q.mark.v[0].from, 1);
	assert_int_equal(q.exempt.n, 0);
	mark_query_release(&q);
	marks_tell(&k, &says);
	assert_string_equal(says.buf, "1 mark, 1 assumed");
	assert_true(marks_undo(&k) && marks_unsaved(&k));
	assert_int_equal(marks_assumed(&k), 1);
	assert_true(marks_undo(&k) && !marks_unsaved(&k));
	assert_false(marks_assume_cert(&k, &g, 1) || marks_assume_ca(&k, &g, ca));
	strbuf_release(&says);
	marks_release(&k);
	graph_release(&g);
}

/* A browser on CAs that have an id and a name, and nothing else: A, B, C … */
static void open_small(struct tui *t, struct graph *g, const char *names)
{
	struct ca ca = { .name = "" };

	*t = (struct tui){ .message = STRBUF_INIT };
	graph_init(g);
	for (const char *c = names; *c; c++) {
		ca.id[0] = (uint8_t)*c;
		graph_add_ca(g, &ca);
	}
	graph_finish(g);
	t->model.g = g;
	vec_push(&t->stack, view_new(&view_tree));
}

static void close_small(struct tui *t, struct graph *g)
{
	while (t->stack.n)
		view_free(t, t->stack.v[--t->stack.n]);
	vec_release(&t->stack);
	history_release(&t->history);
	marks_release(&t->model.marks);
	strbuf_release(&t->message);
	graph_release(g);
}

/* 0: the tree */
static char here(struct tui *t)
{
	return t->stack.n > 1 ? (char)tui_view(t)->id[0] : 0;
}

static void go(struct tui *t, void (*where)(struct tui *t, struct view *v))
{
	strbuf_reset(&t->message);
	where(t, tui_view(t));
}

static void back_and_forward_pass_over_what_is_gone(void **state)
{
	struct graph g, reloaded;
	struct tui t;

	(void)state;
	open_small(&t, &g, "ABC");
	marks_set(&t.model.marks, &(struct user_mark){ .action = MARK_REMOVE, .id = { 'A' } }, 1);
	for (uint32_t ca = 0; ca < 3; ca++)
		tui_push(&t, &view_detail, ca);
	go(&t, history_back);
	assert_int_equal(here(&t), 'B');
	go(&t, history_back);
	assert_int_equal(here(&t), 'A');
	go(&t, history_forward);
	assert_int_equal(here(&t), 'B');
	/* read anew: B is gone, the others have other numbers */
	graph_init(&reloaded);
	for (const char *c = "0AC"; *c; c++) {
		struct ca ca = { .name = "", .id = { (uint8_t)*c } };
		graph_add_ca(&reloaded, &ca);
	}
	graph_finish(&reloaded);
	t.model.g = &reloaded;
	go(&t, history_forward);
	assert_int_equal(here(&t), 'C');
	assert_int_equal(t.stack.n, 3); /* the tree, A and C: B is no part of the way any more */
	go(&t, history_back);
	assert_int_equal(here(&t), 'A');
	assert_int_equal(t.history.place.n, 3);
	go(&t, history_back);
	assert_int_equal(here(&t), 0);
	go(&t, history_back);
	assert_string_equal(t.message.buf, "nothing further back");
	go(&t, history_forward);
	go(&t, history_forward);
	assert_int_equal(here(&t), 'C');
	go(&t, history_forward);
	assert_string_equal(t.message.buf, "nothing further on");
	assert_int_equal(t.model.marks.now.n, 1);
	graph_release(&reloaded);
	close_small(&t, &g);
}

static void a_jump_forgets_what_was_ahead(void **state)
{
	struct graph g;
	struct tui t;

	(void)state;
	open_small(&t, &g, "ABCD");
	for (uint32_t ca = 0; ca < 3; ca++)
		tui_push(&t, &view_detail, ca);
	go(&t, history_back);
	go(&t, history_back);
	tui_push(&t, &view_detail, 3);
	go(&t, history_forward);
	assert_int_equal(here(&t), 'D');
	go(&t, history_back);
	assert_int_equal(here(&t), 'A');
	for (int i = 0; i < 3 * HISTORY_MAX; i++)
		tui_push(&t, &view_detail, i % 2 ? 1 : 2);
	assert_int_equal(t.history.place.n, HISTORY_MAX);
	assert_true(t.stack.n <= 64);
	close_small(&t, &g);
}

static void read_chart(const struct doc *d, size_t line, struct strbuf *out)
{
	strbuf_reset(out);
	for (uint32_t i = 0; i < d->line.v[line].n; i++)
		strbuf_addf(out, "[%s]", d->span.v[d->line.v[line].first + i].text);
}

static void a_chart_draws_the_least_and_leaves_out_nothing(void **state)
{
	uint64_t v[14] = { 1, 0, 1000000000000, 500000000000 };
	struct chart c = { .v = v, .n = 14, .left = 18, .step = 1, .rows = 2 };
	struct strbuf line = STRBUF_INIT;
	struct doc d = { 0 };

	(void)state;
	fmt_ascii(false);
	chart_month_ticks(&c, (2025 - 1970) * 12 + 11);
	doc_begin(&d, 80);
	chart_draw(&d, &c, 1);
	assert_int_equal(d.line.n, 4);
	read_chart(&d, 0, &line);
	assert_string_equal(line.buf, "[1.0 T][│][  █]");
	read_chart(&d, 1, &line);
	assert_string_equal(line.buf, "[│][▁ ██]");
	read_chart(&d, 2, &line);
	assert_string_equal(line.buf, "[0][└─┬───────────┬]");
	read_chart(&d, 3, &line);
	assert_string_equal(line.buf, "[2026]"); /* 2027 has no room */
	chart_months_text(&line, v, 14, 0);
	assert_non_null(strstr(line.buf, "1970-01: 1, 1970-03: 1,000,000,000,000, 1970-04: 500,000,000,000"));
	assert_int_equal(chart_step(100, 24), 4);
	assert_int_equal(chart_step(10, 24), 1);
	fmt_ascii(true);
	chart_release(&c);
	strbuf_release(&line);
	doc_release(&d);
}

static void numbers_never_pretend(void **state)
{
	char buf[NUMBER_BUF];

	(void)state;
	fmt_ascii(true);
	assert_string_equal(fmt_number(buf, &(struct number){ .n = 1234, .low = false }), "1,234");
	assert_string_equal(fmt_number(buf, &(struct number){ .n = 1234, .low = true }), ">=1,234");
	assert_string_equal(fmt_number(buf, &(struct number){ .n = 0, .low = true }), "?");
	assert_string_equal(fmt_number(buf, &(struct number){ .n = 0, .low = false }), "0");
	struct number old = fmt_old((struct number){ .n = 1234 }, true), least = fmt_old((struct number){ .n = 1234, .low = true }, true);
	assert_string_equal(fmt_number(buf, &old), "~1,234");
	struct number rounded = fmt_span(&(struct span){ .low = 650, .high = 700, .known = true, .about = true }, true);
	struct number unknown = fmt_span(&(struct span){ .high = 700, .known = true, .about = true }, true);
	assert_string_equal(fmt_number(buf, &rounded), ">=~650");
	assert_string_equal(fmt_number(buf, &unknown), "?");
	assert_string_equal(fmt_number(buf, &least), ">=1,234");
}

static void a_line_of_progress_is_read_as_far_as_it_says(void **state)
{
	struct fetch_step s;

	(void)state;
	assert_true(fetch_step_parse("progress\tsource=ccadb\tstep=download\tunit=bytes\tdone=450\ttotal=1000\tnew=1\twhat=a.csv", &s));
	assert_string_equal(s.source, "ccadb");
	assert_string_equal(s.what, "a.csv");
	assert_int_equal(fetch_step_share(&s), 450);
	assert_true(s.rows == UINT64_MAX);
	assert_true(fetch_step_parse("progress\tdocuments=3\tdocuments_total=4\tdone=7", &s));
	assert_int_equal(fetch_step_share(&s), 750);
	assert_true(fetch_step_parse("progress\tdone=-1\ttotal=99999999999999999999\tdocuments=x", &s));
	assert_int_equal(fetch_step_share(&s), -1);
	assert_true(fetch_step_parse("progress\twhat=\033[2J\xe2\x80\xae evil", &s));
	assert_true(text_is_clean(s.what, strlen(s.what)));
	assert_true(fetch_step_parse("progress\tdone=9\ttotal=3", &s));
	assert_int_equal(fetch_step_share(&s), 1000);
	assert_false(fetch_step_parse("canopy: progress\tdone=9", &s));
	assert_false(fetch_step_parse("progress", &s));
}

/* The first lines of a document as they are drawn in so many columns, without colours and in ASCII. */
static char *drawn(struct doc *d, int w)
{
	struct screen_options o = { .rows = 12, .cols = 60 };
	struct area a = { 0, 1, 10, w };
	struct err err = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	assert_int_equal(theme_find("off", &o.theme, &err), 0);
	fmt_ascii(true);
	assert_int_equal(screen_open(&o, &err), 0);
	screen_begin();
	doc_draw(d, &a, false);
	screen_dump(f, DUMP_TEXT);
	screen_close();
	fmt_ascii(false);
	fclose(f);
	return text;
}

static void whatever_is_cut_has_the_sign_of_it(void **state)
{
	struct doc d = { 0 };
	char *text;

	(void)state;
	doc_begin(&d, 20);
	doc_line(&d);
	doc_at(&d, 0, R_TEXT, "fills all of a line "); /* nothing is left for the next */
	doc_add(&d, R_TEXT, "and more");
	doc_line(&d);
	doc_at(&d, 0, R_TEXT, "a name of its own");
	doc_at(&d, 12, R_TEXT, "column"); /* would stand upon it */
	doc_line(&d);
	doc_at(&d, 0, R_TEXT, "fits");
	doc_at(&d, 5, R_TEXT, "as well");
	doc_wrap(&d, R_TEXT, 0, "/folder/of_files/and_file.pem");
	text = drawn(&d, 20);
	assert_non_null(strstr(text, "fills all of a lin..\n"));
	assert_non_null(strstr(text, "\n a name of.. column\n"));
	assert_non_null(strstr(text, "\n fits as well\n"));
	assert_non_null(strstr(text, "\n /folder/of_files/\n and_file.pem\n"));
	free(text);
	doc_release(&d);
}

static void what_answers_a_question_are_keys_of_the_tables(void **state)
{
	const struct question *q;
	size_t n = 0;

	(void)state;
	for (; (q = question_at(n)); n++) {
		assert_true(*q->text && q->step[0].key);
		for (int i = 0; i < QUESTION_STEPS && q->step[i].key; i++) {
			int key = key_parse(q->step[i].key, strlen(q->step[i].key));
			assert_true(key && *q->step[i].does);
			assert_non_null(keys_find(q->step[i].in ? q->step[i].in->keymap : general_keys, key));
			/* the view's own would come first */
			assert_true(q->step[i].in || !keys_find(view_tree.keymap, key));
		}
	}
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_binding_has_known_keys_an_action_and_a_help),
		cmocka_unit_test(every_view_has_what_the_browser_calls),
		cmocka_unit_test(what_answers_a_question_are_keys_of_the_tables),
		cmocka_unit_test(a_role_looks_like_something_in_every_theme),
		cmocka_unit_test(marks_come_back_by_undo),
		cmocka_unit_test(loading_is_one_step_with_all_that_it_changes),
		cmocka_unit_test(several_marks_are_one_step),
		cmocka_unit_test(a_key_is_hit_once),
		cmocka_unit_test(a_stage_stays_a_stage),
		cmocka_unit_test(what_is_in_force_comes_before_what_is_to_come),
		cmocka_unit_test(a_set_of_ids_keeps_each_once),
		cmocka_unit_test(the_cursor_stays_on_its_line_when_lines_come_before_it),
		cmocka_unit_test(sections_follow_each_other),
		cmocka_unit_test(a_mark_of_the_query_is_from_its_place_in_the_list),
		cmocka_unit_test(what_is_assumed_is_no_mark),
		cmocka_unit_test(back_and_forward_pass_over_what_is_gone),
		cmocka_unit_test(a_jump_forgets_what_was_ahead),
		cmocka_unit_test(a_chart_draws_the_least_and_leaves_out_nothing),
		cmocka_unit_test(numbers_never_pretend),
		cmocka_unit_test(a_line_of_progress_is_read_as_far_as_it_says),
		cmocka_unit_test(whatever_is_cut_has_the_sign_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
