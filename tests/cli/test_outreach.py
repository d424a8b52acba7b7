"""Whom a scenario hits: leaves --by, what covers them, impact --sites; each counted again from the leaves one by one."""
import base64
import collections
import hashlib
import ipaddress
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from ctcase import base, ca_der, configure, fetch_listed  # noqa: E402
from harness import DAY, check, clean, equal, main  # noqa: E402

GROUP = ["leaves", "names", "some_names", "first_not_after", "last_not_after", "covered", "uncovered", "ca_ids", "ca_names",
         "owners", "rank", "program", "purpose"]
SITE = ["rank", "domain", "leaves", "last_not_after", "still", "covered", "ca", "program", "purpose"]
ALDER = ["--mark", "Alder Root CA=remove"]
LARCH = ["--program", "own", "--mark", "Larch Root CA (fictional)=remove"]
SUFFIXES = {"uk", "co.uk", "au", "com.au", "com", "de"}  # of the Public Suffix List, as far as the names here need it
LONG = "a" * 9990 + ".long.example"
DNS, EMAIL, URI, IP = 0x82, 0x81, 0x86, 0x87
TLS, MAIL = "06082b06010505070301", "06082b06010505070304"

# names, EKU, first and last day, O of the subject
LOST = [
    ([(DNS, "www.shop.example"), (DNS, "shop.example")], TLS, "260101", "260901", "Shop Ltd (fictional)"),
    ([(DNS, "pay.shop.example")], TLS, "260101", "261001", "Shop Ltd (fictional)"),
    ([(DNS, "deep.pay.shop.example")], TLS, "260101", "261001", ""),
    ([(DNS, "*.wild.example")], TLS, "260101", "261001", ""),
    ([(DNS, "*.bare.example"), (DNS, "bare.example")], TLS, "260101", "261001", ""),
    ([(DNS, "old.example.co.uk")], TLS, "260101", "261001", ""),
    ([(DNS, "a.example.co.uk"), (DNS, "b.example.com.au"), (DNS, "c.example.de")], TLS, "260101", "261101", ""),
    ([(DNS, "UPPER.Case.EXAMPLE.")], TLS, "260101", "261001", ""),
    ([(DNS, "xn--bcher-kva.example")], TLS, "260101", "261001", ""),
    ([(DNS, "mail.only.example")], TLS, "260101", "261001", ""),
    ([(IP, bytes([192, 0, 2, 7]))], TLS, "260101", "261001", ""),
    ([(IP, ipaddress.ip_address("2001:db8::7").packed), (DNS, "192.0.2.8")], TLS, "260101", "261001", ""),
    ([(DNS, "esc\x1b[31m.example"), (DNS, "bidi\u202e.example"), (DNS, LONG), (DNS, "a..example"), (DNS, ""), (DNS, "*"),
      (DNS, "*."), (DNS, "."), (DNS, "@"), (EMAIL, "a@"), (DNS, "x\0.example")], TLS, "260101", "261001", "\x1bO (fictional)"),
    ([(DNS, "localhost"), (URI, "https://user@uri.example:8443/a.html?b")], TLS, "260101", "261001", ""),
    ([], TLS, "260101", "261001", "Nameless Ltd (fictional)"),
    ([(DNS, "long-gone.example")], TLS, "240101", "250101", ""),
    ([(EMAIL, "Ann@Mail.example"), (EMAIL, "bob@sub.mail.example")], MAIL, "260101", "261001", ""),
    ([(EMAIL, "carl@mail.example")], MAIL, "260101", "261001", ""),
]
STAYING = [
    ([(DNS, "*.shop.example"), (DNS, "Shop.Example.")], TLS, "260101", "260801", ""),
    ([(DNS, "*.wild.example")], TLS, "260101", "260801", ""),
    ([(DNS, "*.bare.example")], TLS, "260101", "260801", ""),
    ([(DNS, "old.example.co.uk")], TLS, "250101", "260101", ""),      # expired
    ([(DNS, "upper.case.example")], TLS, "260101", "260801", ""),
    ([(DNS, "*.example")], TLS, "260101", "260801", ""),              # stands for no site's name
    ([(DNS, "mail.only.example")], MAIL, "260101", "260801", ""),     # for another purpose
    ([(IP, bytes([192, 0, 2, 7])), (DNS, "*.0.2.8")], TLS, "260101", "260801", ""),
    ([(EMAIL, "Ann@mail.EXAMPLE"), (EMAIL, "bob@sub.mail.example"), (EMAIL, "CARL@mail.example")], MAIL, "260101", "260801", ""),
]


