#include "lists.h"

/* A field that a row leaves out is zero on purpose. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* clang-format off: one row, one line, where it fits */
const struct chrome_def chrome_defs[] = {
	/* one rule from a version on, none before */
	{ "alder-root", NEWER, .extra = "  trust_anchor_id: \"\\x82\\xdf\\x13\\x02\\001\"  # 44947.2.1\n"
					"  ev_policy_oids: \"2.23.140\" \".1.1\"\n  ev_policy_oids: \"1.2.3.4\"", .sets = 2,
		.set = { { .sct_not_after = "20251031235959", .min = "140" }, { .max = "140" } } },
	{ "alder-root", OLDER },
	{ "birch-root", BOTH, .expiry = 1, .constraints = 1,
		.extra = "  display_name: \"Birch \\\"Root\\\" \\342\\200\\224 \\u00e9\\t\\x1b[31m\"" },
	/* both must hold */
	{ "cedar-root", NEWER, .sets = 2,
		.set = { { .sct_not_after = "20251201003000", .starts_not_after = "20251130235959", .min = "131.0.6778.2" },
			{ .max = "131", .dns = "cedar.example" } } },
	{ "cedar-root", OLDER },
	/* either */
	{ "elm-root", NEWER, .sets = 2,
		.set = { { .starts_not_after = "20260228235959" },
			{ .starts_after = "20260228235959", .sct_all_after = "20260331235959",
				.dns = "elm.example,elm.test" } } },
	/* what canopy does not know is taken as met */
	{ "fir-root", NEWER, .sets = 1,
		.set = { { .sct_all_after = "20300101000000", .unknown = "fictional_rule: { depth: 2 names: [\"a\", \"b\"] }" } } },
	{ "fir-root", OLDER },
	{ "ginkgo-root", NEWER, .sets = 1, .set = { { .max = "120" } } },
	{ "hemlock-root", OLDER },
	{ NULL, NEWER },
	/* anchors only where the store says so */
	{ "hemlock-old", NEWER, .additional = 1, .tls = 1 },
	{ "birch-expired", NEWER, .additional = 1, .tls = 1, .expiry = 1 },
	{ "alder-noks", NEWER, .additional = 1, .tls = 1, .constraints = 1 },
	{ "dogwood-mail", NEWER, .additional = 1, .tls = 1, .eutl = 1 },
	{ "thorn-root", NEWER, .additional = 1, .eutl = 1 },
	{ "yew-root", NEWER, .additional = 1 },
};
const size_t chrome_count = COUNT(chrome_defs);

/* On 2026-06-01, by the newer store. */
const struct leaf_fact chrome_leaf_facts[] = {
	{ "sct-edge-in", 139, 1 }, { "sct-edge-in", 140, 1 },
	{ "sct-edge-out", 139, 1 }, { "sct-edge-out", 140, 0 },
	{ "sct-mixed", 140, 1 },
	{ "no-sct", 139, 1 }, { "no-sct", 140, 0 },
	{ "cedar-before", 130, 1 }, { "cedar-before", 131, 1 },
	{ "cedar-last-second", 130, 1 }, { "cedar-last-second", 131, 0 }, /* its SCT is too late */
	{ "cedar-first-second", 130, 1 }, { "cedar-first-second", 131, 0 },
	{ "year-2050", 140, 0 },
	{ "eku-server", 140, 1 },
};
const size_t chrome_leaf_count = COUNT(chrome_leaf_facts);

const struct ca_fact chrome_ca_facts[] = {
	{ "alder-tls-1", "some" }, { "birch-issuing-1", "all" }, { "birch-expired", "none" }, { "birch-expired-child", "none" },
	{ "cedar-tls", "some" }, { "dogwood-root", "none" }, { "dogwood-mail", "all" }, { "elm-city", "some" },
	{ "fir-tls", "all" }, { "ginkgo-ring-a", "none" }, { "hemlock-root", "none" }, { "hemlock-old", "all" },
	{ "alder-noks", "none" }, { "thorn-issuing", "none" }, { "yew-issuing", "none" }, { "pine-issuing", "none" },
};
const size_t chrome_ca_count = COUNT(chrome_ca_facts);

