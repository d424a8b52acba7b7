#include "fetch/crtsh.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <libpq-fe.h>
#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/strbuf.h"
#include "base/text.h"

#define SLICE_MS 100 /* how often the caller is asked whether to go on */
#define GRACE_MS 5000 /* the server is to end a statement by itself; only a dead one does not */

const struct crtsh_limits crtsh_limits_default = {
	.connect_ms = 20000,
	.statement_ms = 30000,
	.days_ms = 600000,
	.retries = 6,
	.backoff_ms = 1000,
	.backoff_max_ms = 60000,
	.batch = 100,
};

struct crtsh {
	char *conninfo;
	struct crtsh_limits limits;
	struct crtsh_hooks hooks;
	PGconn *conn; /* NULL: not connected */
	size_t batch;
};

/* How an attempt ended. */
enum outcome { DONE, AGAIN, FAILED };

static bool cancelled(const struct crtsh *c)
{
	return c->hooks.cancelled && c->hooks.cancelled(c->hooks.ctx);
}

static void wait_ms(const struct crtsh *c, uint64_t ms)
{
	if (c->hooks.wait) {
		c->hooks.wait(c->hooks.ctx, ms);
		return;
	}
	for (uint64_t left = ms; left && !cancelled(c);) {
		uint64_t now = left < SLICE_MS ? left : SLICE_MS;
		struct timespec t = { .tv_sec = 0, .tv_nsec = (long)now * 1000000 };

		nanosleep(&t, NULL);
		left -= now;
	}
}

/* ---- connection ---- */

/* libpq's messages have several lines; the first says what happened. */
static int pq_error(const struct crtsh *c, struct err *err, const char *what)
{
	const char *msg = c->conn ? PQerrorMessage(c->conn) : "out of memory";

	return err_set(err, ERR_NETWORK, "%s: %.*s", what, (int)strcspn(msg, "\n"), msg);
}

static void disconnect(struct crtsh *c)
{
	PQfinish(c->conn);
	c->conn = NULL;
}

/* Until the socket is ready, or the deadline. 1 ready, 0 not. */
static int ready(const struct crtsh *c, short events, uint64_t deadline, struct err *err)
{
	for (;;) {
		struct pollfd p = { .fd = PQsocket(c->conn), .events = events };
		int n = p.fd < 0 ? -1 : poll(&p, 1, SLICE_MS);

		if (n > 0)
			return 1;
		if (n < 0 && errno != EINTR)
			return pq_error(c, err, "the connection to crt.sh's database");
		if (cancelled(c))
			return err_set(err, ERR_NETWORK, "stopped");
		if (clock_ns() / 1000000 > deadline) {
			err_set(err, ERR_NETWORK, "crt.sh's database does not answer");
			return 0;
		}
	}
}

static void no_notice(void *arg, const PGresult *r)
{
	(void)arg;
	(void)r;
}

static enum outcome connect_now(struct crtsh *c, struct err *err)
{
	static const char *const names[] = { "dbname", "fallback_application_name", NULL };
	const char *const values[] = { c->conninfo, "canopy", NULL };
	uint64_t deadline = clock_ns() / 1000000 + c->limits.connect_ms;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	c->conn = PQconnectStartParams(names, values, 1);
	while (c->conn && PQstatus(c->conn) != CONNECTION_BAD && state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
		int rc = ready(c, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, err);

		if (rc <= 0) {
			disconnect(c);
			return rc == 0 ? AGAIN : FAILED;
		}
		state = PQconnectPoll(c->conn);
	}
	if (!c->conn || state != PGRES_POLLING_OK) {
		pq_error(c, err, "cannot connect to crt.sh's database");
		disconnect(c);
		return AGAIN;
	}
	PQsetNoticeReceiver(c->conn, no_notice, NULL);
	return DONE;
}

int crtsh_open(const char *conninfo, const struct crtsh_limits *limits, const struct crtsh_hooks *hooks, struct crtsh **ret,
               struct err *err)
{
	char *why = NULL;
	PQconninfoOption *parsed = PQconninfoParse(conninfo, &why);

