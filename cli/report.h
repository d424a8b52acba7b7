/* Prose with fields and sections, as text for a terminal or as Markdown. Text
 * from outside goes in through %s arguments only and comes out harmless: the
 * arguments are cleaned, and escaped in Markdown.
 *
 *	struct report r = { stdout, md, &style };
 *	report_title(&r, "%s", ca->name);
 *	report_section(&r, "counts on %s", date);
 *	report_field(&r, "issued", "%s", number);
 *	report_line(&r, "no issuance after %s is assumed", date); */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/out.h"

struct report {
	FILE *f;
	bool md;
	const struct style *style;
};
void report_title(const struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_section(const struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_field(const struct report *r, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Like report_field, and nothing at all for "". */
void report_given(const struct report *r, const char *name, const char *value);
void report_item(const struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_line(const struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A command or other text that is copied as it stands. */
void report_code(const struct report *r, const char *s);
enum format report_table_format(const struct report *r);

#endif