const struct onecrl_def onecrl_defs[] = {
	{ "elm-tax", BOTH },
	{ "thorn-issuing-by-alder", BOTH, .disabled = 1 },
	{ "alder-ocsp", OLDER },
	{ "birch-sha1", NEWER, BY_KEY },
	{ "cedar-key-a", NEWER, BY_KEY }, /* and not cedar-key-b, which has the same key */
	{ "fir-aki-serial", NEWER },
	{ "pine-weak", NEWER, .disabled = 1 },
	{ "elm-city", NEWER, BY_PLAIN_NAME }, /* its issuer's name is written differently */
	{ "\"issuerName\": \"MAA=\", \"serialNumber\": \"Rm9ydHkgdHdv\"", BOTH, AS_IT_STANDS }, /* of nobody */
	{ "\"issuerName\": \"MAA=\", \"serialNumber\": \"!no base64!\"", NEWER, AS_IT_STANDS },
	{ "\"subject\": \"MAA=\"", OLDER, AS_IT_STANDS },
};
const size_t onecrl_count = COUNT(onecrl_defs);

const struct crlset_def crlset_defs[] = {
	{ SET_BLOCKED, "fir-blocked", BOTH },
	{ SET_BLOCKED, "thorn-issuing", NEWER },
	{ SET_BLOCKED, "hemlock-tls", OLDER },
	{ SET_KNOWN, "birch-issuing-2", NEWER },
	{ SET_INTERCEPTED, "orphan-ca", NEWER },
	{ SET_SERIAL, "birch-sha1", BOTH },
	{ SET_SERIAL, "cedar-shared-by-alder", NEWER },
	{ SET_SERIAL, "birch-renew-2012", NEWER },
};
const size_t crlset_count = COUNT(crlset_defs);

#define FRESH "20260528000000", "20260604000000"

const struct crl_def crl_defs[] = {
	{ "crl/birch-root.crl", "birch-root", NULL, FRESH, 42 },
	{ "crl/birch-root.older.crl", "birch-root", NULL, "20260428000000", "20260505000000", 41, CRL_AGAIN },
	{ "crl/alder-root.pem", "alder-root", NULL, FRESH, 7, CRL_PEM },
	{ "crl/alder-tls-1.crl", "alder-tls-1", NULL, FRESH, 100 },
	{ "crl/birch-issuing-1.crl", "birch-issuing-1", NULL, FRESH, 101 },
	{ "crl/cedar-root.crl", "cedar-root", NULL, FRESH, 8 },
	{ "crl/cedar-root.delta.crl", "cedar-root", NULL, "20260529000000", "20260604000000", 9, CRL_DELTA },
	{ "crl/dogwood-root.indirect.crl", "dogwood-root", NULL, FRESH, 3, CRL_INDIRECT },
	{ "crl/elm-root.crl", "elm-root", NULL, FRESH, 12 },
	{ "crl/fir-root.users.crl", "fir-root", NULL, FRESH, 13, CRL_USERS },
	{ "crl/ginkgo-root.wrong-key.crl", "ginkgo-root", "oak-issuing", FRESH, 14 },
	{ "crl/hemlock-root.cut.crl", "hemlock-root", NULL, FRESH, 15, CRL_CUT },
	{ "crl/hemlock-root.unsigned.crl", "hemlock-root", NULL, FRESH, 15, CRL_UNSIGNED },
	{ "crl/oak-v1-root.corrupt.crl", "oak-v1-root", NULL, FRESH, 16, CRL_CORRUPT },
	{ "crl/vanished-root.crl", "vanished-root", NULL, FRESH, 17 },
	{ "crl/yew-root.foreign.crl", "yew-root", NULL, FRESH, 18 },
};
const size_t crl_count = COUNT(crl_defs);

