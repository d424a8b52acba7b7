"""impact: what keeps leaves, whether clients find the path, what is missing of a distrust, why a mark has no effect."""
import csv
import os
import sqlite3
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402
from ctlog import pem_blocks  # noqa: E402

ALDER = "Alder Root CA=remove"
BIRCH = "Birch Root R1=remove"
KEPT = ["cert_sha256", "name", "kind", "issuer", "keeps", "cas", "reach", "keeps_high", "approximate", "program", "purpose"]
SUGGESTED = ["n", "mark", "why", "name", "adds", "total_lost", "cas", "keeps", "cert_sha256", "adds_high", "total_lost_high",
             "keeps_high", "approximate", "program", "purpose"]
REACHES = ["ccadb", "aia", "neither", "unknown"]
KINDS = {"anchor", "cross-certificate", "certificate of the same key", "intermediate"}
INTER_URL = "http://aia.birch.example/birch-inter.cer"


def ask(t, *args, db=None):
    r = t.run("impact", "--as-of", DAY, "--format", "json", "--db", db or t.db, *args)
    equal(r.code, 0, r.err)
    return r.json()


def marked(*marks):
    return [word for m in marks for word in ("--mark", m)]


def by_ca(answer):
    return {c["ca_id"]: c for c in answer["cas"]}


def test_what_keeps_is_what_would_be_lost_besides(t):
    for mark in [ALDER, BIRCH]:
        now = ask(t, "--mark", mark)
        rows = ask(t, "--mark", mark, "--why-kept")
        check(rows, mark)
        for row in rows:
            action = "remove" if row["kind"] == "anchor" else "revoke"
            then = by_ca(ask(t, *marked(mark, "%s=%s" % (row["cert_sha256"], action))))
            keeps = cas = 0
            for c in now["cas"]:  # of these CAs each leaf that is not lost is kept
                if not c["kept"]:
                    continue
                equal(c["lost"] + c["kept"], c["trusted"], c["name"])
                keeps += then[c["ca_id"]]["lost"] - c["lost"]
            for c in now["cas"]:
                cas += then[c["ca_id"]]["after"] != c["after"]
            equal((row["keeps"], row["cas"]), (keeps, cas), row)
            check(row["kind"] in KINDS and row["cas"] > 0, row)
        equal([r["keeps"] for r in rows], sorted((r["keeps"] for r in rows), reverse=True))


def test_the_other_root_and_the_cross_certificate_are_named(t):
    top = ask(t, "--mark", ALDER, "--why-kept")[0]
    equal((top["cert_sha256"], top["kind"], top["reach"]), (t.cert("birch-root"), "anchor", "ccadb"))
    top = ask(t, "--mark", BIRCH, "--why-kept")[0]
    equal((top["cert_sha256"], top["kind"]), (t.cert("birch-root-x-alder"), "certificate of the same key"))
    equal(top["issuer"], "Alder Root CA")
    kinds = {r["cert_sha256"]: r["kind"] for r in ask(t, "--mark", ALDER, "--why-kept")}
    equal(kinds[t.cert("cedar-shared-by-cedar")], "cross-certificate")
    check(t.cert("birch-inter") not in kinds, "what stands below the marked root as well keeps nothing by itself")


def test_json_has_all_that_keeps(t):
    rows = ask(t, "--mark", ALDER, "--why-kept")
    equal(ask(t, "--mark", ALDER)["kept_by"], [{k: v for k, v in r.items() if k not in KEPT[-2:]} for r in rows])


def test_columns_are_the_same_in_all_formats(t):
    for option, columns in [("--why-kept", KEPT), ("--suggest", SUGGESTED)]:
        args = ["impact", "--as-of", DAY, "--mark", "491c020c06b4=revoke", "--mark", ALDER, option, "-q", "--format"]
        rows = t.ok(*args, "json").json()
        check(rows, option)
        equal(list(rows[0]), columns)
        equal(t.ok(*args, "ndjson").ndjson(), rows)
        table = t.ok(*args, "csv").csv()
        equal(list(table[0]), columns)
        equal([["" if v is None else "false" if v is False else str(v) for v in r.values()] for r in rows],
              [list(r.values()) for r in table])
        for form in ["table", "md", "html"]:
            out = t.ok(*args, form).out
            clean(out)
            check(rows[0]["name"] in out, form)


def test_a_report_says_what_keeps_them(t):
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--format", form).out
        check("what keeps them (3)" in out and "path found" in out, out)
        out = t.ok("impact", "--as-of", DAY, "--mark", "Alder TLS CA 1=block", "--format", form).out
        check("what keeps them" not in out, "nothing is kept")


