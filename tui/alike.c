#include "tui/alike.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ID_BYTES 4

/* ---- organizational units ---- */

/* One attribute "OU=value" of a subject as RFC 2253 writes it, without its escapes, up to the end of it. */
static const char *take_value(const char *s, struct strbuf *value)
{
	strbuf_reset(value);
	for (; *s && *s != ',' && *s != '+'; s++) {
		if (*s == '\\' && s[1])
			s++;
		strbuf_addch(value, *s);
	}
	return s;
}

/* All of its subject but the one that is its name, "Class 3, G2". */
static void add_units(const struct model *m, uint32_t ca, struct strbuf *out)
{
	static const char type[] = "OU=";
	const char *s = m->g->ca.v[ca].subject, *name = model_name(m, ca);
	struct strbuf value = STRBUF_INIT;

	while (*s) {
		const bool is_unit = !strncmp(s, type, strlen(type));

		s = take_value(s, &value);
		if (is_unit && strcmp(value.buf + strlen(type), name) != 0)
			strbuf_addf(out, "%s%s", out->len ? ", " : "", value.buf + strlen(type));
		s += *s != '\0';
	}
	strbuf_release(&value);
}

/* ---- among siblings ---- */

struct called {
	const char *name;
	char *unit; /* heap, only where another has the name; "" none */
	size_t at;  /* in the list */
};

static int by_name(const void *a, const void *b)
{
	const struct called *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_unit(const void *a, const void *b)
{
	const struct called *x = a, *y = b;

	return strcmp(x->unit, y->unit);
}

static bool is_unit_of(const struct called *c, size_t n, size_t i)
{
	return (i && !by_unit(&c[i], &c[i - 1])) || (i + 1 < n && !by_unit(&c[i], &c[i + 1]));
}

/* n > 1 of one name. */
static void compare_units(const struct model *m, const uint32_t *list, struct called *c, size_t n, uint8_t *alike)
{
	for (size_t i = 0; i < n; i++) {
		struct strbuf unit = STRBUF_INIT;

		add_units(m, list[c[i].at], &unit);
		c[i].unit = strbuf_detach(&unit);
	}
	qsort(c, n, sizeof(*c), by_unit);
	for (size_t i = 0; i < n; i++)
		alike[c[i].at] = !*c[i].unit || is_unit_of(c, n, i) ? ALIKE_IN_ALL : ALIKE_BUT_UNIT;
	for (size_t i = 0; i < n; i++)
		free(c[i].unit);
}

uint8_t *alike_find(const struct model *m, const uint32_t *list, size_t n)
{
	struct called *c = xcalloc(n + 1, sizeof(*c));
	uint8_t *alike = xcalloc(n + 1, sizeof(*alike));

	for (size_t i = 0; i < n; i++)
		c[i] = (struct called){ model_name(m, list[i]), NULL, i };
	qsort(c, n, sizeof(*c), by_name);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && !by_name(&c[i], &c[end]); end++)
			continue;
		if (end > i + 1)
			compare_units(m, list, &c[i], end - i, alike);
	}
	free(c);
	return alike;
}

void alike_tell(const struct model *m, uint32_t ca, enum alike alike, struct strbuf *out)
{
	struct strbuf unit = STRBUF_INIT;

	if (alike == ALIKE_NOT)
		return;
	if (alike == ALIKE_BUT_UNIT)
		add_units(m, ca, &unit);
	else
		strbuf_addhex(&unit, m->g->ca.v[ca].id, ID_BYTES);
	strbuf_addf(out, " (%s)", unit.buf);
	strbuf_release(&unit);
}
