#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "base/num.h"
#include "cli/counts.h"
#include "cli/tops.h"

#define NAME_MAX_COLUMNS 72

static const struct opt options[] = {
	OPTION_DB,
	OPTION_AS_OF,
	OPTION_FORMAT(ROW_FORMATS),
	OPTION_PROGRAM("begin at this program's roots (default: mozilla if it has a store)"),
	OPTION_PURPOSE,
	OPTION_CHROME_VERSION,
	{ 'a', "all", OPT_FLAG, NULL, "begin at every CA without a parent, whatever the program", ARG(all), NULL },
	OPTION_NO_COLOR,
	OPTION_QUIET,
	OPTION_HELP,
	OPT_END,
};

static const struct column columns[] = {
	{ "depth", COL_COUNT, NULL, "0 for the CA where the walk begins", 0, NULL },
	{ "ca_id", COL_HASH, NULL, "the CA", 0, NULL },
	{ "parent_ca_id", COL_HASH, NULL, "the CA above it in this walk", 0, NULL },
	{ "cert_sha256", COL_LIST, NULL, "its certificates that verify under the parent; at depth 0 all of them", 0,
		" " },
	{ "name", COL_TEXT, NULL, "its CN, else OU, else O", NAME_MAX_COLUMNS, NULL },
	{ "owner", COL_TEXT, NULL, "CCADB's subordinate CA owner, else CA owner", 32, NULL },
	{ "unexpired", COL_COUNT, NULL, "its own unexpired leaves", 0, NULL },
	{ "subtree_unexpired", COL_COUNT, NULL, "with those of all CAs below it, each CA once", 0, NULL },
	{ "trust", COL_PAIRS, NULL, "for each program with a store whether it accepts the CA: all, some, none", 0,
		NULL },
	{ "not_before", COL_DATE, NULL, "first day of the certificate with the latest end", 0, NULL },
	{ "not_after", COL_DATE, NULL, "its last day", 0, NULL },
	{ "state", COL_TEXT, NULL,
		"valid, expired, not yet valid, revoked, unknown: on the day, by the best of the "
		"certificates",
		0, NULL },
	{ "revoked_by", COL_LIST, NULL, "who revoked a certificate of these: ccadb, crl, onecrl, crlset", 0, " " },
	{ "again", COL_TEXT, NULL, "repeat: opened elsewhere in this walk; cycle: one of its own parents", 0, NULL },
	{ "coverage", COL_TEXT, NULL, "complete, partial or none, as in counts", 0, NULL },
	{ "unevaluated", COL_LIST, NULL,
		"programs that accept the CA by a rule that canopy does not evaluate and takes as met", 0, " " },
	{ "subtree_partial", COL_COUNT, NULL,
		"CAs in the subtree that are not counted to the end: more than 0 makes subtree_unexpired a lower bound", 0,
		NULL },
	{ "unexpired_high", COL_COUNT, NULL, "upper bound; the same number where it was counted leaf by leaf", 0, NULL },
	{ "subtree_unexpired_high", COL_COUNT, NULL, "upper bound; empty where a CA or a figure in the subtree has none", 0,
		NULL },
	{ "approximate", COL_BOOL, NULL, "true where a rounded figure is in the sum", 0, NULL },
	COLUMN_END,
};

enum state { STATE_VALID, STATE_REVOKED, STATE_EXPIRED, STATE_NOT_YET, STATE_UNKNOWN, STATES };
static const char *const state_names[STATES] = { "valid", "revoked", "expired", "not yet valid", "unknown" };

/* A CA under one parent: which certificates, and what is to be said of them. */
struct node {
	uint32_t ca, parent;
	size_t first_cert, n_certs; /* into walk.cert */
	uint32_t best;              /* certificate with the best state, then the latest end */
	enum state state;
	unsigned revoked; /* bits of enum revocation_source */
};
struct node_list {
	struct node *v;
	size_t n, cap;
};

enum again { AGAIN_NO, AGAIN_REPEAT, AGAIN_CYCLE };
static const char *const again_names[] = { "", "repeat", "cycle" };

