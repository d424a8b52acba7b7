#include "fetch/sources.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include "base/date.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "fetch/url.h"

#define HOUR 3600
#define MIB (UINT64_C(1) << 20)
#define NAME_SHOWN 160
#define N_ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct source_document ccadb_documents[] = {
	{ "AllCertificateRecordsCSVFormatV5", "AllCertificateRecordsCSVFormatV5.csv", 0 },
	{ "AllCertificatePEMsCSVFormat?NotBeforeYear={year}", "AllCertificatePEMsCSVFormat_NotBeforeYear_{year}.csv",
		1994 },
};
static const struct source_document mozilla_documents[] = {
	{ NULL, "certdata.txt", 0 },
};

static const struct source_document chrome_documents[] = {
	{ "root_store.textproto", "root_store.textproto", 0 },
	{ "root_store.certs", "root_store.certs", 0 },
};

static const struct source_document onecrl_documents[] = {
	{ NULL, "onecrl.json", 0 },
};

static const struct source_document crlset_documents[] = {
	{ NULL, "crlset", 0 },
};

static const struct source_document tranco_documents[] = {
	{ NULL, "top-1m.csv.zip", 0 },
};

static const struct source_document telemetry_documents[] = {
	{ NULL, "KnownRootHashes.json", 0 },
};

static const struct source_document ct_documents[] = {
	{ NULL, "log_list.json", 0 },
};

/* In the order in which one needs what another gave: sites are known before leaves are read, lists are fetched for the CAs
 * that have leaves. */
