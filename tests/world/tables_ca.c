#include "model.h"

/* A field that a row leaves out is zero on purpose. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* clang-format off: one row, one line, where it fits */
const struct owner_def owner_defs[] = {
	{ "alder", "Alder Trust Services (fictional)", "Alder & Sons Trust (fictional)", "Alder Trust (fictional)",
		"alder.example", "Fictionland" },
	{ "birch", "Birch Telecom, S.A. (fictional)", NULL, "Birch Telecom (fictional)", "birch.example",
		"Fictionland" },
	{ "cedar", "Cedar Sign \"Qualified\" (fictional)", NULL, "Cedar Sign (fictional)", "cedar.example",
		"Fictionland" },
	{ "dogwood", "Dogwood Mail (fictional)", NULL, "Dogwood Mail (fictional)", "dogwood.example", "Fictionland" },
	{ "elm", "\xc3\x89lm Government \xe2\x80\x93 Minist\xc3\xa8re fictif (fictional)", NULL,
		"Elm Government (fictional)", "elm.example", "Republic of Nowhere" },
	{ "fir", "Fir Holding\nFir Trust Centre (fictional)", NULL, "Fir Holding (fictional)", "fir.example",
		"Republic of Nowhere" },
	{ "ginkgo", "Ginkgo Research (fictional)", NULL, "Ginkgo Research (fictional)", "ginkgo.example",
		"Republic of Nowhere" },
	{ "hazel", "Hazel Hosting (fictional)", NULL, "Hazel Hosting (fictional)", "hazel.example", "Fictionland" },
	{ "hemlock", "Hemlock Certificates (fictional)", NULL, "Hemlock Certificates (fictional)", "hemlock.example",
		"Fictionland" },
	{ "oak", "Oak Legacy (fictional)", NULL, "Oak Legacy (fictional)", "oak.example", "Fictionland" },
	{ "pine", "Pine Legacy (fictional)", NULL, "Pine Legacy (fictional)", "pine.example", "Fictionland" },
	{ "sequoia", "Sequoia Steelworks (fictional)", NULL, "Sequoia Steelworks (fictional)", "sequoia.test",
		"Fictionland" },
	{ "thorn", "Thorn Security (fictional)", NULL, "Thorn Security (fictional)", "thorn.example", "Fictionland" },
	{ "vanished", "Vanished Trust (fictional)", NULL, "Vanished Trust (fictional)", "vanished.example",
		"Fictionland" },
	{ "yew", "Yew University (fictional)", NULL, "Yew University (fictional)", "yew.example", "Fictionland" },
};
const size_t owner_count = COUNT(owner_defs);