/* One written line. */
struct line {
	struct node node;
	uint32_t depth;
	enum again again;
	bool last; /* among its siblings */
};

struct walk {
	struct cli *cli;
	const struct graph *g;
	struct tallies tally;
	struct programs programs;
	VEC(uint32_t) cert;
	VEC(struct line) line;
	bool *opened, *open, *top; /* a CA: opened before; on the way here; begins a walk of its own */
	const char *program;       /* whose roots these are, or NULL */
};

/* ---- nodes ---- */

static enum state cert_state(const struct walk *w, uint32_t cert, unsigned *revoked)
{
	const struct ca_cert *c = &w->g->cert.v[cert];
	unsigned by = 0;

	for (unsigned s = 0; s < REVOCATION_SOURCES; s++) {
		if (cert_revoked_by(w->g, cert, (enum revocation_source)s, w->cli->day))
			by |= 1u << s;
	}
	*revoked |= by;
	if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN)
		return STATE_UNKNOWN;
	if (c->not_after < date_start(w->cli->day))
		return STATE_EXPIRED;
	if (c->not_before > date_end(w->cli->day))
		return STATE_NOT_YET;
	return by ? STATE_REVOKED : STATE_VALID;
}

static void node_add_cert(struct walk *w, struct node *n, uint32_t cert)
{
	enum state s = cert_state(w, cert, &n->revoked);

	if (!n->n_certs || s < n->state ||
		(s == n->state && w->g->cert.v[cert].not_after > w->g->cert.v[n->best].not_after)) {
		n->state = s;
		n->best = cert;
	}
	vec_push(&w->cert, cert);
	n->n_certs++;
}

static struct node top_node(struct walk *w, uint32_t ca)
{
	struct node n = { .ca = ca, .parent = NO_INDEX, .first_cert = w->cert.n, .state = STATE_UNKNOWN };
	const struct ca *v = &w->g->ca.v[ca];

	for (uint32_t i = 0; i < v->n_certs; i++)
		node_add_cert(w, &n, w->g->ca_certs[v->first_cert + i]);
	return n;
}

static int node_compare(const void *a, const void *b, void *ctx)
{
	const struct node *x = a, *y = b;
	const struct walk *w = ctx;
	bool known_x = w->tally.subtree_known[x->ca] > 0, known_y = w->tally.subtree_known[y->ca] > 0;
	uint64_t nx = w->tally.subtree_unexpired[x->ca], ny = w->tally.subtree_unexpired[y->ca];

	if (known_x != known_y)
		return known_x ? -1 : 1;
	if (known_x && nx != ny)
		return nx > ny ? -1 : 1;
	return memcmp(w->g->ca.v[x->ca].id, w->g->ca.v[y->ca].id, 32);
}

static void sort_nodes(struct walk *w, struct node_list *v)
{
	if (v->n)
		qsort_r(v->v, v->n, sizeof(*v->v), node_compare, w);
}

static int by_subject(const void *a, const void *b, void *ctx)
{
	const struct walk *w = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint32_t cx = w->g->cert.v[x].ca, cy = w->g->cert.v[y].ca;

	return cx != cy ? (cx < cy ? -1 : 1) : (x < y ? -1 : x > y);
}

/* The other CAs below ca, one node each. */
static void children(struct walk *w, uint32_t ca, struct node_list *ret)
{
	const struct ca *v = &w->g->ca.v[ca];
	uint32_t *cert = xcalloc(v->n_children + 1u, sizeof(*cert));

	if (v->n_children)
		memcpy(cert, w->g->child_certs + v->first_child, v->n_children * sizeof(*cert));
	qsort_r(cert, v->n_children, sizeof(*cert), by_subject, w);
	for (uint32_t i = 0; i < v->n_children; i++) {
		uint32_t subject = w->g->cert.v[cert[i]].ca;

		if (subject == ca)
			continue;
		if (!ret->n || ret->v[ret->n - 1].ca != subject)
			vec_push(ret, (struct node){ .ca = subject, .parent = ca, .first_cert = w->cert.n });
		node_add_cert(w, &ret->v[ret->n - 1], cert[i]);
	}
	free(cert);
	sort_nodes(w, ret);
}