# ---- a world of two roots ----

OID_O, OID_CN, OID_BC, OID_EKU, OID_SAN = (bytes.fromhex(h) for h in (
    "060355040a", "0603550403", "0603551d13", "0603551d25", "0603551d11"))
ECDSA = ctlog.tlv(0x30, bytes.fromhex("06082a8648ce3d040302"))


def openssl(*args, data=None):
    r = subprocess.run(["openssl", *args], input=data, capture_output=True)
    equal(r.returncode, 0, r.stderr)
    return r.stdout


def attribute(oid, text):
    return ctlog.tlv(0x31, ctlog.tlv(0x30, oid, ctlog.tlv(0x0C, text.encode())))


def signed(key, serial, issuer, first, last, subject, spki, exts):
    tlv = ctlog.tlv
    tbs = tlv(0x30, tlv(0xA0, tlv(2, b"\2")), tlv(2, serial.to_bytes(4, "big")), ECDSA, issuer,
              tlv(0x30, ctlog.utc(first + "000000Z"), ctlog.utc(last + "000000Z")), tlv(0x30, subject), spki,
              tlv(0xA3, tlv(0x30, *[tlv(0x30, oid, tlv(4, value)) for oid, value in exts])))
    return tlv(0x30, tbs, ECDSA, tlv(3, b"\0" + openssl("dgst", "-sha256", "-sign", key, data=tbs)))


def make_root(t, name):
    """Its key's file and its certificate."""
    key = os.path.join(t.dir, name + ".key")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    spki = openssl("ec", "-in", key, "-pubout", "-outform", "DER")
    subject = attribute(OID_O, name + " (fictional)") + attribute(OID_CN, name + " Root CA (fictional)")
    is_ca = ctlog.tlv(0x30, bytes.fromhex("0101ff"))
    return key, signed(key, 1, ctlog.tlv(0x30, subject), "200101", "400101", subject, spki, [(OID_BC, is_ca)])


def leaf_der(key, ca, serial, names, eku, first, last, organization):
    issuer, spki = ctlog.fields(ca)
    san = b"".join(ctlog.tlv(tag, n if isinstance(n, bytes) else n.encode()) for tag, n in names)
    exts = [(OID_EKU, ctlog.tlv(0x30, bytes.fromhex(eku)))] + ([(OID_SAN, ctlog.tlv(0x30, san))] if names else [])
    return signed(key, serial, issuer, first, last, attribute(OID_O, organization) if organization else b"", spki, exts)


def two_roots(t, kept={}):
    """The index of LOST and STAYING, made once."""
    if not kept:
        files, roots, db = [], "", os.path.join(t.dir, "own.db")
        for name, leaves, start in ("Larch", LOST, 1000), ("Maple", STAYING, 2000):
            key, ca = make_root(t, name)
            roots += "-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(ca).decode()
            files += [t.write("%d.der" % (start + i), leaf_der(key, ca, start + i, *leaf)) for i, leaf in enumerate(leaves)]
        t.ok("import", "--quiet", "--db", db, "--store", "own", t.write("roots.pem", roots))
        t.ok("import", "--quiet", "--db", db, *files)
        ranks = t.write("ranks.csv", "7,shop.example\n12,case.example\n3,pay.shop.example\n900000,mail.only.example\n1000,only.example\n")
        kept["db"], kept["ranked"] = db, os.path.join(t.dir, "ranked.db")
        t.ok("index", "--compact", "--quiet", "--db", db)
        with open(db, "rb") as f:
            t.write("ranked.db", f.read())
        t.ok("import", "--quiet", "--db", kept["ranked"], ranks)
    return kept["db"], kept["ranked"]


# ---- counting again ----

def leaves(t, *args, db=None):
    r = t.run("leaves", "--quiet", "--as-of", DAY, "--format", "json", *args, *(["--db", db] if db else []))
    equal((r.code, r.err), (0, ""))
    return r.json()