const struct ca_def ca_defs[] = {
	{ "alder-root", "alder", B("Alder Root CA") },
	{ "alder-policy", "alder", B("Alder Policy CA") },
	{ "alder-tls-1", "alder", B("Alder TLS CA 1"), .ou = "TLS" },
	{ "alder-tls-2", "alder", B("Alder TLS CA 2"), .ou = "TLS" },
	{ "alder-pl0", "alder", B("Alder Issuing CA without sub-CAs") },
	{ "alder-under-pl0", "alder", B("Alder CA below pathLen 0") },
	{ "alder-roll", "alder", B("Alder Rollover CA"), TAG_PRINTABLE },
	{ "alder-roll-new", "alder", B("Alder Rollover CA"), TAG_PRINTABLE },
	{ "alder-email", "alder", B("Alder E-Mail CA") },
	{ "alder-ocsp", "alder", B("Alder TLS and OCSP CA") },
	{ "alder-any", "alder", B("Alder Any Purpose CA") },
	{ "alder-noks", "alder", B("Alder CA without keyCertSign") },

	{ "birch-root", "birch", B("Birch Root R1"), .kind = KEY_RSA2048 },
	{ "birch-inter", "birch", B("Birch Intermediate G2") },
	{ "birch-issuing-1", "birch", B("Birch Issuing CA 1") },
	{ "birch-issuing-2", "hazel", B("Hazel Web CA (by Birch)") },
	{ "birch-sha1", "birch", B("Birch SHA-1 CA") },
	{ "birch-renew", "birch", B("Birch Renewed CA") },
	{ "birch-expired", "birch", B("Birch Expired CA") },
	{ "birch-expired-child", "birch", B("Birch CA below an expired CA") },

	{ "cedar-root", "cedar", B("Cedar Root E1"), .kind = KEY_P384 },
	{ "cedar-tls", "cedar", B("Cedar TLS CA") },
	{ "cedar-shared", "cedar", B("Cedar Shared CA") },
	{ "cedar-key-a", "cedar", B("Cedar Twin CA A") },
	{ "cedar-key-b", "cedar", B("Cedar Twin CA B"), .key = "cedar-key-a" },

	{ "dogwood-root", "dogwood", B("Dogwood Mail Root") },
	{ "dogwood-mail", "dogwood", B("Dogwood Mail CA 1") },
	{ "dogwood-tls", "hazel", B("Hazel TLS CA (by Dogwood)") },

	{ "elm-root", "elm", B("Elm Government Root 2055") },
	{ "elm-ministry", "elm", B("Elm Ministry CA"), TAG_PRINTABLE },
	{ "elm-city", "elm", B("Elm City CA") },
	{ "elm-tax", "elm", B("Elm Tax CA") },
	{ "elm-tax-child", "elm", B("Elm Tax Issuing CA") },
	{ "elm-aki", "elm", B("Elm CA with a foreign AKI") },

	{ "fir-root", "fir", B("Fir Root CA") },
	{ "fir-mail", "fir", B("Fir Mail CA") },
	{ "fir-tls", "fir", B("Fir TLS CA") },
	{ "fir-blocked", "fir", B("Fir Distrusted CA") },
	{ "fir-aki-serial", "fir", B("Fir CA with AKI by serial") },

	{ "ginkgo-root", "ginkgo", B("Ginkgo Research Root") },
	{ "ginkgo-ring-a", "ginkgo", B("Ginkgo Ring CA A") },
	{ "ginkgo-ring-b", "ginkgo", B("Ginkgo Ring CA B") },

	{ "hemlock-root", "hemlock", B("Hemlock Root CA") },
	{ "hemlock-tls", "hemlock", B("Hemlock TLS CA") },
	{ "hemlock-old", "hemlock", B("Hemlock Old CA") },

	{ "oak-v1-root", "oak", B("Oak Class 3 Root"), TAG_PRINTABLE, .kind = KEY_RSA2048 },
	{ "oak-issuing", "oak", B("Oak Issuing CA") },
	{ "oak-nobc", "oak", B("Oak CA without basicConstraints") },

	{ "pine-sha1-root", "pine", B("Pine Root (SHA-1)"), TAG_PRINTABLE, .kind = KEY_RSA2048 },
	{ "pine-issuing", "pine", B("Pine Issuing CA") },
	{ "pine-weak", "pine", B("Pine Weak Key CA"), .kind = KEY_RSA1024 },

	{ "thorn-root", "thorn", B("Thorn Root CA") },
	{ "thorn-issuing", "thorn", B("Thorn Issuing CA") },

	{ "yew-root", "yew", B("Yew University Root") },
	{ "yew-issuing", "yew", B("Yew Campus CA") },

	{ "sequoia-root", "sequoia", B("Sequoia Works Root") },
	{ "sequoia-issuing", "sequoia", B("Sequoia Works Issuing CA") },

	{ "undisclosed-ca", "birch", B("Birch Undisclosed CA") },
	{ "corrupt-ca", "alder", B("Alder CA with a corrupted signature") },
	{ "vanished-root", "vanished", B("Vanished Root") },
	{ "orphan-ca", "vanished", B("Orphan CA") },

	{ "hostile-esc", "ginkgo",
		B("Esc \033[31mred\033[0m \033]0;title\007\r\nnew line \xc2\x9b"
		  "2J") },
	{ "hostile-bidi", "ginkgo",
		B("Bidi \xe2\x80\xaegnp.elpmaxe\xe2\x80\xac \xe2\x80\x8b"
		  "zero\xe2\x80\x8dwidth\xef\xbb\xbf") },
	{ "hostile-wide", "ginkgo",
		B("\xe9\x8a\x80\xe6\x9d\x8f\xe8\xaa\x8d\xe8\xa8\xbc\xe5\xb1\x80 "
		  "\xd8\xb4\xd9\x87\xd8\xa7\xd8\xaf\xd8\xa9 e\xcc\x81\xcc\xa7\xcc\xb2 \xf0\x9f\x8c\xb3") },
	{ "hostile-long", "ginkgo", B("Long name "), .cn_pad = 10000 },
	{ "hostile-empty-cn", "ginkgo", B(""), .ou = "Empty CN" },
	{ "hostile-formula", "ginkgo", B("=HYPERLINK(\"http://evil.example\",\"+1\")") },
	{ "hostile-nul", "ginkgo", B("good.example\0.evil.example") },
	{ "hostile-latin1", "ginkgo",
		B("Caf\xe9 \xff \x9b"
		  "31m CA"),
		TAG_T61 },
	{ "hostile-badprintable", "ginkgo", B("Bad \xc3\x28 \xfe printable"), TAG_PRINTABLE },
	{ "hostile-bmp", "ginkgo", B("\0B\0M\0P\0 \x93\x4f"), TAG_BMP },
	{ "hostile-no-cn", "ginkgo", { 0 }, .ou = "CA known by its OU only" },
};
const size_t ca_count = COUNT(ca_defs);