/* ---- the walk ---- */

static void add_line(struct walk *w, const struct node *n, uint32_t depth, bool last)
{
	enum again again = AGAIN_NO;

	if (w->open[n->ca])
		again = AGAIN_CYCLE;
	else if (w->opened[n->ca] || (depth && w->top[n->ca]))
		again = AGAIN_REPEAT;
	vec_push(&w->line, (struct line){ *n, depth, again, last });
}

/* One open CA of the walk: its children, and which comes next. */
struct level {
	struct node_list child;
	size_t next;
	uint32_t ca;
};
struct level_list {
	struct level *v;
	size_t n, cap;
};

static void open_ca(struct walk *w, struct level_list *stack, uint32_t ca)
{
	struct level l = { .ca = ca };

	w->opened[ca] = w->open[ca] = true;
	children(w, ca, &l.child);
	vec_push(stack, l);
}

/* With a stack of its own: a hostile chain may be deeper than the program's. */
static void walk_below(struct walk *w, uint32_t top)
{
	struct level_list stack = { 0 };

	open_ca(w, &stack, top);
	while (stack.n) {
		struct level *l = &stack.v[stack.n - 1];

		if (l->next == l->child.n) {
			w->open[l->ca] = false;
			vec_release(&l->child);
			stack.n--;
			continue;
		}
		struct node n = l->child.v[l->next++];

		add_line(w, &n, (uint32_t)stack.n, l->next == l->child.n);
		if (w->line.v[w->line.n - 1].again == AGAIN_NO)
			open_ca(w, &stack, n.ca);
	}
	vec_release(&stack);
}

static void walk_tops(struct walk *w, struct node_list *tops)
{
	sort_nodes(w, tops);
	for (size_t i = 0; i < tops->n; i++)
		w->top[tops->v[i].ca] = true;
	for (size_t i = 0; i < tops->n; i++) {
		add_line(w, &tops->v[i], 0, i + 1 == tops->n);
		if (w->line.v[w->line.n - 1].again == AGAIN_NO)
			walk_below(w, tops->v[i].ca);
	}
}

/* ---- where it begins ---- */

/* --program, else mozilla where it has a store; NULL for all CAs. */
static int find_store(struct walk *w, const struct store **ret, struct err *err)
{
	struct cli *c = w->cli;

	*ret = NULL;
	if (c->args.program && cli_store(c, c->args.program, ret, err) < 0)
		return -1;
	if (!*ret && !c->args.all)
		*ret = index_store(c->index, "mozilla", c->day);
	w->program = *ret ? (*ret)->program : NULL;
	return 0;
}

static int find_tops(struct walk *w, struct node_list *tops, struct err *err)
{
	const struct store *s;
	bool *chosen;
	uint32_t *top;
	size_t n;

	if (find_store(w, &s, err) < 0 || cli_chosen(w->cli, &chosen, err) < 0)
		return -1;
	for (uint32_t i = 0; chosen && i < w->g->ca.n; i++) {
		if (chosen[i])
			vec_push(tops, top_node(w, i));
	}
	free(chosen);
	if (w->cli->operands.n)
		return 0;
	if (s)
		n = tops_of_store(w->g, s, cli_purpose(w->cli), &top);
	else
		n = tops_of_all(w->g, w->tally.subtree_unexpired, &top);
	for (size_t i = 0; i < n; i++)
		vec_push(tops, top_node(w, top[i]));
	free(top);
	return 0;
}

/* ---- rows ---- */

static void trust_cell(const struct walk *w, struct out *o, uint32_t ca)
{
	const char **value = xcalloc(w->programs.n + 1, sizeof(*value));

	for (size_t i = 0; i < w->programs.n; i++)
		value[i] = acceptance_names[trust_before(w->programs.trust[i], ca)];
	out_pairs(o, w->programs.name, value, w->programs.n);
	free(value);
}

static void date_cells(const struct walk *w, struct out *o, const struct node *n)
{
	const struct ca_cert *best = n->n_certs ? &w->g->cert.v[n->best] : NULL;
	bool known = best && n->state != STATE_UNKNOWN;

	out_day_if(o, known, known ? date_of_time(best->not_before) : 0);
	out_day_if(o, known, known ? date_of_time(best->not_after) : 0);
	out_text(o, state_names[n->state]);
}