def host_of(name):
    """What a name is about: ('ip', text), ('host', text) or None."""
    if "://" in name:
        name = name.split("://", 1)[1]
        for end in "/?#":
            name = name.split(end)[0]
        name = name.rsplit("@", 1)[-1].split(":")[0]
    name = name.rsplit("@", 1)[-1]
    if name.startswith("*.") and len(name) > 2:
        name = name[2:]
    try:
        ipaddress.ip_address(name)
        return "ip", name
    except ValueError:
        pass
    name = name[:-1] if name.endswith(".") else name
    labels = name.lower().split(".")
    ok = set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    return ("host", ".".join(labels)) if len(name) <= 253 and all(x and set(x) <= ok for x in labels) else None


def registrable(host):
    labels = host.split(".")
    suffix = max([s for s in SUFFIXES if host == s or host.endswith("." + s)] or [labels[-1]], key=len)
    n = suffix.count(".") + 2
    return ".".join(labels[-n:])


def domain_of(name):
    kind, text = host_of(name) or ("", "")
    return registrable(text) if kind == "host" else text


def tld_of(name):
    kind, text = host_of(name) or ("", "")
    return text.split(".")[-1] if kind == "host" else ""


def fold(name):
    local, at, rest = name.rpartition("@")
    return local + at + rest.lower().removesuffix(".")


def names_of(leaf):
    return leaf["names"].split(", ") if leaf["names"] else []


def is_covered(leaf, staying):
    """yes, no, or None for a leaf without names; staying: folded names of leaves that stay trusted."""
    def one(name):
        first, _, rest = name.partition(".")
        is_host = (host_of(name) or ("",))[0] == "host" and "@" not in name and first != "*" and "." in rest
        return name in staying or (is_host and "*." + rest in staying)
    names = [fold(n) for n in names_of(leaf)]
    return all(map(one, names)) if names else None


def everything(t, program, purpose, db=None):
    """Marks that leave nothing trusted, so that what is lost is all that is trusted."""
    more = ["--db", db] if db else []
    roots = t.run("counts", "--quiet", "--by", "root", "--program", program, "--purpose", purpose, "--as-of", DAY, "--format", "json",
                  *more).json()
    return [arg for r in roots for arg in ("--mark", r["ca_id"] + "=block")]


def lost_and_staying(t, program, purpose, scenario, db=None):
    scope = ["--program", program, "--purpose", purpose]
    lost = leaves(t, *scope, *scenario, db=db)
    gone = {(l["ca_id"], l["serial"]) for l in lost}
    trusted = leaves(t, *scope, *everything(t, program, purpose, db), db=db)
    return lost, [l for l in trusted if (l["ca_id"], l["serial"]) not in gone]


def recount(lost, staying, group, ranks):
    """{group: columns} by a function that names the group of a name."""
    names = {fold(n) for l in staying for n in names_of(l)}
    rows = collections.defaultdict(lambda: {"leaves": {}, "names": set(), "cas": set()})
    for leaf in lost:
        for name in names_of(leaf) or [None]:
            row = rows["" if name is None else group(name)]
            row["leaves"][leaf["ca_id"], leaf["serial"]] = leaf, is_covered(leaf, names)
            row["cas"].add(leaf["ca_id"])
            if name is not None:
                row["names"].add(fold(name))
    answer = {}
    for key, row in rows.items():
        ends = [l["not_after"][:10] for l, _ in row["leaves"].values()]
        covered = [c for _, c in row["leaves"].values()]
        best = [ranks[h] for n in row["names"] for h in (host_of(n) or ("", ""))[1:] if "@" not in n and h in ranks]
        best += [ranks[domain_of(n)] for n in row["names"] if "@" not in n and domain_of(n) in ranks]
        answer[key] = (len(ends), len(row["names"]), min(ends), max(ends), covered.count(True),
                       None if None in covered else covered.count(False), sorted(row["cas"]), min(best, default=None))
    return answer


def told(rows, key):
    return {r[key]: (r["leaves"], r["names"], r["first_not_after"], r["last_not_after"], r["covered"], r["uncovered"],
                     sorted(r["ca_ids"]), r["rank"]) for r in rows}


RANKS = {"shop.example": 7, "case.example": 12, "pay.shop.example": 3, "mail.only.example": 900000, "only.example": 1000}


