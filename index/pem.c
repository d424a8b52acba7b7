#include "index/pem.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "index/x509.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"
#define LABEL_MAX 64

struct text {
	const char *p, *end;
	size_t line; /* of p */
};

static const char *find(const char *from, const char *end, const char *what)
{
	return memmem(from, (size_t)(end - from), what, strlen(what));
}

static void go_to(struct text *t, const char *to)
{
	for (const char *nl = t->p; (nl = memchr(nl, '\n', (size_t)(to - nl))); nl++)
		t->line++;
	t->p = to;
}

static enum pem_kind kind_of(const char *label)
{
	static const struct {
		const char *label;
		enum pem_kind kind;
	} kinds[] = {
		{ "CERTIFICATE", PEM_CERTIFICATE },
		{ "X509 CERTIFICATE", PEM_CERTIFICATE },
		{ "TRUSTED CERTIFICATE", PEM_CERTIFICATE },
		{ "X509 CRL", PEM_CRL },
	};

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		if (strcmp(label, kinds[i].label) == 0)
			return kinds[i].kind;
	}
	return PEM_OTHER;
}

/* Header lines ("Proc-Type: …") end with an empty line; a colon is no base64. */
static const char *skip_headers(const char *p, const char *end)
{
	const char *blank;

	if (!memchr(p, ':', (size_t)(end - p)))
		return p;
	blank = find(p, end, "\n\n");
	if (blank)
		return blank + 2;
	blank = find(p, end, "\n\r\n");
	return blank ? blank + 3 : p;
}

/* "TRUSTED CERTIFICATE" carries OpenSSL's trust settings behind the certificate. */
static size_t certificate_length(const char *label, const uint8_t *der, size_t len)
{
	struct slice rest = { der, len };
	struct der d;

	return strcmp(label, "TRUSTED CERTIFICATE") == 0 && der_next(&rest, &d) ? d.all.n : len;
}

struct found {
	struct strbuf label;
	size_t line;
	const char *body, *body_end;
	const char *next; /* where the search goes on */
	const char *broken;
};

static void problem(const struct pem_handler *h, size_t line, const char *what)
{
	if (h->problem)
		h->problem(h->ctx, line, what);
}

static int give(const struct pem_handler *h, const struct found *f)
{
	const char *body = skip_headers(f->body, f->body_end);
	uint8_t *der;
	size_t len;
	int r = 0;

	if (base64_decode(body, (size_t)(f->body_end - body), &der, &len) < 0) {
		problem(h, f->line, "PEM block: its base64 cannot be decoded");
		return 0;
	}
	if (len)
		r = h->block(h->ctx, &(struct pem_block){ kind_of(f->label.buf), f->label.buf, der,
					     certificate_length(f->label.buf, der, len), f->line });
	else
		problem(h, f->line, "PEM block: empty");
	free(der);
	return r;
}

/* The label's end, or NULL: DASHES on the same line, not far away. */
static const char *end_of_label(const char *label, const char *end)
{
	size_t most = LABEL_MAX + strlen(DASHES);
	const char *line_end;

	if ((size_t)(end - label) > most)
		end = label + most;
	line_end = memchr(label, '\n', (size_t)(end - label));
	return find(label, line_end ? line_end : end, DASHES);
}

/* The BEGIN line at t->p, its body and its END line, which must come before the next BEGIN. */
static void read_block(const struct text *t, struct found *f)
{
	const char *label = t->p + strlen(BEGIN), *label_end = end_of_label(label, t->end), *begin;

	strbuf_reset(&f->label);
	f->line = t->line;
	f->next = label;
	f->broken = "PEM block: its BEGIN line is broken";
	if (!label_end)
		return;
	text_clean(&f->label, label, (size_t)(label_end - label));
	f->body = f->next = label_end + strlen(DASHES);
	begin = find(f->body, t->end, BEGIN);
	f->body_end = find(f->body, begin ? begin : t->end, END);
	f->broken = f->body_end ? NULL : "PEM block: no END line";
	if (f->body_end)
		f->next = f->body_end + strlen(END);
}

int pem_each(const char *text, size_t n, const struct pem_handler *h)
{
	struct text t = { text, text + n, 1 };
	struct found f = { .label = STRBUF_INIT };
	const char *begin;
	int r = 0;

	while (r >= 0 && (begin = find(t.p, t.end, BEGIN))) {
		go_to(&t, begin);
		read_block(&t, &f);
		if (f.broken)
			problem(h, f.line, f.broken);
		else
			r = give(h, &f);
		go_to(&t, f.next);
	}
	strbuf_release(&f.label);
	return r < 0 ? r : 0;
}

struct first {
	uint8_t *der;
	size_t len;
};

static int keep_first(void *ctx, const struct pem_block *b)
{
	struct first *f = ctx;

	if (b->kind != PEM_CERTIFICATE)
		return 0;
	f->der = xmemdup(b->der, b->len);
	f->len = b->len;
	return -1;
}

int pem_first_certificate(const char *text, size_t n, uint8_t **ret, size_t *ret_len)
{
	struct first f = { NULL, 0 };

	pem_each(text, n, &(struct pem_handler){ .ctx = &f, .block = keep_first });
	if (!f.der)
		return -1;
	*ret = f.der;
	*ret_len = f.len;
	return 0;
}

bool pem_recognise(const char *text, size_t n)
{
	return find(text, text + n, BEGIN) != NULL;
}

void pem_write(struct strbuf *out, const char *label, const uint8_t *der, size_t n)
{
	struct strbuf text = STRBUF_INIT;

	base64_encode(&text, der, n);
	strbuf_addf(out, BEGIN "%s" DASHES "\n", label);
	for (size_t i = 0; i < text.len; i += 64)
		strbuf_addf(out, "%.64s\n", text.buf + i);
	strbuf_addf(out, END "%s" DASHES "\n", label);
	strbuf_release(&text);
}