static void revoked_cell(struct out *o, const struct node *n)
{
	const char *by[REVOCATION_SOURCES];
	size_t k = 0;

	for (unsigned s = 0; s < REVOCATION_SOURCES; s++) {
		if (n->revoked & (1u << s))
			by[k++] = revocation_names[s];
	}
	out_list(o, by, k);
}

static bool is_unevaluated(const struct walk *w, size_t program, uint32_t ca)
{
	const struct trust *t = w->programs.trust[program];

	return trust_before(t, ca) != ACCEPT_NONE && trust_unevaluated(t, ca);
}

static void unevaluated_cell(const struct walk *w, struct out *o, uint32_t ca)
{
	const char **name = xcalloc(w->programs.n + 1, sizeof(*name));
	size_t n = 0;

	for (size_t i = 0; i < w->programs.n; i++) {
		if (is_unevaluated(w, i, ca))
			name[n++] = w->programs.name[i];
	}
	out_list(o, name, n);
	free(name);
}

static void put_row(const struct walk *w, struct out *o, const struct line *l)
{
	const struct ca *ca = &w->g->ca.v[l->node.ca];
	struct hex_list certs = { 0 };

	out_count(o, l->depth);
	out_hash(o, ca->id, sizeof(ca->id));
	if (l->node.parent == NO_INDEX)
		out_null(o);
	else
		out_hash(o, w->g->ca.v[l->node.parent].id, sizeof(ca->id));
	hex_list_certs(&certs, w->g, w->cert.v + l->node.first_cert, l->node.n_certs);
	out_list(o, certs.v, certs.n);
	hex_list_release(&certs);
	out_text(o, ca->name);
	out_text_or_null(o, ca->owner);
	out_span(o, &w->tally.own[l->node.ca], false);
	out_span(o, &w->tally.subtree[l->node.ca], false);
	trust_cell(w, o, l->node.ca);
	date_cells(w, o, &l->node);
	revoked_cell(o, &l->node);
	out_text_or_null(o, again_names[l->again]);
	out_text(o, coverage_names[ca_coverage(w->g, l->node.ca)]);
	unevaluated_cell(w, o, l->node.ca);
	out_count(o, w->tally.subtree_partial[l->node.ca]);
	out_span_high(o, &w->tally.own[l->node.ca]);
	out_span_high(o, &w->tally.subtree[l->node.ca]);
	out_bool(o, w->tally.subtree[l->node.ca].about);
	out_row(o);
}

static void put_rows(struct walk *w)
{
	struct out *o = out_begin(stdout, w->cli->format, columns, &w->cli->style);

	for (size_t i = 0; i < w->line.n; i++)
		put_row(w, o, &w->line.v[i]);
	out_end(o);
}

/* ---- text ---- */

static const struct glyphs {
	const char *branch, *end, *bar, *blank;
	const char *again[3];
	const char *trust[3]; /* by enum acceptance */
	const char *dot;
} glyphs[2] = {
	{ "|-- ", "`-- ", "|   ", "    ", { "", " [repeat]", " [cycle]" }, { "-", "s", "Y" }, " - " },
	{ "├─ ", "└─ ", "│  ", "   ", { "", " ⇄", " ↻" }, { "○", "◐", "●" }, " · " },
};

static void add_until(const struct walk *w, struct strbuf *b, const struct node *n)
{
	char date[DATE_BUF];
	const struct ca_cert *best = n->n_certs ? &w->g->cert.v[n->best] : NULL;

	if (!best)
		strbuf_addstr(b, "no certificate");
	else if (n->state == STATE_UNKNOWN)
		strbuf_addstr(b, "validity unknown");
	else if (n->state == STATE_NOT_YET)
		strbuf_addf(b, "not yet valid, from %s", date_format(date, date_of_time(best->not_before)));
	else
		strbuf_addf(b, "%s %s", n->state == STATE_EXPIRED ? "expired" : "until",
			date_format(date, date_of_time(best->not_after)));
}

