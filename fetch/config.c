#include "fetch/config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/mem.h"
#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"
#include "fetch/http.h"
#include "fetch/sources.h"
#include "fetch/url.h"

#define CONFIG_MAX 65536
#define CRTSH_BATCH_MOST 1000
#define CRTSH_TIMEOUT_MOST 3600
#define WINDOW_MOST 256
#define TIMEOUT_MOST 3600
#define RETRIES_MOST 20
#define HOSTS_MOST 64

struct source_url {
	const struct source *source;
	char *url;
};
struct log_rule {
	char *text; /* "" fits all logs */
	unsigned window;
	double per_second;
};
struct source_switch {
	const struct source *source;
	bool on;
};
struct config {
	char *contact;
	uint64_t names_limit;
	struct config_crtsh crtsh;
	struct http_limits limits;
	bool has_limits;
	VEC(struct source_url) urls;
	VEC(struct source_switch) switches; /* a later one wins */
	VEC(struct log_rule) rules;
};

static void set_url(struct config *c, const struct source *s, const char *url)
{
	for (size_t i = 0; i < c->urls.n; i++) {
		if (c->urls.v[i].source != s)
			continue;
		free(c->urls.v[i].url);
		c->urls.v[i].url = xstrdup(url);
		return;
	}
	vec_push(&c->urls, (struct source_url){ s, xstrdup(url) });
}

static int take_url(struct config *c, const char *name, const char *url, struct err *err)
{
	const struct source *s = source_find(name);
	if (!s)
		return err_set(err, ERR_USAGE, "unknown source '%s'", name);
	const char *why = source_url_refusal(s, url);
	if (why) {
		char *shown = url_shown(url);
		err_set(err, ERR_USAGE, "'%s' for %s: %s", shown, name, why);
		free(shown);
		return -1;
	}
	set_url(c, s, url);
	return 0;
}

static int take_enabled(struct config *c, const char *name, const char *value, struct err *err)
{
	const struct source *s = source_find(name);
	bool on = strcmp(value, "yes") == 0;

	if (!s)
		return err_set(err, ERR_USAGE, "unknown source '%s'", name);
	if (!on && strcmp(value, "no") != 0)
		return err_set(err, ERR_USAGE, "'enabled.%s' takes yes or no, not '%s'", name, value);
	vec_push(&c->switches, (struct source_switch){ s, on });
	return 0;
}

static int take_contact(struct config *c, const char *value, struct err *err)
{
	if (!http_contact_fits(value))
		return err_set(err, ERR_USAGE, "the contact '%s' is no plain mail address or URL", value);
	free(c->contact);
	c->contact = xstrdup(value);
	return 0;
}

/* What stands behind "log-window" or "log-rate": "" or the TEXT of ".TEXT"; NULL for another key. */
static const char *log_text(const char *key, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(key, word, n) != 0 || (key[n] && (key[n] != '.' || !key[n + 1])))
		return NULL;
	return key[n] ? key + n + 1 : "";
}

static int take_window(struct config *c, const char *text, const char *value, struct err *err)
{
	uint64_t n;

	if (num_parse_u64(value, &n) < 0 || n < 1 || n > WINDOW_MOST)
		return err_set(err, ERR_USAGE, "'log-window' takes a number from 1 to %d, not '%s'", WINDOW_MOST, value);
	vec_push(&c->rules, (struct log_rule){ .text = xstrdup(text), .window = (unsigned)n });
	return 0;
}

/* A number as people write it: no exponent, no sign, and no locale's comma. */
static int parse_decimal(const char *value, double *ret)
{
	const char *dot = strchr(value, '.');
	size_t before = strspn(value, "0123456789"), after = dot ? strspn(dot + 1, "0123456789") : 0;
	double rate = 0, place = 0.1;

	bool good = before && before <= 6 && after <= 6 && (value[before] == '\0' || (value + before == dot && after && !dot[1 + after]));
	for (size_t i = 0; good && i < before; i++)
		rate = rate * 10 + (value[i] - '0');
	for (size_t i = 1; good && i <= after; i++, place /= 10)
		rate += (dot[i] - '0') * place;
	*ret = rate;
	return good ? 0 : -1;
}

