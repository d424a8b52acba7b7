#include "model.h"

/* A field that a row leaves out is zero on purpose. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NB "20260301100000"
#define NA_OK "20260915095959"
#define SRV EKU_SERVER
#define OK_DATES(nick_, issuer_) .nick = nick_, .issuer = issuer_, .nb = NB, .na = NA_OK
#define OK_TLS(nick_, issuer_) OK_DATES(nick_, issuer_), .cn = B(nick_ ".example")

/* clang-format off: one row, one line, where it fits */
const struct leaf_def leaf_defs[] = {
	/* precertificates and SCTs */
	{ OK_TLS("pair", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS | LEAF_PRECERT },
	{ OK_TLS("pair-ov", "alder-tls-2"), .eku = SRV, .policy = POLICY_OV, .flags = LEAF_SCTS | LEAF_PRECERT },
	{ OK_TLS("precert-only", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV,
		.flags = LEAF_SCTS | LEAF_PRECERT | LEAF_FINAL_MISSING },
	{ OK_TLS("final-only", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS },
	{ OK_TLS("no-sct", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV },
	{ OK_TLS("sct-edge-in", "alder-tls-2"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS,
		.sct = { "20251031235959999", "20260301100005000" } },
	{ OK_TLS("sct-edge-out", "alder-tls-2"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS,
		.sct = { "20260301100005000", "20251101000000000" } },
	{ OK_TLS("sct-mixed", "alder-tls-2"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS | LEAF_PRECERT,
		.sct = { "20260301110000000", "20251015120000000" } },

	/* purposes and policies */
	{ OK_TLS("eku-server", "birch-issuing-1"), .eku = EKU_SERVER, .flags = LEAF_SCTS },
	{ OK_TLS("eku-client", "birch-issuing-1"), .eku = EKU_CLIENT },
	{ OK_TLS("eku-email", "alder-pl0"), .eku = EKU_EMAIL, .san = "mail:flora@alder.example" },
	{ OK_TLS("eku-both", "alder-pl0"), .eku = EKU_SERVER | EKU_EMAIL,
		.san = "dns:eku-both.example,mail:both@alder.example" },
	{ OK_TLS("eku-none", "alder-pl0") },
	{ OK_TLS("eku-ocsp", "alder-pl0"), .eku = EKU_OCSP },
	{ OK_TLS("eku-server-ocsp", "alder-pl0"), .eku = EKU_SERVER | EKU_OCSP },
	{ OK_TLS("eku-any", "alder-pl0"), .eku = EKU_ANY },
	{ OK_TLS("eku-code", "alder-pl0"), .eku = EKU_CODE },
	{ OK_TLS("policy-dv", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS },
	{ OK_TLS("policy-ov", "alder-tls-1"), .eku = SRV, .policy = POLICY_OV, .flags = LEAF_SCTS },
	{ OK_TLS("policy-ev", "alder-tls-1"), .eku = SRV, .policy = POLICY_EV, .flags = LEAF_SCTS },
	{ OK_TLS("wildcard", "alder-tls-1"), .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS,
		.san = "dns:*.wild.example,dns:wild.example,dns:*.sub.wild.test" },
	{ OK_TLS("san-kinds", "birch-issuing-2"), .eku = SRV, .flags = LEAF_SCTS | LEAF_BC,
		.san = "dns:kinds.example,dns:xn--bcher-kva.example,ip:c0000201,ip:20010db8000000000000000000000001,"
		       "uri:https://kinds.example/,mail:kinds@birch.example" },
	{ OK_TLS("rsa-leaf", "birch-issuing-2"), .eku = SRV, .policy = POLICY_OV, .flags = LEAF_SCTS | LEAF_RSA },
	{ OK_TLS("root-leaf", "alder-root"), .eku = SRV, .policy = POLICY_DV },
	{ OK_TLS("v1-leaf", "oak-issuing"), .flags = LEAF_V1 },

	/* validity, around 2026-06-01 */
	{ "expired", "alder-tls-1", B("expired.example"), .nb = "20250101000000", .na = "20250401000000", .eku = SRV },
	{ "not-yet", "alder-tls-1", B("not-yet.example"), .nb = "20260701000000", .na = "20260929000000", .eku = SRV },
	{ "long", "birch-issuing-1", B("long.example"), .nb = "20240701000000", .na = "20261003235959", .eku = SRV },
	{ "ends-today", "alder-tls-1", B("ends-today.example"), .nb = NB, .na = "20260601000000", .eku = SRV },
	{ "ended-yesterday", "alder-tls-1", B("ended-yesterday.example"), .nb = NB, .na = "20260531235959",
		.eku = SRV },
	{ "starts-today", "alder-tls-1", B("starts-today.example"), .nb = "20260601235959", .na = NA_OK, .eku = SRV },
	{ "starts-tomorrow", "alder-tls-1", B("starts-tomorrow.example"), .nb = TOMORROW, .na = NA_OK, .eku = SRV },
	{ "year-2050", "elm-city", B("year-2050.example"), .nb = NB, .na = "20500101000000", .eku = SRV },

	/* date rules: cedar-root tls 2025-11-30, fir-root email 2025-06-30 */
	{ "cedar-last-second", "cedar-tls", B("cedar-last-second.example"), .nb = "20251130235959",
		.na = "20261231235959", .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS },
	{ "cedar-first-second", "cedar-tls", B("cedar-first-second.example"), .nb = "20251201000000",
		.na = "20261231235959", .eku = SRV, .policy = POLICY_DV, .flags = LEAF_SCTS },
	{ "cedar-before", "cedar-tls", B("cedar-before.example"), .nb = "20250901000000", .na = "20261003000000",
		.eku = SRV, .policy = POLICY_OV, .flags = LEAF_SCTS | LEAF_PRECERT },
	{ "cedar-after", "cedar-tls", B("cedar-after.example"), .nb = "20260201000000", .na = "20261003000000",
		.eku = SRV, .policy = POLICY_OV, .flags = LEAF_SCTS | LEAF_PRECERT },
	{ "cedar-shared-after", "cedar-shared", B("cedar-shared-after.example"), .nb = "20260201000000",
		.na = "20261003000000", .eku = SRV, .flags = LEAF_SCTS },
	{ "fir-last-second", "fir-mail", B("Fir Last"), .san = "mail:last@fir.example", .nb = "20250630235959",
		.na = "20270630235959", .eku = EKU_EMAIL },
	{ "fir-first-second", "fir-mail", B("Fir First"), .san = "mail:first@fir.example", .nb = "20250701000000",
		.na = "20270630235959", .eku = EKU_EMAIL },

	/* serial numbers and doubles */
	{ OK_TLS("serial-zero", "birch-issuing-1"), .eku = SRV, .serial = "00" },
	{ OK_TLS("serial-negative", "birch-issuing-1"), .eku = SRV, .serial = "80aabbcc" },
	{ OK_TLS("serial-21", "birch-issuing-1"), .eku = SRV, .serial = "0102030405060708090a0b0c0d0e0f101112131415" },
	{ OK_TLS("serial-40", "birch-issuing-1"), .eku = SRV,
		.serial = "00ff02030405060708090a0b0c0d0e0f1011121314151617"
			  "18191a1b1c1d1e1f2021222324252627" },
	{ OK_TLS("dup-serial-a", "birch-issuing-1"), .eku = SRV, .serial = "0d0d0d01" },
	{ "dup-serial-b", "birch-issuing-1", B("dup-serial-b.example"), .nb = "20250601000000", .na = "20260801000000",
		.eku = SRV, .serial = "0d0d0d01" },
	{ OK_TLS("same-serial-elsewhere", "birch-issuing-2"), .eku = SRV, .serial = "0d0d0d01" },
	{ OK_TLS("copy", "birch-issuing-1"), .eku = SRV, .flags = LEAF_SCTS | LEAF_COPY },

	/* issuers */
	{ OK_TLS("folded-issuer", "alder-tls-1"), .eku = SRV, .flags = LEAF_FOLDED },
	{ OK_TLS("undisclosed-leaf", "undisclosed-ca"), .eku = SRV },
	{ OK_TLS("unknown-issuer", "vanished-root"), .eku = SRV, .flags = LEAF_UNKNOWN },
	{ OK_TLS("corrupt-leaf", "alder-tls-1"), .eku = SRV, .flags = LEAF_UNKNOWN | LEAF_CORRUPT },
	{ OK_TLS("self-signed-leaf", NULL), .eku = SRV, .flags = LEAF_UNKNOWN | LEAF_SELF_SIGNED | LEAF_BC },

	/* hostile names */
	{ OK_DATES("hostile-leaf-esc", "hostile-esc"), .cn = B("\033[2J\033]52;c;eHg=\a\nESC\x7f"),
		.san = "dns:\033[31m.esc.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-bidi", "hostile-bidi"),
		.cn = B("www.\xe2\x80\xae"
			"elpmaxe\xe2\x81\xa6\xe2\x80\x8f"),
		.san = "dns:bidi.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-wide", "hostile-wide"),
		.cn = B("\xe6\xa1\x9c.example a\xcc\x8a\xcc\x8a\xcc\x8a \xd9\x85\xd8\xab\xd8\xa7\xd9\x84"),
		.san = "dns:wide.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-long", "hostile-long"), .cn = B("long."), .cn_pad = 10000,
		.san = "dns:long-name.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-empty", "hostile-empty-cn"), .cn = B(""), .san = "dns:empty.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-no-subject", "hostile-no-cn"), .cn = { 0 }, .san = "dns:no-cn.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-formula", "hostile-formula"), .cn = B("+cmd|' /C calc'!A0\t,\"x\""),
		.san = "dns:formula.example,dns:=1+1.example,dns:@sum.example,dns:-1.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-nul", "hostile-nul"), .cn = B("bank.example\0.evil.example"), .san = "dns:nul.example",
		.eku = SRV },
	{ OK_DATES("hostile-leaf-latin1", "hostile-latin1"), .cn = B("\xe9t\xe9 \x80\x9b"), .cn_tag = TAG_T61,
		.san = "dns:latin1.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-badia5", "hostile-badprintable"), .cn = B("\xff\xfe\xc0\xaf"), .cn_tag = TAG_IA5,
		.san = "dns:\xff\xc3(.badia5.example", .eku = SRV },
	{ OK_DATES("hostile-leaf-markup", "hostile-bmp"),
		.cn = B("<script>alert(1)</script> | **md** `x` & \\ %s%n $(id)"), .san = "dns:markup.example",
		.eku = SRV },

	/* below broken/: libcrypto refuses these two */
	{ OK_TLS("serial-padded", "birch-issuing-1"), .eku = SRV, .serial = "0000000042", .flags = LEAF_BROKEN },
	{ OK_DATES("bad-utf8", "birch-issuing-1"), .cn = B("bad \xff\xc3\x28 utf-8"), .san = "dns:bad-utf8.example",
		.eku = SRV, .flags = LEAF_BROKEN },
};
const size_t leaf_count = COUNT(leaf_defs);

