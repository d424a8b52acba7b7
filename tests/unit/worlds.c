#include "worlds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/num.h"

#define SEED_0 20250101

enum {
	PATHS_MAX = 6000 /* a world with more is thrown away: too slow, not more interesting */
};

const char *const program_names[P_COUNT] = { "mozilla", "chrome", "apple", "microsoft", "attic" };

/* Chance: splitmix64. One call a full expression, so that every compiler makes the same worlds. */

static uint64_t rng_state;

static uint64_t rng(void)
{
	uint64_t z = rng_state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static int below(int n)
{
	return (int)(rng() % (uint64_t)n);
}

static int between(int lo, int hi)
{
	return lo + below(hi - lo + 1);
}

static bool chance(int percent)
{
	return below(100) < percent;
}

#define PICK(list) ((list)[below((int)(sizeof(list) / sizeof((list)[0])))])

/* Making a world */

struct maker {
	struct oracle_world *w;
	int noise;        /* how often something is wrong with a certificate, in percent of the usual */
	int64_t limit[4]; /* the world's few date limits, around which its leaves cluster */
};

int64_t start_of(int day)
{
	return (int64_t)day * ORACLE_DAY;
}

/* The days around which everything expires: D, the days of decay, and some more. */
static int expiry_day(const struct oracle_world *w)
{
	return chance(70) ? w->day + oracle_decay_days[below(ORACLE_DECAY)] : w->day + between(-40, 420);
}

/* One of the four seconds around a day's edges. */
static int64_t edge_of(int day)
{
	const int64_t edges[] = { start_of(day) - 1, start_of(day), start_of(day + 1) - 1, start_of(day + 1) };

	return PICK(edges);
}

static void make_frame(struct maker *k)
{
	static const enum oracle_program programs[] = { P_MOZILLA, P_MOZILLA, P_MOZILLA, P_CHROME, P_CHROME, P_APPLE,
		P_MICROSOFT, P_OWN };
	static const enum oracle_mode modes[] = { R_ENFORCED, R_ENFORCED, R_ENFORCED, R_ALL, R_NONE };
	static const int noises[] = { 0, 50, 100, 100, 250 };
	struct oracle_world *w = k->w;

	w->program = PICK(programs);
	w->purpose = chance(75) ? U_TLS : U_EMAIL;
	w->mode = PICK(modes);
	w->day = DAY_0 + below(1000);
	w->whole_days = chance(25);
	k->noise = PICK(noises);
	for (size_t i = 0; i < 4; i++) {
		int day = w->day - between(0, 400);
		k->limit[i] = start_of(day + 1) - 1;
		if (!w->whole_days && chance(60))
			k->limit[i] = start_of(day) + below(ORACLE_DAY);
	}
}

static bool oops(const struct maker *k, int percent)
{
	return below(10000) < percent * k->noise;
}

/* Few keys and names are shared. No two CAs share both: they would be one CA. */
static void make_cas(struct oracle_world *w)
{
	int keys = 0;

	w->n_cas = between(2, ORACLE_CAS);
	for (int i = 0; i < w->n_cas; i++) {
		w->ca[i].key = i > 0 && chance(18) ? w->ca[below(i)].key : keys;
		keys += w->ca[i].key == keys;
		w->ca[i].name = i;
		w->ca[i].coverage = below(3);
		int twin = below(i + 1);
		if (chance(22) && w->ca[twin].key != w->ca[i].key)
			w->ca[i].name = w->ca[twin].name;
	}
}

static void make_validity(const struct maker *k, struct oracle_cert *c)
{
	const struct oracle_world *w = k->w;

	c->nb = start_of(w->day - between(500, 3000));
	c->na = start_of(w->day + between(500, 3000));
	if (oops(k, 16))
		c->na = edge_of(expiry_day(w));
	if (oops(k, 5))
		c->nb = edge_of(w->day + (chance(80) ? 0 : 30));
	/* Whether a validity that nobody can read matters where nobody judges it is left open. */
	if (oops(k, 1) && w->program != P_CHROME)
		*(chance(50) ? &c->nb : &c->na) = ORACLE_UNREADABLE;
}

static void make_constraints(const struct maker *k, struct oracle_cert *c)
{
	static const unsigned ekus[] = { K_TLS, K_EMAIL, K_TLS | K_EMAIL, K_TLS | K_EMAIL, K_ANY, K_ANY | K_EMAIL,
		K_OTHER, K_TLS | K_OCSP };
	static const int path_lens[] = { 0, 0, 0, 1, 1, 1, 2, 2, 3 };

	c->ca_true = !oops(k, 4);
	c->no_bc = !c->ca_true && chance(60);
	c->has_ku = chance(80);
	c->certsign = c->has_ku && !oops(k, 3);
	c->weak = oops(k, c->self_issued ? 20 : 5);
	c->path_len = c->ca_true && chance(35) ? PICK(path_lens) : -1;
	c->eku = oops(k, 25) ? PICK(ekus) : 0;
}

static void add_cert(struct maker *k, int subject, int issuer)
{
	struct oracle_world *w = k->w;
	struct oracle_cert *c = &w->cert[w->n_certs];

	if (w->n_certs == ORACLE_CERTS)
		return;
	w->n_certs++;
	*c = (struct oracle_cert){ .ca = subject, .issuer = { issuer }, .n_issuers = issuer >= 0 };
	while (c->n_issuers > 0 && c->n_issuers < ORACLE_ISSUERS && chance(15)) {
		int other = below(w->n_cas);
		if (other == c->issuer[0] || other == c->issuer[c->n_issuers - 1])
			break;
		c->issuer[c->n_issuers++] = other;
	}
	c->self_issued = issuer >= 0 && w->ca[subject].name == w->ca[issuer].name;
	make_validity(k, c);
	make_constraints(k, c);
}

/* Roots first, then at least one certificate for each other CA, then cross-certificates of any kind. */
static void make_certs(struct maker *k)
{
	struct oracle_world *w = k->w;
	int roots = between(1, 1 + w->n_cas / 3);

	for (int ca = 0; ca < w->n_cas; ca++)
		if (ca >= roots)
			add_cert(k, ca, below(ca));
		else if (!chance(5))
			add_cert(k, ca, ca);
	for (int left = chance(15) ? 0 : below(ORACLE_CERTS - w->n_certs + 1); left > 0; left--) {
		int subject = below(w->n_cas);
		bool downwards = subject > 0 && chance(70);
		add_cert(k, subject, chance(3) ? -1 : below(downwards ? subject : w->n_cas));
	}
}

static void make_cycle(struct maker *k)
{
	struct oracle_world *w = k->w;
	int length = between(2, w->n_cas < 4 ? w->n_cas : 4), first = below(w->n_cas);

	for (int i = 0; i < length; i++)
		add_cert(k, (first + i) % w->n_cas, (first + (i + 1) % length) % w->n_cas);
}

static struct oracle_box make_box(const struct maker *k)
{
	struct oracle_box b = { ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI };

	if (chance(40))
		b.nb_hi = PICK(k->limit);
	if (chance(12))
		b.nb_lo = PICK(k->limit) + 1;
	if (chance(40))
		b.sct_hi = PICK(k->limit);
	if (chance(25))
		b.sct_lo = PICK(k->limit) + 1;
	return b;
}

static void add_rule(struct maker *k, int cert)
{
	struct oracle_world *w = k->w;
	struct oracle_rule r = { .cert = cert,
		.box = { ORACLE_OPEN_LO, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI } };

	if (w->n_rules == ORACLE_RULES)
		return;
	r.purpose = chance(90) ? w->purpose : (enum oracle_purpose) !w->purpose;
	r.judge_validity = chance(30);
	r.judge_constraints = chance(30);
	r.unevaluated = chance(10);
	if (chance(40))
		r.box = make_box(k);
	/* The rules come ascending by certificate; alternatives of one in the order made. */
	int at = w->n_rules++;
	for (; at > 0 && w->rule[at - 1].cert > cert; at--)
		w->rule[at] = w->rule[at - 1];
	w->rule[at] = r;
	if (at > 0 && w->rule[at - 1].cert == cert && chance(50)) { /* what the other one leaves over */
		struct oracle_box *left = &w->rule[at - 1].box;
		if (left->nb_hi != ORACLE_OPEN_HI)
			w->rule[at].box =
				(struct oracle_box){ left->nb_hi + 1, ORACLE_OPEN_HI, ORACLE_OPEN_LO, ORACLE_OPEN_HI };
		else if (left->sct_hi != ORACLE_OPEN_HI)
			w->rule[at].box =
				(struct oracle_box){ ORACLE_OPEN_LO, ORACLE_OPEN_HI, left->sct_hi + 1, ORACLE_OPEN_HI };
	}
}

static void make_store(struct maker *k)
{
	struct oracle_world *w = k->w;

	for (int c = 0; c < w->n_certs; c++) {
		bool root = w->cert[c].n_issuers > 0 && w->cert[c].issuer[0] == w->cert[c].ca;
		if (!chance(root ? 85 : 9))
			continue;
		for (int alternatives = chance(25) ? between(2, 3) : 1; alternatives > 0; alternatives--)
			add_rule(k, c);
	}
	/* The bit is certdata's: no other program has it. */
	while (w->program == P_MOZILLA && w->n_distrusts < ORACLE_DISTRUSTS && oops(k, 25)) {
		w->distrust[w->n_distrusts].cert = below(w->n_certs);
		w->distrust[w->n_distrusts++].purpose = chance(80) ? w->purpose : (enum oracle_purpose) !w->purpose;
	}
}

static void make_revocations(struct maker *k)
{
	struct oracle_world *w = k->w;

	while (w->n_revocations < ORACLE_REVOCATIONS && oops(k, 45)) {
		int i = w->n_revocations++;
		w->revocation[i].cert = below(w->n_certs);
		w->revocation[i].source = (enum oracle_source)below(S_COUNT);
		w->revocation[i].from = chance(35) ? INT64_MIN : edge_of(chance(50) ? w->day : expiry_day(w));
		if (chance(20))
			w->revocation[i].lifted = edge_of(expiry_day(w));
	}
}

/* A certificate that a mark is likely to be felt on: mostly an anchor. */
static int likely_target(const struct oracle_world *w, int percent_anchor)
{
	if (w->n_rules > 0 && chance(percent_anchor))
		return w->rule[below(w->n_rules)].cert;
	return below(w->n_certs);
}

static void make_scenario(struct maker *k)
{
	struct oracle_world *w = k->w;

	for (int left = chance(6) ? 0 : between(1, chance(70) ? 2 : 5); left > 0; left--) {
		struct oracle_mark *mark = &w->mark[w->n_marks++];
		mark->action = (enum oracle_action)below(A_COUNT);
		mark->target = likely_target(w, mark->action == A_REMOVE ? 85 : 30);
		if (mark->action == A_BLOCK)
			mark->target = w->ca[w->cert[mark->target].ca].key;
		mark->limit = PICK(k->limit);
		if (chance(25))
			mark->since = chance(50) ? expiry_day(w) : w->day + between(-1, 120);
	}
	for (int left = chance(40) ? between(1, ORACLE_EXEMPT) : 0; left > 0; left--)
		w->exempt[w->n_exempt++] = below(w->n_cas);
	for (int left = chance(20) ? between(1, ORACLE_ASSUME) : 0; left > 0; left--)
		w->assume[w->n_assume++] = w->n_marks && w->mark[0].action != A_BLOCK && chance(40) ? w->mark[0].target
												    : below(w->n_certs);
}

/* On a limit, a second beside it, or anywhere in the last 400 days. */
static int64_t near_limit(const struct maker *k)
{
	int64_t t;

	if (chance(60)) {
		t = PICK(k->limit);
		return t + between(-1, 1);
	}
	t = start_of(k->w->day - below(400));
	return t + below(ORACLE_DAY);
}

static void make_leaf(const struct maker *k, struct oracle_leaf *leaf)
{
	static const unsigned ekus[] = { 0, K_TLS, K_TLS, K_TLS | K_EMAIL, K_EMAIL, K_ANY, K_OTHER };
	const struct oracle_world *w = k->w;

	leaf->ca = below(w->n_cas);
	leaf->nb = chance(8) ? edge_of(w->day) : near_limit(k);
	leaf->na = edge_of(expiry_day(w));
	leaf->sct = chance(15) ? ORACLE_NO_SCT : near_limit(k);
	leaf->eku = PICK(ekus);
	leaf->kind = below(4);
	if (leaf->sct != ORACLE_NO_SCT && chance(40))
		leaf->sct = leaf->nb + between(-1, 90000);
	if (leaf->eku && chance(12))
		leaf->eku |= K_OCSP;
	if (w->purpose == U_EMAIL && leaf->eku == K_TLS)
		leaf->eku = K_EMAIL;
}

static void make_leaves(struct maker *k)
{
	struct oracle_world *w = k->w;
	int n = chance(10) ? 0 : between(1, ORACLE_LEAVES);

	for (; n > 0; n--) {
		struct oracle_leaf *leaf = &w->leaf[w->n_leaves++];
		if (w->n_leaves > 1 && chance(25)) { /* like the last one but for a second */
			int64_t *time = leaf[-1].sct != ORACLE_NO_SCT && chance(50) ? &leaf->sct : &leaf->nb;
			*leaf = leaf[-1];
			*time += between(-1, 1);
			continue;
		}
		make_leaf(k, leaf);
	}
}

void make_world(uint64_t seed, struct oracle_world *w, struct oracle_paths *paths)
{
	rng_state = seed;
	for (;;) {
		struct maker k = { .w = w };
		*w = (struct oracle_world){ .seed = seed };
		make_frame(&k);
		make_cas(w);
		make_certs(&k);
		if (chance(50))
			make_cycle(&k);
		make_store(&k);
		make_revocations(&k);
		make_scenario(&k);
		make_leaves(&k);
		*paths = oracle_find_paths(w, MUTANT_NONE);
		if (paths->n <= PATHS_MAX)
			return;
		oracle_paths_release(paths);
	}
}

/* A world in words, for people who debug */

void say_time(struct strbuf *b, const struct oracle_world *w, int64_t t)
{
	if (t == INT64_MIN || t == INT64_MAX) {
		strbuf_addstr(b, t == INT64_MIN ? "-" : "*");
		return;
	}
	int64_t day = t / ORACLE_DAY - (t % ORACLE_DAY < 0);
	strbuf_addf(b, "D%+d", (int)(day - w->day));
	if (t != day * ORACLE_DAY)
		strbuf_addf(b, ":%d", (int)(t - day * ORACLE_DAY));
}

static void say_box(struct strbuf *b, const struct oracle_world *w, const struct oracle_box *box)
{
	const int64_t ends[] = { box->nb_lo, box->nb_hi, box->sct_lo, box->sct_hi };
	static const char *const before[] = { " nb ", "..", " sct ", ".." };

	for (size_t i = 0; i < 4; i++) {
		strbuf_addstr(b, before[i]);
		say_time(b, w, ends[i]);
	}
}

static void say_cert(struct strbuf *b, const struct oracle_world *w, int i)
{
	const struct oracle_cert *c = &w->cert[i];

	strbuf_addf(b, "cert %d: ca %d from", i, c->ca);
	for (int k = 0; k < c->n_issuers; k++)
		strbuf_addf(b, " %d", c->issuer[k]);
	strbuf_addf(b, "%s%s%s%s path_len %d eku %u valid ", c->self_issued ? " self-issued" : "",
		c->ca_true ? ""
		: c->no_bc ? " no-bc"
			   : " CA:FALSE",
		c->has_ku && !c->certsign ? " no-certsign" : "", c->weak ? " weak" : "", c->path_len, c->eku);
	say_time(b, w, c->nb);
	strbuf_addstr(b, "..");
	say_time(b, w, c->na);
	strbuf_addch(b, '\n');
}

static void say_store(struct strbuf *b, const struct oracle_world *w)
{
	for (int i = 0; i < w->n_rules; i++) {
		const struct oracle_rule *r = &w->rule[i];
		strbuf_addf(b, "anchor %d %s", r->cert, purpose_names[r->purpose]);
		say_box(b, w, &r->box);
		strbuf_addf(b, "%s%s%s\n", r->judge_validity ? " judge-validity" : "",
			r->judge_constraints ? " judge-constraints" : "", r->unevaluated ? " unevaluated" : "");
	}
	for (int i = 0; i < w->n_distrusts; i++)
		strbuf_addf(b, "distrust %d %s\n", w->distrust[i].cert, purpose_names[w->distrust[i].purpose]);
	for (int i = 0; i < w->n_revocations; i++) {
		strbuf_addf(
			b, "revoked %d by %s from ", w->revocation[i].cert, revocation_names[w->revocation[i].source]);
		say_time(b, w, w->revocation[i].from);
		if (w->revocation[i].lifted) {
			strbuf_addstr(b, " lifted ");
			say_time(b, w, w->revocation[i].lifted);
		}
		strbuf_addch(b, '\n');
	}
}

static void say_scenario(struct strbuf *b, const struct oracle_world *w)
{
	for (int i = 0; i < w->n_marks; i++) {
		strbuf_addf(b, "mark %d=%s@", w->mark[i].target, mark_action_names[w->mark[i].action]);
		say_time(b, w, w->mark[i].limit);
		if (w->mark[i].since)
			strbuf_addf(b, " since D%+d", w->mark[i].since - w->day);
		strbuf_addch(b, '\n');
	}
	for (int i = 0; i < w->n_exempt; i++)
		strbuf_addf(b, "exempt ca %d\n", w->exempt[i]);
	for (int i = 0; i < w->n_assume; i++)
		strbuf_addf(b, "assume cert %d\n", w->assume[i]);
}

/* Without issuers and as no anchor, a certificate is not on any path. */
static bool matters(const struct oracle_world *w, int cert)
{
	bool anchor = w->cert[cert].n_issuers > 0;

	for (int i = 0; i < w->n_rules; i++)
		anchor |= w->rule[i].cert == cert;
	for (int i = 0; i < w->n_assume; i++)
		anchor |= w->assume[i] == cert;
	return anchor;
}

void say_world(struct strbuf *b, const struct oracle_world *w)
{
	strbuf_addf(b, "seed %llu: %s %s D=%d revocation %s%s\n", (unsigned long long)w->seed,
		program_names[w->program], purpose_names[w->purpose], w->day, revocation_mode_names[w->mode],
		w->whole_days ? " whole days" : "");
	for (int i = 0; i < w->n_cas; i++)
		strbuf_addf(b, "ca %d: key %d name %d\n", i, w->ca[i].key, w->ca[i].name);
	for (int i = 0; i < w->n_certs; i++)
		if (matters(w, i))
			say_cert(b, w, i);
	say_store(b, w);
	say_scenario(b, w);
	for (int i = 0; i < w->n_leaves; i++) {
		const struct oracle_leaf *l = &w->leaf[i];
		strbuf_addf(b, "leaf %d: ca %d eku %u nb ", i, l->ca, l->eku);
		say_time(b, w, l->nb);
		strbuf_addstr(b, " na ");
		say_time(b, w, l->na);
		strbuf_addstr(b, " sct ");
		say_time(b, w, l->sct);
		strbuf_addch(b, '\n');
	}
}

/* Settings */

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t n;

	if (!text || !*text)
		return otherwise;
	if (num_parse_u64(text, &n) != 0)
		fail_msg("%s is no number: '%s'", name, text);
	return n;
}

uint64_t n_worlds(void)
{
	return setting("CANOPY_ORACLE_WORLDS", WORLDS);
}

uint64_t first_seed(void)
{
	return setting("CANOPY_ORACLE_SEED", SEED_0);
}

void say_lines(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		print_message("%.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}