static int take_rate(struct config *c, const char *text, const char *value, struct err *err)
{
	double rate;

	if (parse_decimal(value, &rate) < 0 || rate <= 0)
		return err_set(err, ERR_USAGE, "'log-rate' takes requests a second above 0, not '%s'", value);
	vec_push(&c->rules, (struct log_rule){ .text = xstrdup(text), .per_second = rate });
	return 0;
}

static int take_number(const char *key, const char *value, uint64_t most, uint64_t *ret, struct err *err)
{
	uint64_t n;

	if (num_parse_u64(value, &n) < 0 || n < 1 || n > most)
		return most == UINT64_MAX ? err_set(err, ERR_USAGE, "'%s' takes a number above 0, not '%s'", key, value)
		                          : err_set(err, ERR_USAGE, "'%s' takes a number from 1 to %llu, not '%s'", key,
		                                    (unsigned long long)most, value);
	*ret = n;
	return 0;
}

/* A part of a second is for tests, and for those who have no time. */
static int take_timeout(struct config *c, const char *value, struct err *err)
{
	double seconds;

	if (parse_decimal(value, &seconds) < 0 || seconds < 0.01 || seconds > TIMEOUT_MOST)
		return err_set(err, ERR_USAGE, "'timeout' takes seconds from 0.01 to %d, not '%s'", TIMEOUT_MOST, value);
	c->limits.connect_ms = c->limits.stall_ms = (uint32_t)(seconds * 1000);
	c->has_limits = true;
	return 0;
}

static int take_retries(struct config *c, const char *value, struct err *err)
{
	uint64_t n;

	if (num_parse_u64(value, &n) < 0 || n > RETRIES_MOST)
		return err_set(err, ERR_USAGE, "'retries' takes a number up to %d, not '%s'", RETRIES_MOST, value);
	c->limits.retries = (uint32_t)n;
	c->has_limits = true;
	return 0;
}

static int take_hosts(struct config *c, const char *value, struct err *err)
{
	uint64_t n = 0;
	int rc = take_number("hosts", value, HOSTS_MOST, &n, err);

	if (rc < 0)
		return -1;
	c->limits.hosts = (uint32_t)n;
	c->has_limits = true;
	return 0;
}

static int take(struct config *c, const char *key, const char *value, struct err *err)
{
	const char *text;

	if (!*value)
		return err_set(err, ERR_USAGE, "'%s' has no value", key);
	if (strncmp(key, "url.", 4) == 0)
		return take_url(c, key + 4, value, err);
	if (strncmp(key, "enabled.", 8) == 0)
		return take_enabled(c, key + 8, value, err);
	if (strcmp(key, "contact") == 0)
		return take_contact(c, value, err);
	if (strcmp(key, "names-limit") == 0)
		return take_number(key, value, UINT64_MAX, &c->names_limit, err);
	if (strcmp(key, "crtsh-batch") == 0)
		return take_number(key, value, CRTSH_BATCH_MOST, &c->crtsh.batch, err);
	if (strcmp(key, "crtsh-timeout") == 0)
		return take_number(key, value, CRTSH_TIMEOUT_MOST, &c->crtsh.seconds, err);
	if (strcmp(key, "timeout") == 0)
		return take_timeout(c, value, err);
	if (strcmp(key, "retries") == 0)
		return take_retries(c, value, err);
	if (strcmp(key, "hosts") == 0)
		return take_hosts(c, value, err);
	if ((text = log_text(key, "log-window")) != NULL)
		return take_window(c, text, value, err);
	if ((text = log_text(key, "log-rate")) != NULL)
		return take_rate(c, text, value, err);
	return err_set(err, ERR_USAGE, "unknown key '%s'", key);
}

