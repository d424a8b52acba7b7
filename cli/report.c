#include "cli/report.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

#define FIELD_WIDTH 16

static void __attribute__((format(printf, 2, 0))) put_text(const struct report *r, const char *fmt, va_list ap)
{
	struct strbuf raw = STRBUF_INIT, out = STRBUF_INIT;

	strbuf_vaddf(&raw, fmt, ap);
	if (r->md)
		style_markdown(r->style, &out, raw.buf, 0);
	else
		style_text(r->style, &out, raw.buf, 0);
	fwrite(out.buf, 1, out.len, r->f);
	strbuf_release(&out);
	strbuf_release(&raw);
}

static void __attribute__((format(printf, 3, 0)))
put_heading(const struct report *r, const char *mark, const char *fmt, va_list ap)
{
	if (r->md)
		fputs(mark, r->f);
	else if (r->style->bold)
		fputs("\033[1m", r->f);
	put_text(r, fmt, ap);
	fputs(!r->md && r->style->bold ? "\033[0m\n" : "\n", r->f);
	if (r->md)
		fputc('\n', r->f);
}

void report_title(const struct report *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_heading(r, "# ", fmt, ap);
	va_end(ap);
}

void report_section(const struct report *r, const char *fmt, ...)
{
	va_list ap;

	fputc('\n', r->f);
	va_start(ap, fmt);
	put_heading(r, "## ", fmt, ap);
	va_end(ap);
}

void report_field(const struct report *r, const char *name, const char *fmt, ...)
{
	va_list ap;

	if (r->md)
		fprintf(r->f, "- %s: ", name);
	else
		fprintf(r->f, "  %-*s ", FIELD_WIDTH, name);
	va_start(ap, fmt);
	put_text(r, fmt, ap);
	va_end(ap);
	fputc('\n', r->f);
}

void report_given(const struct report *r, const char *name, const char *value)
{
	if (*value)
		report_field(r, name, "%s", value);
}

void report_item(const struct report *r, const char *fmt, ...)
{
	va_list ap;

	fputs(r->md ? "- " : "  ", r->f);
	va_start(ap, fmt);
	put_text(r, fmt, ap);
	va_end(ap);
	fputc('\n', r->f);
}

void report_line(const struct report *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_text(r, fmt, ap);
	va_end(ap);
	fputs(r->md ? "\n\n" : "\n", r->f);
}

void report_code(const struct report *r, const char *s)
{
	struct strbuf out = STRBUF_INIT;

	style_text(r->style, &out, s, 0);
	fprintf(r->f, r->md ? "~~~~~\n%s\n~~~~~\n" : "  %s\n", out.buf);
	strbuf_release(&out);
}

enum format report_table_format(const struct report *r)
{
	return r->md ? FORMAT_MD : FORMAT_TABLE;
}