def test_rows_of_domains_and_tlds_are_those_of_a_recount(t):
    for db, ranks in zip(two_roots(t), ({}, RANKS)):
        for purpose in "tls", "email":
            scope = [*LARCH, "--purpose", purpose]
            lost, staying = lost_and_staying(t, "own", purpose, LARCH[2:], db)
            equal(len(lost), 15 if purpose == "tls" else 2)
            for by, group in ("domain", domain_of), ("tld", tld_of):
                rows = leaves(t, *scope, "--by", by, db=db)
                equal(told(rows, by), recount(lost, staying, group, ranks), (by, purpose))
                equal(len(rows), len({r[by] for r in rows}), "a row each")


def test_rows_of_the_demo_world_are_those_of_a_recount(t):
    for program, purpose, scenario in ("mozilla", "tls", ALDER), ("mozilla", "email", ALDER), (
            "mozilla", "tls", ["--mark", t.ca("alder-root") + "=distrust-after@2025-12-31"]):
        lost, staying = lost_and_staying(t, program, purpose, scenario)
        rows = leaves(t, "--program", program, "--purpose", purpose, *scenario, "--by", "domain")
        equal(told(rows, "domain"), recount(lost, staying, domain_of, {}))
        check(len(rows) > 3 or purpose == "email", len(rows))


def test_what_covers_a_name(t):
    db, _ = two_roots(t)
    rows = leaves(t, *LARCH, db=db)
    equal(list(rows[0])[-1], "covered")
    covered = {r["names"]: r["covered"] for r in rows}
    for names, wanted in [("www.shop.example, shop.example", True), ("pay.shop.example", True), ("deep.pay.shop.example", False),
                          ("*.wild.example", True), ("*.bare.example, bare.example", False), ("old.example.co.uk", False),
                          ("UPPER.Case.EXAMPLE.", True), ("xn--bcher-kva.example", False), ("mail.only.example", False),
                          ("192.0.2.7", True), ("2001:db8::7, 192.0.2.8", False), ("", None)]:
        equal(covered[names], wanted, names)
    mails = {r["names"]: r["covered"] for r in leaves(t, *LARCH, "--purpose", "email", db=db)}
    equal(mails, {"Ann@Mail.example, bob@sub.mail.example": True, "carl@mail.example": False})
    lines = {r["names"]: r["covered"] for r in t.ok("leaves", "--as-of", DAY, "--format", "csv", "--db", db, *LARCH).csv()}
    equal((lines["pay.shop.example"], lines["old.example.co.uk"], lines[""]), ("true", "false", ""))


def test_a_leaf_of_the_same_ca_covers_when_a_date_rule_spares_it(t):
    mark = t.ca("alder-root") + "=distrust-after@2025-12-31"
    lost, staying = lost_and_staying(t, "mozilla", "tls", ["--mark", mark])
    check({l["ca_id"] for l in lost} & {l["ca_id"] for l in staying})
    names = {fold(n) for l in staying for n in names_of(l)}
    equal([l["covered"] for l in lost], [is_covered(l, names) for l in lost])


def test_organizations_are_those_of_the_subjects(t):
    db, _ = two_roots(t)
    rows = leaves(t, *LARCH, "--by", "organization", db=db)
    equal(list(rows[0]), ["organization"] + GROUP)
    equal({r["organization"]: (r["leaves"], r["names"], r["covered"]) for r in rows},
          {"Shop Ltd (fictional)": (2, 3, 2), "\ufffdO (fictional)": (1, 9, 0), "Nameless Ltd (fictional)": (1, 0, 0),
           "": (11, len({fold(n) for names, eku, _, last, o in LOST if eku == TLS and not o and last > "260601" for _, n in
                         [(k, n if isinstance(n, str) else str(ipaddress.ip_address(n))) for k, n in names]}), 3)})


def test_the_order_is_by_need_then_leaves_then_rank(t):
    db = two_roots(t)[1]
    rows = leaves(t, *LARCH, "--by", "domain", db=db)
    key = [(r["covered"] - r["leaves"], -r["leaves"], r["rank"] or 1 << 62, r["domain"].encode()) for r in rows]
    equal(key, sorted(key))
    check(any(r["rank"] for r in rows))