static bool is_enforced(const struct walk *w, const struct node *n)
{
	return !w->program || (program_find(w->program)->enforced[cli_purpose(w->cli)] & n->revoked);
}

static void add_revoked(const struct walk *w, struct strbuf *b, const struct node *n)
{
	const char *lead = n->state == STATE_REVOKED ? "revoked (" : "a certificate revoked (";

	for (unsigned s = 0; s < REVOCATION_SOURCES; s++) {
		if (!(n->revoked & (1u << s)))
			continue;
		strbuf_addf(b, "%s%s", lead, revocation_names[s]);
		lead = ", ";
	}
	strbuf_addstr(b, ")");
	if (!is_enforced(w, n))
		strbuf_addf(b, ", not enforced by %s", w->program);
}

/* NAME · owner · until DATE · (2 certificates) · revoked (onecrl) */
static void add_words(const struct walk *w, struct strbuf *b, const struct line *l, const struct glyphs *gl)
{
	const struct ca *ca = &w->g->ca.v[l->node.ca];
	const struct style *st = &w->cli->style;

	style_text(st, b, *ca->name ? ca->name : ca->subject, NAME_MAX_COLUMNS);
	strbuf_addstr(b, gl->again[l->again]);
	if (l->node.n_certs > 1)
		strbuf_addf(b, " (%zu certificates)", l->node.n_certs);
	if (*ca->owner) {
		strbuf_addstr(b, gl->dot);
		style_text(st, b, ca->owner, 40);
	}
	strbuf_addstr(b, gl->dot);
	add_until(w, b, &l->node);
	if (l->node.revoked) {
		strbuf_addstr(b, gl->dot);
		add_revoked(w, b, &l->node);
	}
	for (size_t i = 0; i < w->programs.n; i++) {
		if (is_unevaluated(w, i, l->node.ca))
			strbuf_addf(b, "%sa rule of %s not evaluated", gl->dot, w->programs.name[i]);
	}
}

/* A sum over CAs that are not counted to the end is a lower bound, and says so. */
static void add_number(const struct walk *w, struct strbuf *b, const struct span *n, bool least)
{
	struct strbuf text = STRBUF_INIT;

	span_text(&w->cli->style, &text, n, least);
	char *blank = strchr(text.buf, ' '); /* in a column of numbers the sign stands at the number */
	if (blank)
		memmove(blank, blank + 1, strlen(blank));
	for (int i = text_width(text.buf); i < 11; i++)
		strbuf_addch(b, ' ');
	strbuf_addstr(b, text.buf);
	strbuf_release(&text);
}

static void add_counts(const struct walk *w, struct strbuf *b, uint32_t ca, const struct glyphs *gl)
{
	add_number(w, b, &w->tally.subtree[ca], w->tally.subtree_least[ca] > 0);
	add_number(w, b, &w->tally.own[ca], ca_alone_unbounded(w->g, ca));
	strbuf_addstr(b, " ");
	for (size_t i = 0; i < w->programs.n; i++)
		strbuf_addf(b, " %s ", gl->trust[trust_before(w->programs.trust[i], ca)]);
	strbuf_addstr(b, " ");
}

/* The lead of a line at depth d: whether a bar still runs down at each depth above it. */
static void add_lead(struct strbuf *b, const bool *ended, const struct line *l, const struct glyphs *gl)
{
	for (uint32_t d = 1; d < l->depth; d++)
		strbuf_addstr(b, ended[d] ? gl->blank : gl->bar);
	if (l->depth)
		strbuf_addstr(b, l->last ? gl->end : gl->branch);
}

static const struct short_name {
	const char *program, *name;
} short_names[] = { { "mozilla", "Mz" }, { "chrome", "Ch" }, { "apple", "Ap" }, { "microsoft", "Ms" } };

/* Two columns for a program, as the browser heads them. */
static void put_short(const char *program)
{
	for (size_t i = 0; i < sizeof(short_names) / sizeof(*short_names); i++) {
		if (strcmp(short_names[i].program, program) == 0)
			program = short_names[i].name;
	}
	printf("%-2.2s ", program);
}