const struct crl_entry_def crl_entry_defs[] = {
	{ "crl/birch-root.crl", "birch-sha1", "20260501120000", REASON_CA },
	{ "crl/birch-root.crl", "birch-renew-2012", "20220101000000", REASON_SUPERSEDED },
	{ "crl/birch-root.crl", "birch-expired", "20200601000000", REASON_HOLD },
	{ "crl/birch-root.crl", "birch-inter", "20260520000000", REASON_REMOVE }, /* no longer on hold */
	{ "crl/birch-root.older.crl", "birch-sha1", "20260501120000", REASON_CA },
	{ "crl/birch-root.older.crl", "birch-inter", "20260401000000", REASON_HOLD },
	{ "crl/alder-root.pem", "cedar-shared-by-alder", "20260315000000", REASON_KEY },
	{ "crl/alder-root.pem", "thorn-issuing-by-alder", "20251201000000", REASON_NONE },
	{ "crl/alder-tls-1.crl", "pair", "20260510000000", REASON_KEY },
	{ "crl/alder-tls-1.crl", "precert-only", "20260511000000", REASON_NONE },
	{ "crl/alder-tls-1.crl", "expired", "20250210000000", REASON_SUPERSEDED },
	{ "crl/alder-tls-1.crl", "folded-issuer", "20260512000000", REASON_NONE },
	{ "crl/birch-issuing-1.crl", "eku-server", "20260513000000", REASON_HOLD },
	{ "crl/birch-issuing-1.crl", "dup-serial-a", "20260514000000", REASON_NONE },
	{ "crl/birch-issuing-1.crl", "serial-negative", "20260514000000", REASON_NONE },
	{ "crl/birch-issuing-1.crl", "pair-ov", "20260514000000", REASON_NONE }, /* another CA's serial number */
	{ "crl/birch-issuing-1.crl", "long", "20260515000000", REASON_REMOVE },
	{ "crl/cedar-root.crl", "cedar-key-a", "20260501000000", REASON_HOLD },
	{ "crl/cedar-root.delta.crl", "cedar-key-a", "20260501000000", REASON_REMOVE },
	{ "crl/cedar-root.delta.crl", "cedar-tls", "20260528120000", REASON_KEY },
	{ "crl/dogwood-root.indirect.crl", "dogwood-tls", "20260520000000", REASON_NONE },
	{ "crl/dogwood-root.indirect.crl", "fir-tls", "20260520000000", REASON_NONE, "fir-root" },
	{ "crl/elm-root.crl", "elm-aki", "20260502000000", REASON_NONE },
	{ "crl/ginkgo-root.wrong-key.crl", "ginkgo-ring-a-by-root", "20260502000000", REASON_CA },
	{ "crl/oak-v1-root.corrupt.crl", "oak-issuing", "20260502000000", REASON_CA },
	{ "crl/vanished-root.crl", "orphan-ca", "20260502000000", REASON_CA },
	{ "crl/yew-root.foreign.crl", "yew-issuing", "20260502000000", REASON_CA, "fir-root" },
};
const size_t crl_entry_count = COUNT(crl_entry_defs);

#define IN "Included"
#define NOT "Not Included"
#define OUT "Removed"
#define APPLE_ALL "TLS Server;TLS Client;Email"
#define MS_ALL "Server Authentication;Client Authentication;Secure Email"

const struct included_def included_defs[] = {
	{ "alder-root", IN, APPLE_ALL, IN, IN, MS_ALL, IN, "Websites;Email" },
	{ "birch-root", IN, "TLS Client;Email", IN, IN, "Code Signing; Server Authentication ;Secure Email", IN,
		"Websites;Email" },
	{ "cedar-root", IN, APPLE_ALL, IN, "NotBefore", "", IN, "Websites;Email" },
	{ "dogwood-root", IN, "Email", NOT, IN, "Secure Email;Time Stamping", IN, "Email" },
	{ "elm-root", NOT, "", IN, IN, "Server Authentication", IN, "Websites" },
	{ "fir-root", IN, "TLS Server;TLS Client", IN, IN, "Server Authentication;Client Authentication;Code Signing", IN,
		"Websites;Email" },
	{ "ginkgo-root", NOT, "", NOT, IN, "", IN, "Websites;Email" },
	{ "hemlock-root", OUT, "", OUT, "Disabled", "", OUT, "" },
	{ "oak-v1-root", NOT, "", NOT, NOT, "", IN, "Websites" },
	{ "pine-sha1-root", NOT, "", NOT, NOT, "", IN, "Websites" },
	{ "thorn-root", IN, "TLS Server;Email", NOT, "Disabled", "Server Authentication", OUT, "" },
	{ "yew-root", NOT, "", NOT, NOT, "", "Not Yet Included", "" },
};
const size_t included_count = COUNT(included_defs);

