#include "fetch/crtsh.h"

/* In place of crtsh.c in a program that was built without libpq. */

const struct crtsh_limits crtsh_limits_default = { .batch = 1 };

int crtsh_open(const char *conninfo, const struct crtsh_limits *limits, const struct crtsh_hooks *hooks, struct crtsh **ret,
               struct err *err)
{
	(void)conninfo;
	(void)limits;
	(void)hooks;
	(void)ret;
	return err_set(err, ERR_NETWORK, "this canopy was built without crt.sh (meson option 'crtsh', libpq)");
}

void crtsh_close(struct crtsh *c)
{
	(void)c;
}

int crtsh_counters(struct crtsh *c, const uint8_t (*spki_sha256)[32], size_t n, const struct crtsh_taker *to, struct err *err)
{
	(void)spki_sha256;
	(void)n;
	(void)to;
	return crtsh_open(NULL, NULL, NULL, &c, err);
}

int crtsh_days(struct crtsh *c, int64_t id, int32_t day,
               int (*fn)(void *ctx, int32_t nb_day, int32_t na_day, int64_t n, struct err *err), void *ctx, struct err *err)
{
	(void)id;
	(void)day;
	(void)fn;
	(void)ctx;
	return crtsh_open(NULL, NULL, NULL, &c, err);
}