def test_country_codes_are_marked(t):
    db, _ = two_roots(t)
    rows = {r["tld"]: r["country_code"] for r in leaves(t, *LARCH, "--by", "tld", db=db)}
    equal({k: v for k, v in rows.items() if k in ("uk", "au", "de", "example", "")},
          {"uk": True, "au": True, "de": True, "example": False, "": None})


def test_hostile_names_come_out_harmless_in_every_format(t):
    db, _ = two_roots(t)
    for by in "domain", "tld", "organization":
        for form in "table", "csv", "json", "ndjson", "md":
            out = t.ok("leaves", "--quiet", "--as-of", DAY, "--db", db, *LARCH, "--by", by, "--format", form).out
            clean(out)
            if form == "md":
                check(all(line.startswith("|") for line in out.splitlines()), out)
    rows = {r["domain"]: r for r in leaves(t, *LARCH, "--by", "domain", db=db)}
    equal((rows[""]["leaves"], rows["localhost"]["leaves"], rows["uri.example"]["leaves"]), (2, 1, 1))
    check(LONG not in rows and len(max(rows, key=len)) < 254)


def test_leaves_of_a_ref_are_grouped_without_a_scenario(t):
    db, _ = two_roots(t)
    rows = leaves(t, "Larch Root CA (fictional)", "--by", "domain", db=db)
    equal(list(rows[0]), ["domain"] + GROUP)
    check("long-gone.example" in {r["domain"] for r in rows} and "mail.example" in {r["domain"] for r in rows})
    equal({(r["covered"], r["uncovered"], r["program"], r["purpose"]) for r in rows}, {(None, None, None, None)})
    rows = leaves(t, "Larch Root CA (fictional)", "--by", "domain", "--unexpired", db=db)
    check("long-gone.example" not in {r["domain"] for r in rows})


def test_what_no_rests_on_is_said(t):
    db, _ = two_roots(t)
    r = t.run("leaves", "--as-of", DAY, "--db", db, *LARCH, "--by", "domain")
    equal(r.code, 0)
    check("1 of the 1 CAs that stay trusted are not counted to the end" in r.err, r.err)
    t.ok("leaves", "--as-of", DAY, "--db", db, *LARCH)


# ---- leaves in logs ----

def logged(ca, serial, name, organization=None, **more):
    leaf = ctlog.Leaf(ca, serial, name=name, **more)
    if organization:
        leaf.head[5] = ctlog.tlv(0x30, attribute(OID_O, organization))
    return leaf


def two_cas_in_a_log(t, n_others=2):
    """Alder's leaves, which are lost, and Birch's, which cover two of them."""
    alder, birch = ca_der(t), ca_der(t, "birch-issuing-1")
    some = [logged(alder, 1, "a.pair.example", "Pair Ltd (fictional)"), logged(alder, 2, "b.pair.example", "Pair Ltd (fictional)"),
            logged(alder, 3, "c.alone.example")]
    others = [logged(birch, 11, "*.pair.example", before="260401000000Z"), logged(birch, 12, "c.alone.example", after="260515000000Z")]
    others += [logged(birch, 100 + i, "host%d.other.example" % i) for i in range(n_others - 2)]
    return [ctlog.precert_entry(leaf) for leaf in some + others] + [ctlog.final_entry(leaf) for leaf in some]


def log_of(t, entries, *settings):
    base(t)
    t.ok("import", "--quiet", t.path("mozilla"))
    configure(t, "\n".join(settings) + "\n")
    return ctlog.Server(ctlog.Log(os.path.join(t.dir, "log"), "pair", entries, True))


def test_names_that_are_kept_of_logs_cover(t):
    with log_of(t, two_cas_in_a_log(t)) as s:
        fetch_listed(t, s)
        rows = leaves(t, *ALDER, "--by", "domain")
        equal({r["domain"]: (r["leaves"], r["covered"], r["uncovered"]) for r in rows},
              {"pair.example": (2, 2, 0), "alone.example": (1, 0, 1)})


