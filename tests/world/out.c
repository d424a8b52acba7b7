#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

static char base[4096];

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("canopy-world: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void make_dir(const char *path)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		die("cannot make folder '%s': %s", path, strerror(errno));
}

static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		make_dir(path);
		*p = '/';
	}
}

void out_dir(const char *dir)
{
	if (strlen(dir) > sizeof(base) - 512)
		die("folder name too long");
	snprintf(base, sizeof(base), "%s", dir);
}

FILE *out_open(const char *fmt, ...)
{
	char path[sizeof(base) + 256];
	int n = snprintf(path, sizeof(path), "%s/", base);
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, ap);
	va_end(ap);
	make_parents(path);
	f = fopen(path, "wb");
	if (!f)
		die("cannot write '%s': %s", path, strerror(errno));
	return f;
}

void out_close(FILE *f)
{
	int bad = ferror(f);

	if (fclose(f) || bad)
		die("cannot write below '%s': %s", base, strerror(errno));
}

void out_block(FILE *f, const char *label, const uint8_t *der, size_t n, const char *eol)
{
	unsigned char line[80];

	fprintf(f, "-----BEGIN %s-----%s", label, eol);
	for (size_t i = 0; i < n; i += 48) {
		EVP_EncodeBlock(line, der + i, (int)(n - i < 48 ? n - i : 48));
		fprintf(f, "%s%s", (char *)line, eol);
	}
	fprintf(f, "-----END %s-----", label);
}

void out_pem(FILE *f, const uint8_t *der, size_t n, const char *eol)
{
	out_block(f, "CERTIFICATE", der, n, eol);
}

void out_base64(FILE *f, const uint8_t *p, size_t n)
{
	unsigned char four[8];

	for (size_t i = 0; i < n; i += 3) {
		EVP_EncodeBlock(four, p + i, (int)(n - i < 3 ? n - i : 3));
		fputs((char *)four, f);
	}
}

void out_hex(FILE *f, const uint8_t *p, size_t n, int upper)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, upper ? "%02X" : "%02x", p[i]);
}

void out_csv(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}