def test_the_missing_mark_is_suggested_and_completes_the_distrust(t):
    rows = ask(t, "--mark", BIRCH, "--suggest")
    equal([r["mark"] for r in rows], [t.cert("birch-root-x-alder") + "=revoke"])
    lost = ask(t, "--mark", BIRCH)["total"]["lost"]
    then = ask(t, *marked(BIRCH, rows[0]["mark"]))
    equal((rows[0]["total_lost"], rows[0]["adds"]), (then["total"]["lost"], then["total"]["lost"] - lost))
    check(rows[0]["adds"] > 0)
    equal(rows[0]["why"], "cross-certificate of a marked CA")
    equal([r for r in ask(t, *marked(BIRCH, rows[0]["mark"]), "--suggest") if r["n"]], [])
    check("now at least" in t.run("impact", "--as-of", DAY, "--mark", BIRCH, "--suggest").out)
    # the mark as a table writes it can be pasted
    short = rows[0]["mark"][:16] + "=revoke"
    check(short in t.run("impact", "--as-of", DAY, "--mark", BIRCH, "--suggest").out)
    equal(ask(t, *marked(BIRCH, short))["total"], then["total"])


def test_a_date_is_suggested_as_the_same_date(t):
    rows = [r for r in ask(t, "--mark", t.cert("birch-root") + "=distrust-after@2026-01-01", "--suggest") if r["n"]]
    equal([r["mark"] for r in rows], [t.cert("birch-root-x-alder") + "=distrust-after@2026-01-01"])


def test_an_independent_root_is_named_apart(t):
    rows = ask(t, "--mark", ALDER, "--suggest")
    equal({r["n"] for r in rows}, {None})
    equal({r["cert_sha256"] for r in rows}, {t.cert("birch-root"), t.cert("cedar-root")})
    equal(sum(r["keeps"] for r in rows), ask(t, "--mark", ALDER)["total"]["kept"])
    out = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--suggest").out
    check("nothing to suggest" in out and "kept by an independent root (2)" in out, out)


def test_nothing_to_suggest_is_said(t):
    args = ["impact", "--as-of", DAY, "--mark", "Alder TLS CA 1=block", "--suggest"]
    for form, empty in [("csv", ",".join(SUGGESTED) + "\n"), ("json", "[]\n"), ("ndjson", "")]:
        r = t.run(*args, "--format", form)
        equal((r.code, r.out.strip()), (0, empty.strip()), form)
        check("nothing to suggest" in r.err, r.err)
    check("nothing to suggest" in t.ok(*args).out)


def test_two_questions_are_bad_usage(t):
    t.fails(2, "impact", "--why-kept", "--suggest", "--mark", ALDER, says=["--why-kept", "--suggest"])


# ---- whether clients find it ----

