#include "index/onecrl.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#include "base/date.h"
#include "base/text.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

enum part { ISSUER, SERIAL, SUBJECT, KEY_HASH, PARTS };

struct reader {
	const struct onecrl_handler *h;
	size_t number;
	struct onecrl_record record;
	struct strbuf id, bug, why;
	uint8_t *bytes[PARTS]; /* NULL: absent or unreadable */
	size_t len[PARTS];
};

static void problem(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void problem(struct reader *r, const char *fmt, ...)
{
	struct strbuf clean = STRBUF_INIT;
	va_list ap;

	if (!r->h->problem)
		return;
	va_start(ap, fmt);
	text_clean_vf(&clean, fmt, ap);
	va_end(ap);
	r->h->problem(r->h->ctx, r->number, clean.buf);
	strbuf_release(&clean);
}

static bool is_name(const uint8_t *p, size_t n)
{
	struct slice rest = { p, n };
	struct der d;

	return der_take(&rest, DER_SEQUENCE, &d) && !rest.n;
}

/* Does the record state this part at all? Then its bytes are kept, if they are what they should be. */
static bool read_part(struct reader *r, const json_t *record, enum part part)
{
	static const char *const names[PARTS] = { "issuerName", "serialNumber", "subject", "pubKeyHash" };
	const json_t *value = json_object_get(record, names[part]);
	const char *wrong = NULL;

	if (!value || json_is_null(value) || (json_is_string(value) && !json_string_length(value)))
		return false;
	if (!json_is_string(value)) {
		wrong = "is no string";
	} else if (base64_decode(json_string_value(value), json_string_length(value), &r->bytes[part], &r->len[part]) <
		   0) {
		r->bytes[part] = NULL;
		wrong = "is no base64";
	} else if (!r->len[part]) {
		wrong = "is blank";
	} else if (part == KEY_HASH ? r->len[part] != 32 : part != SERIAL && !is_name(r->bytes[part], r->len[part])) {
		wrong = part == KEY_HASH ? "is no SHA-256" : "is no Name";
	}
	if (!wrong)
		return true;
	problem(r, "%s %s", names[part], wrong);
	free(r->bytes[part]);
	r->bytes[part] = NULL;
	return true;
}

static void release_parts(struct reader *r)
{
	for (size_t i = 0; i < PARTS; i++) {
		free(r->bytes[i]);
		r->bytes[i] = NULL;
	}
}

static struct slice slice_of(const struct reader *r, enum part part)
{
	return (struct slice){ r->bytes[part], r->len[part] };
}

static const char *read_text(struct strbuf *b, const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	strbuf_reset(b);
	if (json_is_string(value))
		text_clean(b, json_string_value(value), json_string_length(value));
	return b->buf;
}

static void read_flags(struct reader *r, const json_t *record)
{
	const json_t *enabled = json_object_get(record, "enabled"),
		     *modified = json_object_get(record, "last_modified");
	const json_t *details = json_object_get(record, "details");

	r->record.enabled = !json_is_false(enabled);
	if (enabled && !json_is_boolean(enabled))
		problem(r, "enabled is neither true nor false");
	r->record.last_modified = json_is_integer(modified) ? json_integer_value(modified) / 1000 : 0;
	if (modified && !json_is_integer(modified))
		problem(r, "last_modified is no number");
	if (details && !json_is_object(details))
		problem(r, "details is no object");
	r->record.id = read_text(&r->id, record, "id");
	r->record.bug = read_text(&r->bug, details, "bug");
	r->record.why = read_text(&r->why, details, "why");
}

static int give(struct reader *r, enum onecrl_form form)
{
	struct onecrl_record *record = &r->record;

	record->form = form;
	if (form == ONECRL_ISSUER_SERIAL) {
		record->issuer = slice_of(r, ISSUER);
		record->serial = slice_of(r, SERIAL);
		record->subject = (struct slice){ NULL, 0 };
		memset(record->spki_sha256, 0, sizeof(record->spki_sha256));
	} else {
		record->issuer = record->serial = (struct slice){ NULL, 0 };
		record->subject = slice_of(r, SUBJECT);
		memcpy(record->spki_sha256, r->bytes[KEY_HASH], sizeof(record->spki_sha256));
	}
	return r->h->record ? r->h->record(r->h->ctx, record) : 0;
}

static int read_record(struct reader *r, const json_t *record)
{
	bool stated[PARTS], by_serial, by_key;
	int ret = 0;

	if (!json_is_object(record)) {
		problem(r, "the record is no object");
		return 0;
	}
	for (enum part i = 0; i < PARTS; i++)
		stated[i] = read_part(r, record, i);
	r->record = (struct onecrl_record){ .number = r->number };
	read_flags(r, record);
	by_serial = r->bytes[ISSUER] && r->bytes[SERIAL];
	by_key = r->bytes[SUBJECT] && r->bytes[KEY_HASH] && !(stated[ISSUER] && stated[SERIAL]);
	if ((stated[ISSUER] || stated[SERIAL]) && (stated[SUBJECT] || stated[KEY_HASH]))
		problem(r, "the record has parts of both forms");
	if (by_serial || by_key)
		ret = give(r, by_serial ? ONECRL_ISSUER_SERIAL : ONECRL_SUBJECT_KEY);
	else
		problem(r, "the record names no certificate");
	release_parts(r);
	return ret;
}

static const json_t *records_of(const json_t *root)
{
	const json_t *data = json_object_get(root, "data"), *changes = json_object_get(root, "changes");

	return json_is_array(data) ? data : json_is_array(changes) ? changes : NULL;
}

static int read_records(struct reader *r, const json_t *records)
{
	for (size_t i = 0; i < json_array_size(records); i++) {
		r->number = i + 1;
		if (read_record(r, json_array_get(records, i)) < 0)
			return -1;
	}
	return 0;
}

int onecrl_read(const char *data, size_t n, const struct onecrl_handler *h, struct err *err)
{
	struct reader r = { .h = h, .id = STRBUF_INIT, .bug = STRBUF_INIT, .why = STRBUF_INIT };
	json_error_t why;
	json_t *root = json_loadb(data, n, 0, &why);
	const json_t *records = records_of(root);
	int ret;

	if (!root)
		ret = err_set(err, ERR_INPUT, "OneCRL: line %d: %s", why.line, why.text);
	else if (!records)
		ret = err_set(err, ERR_INPUT, "OneCRL: no list of records under \"data\"");
	else
		ret = read_records(&r, records);
	strbuf_release(&r.id);
	strbuf_release(&r.bug);
	strbuf_release(&r.why);
	json_decref(root);
	return ret;
}

bool onecrl_recognise(const char *data, size_t n)
{
	size_t blank = 0;

	while (blank < n && data[blank] && strchr(" \t\r\n", data[blank]))
		blank++;
	return blank < n && data[blank] == '{' &&
	       (memmem(data, n, "\"data\"", 6) || memmem(data, n, "\"changes\"", 9)) &&
	       (memmem(data, n, "\"issuerName\"", 12) || memmem(data, n, "\"pubKeyHash\"", 12));
}

bool onecrl_adds_to(const char *data, size_t n, int32_t *day)
{
	json_t *root;
	const char *text;
	bool found;

	if (!memmem(data, n, "\"adds_to\"", 9))
		return false;
	root = json_loadb(data, n, 0, NULL);
	text = json_string_value(json_object_get(root, "adds_to"));
	found = text && date_parse(text, day) == 0;
	json_decref(root);
	return found;
}

/* ---- writing ---- */

void onecrl_write_begin(struct strbuf *out, const int32_t *adds_to)
{
	char date[DATE_BUF];

	strbuf_addch(out, '{');
	if (adds_to)
		strbuf_addf(out, "\"adds_to\":\"%s\",", date_format(date, *adds_to));
	strbuf_addstr(out, "\"data\":[\n");
}

static json_t *base64_of(const void *p, size_t n)
{
	struct strbuf b = STRBUF_INIT;
	json_t *text;

	base64_encode(&b, p, n);
	text = json_string(b.buf);
	strbuf_release(&b);
	return text;
}

void onecrl_write_record(struct strbuf *out, const struct onecrl_record *r, const char *name)
{
	json_t *record = json_object();
	char *text;

	if (r->form == ONECRL_ISSUER_SERIAL) {
		json_object_set_new(record, "issuerName", base64_of(r->issuer.p, r->issuer.n));
		json_object_set_new(record, "serialNumber", base64_of(r->serial.p, r->serial.n));
	} else {
		json_object_set_new(record, "subject", base64_of(r->subject.p, r->subject.n));
		json_object_set_new(record, "pubKeyHash", base64_of(r->spki_sha256, sizeof(r->spki_sha256)));
	}
	json_object_set_new(record, "enabled", json_boolean(r->enabled));
	json_object_set_new(record, "details", json_pack("{s:s, s:s}", "name", name, "why", r->why));
	text = json_dumps(record, JSON_COMPACT | JSON_ENSURE_ASCII);
	json_decref(record);
	if (!text)
		return;
	strbuf_addf(out, "%s%s", out->len && out->buf[out->len - 1] == '}' ? ",\n" : "", text);
	free(text);
}

void onecrl_write_end(struct strbuf *out)
{
	strbuf_addstr(out, "\n]}\n");
}