	if (!parsed) {
		err_set(err, ERR_USAGE, "the URL of 'crtsh' is no connection string of PostgreSQL: %.*s",
			why ? (int)strcspn(why, "\n") : 0, why ? why : "");
		PQfreemem(why);
		return -1;
	}
	PQconninfoFree(parsed);
	struct crtsh *c = xcalloc(1, sizeof(*c));
	c->conninfo = xstrdup(conninfo);
	c->limits = limits ? *limits : crtsh_limits_default;
	c->batch = c->limits.batch;
	if (hooks)
		c->hooks = *hooks;
	*ret = c;
	return 0;
}

void crtsh_close(struct crtsh *c)
{
	if (!c)
		return;
	disconnect(c);
	free(c->conninfo);
	free(c);
}

/* ---- one statement ---- */

/* May the same statement succeed later? By SQLSTATE (PostgreSQL manual, appendix A): connections, resources, a
 * shutdown, a conflict with recovery, a timeout. */
static bool may_pass(const char *state)
{
	static const char *const passing[] = { "08", "53", "57", "40", "55P03", "XX000" };

	for (size_t i = 0; state && i < sizeof(passing) / sizeof(*passing); i++)
		if (strncmp(state, passing[i], strlen(passing[i])) == 0)
			return true;
	return !state; /* the connection broke */
}

static enum outcome failed(struct crtsh *c, const PGresult *r, struct err *err)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);

	/* a table, column or function that is not there any more */
	if (state && strncmp(state, "42", 2) == 0) {
		err_set(err, ERR_NETWORK, "crt.sh's database has changed, its counts are not taken: %s", text ? text : state);
		return FAILED;
	}
	if (text)
		err_set(err, ERR_NETWORK, "crt.sh's database: %s", text);
	else
		pq_error(c, err, "the connection to crt.sh's database broke");
	return may_pass(state) ? AGAIN : FAILED;
}

static int flush(struct crtsh *c, uint64_t deadline, struct err *err)
{
	for (;;) {
		int left = PQflush(c->conn);

		if (left == 0)
			return 1;
		if (left < 0 || PQconsumeInput(c->conn) == 0) {
			pq_error(c, err, "the connection to crt.sh's database broke");
			return 0;
		}
		int rc = ready(c, POLLOUT, deadline, err);
		if (rc <= 0)
			return rc;
	}
}

/* The next result, NULL after the last. 1, 0 it may work later, -1. */
static int next_result(struct crtsh *c, uint64_t deadline, PGresult **ret, struct err *err)
{
	while (PQisBusy(c->conn)) {
		int rc = ready(c, POLLIN, deadline, err);

		if (rc <= 0)
			return rc;
		if (PQconsumeInput(c->conn) == 0) {
			pq_error(c, err, "the connection to crt.sh's database broke");
			return 0;
		}
	}
	*ret = PQgetResult(c->conn);
	return 1;
}

/* All results, of which one has rows. */
static enum outcome collect(struct crtsh *c, uint64_t deadline, PGresult **ret, struct err *err)
{
	enum outcome o = DONE;

	for (;;) {
		PGresult *r = NULL;
		int rc = next_result(c, deadline, &r, err);

		if (rc <= 0)
			return rc == 0 ? AGAIN : FAILED;
		if (!r)
			break;
		if (PQresultStatus(r) == PGRES_TUPLES_OK && !*ret) {
			*ret = r;
			continue;
		}
		if (o == DONE && PQresultStatus(r) != PGRES_COMMAND_OK)
			o = failed(c, r, err);
		PQclear(r);
	}
	if (o == DONE && !*ret) {
		err_set(err, ERR_NETWORK, "crt.sh's database gave no rows");
		return AGAIN;
	}
	return o;
}

/* The settings and the query are one message, and so one transaction: nothing of it stays with a connection that a
 * pooler hands to somebody else. */
static enum outcome ask_once(struct crtsh *c, const char *query, uint32_t ms, PGresult **ret, struct err *err)
{
	struct strbuf sql = STRBUF_INIT;
	uint64_t deadline;
	enum outcome o = c->conn ? DONE : connect_now(c, err);