def test_where_names_are_not_kept_no_is_not_said(t):
    with log_of(t, two_cas_in_a_log(t, 9), "names-limit = 5") as s:
        fetch_listed(t, s)
        rows = leaves(t, *ALDER)
        equal({r["names"]: r["covered"] for r in rows}, {"a.pair.example": None, "b.pair.example": None, "c.alone.example": None})
        r = t.run("leaves", "--as-of", DAY, "--format", "json", *ALDER, "--by", "domain")
        equal({x["domain"]: (x["leaves"], x["covered"], x["uncovered"]) for x in r.json()},
              {"pair.example": (2, 0, None), "alone.example": (1, 0, None)})
        check("names of leaves of 1 CA that stays trusted are not kept" in r.err, r.err)


def test_names_of_lost_leaves_are_read_again_and_unknown_offline(t):
    with log_of(t, two_cas_in_a_log(t), "names-limit = 2") as s:
        fetch_listed(t, s)
        r = t.run("leaves", "--as-of", DAY, "--quiet", "--offline", "--format", "json", *ALDER, "--by", "domain")
        equal((r.code, [(x["domain"], x["leaves"], x["names"], x["covered"], x["uncovered"]) for x in r.json()]),
              (0, [(None, 3, None, 0, None)]))
        equal({x["domain"]: (x["leaves"], x["covered"]) for x in leaves(t, *ALDER, "--by", "domain")},
              {"pair.example": (2, 2), "alone.example": (1, 0)})


def test_organizations_of_logged_leaves_are_read_from_the_log(t):
    with log_of(t, two_cas_in_a_log(t)) as s:
        fetch_listed(t, s)
        r = t.run("leaves", "--as-of", DAY, "--offline", "--format", "json", *ALDER, "--by", "organization")
        equal((r.code, [(x["organization"], x["leaves"], x["names"]) for x in r.json()]), (0, [(None, 3, 3)]))
        check("subject of 3 leaves is not kept, and no log was asked" in r.err, r.err)
        rows = leaves(t, *ALDER, "--by", "organization")
        equal({x["organization"]: (x["leaves"], x["names"]) for x in rows}, {"Pair Ltd (fictional)": (2, 2), "": (1, 1)})


# ---- ranked sites ----

def ranked_world(t, full=False):
    """A copy of the world's index with a list of all domains that its leaves name, in the order of their hashes."""
    db = os.path.join(t.dir, "ranked.db")
    with open(t.full_db() if full else t.db, "rb") as f:
        t.write("ranked.db", f.read())
    rows = t.run("counts", "--quiet", "--format", "json", "--db", db).json()
    names = {n for r in rows if r["issued"] for l in leaves(t, r["ca_id"], db=db) for n in names_of(l)}
    domains = sorted({domain_of(n) for n in names if "@" not in n and "://" not in n and "." in domain_of(n)
                      and (host_of(n) or ("",))[0] == "host"}, key=lambda d: hashlib.sha256(d.encode()).digest())
    ranks = {d: 3 * i + 990 for i, d in enumerate(domains)}
    t.ok("import", "--quiet", "--db", db, "--source-date", "2026-05-30",
         t.write("ranks.csv", "".join("%d,%s\n" % (n, d) for d, n in ranks.items())))
    return db, ranks


def recount_sites(lost, staying, ranks):
    def sites(leaf):
        return {domain_of(n) for n in names_of(leaf) if "@" not in n and "://" not in n and domain_of(n) in ranks}
    rows = []
    for domain in {d for l in lost for d in sites(l)}:
        mine = [l for l in lost if domain in sites(l)]
        still = sum(domain in sites(l) for l in staying)
        rows.append({"rank": ranks[domain], "domain": domain, "leaves": len(mine), "still": still, "covered": still > 0,
                     "last_not_after": max(l["not_after"] for l in mine)[:10], "ca": sorted({l["ca_name"] for l in mine})})
    return sorted(rows, key=lambda r: r["rank"])


def site_rows(t, db, *args):
    rows = t.ok("impact", "--quiet", "--as-of", DAY, "--format", "json", "--db", db, "--sites", *args).json()
    return [{k: sorted(v) if k == "ca" else v for k, v in r.items() if k not in ("program", "purpose")} for r in rows]


