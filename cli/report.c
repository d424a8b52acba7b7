#include "cli/report.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "cli/html.h"

#define FIELD_WIDTH 16

/* ---- texts ---- */

static void __attribute__((format(printf, 3, 0)))
add_text(const struct report *r, struct strbuf *out, const char *fmt, va_list ap)
{
	struct strbuf raw = STRBUF_INIT;

	strbuf_vaddf(&raw, fmt, ap);
	if (r->format == FORMAT_MD)
		style_markdown(r->style, out, raw.buf, 0);
	else if (r->format == FORMAT_HTML)
		style_html(out, raw.buf, 0);
	else
		style_text(r->style, out, raw.buf, 0);
	strbuf_release(&raw);
}

/* What stands around a text in each format. */
struct frame {
	const char *text, *text_end, *md, *md_end, *html, *html_end;
};

static void __attribute__((format(printf, 3, 0)))
put_text(const struct report *r, const struct frame *around, const char *fmt, va_list ap)
{
	bool md = r->format == FORMAT_MD, html = r->format == FORMAT_HTML;
	struct strbuf out = STRBUF_INIT;

	strbuf_addstr(&out, html ? around->html : md ? around->md : around->text);
	add_text(r, &out, fmt, ap);
	strbuf_addstr(&out, html ? around->html_end : md ? around->md_end : around->text_end);
	fwrite(out.buf, 1, out.len, r->f);
	strbuf_release(&out);
}

/* ---- lists, and what stands between parts ---- */

static const char *const list_tag[] = { NULL, "ul", "dl" };

static void open_list(struct report *r, enum report_list list)
{
	bool html = r->format == FORMAT_HTML;

	if (r->open == list && list != LIST_NONE)
		return;
	if (html && r->open != LIST_NONE)
		fprintf(r->f, "</%s>\n", list_tag[r->open]);
	if (html && list != LIST_NONE)
		fprintf(r->f, "<%s>\n", list_tag[list]);
	if (r->format == FORMAT_MD && r->apart) /* else a line after a table were a row of it */
		fputc('\n', r->f);
	r->open = list;
	r->apart = true;
}

void report_close_list(struct report *r)
{
	open_list(r, LIST_NONE);
}

/* ---- the parts of a report ---- */

struct report report_begin(FILE *f, enum format format, const struct style *style)
{
	return (struct report){
		.f = f,
		.format = format,
		.style = format == FORMAT_HTML ? &html_style : style,
		.open = LIST_NONE,
	};
}

void report_end(struct report *r)
{
	if (r->format != FORMAT_HTML)
		return;
	report_close_list(r);
	html_end(r->f);
}

void report_title(struct report *r, const char *fmt, ...)
{
	struct frame plain = { "", "\n", "# ", "\n", "<h1>", "</h1>\n" };
	struct frame bold = { "\033[1m", "\033[0m\n", "# ", "\n", "<h1>", "</h1>\n" };
	struct strbuf title = STRBUF_INIT;
	va_list ap;

	if (r->format == FORMAT_HTML) {
		va_start(ap, fmt);
		add_text(r, &title, fmt, ap);
		va_end(ap);
		html_begin(r->f, title.buf);
		strbuf_release(&title);
	}
	va_start(ap, fmt);
	put_text(r, r->style->bold ? &bold : &plain, fmt, ap);
	va_end(ap);
	r->apart = true;
}

void report_section(struct report *r, const char *fmt, ...)
{
	struct frame plain = { "\n", "\n", "## ", "\n", "\n<h2>", "</h2>\n" };
	struct frame bold = { "\n\033[1m", "\033[0m\n", "## ", "\n", "\n<h2>", "</h2>\n" };
	va_list ap;

	report_close_list(r);
	va_start(ap, fmt);
	put_text(r, r->style->bold ? &bold : &plain, fmt, ap);
	va_end(ap);
}

void report_field(struct report *r, const char *name, const char *fmt, ...)
{
	struct frame around = { "", "\n", "", "\n", "", "</dd></div>\n" };
	va_list ap;

	open_list(r, LIST_FIELDS);
	if (r->format == FORMAT_MD)
		fprintf(r->f, "- %s: ", name);
	else if (r->format == FORMAT_HTML)
		fprintf(r->f, "<div><dt>%s</dt><dd>", name);
	else
		fprintf(r->f, "  %-*s ", FIELD_WIDTH, name);
	va_start(ap, fmt);
	put_text(r, &around, fmt, ap);
	va_end(ap);
}

void report_given(struct report *r, const char *name, const char *value)
{
	if (*value)
		report_field(r, name, "%s", value);
}

void report_item(struct report *r, const char *fmt, ...)
{
	struct frame around = { "  ", "\n", "- ", "\n", "<li>", "</li>\n" };
	va_list ap;

	open_list(r, LIST_ITEMS);
	va_start(ap, fmt);
	put_text(r, &around, fmt, ap);
	va_end(ap);
}

void report_line(struct report *r, const char *fmt, ...)
{
	struct frame around = { "", "\n", "", "\n", "<p>", "</p>\n" };
	va_list ap;

	report_close_list(r);
	va_start(ap, fmt);
	put_text(r, &around, fmt, ap);
	va_end(ap);
}

void report_code(struct report *r, const char *s)
{
	struct strbuf out = STRBUF_INIT;

	report_close_list(r);
	if (r->format == FORMAT_HTML)
		style_html(&out, s, 0);
	else
		style_text(r->style, &out, s, 0);
	fprintf(r->f,
		r->format == FORMAT_HTML ? "<pre><code>%s</code></pre>\n"
		: r->format == FORMAT_MD ? "~~~~~\n%s\n~~~~~\n"
					 : "  %s\n",
		out.buf);
	strbuf_release(&out);
}

struct out *report_table(struct report *r, const struct column *columns, const char *caption)
{
	struct out *o;

	report_close_list(r);
	o = out_begin(r->f, r->format, columns, r->style);
	out_caption(o, caption);
	return o;
}