	if (o != DONE)
		return o;
	strbuf_addf(&sql, "SET LOCAL statement_timeout = %lu; SET LOCAL transaction_read_only = on; %s", (unsigned long)ms, query);
	deadline = clock_ns() / 1000000 + ms + (ms < GRACE_MS ? ms : GRACE_MS);
	if (PQsetnonblocking(c->conn, 1) < 0 || !PQsendQuery(c->conn, sql.buf)) {
		pq_error(c, err, "the connection to crt.sh's database broke");
		o = AGAIN;
	} else {
		int rc = flush(c, deadline, err);
		o = rc > 0 ? collect(c, deadline, ret, err) : rc == 0 ? AGAIN : FAILED;
	}
	strbuf_release(&sql);
	if (o != DONE) { /* what is left of the answer would be taken for the next one's */
		PQclear(*ret);
		*ret = NULL;
		disconnect(c);
	}
	return o;
}

static uint64_t backoff(const struct crtsh_limits *l, unsigned attempt)
{
	uint64_t ms = l->backoff_ms;

	while (--attempt && ms < l->backoff_max_ms)
		ms *= 2;
	return ms < l->backoff_max_ms ? ms : l->backoff_max_ms;
}

/* ---- rows ---- */

static bool is_hex(const char *s, size_t n)
{
	return strspn(s, "0123456789abcdef") == strlen(s) && (n ? strlen(s) == n : strlen(s) % 2 == 0);
}

/* Not negative. */
static bool number_at(const PGresult *r, int row, int column, int64_t *ret)
{
	if (PQgetisnull(r, row, column)) {
		*ret = CRTSH_UNKNOWN;
		return true;
	}
	return num_parse_i64(PQgetvalue(r, row, column), ret) == 0 && *ret >= 0;
}

enum { COUNTER_ID, COUNTER_KEY, COUNTER_NAME, COUNTER_ISSUED, COUNTER_EXPIRED = 5, COUNTER_LAST = 7, COUNTER_NEXT, COUNTER_COLUMNS };

static bool read_counter(const PGresult *r, int row, struct crtsh_counter *ret)
{
	bool ok = number_at(r, row, COUNTER_ID, &ret->id) && ret->id > 0;

	ret->spki_sha256 = PQgetvalue(r, row, COUNTER_KEY);
	ret->name = PQgetvalue(r, row, COUNTER_NAME);
	ok = ok && is_hex(ret->spki_sha256, 64) && is_hex(ret->name, 0);
	for (int i = 0; i < CRTSH_FORMS; i++)
		ok = ok && number_at(r, row, COUNTER_ISSUED + i, &ret->issued[i]) &&
		     number_at(r, row, COUNTER_EXPIRED + i, &ret->expired[i]);
	return ok && number_at(r, row, COUNTER_LAST, &ret->last_not_after) && number_at(r, row, COUNTER_NEXT, &ret->next_not_after);
}