static void put_head(const struct walk *w)
{
	printf("%s%11s%11s  ", w->cli->style.bold ? "\033[1m" : "", "subtree", "unexpired");
	for (size_t i = 0; i < w->programs.n; i++)
		put_short(w->programs.name[i]);
	printf(" CA%s\n", w->cli->style.bold ? "\033[0m" : "");
}

static void put_text(struct walk *w)
{
	const struct glyphs *gl = &glyphs[w->cli->style.utf8];
	bool *ended = xcalloc(w->line.n + 2, sizeof(*ended));
	struct strbuf b = STRBUF_INIT;

	put_head(w);
	for (size_t i = 0; i < w->line.n; i++) {
		const struct line *l = &w->line.v[i];

		strbuf_reset(&b);
		add_counts(w, &b, l->node.ca, gl);
		ended[l->depth] = l->last;
		add_lead(&b, ended, l, gl);
		add_words(w, &b, l, gl);
		puts(b.buf);
	}
	strbuf_release(&b);
	free(ended);
}

/* ---- the command ---- */

static int walk_open(struct walk *w, struct cli *c, struct err *err)
{
	*w = (struct walk){ .cli = c, .g = c->graph };
	if (tallies_open(&w->tally, c, true, err) < 0)
		return -1;
	programs_open(c, cli_purpose(c), &w->programs);
	w->opened = xcalloc(w->g->ca.n + 1, sizeof(*w->opened));
	w->open = xcalloc(w->g->ca.n + 1, sizeof(*w->open));
	w->top = xcalloc(w->g->ca.n + 1, sizeof(*w->top));
	return 0;
}

static void walk_close(struct walk *w)
{
	tallies_close(&w->tally);
	programs_close(&w->programs);
	vec_release(&w->cert);
	vec_release(&w->line);
	free(w->opened);
	free(w->open);
	free(w->top);
}

/* In Markdown the drawing too: a table of depths says nothing. */
static void write_walk(struct walk *w)
{
	bool md = w->cli->format == FORMAT_MD;

	if (!md && w->cli->format != FORMAT_TABLE) {
		put_rows(w);
		return;
	}
	fputs(md ? "~~~~~\n" : "", stdout);
	put_text(w);
	fputs(md ? "~~~~~\n" : "", stdout);
}

static int run(struct cli *c, struct err *err)
{
	struct node_list tops = { 0 };
	struct walk w;
	int rc;

	if (c->args.all && (c->operands.n || c->args.program))
		return err_set(err, ERR_USAGE, "'--all' goes with neither a REF nor '--program'");
	if (cli_open(c, err) < 0)
		return -1;
	if (walk_open(&w, c, err) < 0)
		return -1;
	rc = find_tops(&w, &tops, err);
	if (rc == 0) {
		walk_tops(&w, &tops);
		write_walk(&w);
		cli_note_empty(c);
		cli_note_stale(c);
	}
	vec_release(&tops);
	walk_close(&w);
	return rc;
}

const struct command command_tree = {
	.name = "tree",
	.operands = "[REF…]",
	.summary = "the hierarchy as text, counts beside every CA",
	.max_operands = ANY_OPERANDS,
	.options = options,
	.columns = columns,
	.text = "Without a REF the walk begins at the roots of the program's store for the purpose, or at every "
		"CA without a parent when the program is not given and mozilla has no store. CAs beside each "
		"other come by the unexpired leaves of their subtrees, most first, then by ca_id.\n\n"
		"The first number of a line is the sum over the CA and all CAs below it through certificates "
		"usable on the day, each CA once; the second the CA's own. Then comes a mark for each program "
		"with a store: ● all of its leaves are accepted, ◐ some are, ○ none.\n\n"
		"A CA can stand under several parents, but is opened once, a root at its own place: elsewhere it "
		"is marked ⇄, and ↻ where it is one of its own parents. Several certificates under one parent are "
		"one line that says how many. Where the character set has no such signs, ASCII is drawn.\n\n"
		"Examples:\n\n"
		"    canopy tree 'Alder Root CA'\n"
		"    canopy tree --program mozilla --purpose email --as-of 2026-06-01\n"
		"    canopy tree --all --format json",
	.run = run,
};