static char *trim(char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	size_t n = strlen(s);
	while (n > 0 && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	return s;
}

static int take_line(struct config *c, char *line, struct err *err)
{
	char *key = trim(line);
	if (!*key || *key == '#')
		return 0;
	char *value = strchr(key, '=');
	if (!value)
		return err_set(err, ERR_USAGE, "'%s' is no 'key = value'", key);
	*value++ = '\0';
	return take(c, trim(key), trim(value), err);
}

static int take_lines(struct config *c, const char *path, char *text, struct err *err)
{
	unsigned number = 0;
	char *line;
	while ((line = strsep(&text, "\n"))) {
		number++;
		if (take_line(c, line, err) == 0)
			continue;
		if (err)
			err->kind = ERR_INPUT;
		return err_context(err, "%s:%u", path, number);
	}
	return 0;
}

static int read_text(const char *path, char **ret, struct err *err)
{
	uint8_t *data = NULL;
	size_t len;
	if (path_read(path, CONFIG_MAX, &data, &len, err) < 0)
		return -1;
	if (memchr(data, '\0', len)) {
		free(data);
		return err_set(err, ERR_INPUT, "'%s' is no text", path);
	}
	*ret = (char *)data;
	return 0;
}

int config_load(const char *path, struct config **ret, struct err *err)
{
	struct config *c = xcalloc(1, sizeof(*c));
	c->limits = http_limits_default;
	char *text = NULL;
	int rc = 0;
	if (path_exists(path))
		rc = read_text(path, &text, err);
	if (text)
		rc = take_lines(c, path, text, err);
	free(text);
	if (rc < 0) {
		config_free(c);
		return -1;
	}
	*ret = c;
	return 0;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->urls.n; i++)
		free(c->urls.v[i].url);
	vec_release(&c->urls);
	vec_release(&c->switches);
	for (size_t i = 0; i < c->rules.n; i++)
		free(c->rules.v[i].text);
	vec_release(&c->rules);
	free(c->contact);
	free(c);
}

const char *config_contact(const struct config *c)
{
	return c->contact;
}

struct config_crtsh config_crtsh(const struct config *c)
{
	return c->crtsh;
}

const struct http_limits *config_limits(const struct config *c)
{
	return c->has_limits ? &c->limits : NULL;
}

uint64_t config_names_limit(const struct config *c)
{
	return c->names_limit;
}

static void apply(const struct log_rule *rule, struct config_log *ret)
{
	if (rule->window)
		ret->window = rule->window;
	else
		ret->per_second = rule->per_second;
}

struct config_log config_log(const struct config *c, const char *name, const char *url)
{
	struct config_log ret = { 0 };

	for (size_t i = 0; i < c->rules.n; i++)
		if (!*c->rules.v[i].text)
			apply(&c->rules.v[i], &ret);
	for (size_t i = 0; i < c->rules.n; i++)
		if (*c->rules.v[i].text && (strcasestr(name, c->rules.v[i].text) || strcasestr(url, c->rules.v[i].text)))
			apply(&c->rules.v[i], &ret);
	return ret;
}

const char *config_url(const struct config *c, const char *source)
{
	const struct source *s = source_find(source);
	for (size_t i = 0; i < c->urls.n; i++)
		if (c->urls.v[i].source == s)
			return c->urls.v[i].url;
	return s ? s->url : NULL;
}

bool config_enabled(const struct config *c, const struct source *s)
{
	bool on = s->enabled;

	for (size_t i = 0; i < c->switches.n; i++)
		if (c->switches.v[i].source == s)
			on = c->switches.v[i].on;
	return on;
}

int config_set_url(struct config *c, const char *assignment, struct err *err)
{
	const char *eq = strchr(assignment, '=');
	if (!eq || eq == assignment || !eq[1])
		return err_set(err, ERR_USAGE, "'%s' is no SOURCE=URL", assignment);
	char *name = xstrndup(assignment, (size_t)(eq - assignment));
	int rc = take_url(c, name, eq + 1, err);
	free(name);
	return rc;
}