static const struct source sources[] = {
	{
		.name = "ccadb",
		.help = "CA certificates, owners, disclosures and status from the Common CA Database",
		.shape = SOURCE_FOLDER,
		.url = "https://ccadb.my.salesforce-sites.com/ccadb/",
		.enabled = true,
		/* Its owners ask for at most about one run a day; a little less, so
		 * that a daily timer does not find every second run too early. */
		.min_interval = 20 * HOUR,
		.max_bytes = 512 * MIB,
		.local = "*.csv",
		.documents = ccadb_documents,
		.n_documents = N_ROWS(ccadb_documents),
	},
	{
		.name = "mozilla",
		.help = "Mozilla's root store with its trust bits and distrust dates (certdata.txt of NSS)",
		.shape = SOURCE_FILE,
		/* The release branch: what Firefox users have today. The tip of NSS is
		 * months ahead of them, and impact asks about users. GitHub has been the
		 * home of the Firefox source since May 2025, answers conditional requests
		 * and needs no redirect, unlike hg.mozilla.org. */
		.url = "https://raw.githubusercontent.com/mozilla-firefox/firefox/refs/heads/release/security/nss/lib/"
		       "ckfw/builtins/certdata.txt",
		.enabled = true,
		.min_interval = HOUR,
		.max_bytes = 64 * MIB,
		.documents = mozilla_documents,
		.n_documents = N_ROWS(mozilla_documents),
	},
	{
		.name = "chrome",
		.help = "the Chrome Root Store with its constraints (root_store.textproto and the certificates)",
		.shape = SOURCE_FOLDER,
		/* The mirror on GitHub gives the files as they are; Chromium's own server wraps them in base64. */
		.url = "https://raw.githubusercontent.com/chromium/chromium/main/net/data/ssl/chrome_root_store/",
		.enabled = true,
		.min_interval = HOUR,
		.max_bytes = 64 * MIB,
		.local = "root_store.*",
		.documents = chrome_documents,
		.n_documents = N_ROWS(chrome_documents),
	},
	{
		.name = "onecrl",
		.help = "Mozilla's list of revoked CA certificates (OneCRL, from Remote Settings)",
		.shape = SOURCE_FILE,
		.url = "https://firefox.settings.services.mozilla.com/v1/buckets/security-state/collections/onecrl/records",
		.enabled = true,
		.min_interval = HOUR,
		.max_bytes = 64 * MIB,
		.documents = onecrl_documents,
		.n_documents = N_ROWS(onecrl_documents),
	},
	{
		.name = "crlset",
		.help = "Chrome's CRLSet: blocked keys and revoked serial numbers",
		.shape = SOURCE_FILE,
		/* Where Chrome asks for its newest version; the answer names the file, its size and its SHA-256. */
		.url = "https://clients2.google.com/service/update2/crx?acceptformat=crx3&"
		       "x=id%3Dhfnkpimlhhgieaddgfemjhofmfblmnib%26v%3D%26uc",
		.enabled = true,
		.min_interval = HOUR,
		.max_bytes = 64 * MIB,
		.documents = crlset_documents,
		.n_documents = N_ROWS(crlset_documents),
	},
	{
		.name = "tranco",
		.help = "sites by popularity (Tranco's list of a million)",
		.shape = SOURCE_FILE,
		.url = "https://tranco-list.eu/top-1m.csv.zip",
		.enabled = true,
		.min_interval = 20 * HOUR, /* made once a day */
		.max_bytes = 64 * MIB,
		.documents = tranco_documents,
		.n_documents = N_ROWS(tranco_documents),
	},
	{
		.name = "telemetry",
		.help = "which root has which number in Firefox's telemetry; its counts come with --url telemetry=FILE",
		.shape = SOURCE_FILE,
		/* The counts are an export that no address gives to a plain request; the table alone says little. */
		.url = "https://raw.githubusercontent.com/mozilla-firefox/firefox/refs/heads/release/security/manager/tools/"
		       "KnownRootHashes.json",
		.enabled = false,
		.min_interval = 20 * HOUR,
		.max_bytes = 64 * MIB,
		.documents = telemetry_documents,
		.n_documents = N_ROWS(telemetry_documents),
		.beside = "export.json",
	},
	{
		.name = "aia",
		.help = "the issuers' certificates at the addresses that unexpired CA certificates name",
		.shape = SOURCE_FOLDER,
		/* Some thousand servers: only when asked for. */
		.enabled = false,
		.is_signed = true,
		.min_interval = 7 * 24 * HOUR,
		.max_bytes = 1 * MIB,
		.local = "*",
	},
	{
		.name = "crtsh",
		.help = "how many certificates each CA has on crt.sh: bounds, of CAs that no log was read for",
		.shape = SOURCE_DATABASE,
		.url = "host=crt.sh port=5432 user=guest dbname=certwatch",
		.enabled = true,
		.min_interval = 20 * HOUR,
	},
	{
		.name = "ct",
		.help = "leaves from Certificate Transparency logs, counted once each and proven by signed tree heads",
		.shape = SOURCE_FILE,
		.url = "https://www.gstatic.com/ct/log_list/v3/log_list.json",
		/* Reading all logs takes weeks: only when asked for. */
		.enabled = false,
		.min_interval = HOUR,
		.max_bytes = 16 * MIB,
		.documents = ct_documents,
		.n_documents = N_ROWS(ct_documents),
	},
	{
		.name = "crl",
		.help = "revocation lists of the CAs that have unexpired leaves, or that --ca names",
		.shape = SOURCE_FOLDER,
		.enabled = true,
		.is_signed = true,
		.min_interval = 6 * HOUR,
		.max_bytes = 256 * MIB,
		.local = "*.crl",
	},
};

const struct source *source_at(size_t i)
{
	return i < N_ROWS(sources) ? &sources[i] : NULL;
}

const struct source *source_find(const char *name)
{
	for (size_t i = 0; i < N_ROWS(sources); i++)
		if (strcmp(sources[i].name, name) == 0)
			return &sources[i];
	return NULL;
}

const char *source_url_refusal(const struct source *s, const char *url)
{
	struct url_info info;
	if (s->shape == SOURCE_DATABASE)
		return *url ? NULL : "is empty";
	const char *why = s->is_signed ? url_refusal_signed(url, &info) : url_refusal(url, &info);
	size_t n = strlen(url);
	if (!why && s->shape == SOURCE_FOLDER && strpbrk(url, "?#"))
		return "is no folder";
	if (!why && s->shape == SOURCE_FILE && url[n - 1] == '/')
		return "is a folder, not a file";
	return why;
}