#define ROOT_EKU (EKU_SERVER | EKU_CLIENT)

const struct cert_def cert_defs[] = {
	{ NULL, "alder-root", "alder-root", "20100301000000", "20350228235959", .flags = CERT_ALSO_STORE },
	{ NULL, "alder-policy", "alder-root", "20120101000000", "20321231235959", PL(1) },
	{ NULL, "alder-tls-1", "alder-policy", "20200615000000", "20300614235959", PL(0), EKU_SERVER | EKU_CLIENT },
	{ NULL, "alder-tls-2", "alder-policy", "20220110000000", "20320109235959", PL(0), EKU_SERVER },
	{ NULL, "alder-pl0", "alder-root", "20180101000000", "20301231235959", PL(0) },
	{ NULL, "alder-under-pl0", "alder-pl0", "20190101000000", "20291231235959" },
	{ NULL, "alder-roll", "alder-root", "20140101000000", "20331231235959", PL(0) },
	{ NULL, "alder-roll-new", "alder-roll", "20230101000000", "20331231235959", PL(0) },
	{ NULL, "alder-email", "alder-root", "20190401000000", "20290331235959", PL(0), EKU_EMAIL },
	{ NULL, "alder-ocsp", "alder-root", "20160601000000", "20310531235959", PL(0), EKU_SERVER | EKU_OCSP },
	{ NULL, "alder-any", "alder-root", "20160601000000", "20310531235959", PL(0), EKU_ANY },
	{ NULL, "alder-noks", "alder-root", "20170601000000", "20310531235959", .flags = CERT_NO_CERTSIGN },

	{ NULL, "birch-root", "birch-root", "20090909090909", "20390909090909" },
	{ "birch-root-x-alder", "birch-root", "alder-root", "20120606000000", "20340605235959" },
	{ NULL, "birch-inter", "birch-root", "20150101000000", "20341231235959" },
	{ NULL, "birch-issuing-1", "birch-inter", "20200101000000", "20301231235959", PL(0), ROOT_EKU },
	{ NULL, "birch-issuing-2", "birch-inter", "20210101000000", "20301231235959", PL(0), ROOT_EKU },
	{ NULL, "birch-sha1", "birch-root", "20130101000000", "20301231235959", .flags = CERT_SHA1 },
	{ "birch-renew-2012", "birch-renew", "birch-root", "20120701000000", "20220630235959", PL(0) },
	{ "birch-renew-2021", "birch-renew", "birch-root", "20210701000000", "20310630235959", PL(0) },
	{ NULL, "birch-expired", "birch-root", "20100101000000", "20201231235959" },
	{ NULL, "birch-expired-child", "birch-expired", "20160101000000", "20301231235959" },

	{ NULL, "cedar-root", "cedar-root", "20130313000000", "20430312235959" },
	{ NULL, "cedar-tls", "cedar-root", "20200505000000", "20350504235959", PL(0), ROOT_EKU },
	{ "cedar-shared-by-cedar", "cedar-shared", "cedar-root", "20190505000000", "20350504235959", PL(0) },
	{ "cedar-shared-by-alder", "cedar-shared", "alder-root", "20200808000000", "20300807235959", PL(0) },
	{ NULL, "cedar-key-a", "cedar-root", "20170505000000", "20350504235959", PL(0) },
	{ NULL, "cedar-key-b", "birch-root", "20170606000000", "20350605235959", PL(0) },

	{ NULL, "dogwood-root", "dogwood-root", "20140414000000", "20390413235959" },
	{ NULL, "dogwood-mail", "dogwood-root", "20200414000000", "20350413235959", PL(0), EKU_EMAIL },
	{ NULL, "dogwood-tls", "dogwood-root", "20200414000000", "20350413235959", PL(0), EKU_SERVER },

	{ NULL, "elm-root", "elm-root", "20150101000000", "20551231235959" },
	{ NULL, "elm-ministry", "elm-root", "20160101000000", "20501231235959" },
	{ NULL, "elm-city", "elm-ministry", "20180101000000", "20401231235959", .flags = CERT_FOLDED },
	{ NULL, "elm-tax", "elm-root", "20170101000000", "20401231235959", .revocation = "Revoked" },
	{ NULL, "elm-tax-child", "elm-tax", "20180601000000", "20351231235959", .revocation = "Parent Cert Revoked" },
	{ NULL, "elm-aki", "elm-root", "20190101000000", "20401231235959", .flags = CERT_WRONG_AKI },

	{ NULL, "fir-root", "fir-root", "20080808000000", "20380807235959" },
	{ NULL, "fir-mail", "fir-root", "20180808000000", "20330807235959", PL(0), EKU_EMAIL },
	{ NULL, "fir-tls", "fir-root", "20180808000000", "20330807235959", PL(0), EKU_SERVER },
	{ NULL, "fir-blocked", "fir-root", "20150808000000", "20330807235959" },
	{ NULL, "fir-aki-serial", "fir-root", "20160808000000", "20330807235959", .flags = CERT_AKI_SERIAL },

	{ NULL, "ginkgo-root", "ginkgo-root", "20160101000000", "20411231235959", .flags = CERT_GENTIME },
	{ "ginkgo-ring-a-by-root", "ginkgo-ring-a", "ginkgo-root", "20180101000000", "20351231235959" },
	{ "ginkgo-ring-b-by-a", "ginkgo-ring-b", "ginkgo-ring-a", "20190101000000", "20351231235959" },
	{ "ginkgo-ring-a-by-b", "ginkgo-ring-a", "ginkgo-ring-b", "20200101000000", "20351231235959" },

	{ NULL, "hemlock-root", "hemlock-root", "20070707000000", "20370706235959" },
	{ NULL, "hemlock-tls", "hemlock-root", "20170707000000", "20320706235959", PL(0) },
	{ NULL, "hemlock-old", "hemlock-root", "20080707000000", "20230706235959", .flags = CERT_OLD_REPORT_ONLY },

	{ NULL, "oak-v1-root", "oak-v1-root", "19990101000000", "20361231235959", .flags = CERT_V1 },
	{ NULL, "oak-issuing", "oak-v1-root", "20160303000000", "20330302235959" },
	{ NULL, "oak-nobc", "oak-v1-root", "20110303000000", "20330302235959", .flags = CERT_NO_BC },

	{ NULL, "pine-sha1-root", "pine-sha1-root", "20050505000000", "20350504235959", .flags = CERT_SHA1 },
	{ NULL, "pine-issuing", "pine-sha1-root", "20160505000000", "20330504235959" },
	{ NULL, "pine-weak", "pine-sha1-root", "20090505000000", "20330504235959", .serial = "00" },

	{ NULL, "thorn-root", "thorn-root", "20110111000000", "20310110235959" },
	{ NULL, "thorn-issuing", "thorn-root", "20160111000000", "20310110235959" },
	{ "thorn-issuing-by-alder", "thorn-issuing", "alder-root", "20170111000000", "20300110235959",
		.revocation = "Revoked" },

	{ NULL, "yew-root", "yew-root", "20120512000000", "20370511235959", .serial = "ff7f" },
	{ NULL, "yew-issuing", "yew-root", "20180512000000", "20330511235959" },

	{ NULL, "sequoia-root", "sequoia-root", "20200202000000", "20400201235959", .flags = CERT_STORE },
	{ NULL, "sequoia-issuing", "sequoia-root", "20210202000000", "20350201235959", .flags = CERT_SINGLE },

	{ NULL, "undisclosed-ca", "birch-inter", "20240202000000", "20330201235959", .flags = CERT_UNDISCLOSED },
	{ NULL, "corrupt-ca", "alder-root", "20180202000000", "20330201235959", .flags = CERT_CORRUPT },
	{ NULL, "orphan-ca", "vanished-root", "20140202000000", "20330201235959",
		.serial = "0102030405060708090a0b0c0d0e0f101112131415161718" },

	{ NULL, "hostile-esc", "ginkgo-root", "20170101000000", "20351231235959" },
	{ NULL, "hostile-bidi", "ginkgo-root", "20170102000000", "20351231235959" },
	{ NULL, "hostile-wide", "ginkgo-root", "20170103000000", "20351231235959" },
	{ NULL, "hostile-long", "ginkgo-root", "20170104000000", "20351231235959" },
	{ NULL, "hostile-empty-cn", "ginkgo-root", "20170105000000", "20351231235959" },
	{ NULL, "hostile-formula", "ginkgo-root", "20170106000000", "20351231235959" },
	{ NULL, "hostile-nul", "ginkgo-root", "20170107000000", "20351231235959" },
	{ NULL, "hostile-latin1", "ginkgo-root", "20170108000000", "20351231235959" },
	{ NULL, "hostile-badprintable", "ginkgo-root", "20170109000000", "20351231235959" },
	{ NULL, "hostile-bmp", "ginkgo-root", "20170110000000", "20351231235959" },
	{ NULL, "hostile-no-cn", "ginkgo-root", "20170111000000", "20351231235959" },
};
const size_t cert_count = COUNT(cert_defs);