def test_sites_are_those_of_a_recount(t):
    db, ranks = ranked_world(t, full=True)
    found = 0
    for program, purpose, scenario in [
            ("mozilla", "tls", ALDER), ("mozilla", "email", ALDER), ("chrome", "tls", ALDER),
            ("mozilla", "tls", ["--mark", t.ca("alder-root") + "=distrust-after@2025-12-31"]),
            ("chrome", "tls", ["--mark", t.ca("alder-root") + "=sct-not-after@2025-12-31"]),
            ("chrome", "tls", everything(t, "chrome", "tls", db)), ("mozilla", "tls", everything(t, "mozilla", "tls", db)),
            ("mozilla", "tls", everything(t, "mozilla", "tls", db)[:-2])]:
        lost, staying = lost_and_staying(t, program, purpose, scenario, db)
        got = site_rows(t, db, "--program", program, "--purpose", purpose, *scenario)
        wanted = recount_sites(lost, staying, ranks)
        equal([sorted(r.items()) for r in got], [sorted(r.items()) for r in wanted], (program, purpose, scenario))
        found += len(got)
    check(found > 100, found)


def test_a_report_and_json_say_how_many_sites_and_of_which_list(t):
    db, ranks = ranked_world(t)
    rows = site_rows(t, db, *ALDER)
    answer = t.ok("impact", "--as-of", DAY, "--format", "json", "--db", db, *ALDER).json()
    sites = answer["sites"]
    equal((sites["list_date"], sites["lost"], sites["covered"], sites["covered_unknown"]),
          ("2026-05-30", len(rows), sum(r["covered"] for r in rows), 0))
    equal(sites["top"], [{k: v for k, v in r.items() if k != "ca"} for r in rows[:10]])
    text = t.ok("impact", "--as-of", DAY, "--db", db, *ALDER).out
    equal("sites of the rank list that lose a leaf (at least %d)" % len(rows) in text, True, text)
    within = [(n, top) for n, top in ((sum(r["rank"] <= n for r in rows), "{:,}".format(n)) for n in (1000, 10000)) if n]
    check("by the list of 2026-05-30: " + ", ".join("%d among the first %s" % w for w in within) in text, text)
    text = t.ok("impact", "--as-of", "2026-05-29", "--db", db, *ALDER).out
    check("by the list of 2026-05-30, later than 2026-05-29: " in text, text)
    text = t.ok("impact", "--as-of", DAY, "--db", db, *ALDER).out
    check(rows[9]["domain"] in text and "and %d more" % (len(rows) - 10) in text, text)
    for form in "md", "html":
        out = t.ok("impact", "--as-of", DAY, "--db", db, "--format", form, *ALDER).out
        check("sites of the rank list" in out and rows[0]["domain"] in out, form)


def test_sites_have_the_documented_columns_and_need_a_list(t):
    db, _ = ranked_world(t)
    equal(t.ok("impact", "--as-of", DAY, "--format", "csv", "--db", db, "--sites", *ALDER).header(), ",".join(SITE))
    r = t.run("impact", "--as-of", DAY, "--format", "csv", "--sites", *ALDER)
    equal((r.code, r.out, "no rank list of sites is indexed" in r.err), (0, ",".join(SITE) + "\n", True))
    answer = t.ok("impact", "--as-of", DAY, "--format", "json", *ALDER).json()
    equal(answer["sites"], None)
    check("rank list" not in t.ok("impact", "--as-of", DAY, *ALDER).out)
    t.fails(2, "impact", "--sites", "--format", "html", *ALDER, says="--sites")


def test_sites_whose_names_were_not_compared_are_not_said_to_be_alone(t):
    with log_of(t, two_cas_in_a_log(t, 9), "names-limit = 5") as s:
        fetch_listed(t, s)
        t.ok("import", "--quiet", t.write("ranks.csv", "5,pair.example\n6,alone.example\n"))
        rows = t.ok("impact", "--as-of", DAY, "--format", "json", "--sites", *ALDER).json()
        equal([(r["domain"], r["leaves"], r["still"], r["covered"]) for r in rows],
              [("pair.example", 2, None, None), ("alone.example", 1, None, None)])
        sites = t.ok("impact", "--as-of", DAY, "--format", "json", *ALDER).json()["sites"]
        equal((sites["covered"], sites["covered_unknown"], sites["top"][0]["covered"]), (0, 2, None))
        text = t.ok("impact", "--as-of", DAY, *ALDER).out
        check("of 2 of them it is not known whether another leaf stays trusted" in text, text)


if __name__ == "__main__":
    main()
