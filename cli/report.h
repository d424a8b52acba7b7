/* Prose with fields and sections, as text for a terminal, as Markdown or as a page
 * of HTML. Text from outside goes in through %s arguments only and comes out
 * harmless: the arguments are cleaned, and escaped in Markdown and HTML.
 *
 *	struct report r = report_begin(stdout, FORMAT_MD, &style);
 *	report_title(&r, "%s", ca->name);
 *	report_section(&r, "counts on %s", date);
 *	report_field(&r, "issued", "%s", number);
 *	report_line(&r, "no issuance after %s is assumed", date);
 *	report_end(&r); */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/out.h"

enum report_list { LIST_NONE, LIST_ITEMS, LIST_FIELDS };
struct report {
	FILE *f;
	enum format format; /* FORMAT_TABLE, FORMAT_MD or FORMAT_HTML; tables in it are written so as well */
	const struct style *style;
	enum report_list open; /* the list that the next item or field may stand in */
	bool apart;            /* Markdown: a blank line is due before what is no part of that list */
};
struct report report_begin(FILE *f, enum format format, const struct style *style);
/* Closes what HTML has open. */
void report_end(struct report *r);
void report_title(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_section(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_field(struct report *r, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Like report_field, and nothing at all for "". */
void report_given(struct report *r, const char *name, const char *value);
void report_item(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void report_line(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A command or other text that is copied as it stands. */
void report_code(struct report *r, const char *s);
/* A table with what it is for readers of HTML, where nothing open may stand around it. */
struct out *report_table(struct report *r, const struct column *columns, const char *caption);
/* Before anything that is written to r->f past these functions. */
void report_close_list(struct report *r);

#endif