#define IN "Included"
#define NOT "Not Included"
#define TLS_BITS "Server Authentication"
#define MAIL_BITS "Secure Email"
#define BOTH_BITS "Server Authentication;Secure Email"

const struct root_def root_defs[] = {
	{ "alder-root", IN, IN, IN, IN, BOTH_BITS, .in_new = 1, .in_old = 1 },
	{ "birch-root", IN, IN, IN, IN, BOTH_BITS, .in_new = 1, .in_old = 1 },
	{ "cedar-root", IN, IN, "NotBefore", IN, BOTH_BITS, .in_new = 1, .in_old = 1, .tls_after = "251130235959Z" },
	{ "dogwood-root", IN, NOT, IN, IN, MAIL_BITS, TRUST_MUST_VERIFY, TRUST_DELEGATOR, 1, 1 },
	{ "elm-root", NOT, IN, "Disabled", IN, TLS_BITS, TRUST_DELEGATOR, TRUST_MUST_VERIFY, 1, 0 },
	{ "fir-root", IN, IN, IN, IN, BOTH_BITS, .in_new = 1, .in_old = 1, .email_after = "250630235959Z",
		.email_after_old = "250630235959Z" },
	{ "ginkgo-root", NOT, NOT, IN, IN, BOTH_BITS, .in_new = 1, .in_old = 1 },
	{ "hemlock-root", "Removed", "Removed", "Disabled", "Removed", "", .in_old = 1 },
	{ "oak-v1-root", NOT, NOT, NOT, IN, TLS_BITS, TRUST_DELEGATOR, TRUST_MUST_VERIFY, 1, 1 },
	{ "pine-sha1-root", NOT, NOT, NOT, IN, TLS_BITS, TRUST_DELEGATOR, TRUST_MUST_VERIFY, 1, 1 },
	{ "thorn-root", "Blocked", NOT, "Disabled", "Removed", "", TRUST_NOT_TRUSTED, TRUST_NOT_TRUSTED, 1, 1 },
	{ "yew-root", NOT, NOT, "Pending", "Change Requested", "", TRUST_MUST_VERIFY, TRUST_MUST_VERIFY, 1, 1 },
	{ "fir-blocked", NULL, NULL, NULL, NULL, NULL, TRUST_NOT_TRUSTED, TRUST_NOT_TRUSTED, 1, 1, 1 },
};
const size_t root_count = COUNT(root_defs);