static void add(struct source_list *list, char *name, char *url)
{
	vec_push(list, (struct source_item){ name, url, NULL });
}

/* text with "{year}" replaced (heap). */
static char *with_year(const char *text, int year)
{
	const char *mark = strstr(text, "{year}");
	struct strbuf b = STRBUF_INIT;
	if (!mark)
		return xstrdup(text);
	strbuf_addf(&b, "%.*s%d%s", (int)(mark - text), text, year, mark + strlen("{year}"));
	return strbuf_detach(&b);
}

static void add_document(struct source_list *list, const struct source_document *d, const char *url, int year)
{
	if (!d->remote) {
		add(list, xstrdup(d->name), xstrdup(url));
		return;
	}
	char *remote = with_year(d->remote, year);
	add(list, with_year(d->name, year), url_join(url, remote));
	free(remote);
}

static void from_table(const struct source *s, const char *url, struct source_list *ret)
{
	int this_year, month, day;
	date_to_civil(date_today(), &this_year, &month, &day);
	if (s->beside && strcmp(url, s->url) != 0) {
		add(ret, xstrdup(s->beside), xstrdup(url));
		return;
	}
	for (size_t i = 0; i < s->n_documents; i++) {
		const struct source_document *d = &s->documents[i];
		int last = d->first_year ? this_year : 0;
		for (int year = d->first_year; year <= last; year++)
			add_document(ret, d, url, year);
	}
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Somebody's copy of the reports bears whatever names the day of the download gave them. */
static int from_folder(const struct source *s, const char *url, struct source_list *ret, struct err *err)
{
	struct dirent **names = NULL;
	char *path = url_file_path(url);
	int n = path ? scandir(path, &names, NULL, compare_names) : (errno = ENOENT, -1);
	free(path);
	if (n < 0)
		return err_errno(err, ERR_NETWORK, "cannot read the folder '%s'", url);
	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name;
		if (fnmatch(s->local, name, FNM_PERIOD | FNM_CASEFOLD) == 0)
			add(ret, xstrdup(name), url_join_escaped(url, name));
		free(names[i]);
	}
	free(names);
	if (ret->n == 0)
		return err_set(err, ERR_NETWORK, "the folder '%s' holds no %s", url, s->local);
	return 0;
}

int source_documents(const struct source *s, const char *url, struct source_list *ret, struct err *err)
{
	struct url_info info;
	const char *why = source_url_refusal(s, url);
	if (why)
		return err_set(err, ERR_USAGE, "'%s' for %s: %s", url, s->name, why);
	url_refusal_signed(url, &info);
	if (info.scheme == URL_FILE && s->shape == SOURCE_FOLDER)
		return from_folder(s, url, ret, err);
	from_table(s, url, ret);
	return 0;
}

/* A file's name that says what it holds; the hash tells apart what is alike in so many characters. */
static char *name_of_url(const char *url)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a: the name must be the same tomorrow */
	const char *rest = strstr(url, "://");
	struct strbuf b = STRBUF_INIT;
	for (const char *p = url; *p; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(1099511628211);
	for (const char *p = rest ? rest + 3 : url; *p && b.len < NAME_SHOWN; p++)
		strbuf_addch(&b, strchr(plain, *p) && (b.len || *p != '.') ? *p : '_');
	strbuf_addf(&b, "-%016llx", (unsigned long long)hash);
	return strbuf_detach(&b);
}

void source_items(const char *const *urls, size_t n, const char *mirror, struct source_list *ret)
{
	for (size_t i = 0; i < n; i++) {
		char *below = mirror ? url_below(mirror, urls[i]) : NULL;
		vec_push(ret, (struct source_item){ name_of_url(urls[i]), below ? below : xstrdup(urls[i]), xstrdup(urls[i]) });
	}
}

void source_list_release(struct source_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].url);
		free(list->v[i].origin);
	}
	vec_release(list);
}