def without(t, source, target, fingerprint):
    """A copy of a CCADB report without the rows of one certificate."""
    with open(source, newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    left = [r for r in rows if fingerprint.upper() not in r]
    with open(target, "w", newline="", encoding="utf-8") as f:
        csv.writer(f, quoting=csv.QUOTE_ALL).writerows(left)
    return len(rows) - len(left)


def undisclosed_index(t, nick="birch-inter"):
    """The world, but CCADB does not know that certificate, which lies beside it as a file."""
    inter, dropped = t.cert(nick), 0
    for part in ["ccadb", "older"]:
        os.makedirs(os.path.join(t.dir, part))
        for name in os.listdir(t.path(part)):
            if name.endswith(".csv"):
                dropped += without(t, t.path(part, name), os.path.join(t.dir, part, name), inter)
    check(dropped > 0)
    for name in os.listdir(t.path("ccadb")):
        if "PEMs" not in name:
            continue
        with open(t.path("ccadb", name), newline="", encoding="utf-8") as f:
            for row in csv.reader(f):
                if row[0] == inter.upper():
                    pem = row[1].strip("'")
    t.write("inter.pem", pem + "\n")
    t.write("other.pem", open(t.path("crl", "alder-root.pem")).read())
    check(pem_blocks(os.path.join(t.dir, "inter.pem")))
    db = os.path.join(t.dir, "aia.db")
    paths = [os.path.join(t.dir, p) for p in ["ccadb", "older", "inter.pem", "other.pem"]]
    r = t.run("import", "-q", "--db", db, *paths, *[t.path(p) for p in ["mozilla", "leaves", "undisclosed"]])
    equal(r.code, 0, r.err)
    return db


def origin(db, name, url):
    with sqlite3.connect(db) as c:
        equal(c.execute("UPDATE file SET origin = ? WHERE origin LIKE ?", (url, "%" + name)).rowcount, 1)
    c.close()


def reach_in(t, db):
    """Of Birch's issuing CA, and the leaves that are kept by reach."""
    answer = ask(t, "--mark", ALDER, db=db)
    equal(sum(answer["kept_reach"][k] or 0 for k in REACHES), answer["total"]["kept"])
    birch = by_ca(answer)[t.ca("birch-issuing-1")]
    check(t.cert("birch-inter") in birch["via"])
    return birch["reach"], birch["kept"], answer["kept_reach"]


def test_a_caissuers_url_leads_to_what_was_fetched_from_it(t):
    equal(reach_in(t, t.db)[0], "ccadb")
    db = undisclosed_index(t)
    reach, kept, split = reach_in(t, db)
    equal((reach, split["aia"], split["neither"]), (None, 0, 0), "a URL that nobody followed")
    check(split["unknown"] >= kept > 0, split)
    origin(db, "other.pem", INTER_URL)
    reach, kept, split = reach_in(t, db)
    equal((reach, split["aia"]), ("neither", 0), "followed, and it gave another certificate")
    check(split["neither"] >= kept, split)
    origin(db, "inter.pem", INTER_URL + "?")
    equal(reach_in(t, db)[0], "neither", "from another URL")
    with sqlite3.connect(db) as c:
        c.execute("UPDATE file SET origin = 'other.pem' WHERE origin = ?", (INTER_URL,))
    c.close()
    origin(db, "birch-inter.cer?", INTER_URL)
    reach, kept, split = reach_in(t, db)
    equal((reach, split["neither"]), ("aia", 0))
    check(split["aia"] >= kept, split)


# ---- marks without effect ----

def why(t, *marks, args=(), db=None):
    r = t.run("impact", "--as-of", DAY, "--format", "json", "--db", db or t.db, *marked(*marks), *args)
    equal(r.code, 0, r.err)
    answer = r.json()["marks"]
    for m in answer:
        equal((m["effect"], m["no_effect"]), (m["why"] is None, m["why"] is not None), m)
        check(m["effect"] or m["why"] in r.err, r.err)
    return answer[-1]["why"]


def test_a_mark_without_effect_says_why(t):
    shared = t.cert("cedar-shared-by-alder")
    equal(why(t, ALDER), None)
    equal(why(t, "Yew University Root=remove"), "it is no anchor of mozilla for tls")
    equal(why(t, t.cert("birch-root-x-alder") + "=remove"),
          "it is no anchor of mozilla for tls; %s of the same key is: remove that instead, or block the key"
          % t.cert("birch-root")[:12])
    equal(why(t, shared + "=remove"), "it is no anchor of mozilla for tls")
    equal(why(t, shared + "=revoke", args=["--exempt", "Alder Root CA"]), "every path through it is exempt")
    equal(why(t, "Fir Root CA=distrust-after@2026-01-01", args=["--purpose", "email"]),
          "a rule in force accepts nothing later")


def test_a_mark_that_leaves_another_path_names_it(t):
    path = [t.cert(c)[:12] for c in ["birch-root-x-alder", "alder-root"]]
    check(why(t, BIRCH).startswith("every leaf that it accepts is accepted by another path, that of Birch Issuing CA 1 to Alder Root CA: "),
          why(t, BIRCH))
    check(why(t, BIRCH).endswith(" > ".join(path)), why(t, BIRCH))
    # beside the mark that cuts the other path it does something, and so does that one
    equal(why(t, t.cert("birch-root-x-alder") + "=revoke", BIRCH), None)
    equal(why(t, BIRCH, t.cert("birch-root-x-alder") + "=revoke"), None)


def test_what_is_expired_or_revoked_already_says_so(t):
    seen = set()
    for nick in [k[5:] for k in t.facts if k.startswith("cert.")]:
        if t.run("show", t.cert(nick), "--db", t.full_db()).code:
            continue  # that file is not indexed
        text = why(t, t.cert(nick) + "=revoke", db=t.full_db())
        for word in ["it expired on ", "it is revoked already, as mozilla enforces it", "no path through it ends in an anchor",
                     "mozilla distrusts it already", "of the same key is on one that counts"]:
            if text and word in text:
                seen.add(word)
                break
    check("it expired on " in seen and "it is revoked already, as mozilla enforces it" in seen, seen)


def test_beyond_32_marks_not_each_is_asked(t):
    marks = ["Alder TLS CA 1=revoke"] * 32 + ["Yew University Root=remove"]
    answer = t.run("impact", "--as-of", DAY, "--format", "json", *marked(*marks)).json()["marks"]
    equal([m["effect"] for m in answer], [None] * 32 + [False])


if __name__ == "__main__":
    main()