const struct batch_def batch_defs[] = {
	{ "alder-tls-1", 50, SRV | EKU_CLIENT, POLICY_DV, 90, LEAF_SCTS },
	{ "alder-tls-2", 30, SRV, POLICY_DV, 199, LEAF_SCTS },
	{ "birch-issuing-1", 30, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "birch-issuing-2", 18, SRV, POLICY_DV, 90, LEAF_SCTS },
	{ "cedar-tls", 26, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "cedar-shared", 8, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "cedar-key-a", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "cedar-key-b", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "dogwood-mail", 14, EKU_EMAIL, NULL, 730, 0 },
	{ "dogwood-tls", 3, SRV, POLICY_DV, 199, LEAF_SCTS },
	{ "elm-city", 16, SRV, POLICY_EV, 397, LEAF_SCTS },
	{ "elm-tax", 3, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "elm-tax-child", 3, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "elm-aki", 2, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "fir-tls", 12, SRV, POLICY_DV, 199, LEAF_SCTS },
	{ "fir-mail", 12, EKU_EMAIL, NULL, 730, 0 },
	{ "fir-blocked", 4, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "fir-aki-serial", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "ginkgo-ring-a", 4, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "ginkgo-ring-b", 5, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "hemlock-tls", 5, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "oak-issuing", 5, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "oak-nobc", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "pine-issuing", 4, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "pine-weak", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "thorn-issuing", 4, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "yew-issuing", 3, SRV | EKU_CLIENT, POLICY_OV, 397, LEAF_SCTS },
	{ "sequoia-issuing", 3, SRV, NULL, 730, 0 },
	{ "alder-pl0", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-under-pl0", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-roll", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-roll-new", 4, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-email", 4, EKU_EMAIL, NULL, 730, 0 },
	{ "alder-ocsp", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-any", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "alder-noks", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "birch-sha1", 4, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "birch-renew", 5, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "birch-expired-child", 3, SRV, POLICY_OV, 397, LEAF_SCTS },
	{ "undisclosed-ca", 3, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "corrupt-ca", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
	{ "orphan-ca", 2, SRV, POLICY_DV, 397, LEAF_SCTS },
};
const size_t batch_count = COUNT(batch_defs);