const struct finding_def finding_defs[] = {
	{ "undisclosed", "undisclosed-ca", "high", "accepted by mozilla tls" },
	{ "undisclosed", "sequoia-issuing", "low", "accepted by no program indexed" },
	{ "ocsp-signing-eku", "alder-ocsp", "high", "OCSPSigning" },
	{ "revoked-not-everywhere", "elm-aki", "medium", "revoked in crl, not in ccadb, onecrl" },
	{ "revoked-not-everywhere", "fir-aki-serial", "medium", "revoked in onecrl, not in ccadb" },
	{ "revoked-not-everywhere", "cedar-shared-by-alder", "medium", "revoked in crl, crlset, not in ccadb, onecrl" },
	{ "revoked-not-everywhere", "elm-tax", "medium", "revoked in ccadb, onecrl, not in crl" },
	{ "revoked-not-everywhere", "pine-weak", "medium", "revoked in onecrl, not in ccadb" },
	{ "revoked-not-everywhere", "cedar-key-a", "medium", "revoked in crl, onecrl, not in ccadb" },
	{ "revoked-not-everywhere", "birch-sha1", "medium", "revoked in crl, onecrl, crlset, not in ccadb" },
	{ "revoked-not-everywhere", "birch-expired", "low", "revoked in crl, not in ccadb, onecrl" },
	{ "revoked-not-everywhere", "birch-renew-2012", "low", "revoked in crl, crlset, not in ccadb, onecrl" },
	{ "unrevoked", "alder-ocsp", "high", "was revoked in onecrl" },
	{ "unrevoked", "hemlock-tls", "high", "was revoked in crlset" },
	{ "aki-mismatch", "elm-aki", "medium", "key identifier of no issuer" },
	{ "aki-mismatch", "fir-aki-serial", "low", "issuer and serial number" },
	{ "path-len-violated", "alder-under-pl0", "high", "'Alder Issuing CA without sub-CAs'" },
	{ "sibling-alive", "cedar-shared-by-alder", "high", "'Cedar Shared CA'" },
	{ "sibling-alive", "birch-renew-2012", "high", "'Birch Renewed CA'" },
	{ "sibling-alive", "cedar-key-a", "high", "'Cedar Twin CA B'" },
	{ "expired-parent", "birch-expired-child", "low", "'Birch Expired CA'" },
	{ "sha1-signature", "birch-sha1", "medium", "sha1WithRSAEncryption" },
	{ "weak-key", "pine-weak", "high", "RSA 1024" },
	{ "cycle", "ginkgo-ring-a", "low", "'Ginkgo Ring CA A', 'Ginkgo Ring CA B'" },
	{ "bad-signature", "corrupt-ca", "high", "'Alder Root CA'" },
	{ "duplicate-serial", "birch-issuing-1", "high", "0d0d0d01" },
	{ "store-contradicts-ccadb", "ginkgo-root", "low", "an anchor of chrome for tls" },
	{ "unparsable", "root_store.2026-05-20.textproto", "low", "not evaluated: fictional_rule" },
	{ "unparsable", "cedar-root.delta.crl", "low", "delta CRL" },
	{ "unparsable", "dogwood-root.indirect.crl", "low", "indirect CRL" },
	{ "unparsable", "hemlock-root.unsigned.crl", "low", "without a readable signature" },
	{ "unparsable", "yew-root.foreign.crl", "low", "entry 1: an entry of another issuer" },
	{ "unparsable", "onecrl.2025-01-10.json", "low", "record 5: the record names no certificate" },
	{ "unparsable", "onecrl.2026-05-25.json", "low", "record 9: serialNumber is no base64" },
	{ "unparsable", "onecrl.2026-05-25.json", "low", "record 9: the record names no certificate" },
};
const size_t finding_count = COUNT(finding_defs);