static int give_counters(const PGresult *r, const struct crtsh_taker *to, struct err *err)
{
	if (PQnfields(r) != COUNTER_COLUMNS)
		return err_set(err, ERR_NETWORK, "crt.sh's database answers with %d columns, not %d", PQnfields(r), COUNTER_COLUMNS);
	for (int i = 0; i < PQntuples(r); i++) {
		struct crtsh_counter c;

		if (!read_counter(r, i, &c))
			return err_set(err, ERR_NETWORK, "crt.sh's database gives a row that cannot be read, of CA %s",
				PQgetvalue(r, i, COUNTER_ID));
		if (to->counter(to->ctx, &c, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- questions ---- */

/* A time past every date is none. */
#define EPOCH(column) "CASE WHEN isfinite(" column ") THEN greatest(extract(epoch FROM " column ")::bigint, 0) END"

static void counters_query(const uint8_t (*key)[32], size_t n, struct strbuf *out)
{
	strbuf_addstr(out, "SELECT ID, encode(digest(PUBLIC_KEY, 'sha256'), 'hex'), encode(convert_to(NAME, 'UTF8'), 'hex'), NUM_ISSUED[1], "
		"NUM_ISSUED[2], NUM_EXPIRED[1], NUM_EXPIRED[2], " EPOCH("LAST_NOT_AFTER") ", " EPOCH("NEXT_NOT_AFTER")
		" FROM ca WHERE digest(PUBLIC_KEY, 'sha256') = ANY(ARRAY[");
	for (size_t i = 0; i < n; i++) {
		strbuf_addstr(out, i ? ",decode('" : "decode('");
		strbuf_addhex(out, key[i], 32);
		strbuf_addstr(out, "','hex')");
	}
	strbuf_addstr(out, "]) AND ID > 0 ORDER BY 2, 1");
}

/* A statement until it is answered, for at most `retries` failures that may pass. *smaller: whether a smaller one would
 * do instead; then 1 is given back after a failure, so that it can be asked. */
static int ask(struct crtsh *c, const char *query, uint32_t ms, bool smaller, unsigned *attempt, PGresult **ret, struct err *err)
{
	for (;;) {
		enum outcome o = ask_once(c, query, ms, ret, err);

		if (o == DONE)
			return 0;
		if (o == FAILED || cancelled(c) || ++*attempt > c->limits.retries)
			return -1;
		wait_ms(c, backoff(&c->limits, *attempt));
		if (smaller)
			return 1;
	}
}

int crtsh_counters(struct crtsh *c, const uint8_t (*key)[32], size_t n, const struct crtsh_taker *to, struct err *err)
{
	unsigned attempt = 0;

	for (size_t from = 0; from < n;) {
		size_t end = n - from > c->batch ? from + c->batch : n;
		struct strbuf query = STRBUF_INIT;
		PGresult *r = NULL;

		counters_query(key + from, end - from, &query);
		int rc = ask(c, query.buf, c->limits.statement_ms, end - from > 1, &attempt, &r, err);
		strbuf_release(&query);
		if (rc > 0) {
			c->batch = (end - from + 1) / 2;
			continue;
		}
		if (rc == 0)
			rc = give_counters(r, to, err);
		if (rc == 0)
			rc = to->batch(to->ctx, from, end, err);
		PQclear(r);
		if (rc < 0)
			return -1;
		attempt = 0;
		from = end;
	}
	return 0;
}

static int give_days(const PGresult *r, int (*fn)(void *ctx, int32_t nb_day, int32_t na_day, int64_t n, struct err *err),
                     void *ctx, struct err *err)
{
	for (int i = 0; i < PQntuples(r); i++) {
		int64_t nb, na, n;

		if (!number_at(r, i, 0, &nb) || !number_at(r, i, 1, &na) || !number_at(r, i, 2, &n) || nb < 0 || na < nb ||
			na > INT32_MAX || n < 1)
			return err_set(err, ERR_NETWORK, "crt.sh's database gives days that cannot be read: '%s' to '%s'",
				PQgetvalue(r, i, 0), PQgetvalue(r, i, 1));
		if (fn(ctx, (int32_t)nb, (int32_t)na, n, err) < 0)
			return -1;
	}
	return 0;
}

int crtsh_days(struct crtsh *c, int64_t id, int32_t day,
               int (*fn)(void *ctx, int32_t nb_day, int32_t na_day, int64_t n, struct err *err), void *ctx, struct err *err)
{
	struct strbuf query = STRBUF_INIT;
	char date[DATE_BUF];
	unsigned attempt = 0;
	PGresult *r = NULL;

	/* the table is partitioned by just this expression of notAfter */
	strbuf_addf(&query,
		"SELECT date_trunc('day', x509_notBefore(c.CERTIFICATE))::date - '1970-01-01'::date, "
		"date_trunc('day', x509_notAfter(c.CERTIFICATE))::date - '1970-01-01'::date, "
		"count(DISTINCT x509_serialNumber(c.CERTIFICATE)) FROM certificate c WHERE c.ISSUER_CA_ID = %lld AND "
		"coalesce(x509_notAfter(c.CERTIFICATE), 'infinity'::timestamp) >= '%s'::timestamp AND "
		"NOT x509_canIssueCerts(c.CERTIFICATE) GROUP BY 1, 2 ORDER BY 1, 2",
		(long long)id, date_format(date, day));
	int rc = ask(c, query.buf, c->limits.days_ms, false, &attempt, &r, err);
	if (rc == 0)
		rc = give_days(r, fn, ctx, err);
	PQclear(r);
	strbuf_release(&query);
	return rc;
}
