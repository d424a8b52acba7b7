"""impact --by, shares, dormant CAs and Firefox's validations, counted again from the leaves themselves."""
import base64
import datetime
import json
import os
import re
import sys

sys.dont_write_bytecode = True
from harness import DAY, Skip, check, clean, equal, main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ALDER = "Alder Root CA=remove"
SCENARIOS = [("mozilla", "tls", [ALDER]), ("mozilla", "tls", ["Birch Root R1=distrust-after@2026-03-01", ALDER]),
             ("mozilla", "email", ["Fir Root CA=distrust-after@2024-01-01"]), ("chrome", "tls", ["Cedar Root E1=block"]),
             ("chrome", "tls", ["Birch Root R1=sct-not-after@2026-03-01", ALDER])]
ADDED = ["owner", "operator", "kind", "validity"]
SUMS = ["cas", "unexpired", "trusted", "lost", "kept", "lost_share", "program_share", "changed_cas", "unknown_cas",
        "last_not_before"]
HIGHS = ["unexpired_high", "trusted_high", "lost_high", "kept_high"]
WHOSE = ["program", "purpose"]
KEYS = {"owner": ["owner"], "operator": ["operator"], "root": ["ca_id", "name", "owner"], "kind": ["kind"],
        "validity": ["validity", "min_days", "max_days"]}


def marks(m):
    return [word for mark in m for word in ("--mark", mark)]


def ask(t, command, program, purpose, m, *args, day=DAY):
    return t.ok(command, "-q", "--as-of", day, "--program", program, "--purpose", purpose, *marks(m), *args,
                CANOPY_DB=t.full_db())


def impact(t, *asked, **more):
    return ask(t, "impact", *asked, "--format", "json", **more).json()


def rows(t, by, *asked):
    return ask(t, "impact", *asked, "--by", by, "--format", "json").json()


def lost(t, *asked):
    """The leaves that a scenario loses, one by one; no two have one issuer and serial number."""
    leaves = ask(t, "leaves", *asked, "--offline", "--format", "csv").csv()
    equal(len({leaf_id(r) for r in leaves}), len(leaves))
    return leaves


def leaf_id(leaf):
    return leaf["ca_id"], leaf["serial"]


def days(leaf):
    day = [datetime.date.fromisoformat(leaf[k][:10]) for k in ("not_before", "not_after")]
    return (day[1] - day[0]).days


def test_rows_add_up_to_the_total(t):
    for asked in SCENARIOS:
        total = impact(t, *asked)["total"]
        check(total["lost"] and total["trusted"] > total["lost"], asked)
        for by in ADDED:
            for key in ["unexpired", "trusted", "lost", "kept"]:
                equal(sum(r[key] or 0 for r in rows(t, by, *asked)), total[key], (asked, by, key))


def test_lost_by_kind_and_validity_is_what_the_leaves_say(t):
    for asked in SCENARIOS:
        leaves = lost(t, *asked)
        for r in rows(t, "kind", *asked):
            kind = "" if r["kind"] == "other" else r["kind"]
            equal(r["lost"], sum(leaf["kind"] == kind for leaf in leaves), (asked, r["kind"]))
        for r in rows(t, "validity", *asked):
            equal(r["lost"], sum(r["min_days"] <= days(leaf) <= (r["max_days"] or 10 ** 6) for leaf in leaves),
                  (asked, r["validity"]))


def test_trusted_by_kind_is_what_the_leaves_say(t):
    # with every anchor removed all that was trusted is lost
    every = [r["ca_id"] + "=remove" for r in roots(t)]
    leaves = lost(t, "mozilla", "tls", every)
    for r in rows(t, "kind", "mozilla", "tls", [ALDER]):
        kind = "" if r["kind"] == "other" else r["kind"]
        equal(r["trusted"], sum(leaf["kind"] == kind for leaf in leaves), r["kind"])
    for r in rows(t, "validity", "mozilla", "tls", [ALDER]):
        equal(r["trusted"], sum(r["min_days"] <= days(leaf) <= (r["max_days"] or 10 ** 6) for leaf in leaves))


def test_all_that_is_known_is_no_share_of_a_row(t):
    """100 % of what is counted would be believed where CAs are not; in the formats for programs it stands."""
    args = ["impact", "-q", "--as-of", DAY, "--mark", ALDER, "--by", "operator", "--format"]
    whole = [r for r in t.ok(*args, "csv").csv() if r["lost"] not in ("", "0") and r["lost"] == r["trusted"]]
    part = [r for r in t.ok(*args, "csv").csv() if r["lost"] not in ("", "0") and r["lost"] != r["trusted"]]
    check(whole and part, "both are there")
    equal({float(r["lost_share"]) for r in whole}, {1})
    lines = [[c.strip() for c in one.strip("|").split("|")] for one in t.ok(*args, "md").out.splitlines()]
    shown = {one[0].replace("\\", ""): dict(zip(lines[0], one)) for one in lines[2:]}
    for r in whole:
        equal(shown[r["operator"]]["of row's trusted"], "–", r)
    for r in whole + part:
        check(shown[r["operator"]]["of all trusted"].endswith(" %"), r)
        check((shown[r["operator"]]["of row's trusted"] == "–") == (r in whole), r)


def test_owners_and_operators_are_ccadb_s(t):
    asked = ("mozilla", "tls", ["Birch Root R1=remove", ALDER])
    leaves = lost(t, *asked)
    for by, fact in [("operator", "owner."), ("owner", "ca_owner.")]:
        of = {t.ca(nick): t.facts.get(fact + nick) for nick in t.nicks()}
        found = {r[by]: r["lost"] or 0 for r in rows(t, by, *asked)}
        for name in set(of.values()):
            equal(found.get(name, 0), sum(of.get(leaf["ca_id"]) == name for leaf in leaves), (by, name))
    # who operates a CA and who owns it differ
    both = [(t.facts["owner." + n], t.facts["ca_owner." + n]) for n in t.nicks() if "owner." + n in t.facts]
    check(any(a != b for a, b in both))


def roots(t):
    return t.ok("counts", "--as-of", DAY, "--by", "root", "--program", "mozilla", "--format", "csv", CANOPY_DB=t.full_db()).csv()


def test_a_root_s_row_has_what_it_accepts_beforehand(t):
    asked = ("mozilla", "tls", ["Alder Root CA=remove", "Birch Root R1=distrust-after@2026-03-01"])
    gone = {leaf_id(leaf) for leaf in lost(t, *asked)}
    every = [r["ca_id"] for r in roots(t)]
    all_trusted = impact(t, *asked)["total"]["trusted"]
    found = rows(t, "root", *asked)
    check(len(found) > 2 and {r["ca_id"] for r in found} <= set(every))
    for r in found:
        # what is not lost when all other anchors go is what this one accepts
        others = {leaf_id(leaf) for leaf in lost(t, "mozilla", "tls", [ca + "=remove" for ca in every if ca != r["ca_id"]])}
        equal(r["trusted"], all_trusted - len(others), r["name"])
        equal(r["lost"], len(gone - others), r["name"])
    check(sum(r["lost"] for r in found) > len(gone), "rows do not overlap here")


def test_shares_say_what_they_are_of(t):
    asked = ("mozilla", "tls", [ALDER])
    answer = impact(t, *asked)
    gone = {leaf_id(leaf) for leaf in lost(t, *asked)}
    alder = t.ca("alder-root")
    others = lost(t, "mozilla", "tls", [r["ca_id"] + "=remove" for r in roots(t) if r["ca_id"] != alder])
    share, total = answer["shares"], answer["total"]
    equal(share["marked_roots"]["of"], total["trusted"] - len(others))
    equal(share["marked_roots"]["lost"], len(gone))
    owner = t.facts["ca_owner.alder-root"]
    equal([(r["trusted"], r["lost"]) for r in answer["by_owner"] if r["owner"] == owner],
          [(share["owners"]["of"], share["owners"]["lost"])])
    equal((share["program"]["of"], share["index"]["of"]), (total["trusted"], total["unexpired"]))
    for s in ["marked_roots", "owners", "program", "index"]:
        check(abs(share[s]["share"] - share[s]["lost"] / share[s]["of"]) < 1e-9, s)
    # nothing is known of roots where none is marked
    equal(impact(t, "mozilla", "tls", ["Alder TLS CA 1=revoke"])["shares"]["marked_roots"], None)


def test_every_format_has_the_same_rows(t):
    for by, keys in KEYS.items():
        asked = ("mozilla", "tls", [ALDER])
        want = rows(t, by, *asked)
        columns = keys + SUMS + (HIGHS if by not in ("kind", "validity") else []) + WHOSE
        equal(list(want[0]), columns)
        equal(ask(t, "impact", *asked, "--by", by, "--format", "ndjson").ndjson(), want)
        text = ask(t, "impact", *asked, "--by", by, "--format", "csv")
        equal(text.header(), ",".join(columns))
        equal(len(text.csv()), len(want))
        equal(impact(t, *asked)["by_" + by], want)
        for f in ["table", "md"]:
            r = ask(t, "impact", *asked, "--by", by, "--format", f)
            clean(r.out)
            equal(len(r.out.splitlines()), len(want) + (2 if f == "md" else 1))
    t.fails(2, "impact", "--by", "owner", "--format", "html", "--mark", ALDER, says="'--by owner' does not go with")


def test_the_last_issued_leaf_is_dated(t):
    asked = ("mozilla", "tls", [ALDER])
    counts = {r["ca_id"]: r for r in t.ok("counts", "--as-of", DAY, "--format", "csv", CANOPY_DB=t.full_db()).csv()}
    answer = ask(t, "impact", *asked, "--format", "csv")
    check("last_not_before" in answer.header().split(","))
    for r in answer.csv():
        equal(r["last_not_before"], min(counts[r["ca_id"]]["last_not_before"], DAY) if counts[r["ca_id"]]["issued"] else "")
    check({r["last_not_before"] for r in answer.csv()} > {""})
    # later leaves are not known by an earlier day
    for r in ask(t, "impact", *asked, "--format", "csv", day="2026-03-01").csv():
        check(r["last_not_before"] <= "2026-03-01")


def test_a_last_issuance_that_is_a_lower_bound_has_its_sign(t):
    counts = t.ok("counts", "--as-of", DAY, "--format", "csv", CANOPY_DB=t.full_db()).csv()
    rows = {r["operator"]: r for r in ask(t, "impact", "mozilla", "tls", [ALDER], "--by", "operator", "--format", "csv").csv()}
    lines = ask(t, "impact", "mozilla", "tls", [ALDER], "--by", "operator").out.splitlines()[1:]
    signs = set()
    equal(len(lines), len(rows))
    for line in lines:
        name, *_, told = re.split(r" {2,}", line.strip())
        name = "" if name == "not known" else name
        row = rows[name]
        complete = all(c["coverage"] == "complete" for c in counts if c["owner"] == name)
        last = row["last_not_before"]
        equal(told, "\u2013" if not last else last if complete or last == DAY else "\u2265 " + last, line)
        signs.add(told[0])
    equal(signs, {"\u2265", "2"}, "both are told")
    said = [x for x in ask(t, "impact", "mozilla", "tls", [ALDER]).out.splitlines() if re.search(r"partial, \w+ [0-9-]+ +\u2265 2\d{3}-", x)]
    check(said, "rows of CAs as well")


def test_dormant_cas_are_told_from_those_not_counted(t):
    day = "2027-05-01"
    answer = impact(t, "mozilla", "tls", [ALDER], day=day)
    changed = [c for c in answer["cas"] if c["before"] != c["after"]]
    equal(len(changed), answer["changed_cas"])
    since = answer["dormant"]["since"]
    equal(since, str(datetime.date.fromisoformat(day) - datetime.timedelta(398)))
    counted = [c for c in changed if c["coverage"] != "none"]
    dormant = [c for c in counted if (c["last_not_before"] or "") < since]
    check(0 < len(dormant) < len(counted))
    equal(answer["dormant"], {"since": since, "cas": len(dormant), "never": sum(not c["last_not_before"] for c in dormant),
                              "not_complete": sum(c["coverage"] != "complete" for c in dormant),
                              "not_counted": len(changed) - len(counted)})
    said = ask(t, "impact", "mozilla", "tls", [ALDER], day=day).out
    check("dormant, without a leaf issued since %s: %d of the CAs that change" % (since, len(dormant)) in said, said)


def test_reports_have_the_sections(t):
    asked = ("mozilla", "tls", [ALDER])
    for f in ["table", "md", "html"]:
        out = ask(t, "impact", *asked, "--format", f).out
        clean(out)
        for words in ["what is lost, as a share", "by operator", "by root", "by kind", "by validity", "last issued"]:
            check(words in out, (f, words))
    check("leaves lost by operator" in out)
    check("by operator" not in ask(t, "impact", "mozilla", "tls", []).out)


def test_an_operator_that_nobody_names_is_a_word_for_people_and_empty_for_programs(t):
    asked = ("mozilla", "tls", [ALDER, "Birch Root R1=remove"])
    check(None in [r["operator"] for r in rows(t, "operator", *asked)])
    for f in ["table", "md"]:
        check("not known" in ask(t, "impact", *asked, "--by", "operator", "--format", f).out, f)
    check("not known" not in ask(t, "impact", *asked, "--by", "operator", "--format", "csv").out)


# ---- Firefox's validations ----

def fingerprint(t, nick):
    return base64.b64encode(bytes.fromhex(t.cert(nick))).decode()


def telemetry(t, bins, table):
    entry = {"version": 901, "ping_type": "*", "os": "*", "build_id": "*", "metric": "cert_validation_success_by_ca",
             "non_norm_histogram": [{"bin": b, "value": n} for b, n in bins.items()]}
    roots = [{"label": "fictional", "binNumber": b, "sha256Fingerprint": f} for b, f in table.items()]
    return [t.write("counts-2026-05-20.json", json.dumps({"data": [entry]})),
            t.write("roots-2026-05-21.json", "// fictional\n" + json.dumps({"roots": roots}))]


def with_telemetry(t):
    files = telemetry(t, {0: 100, 3: 300, 4: 250, 5: 50, 6: 0, 9: 300},
                      {3: fingerprint(t, "cedar-root"), 4: fingerprint(t, "alder-root"), 5: fingerprint(t, "birch-root"),
                       6: fingerprint(t, "fir-root"), 9: base64.b64encode(bytes(32)).decode(),
                       12: fingerprint(t, "oak-root") if "cert.oak-root" in t.facts else base64.b64encode(b"\1" * 32).decode()})
    db = os.path.join(t.dir, "validations.db")
    r = t.run("import", "-q", "--db", db, t.path("ccadb"), t.path("mozilla"), t.path("chrome"), t.path("leaves"), *files)
    equal((r.code, r.err), (0, ""))
    return db


def test_validations_are_shared_out_among_the_roots(t):
    db = with_telemetry(t)
    found = {r["ca_id"]: r for r in t.ok("counts", "--db", db, "--as-of", DAY, "--use", "--by", "root", "--format", "csv").csv()}
    for nick, share in [("alder-root", 0.25), ("birch-root", 0.05), ("fir-root", 0)]:
        equal(float(found[t.ca(nick)]["validations_share"]), share, nick)
        equal(found[t.ca(nick)]["validations_as_of"], "2026-05-20")
    # whose number others are counted by as well, and who has none, is not known
    equal(found[t.ca("cedar-root")]["validations_share"], "")
    equal({r["validations_share"] != "" for r in found.values()}, {True, False})
    rows = t.ok("counts", "--db", db, "--as-of", DAY, "--use", "--format", "json").json()
    equal(sum(r["validations_share"] or 0 for r in rows), 0.3)
    kinds = {r["kind"]: r for r in t.ok("sources", "-q", "--db", db, "--format", "json").json() if "validation" in r["kind"]}
    equal({k: (r["records"], r["problems"]) for k, r in kinds.items()}, {"validations": (6, 0), "validation-roots": (5, 1)})


def test_validations_are_shown(t):
    db = with_telemetry(t)
    check("25.0 % of its validations ended here" in t.ok("show", "--db", db, "Alder Root CA").out)
    check("validations" not in t.ok("show", "--db", db, "Cedar Root E1").out)
    shown = t.ok("show", "--db", db, "Alder Root CA", "--format", "json").json()
    equal((shown["validations_share"], shown["validations_as_of"]), (0.25, "2026-05-20"))
    equal(t.ok("show", "Alder Root CA", "--format", "json").json()["validations_share"], None)


def test_impact_tells_the_validations_of_marked_roots(t):
    db = with_telemetry(t)

    def use(program, purpose, *m):
        return t.ok("impact", "-q", "--db", db, "--as-of", DAY, "--program", program, "--purpose", purpose, *marks(m), "--format",
                    "json").json()["shares"]["validations"]
    equal(use("mozilla", "tls", ALDER, "Birch Root R1=distrust-after@2026-01-01"),
          {"roots": 2, "roots_known": 2, "share": 0.3, "as_of": "2026-05-20"})
    equal(use("mozilla", "tls", ALDER, "Cedar Root E1=remove"),
          {"roots": 2, "roots_known": 1, "share": 0.25, "as_of": "2026-05-20"})
    equal(use("mozilla", "tls", "Cedar Root E1=remove")["share"], None)
    equal(use("mozilla", "tls", "Alder TLS CA 1=revoke"), None)
    equal(use("mozilla", "email", ALDER), None)
    equal(use("chrome", "tls", ALDER), None)
    out = t.ok("impact", "-q", "--db", db, "--as-of", DAY, "--mark", ALDER, "--mark", "Cedar Root E1=remove").out
    check("25.0 % of the validations in Firefox ended in the marked roots, whatever the path (telemetry of 2026-05-20; 1 of the 2 "
          "marked roots have no number in it; issuance is not use)" in out, out)
    equal(impact(t, "mozilla", "tls", [ALDER])["shares"]["validations"], None)
    later = "telemetry of 2026-05-20, later than 2026-05-01; "
    check(later in t.ok("impact", "-q", "--db", db, "--as-of", "2026-05-01", "--mark", ALDER).out)
    check(later in t.ok("show", "--db", db, "--as-of", "2026-05-01", "Alder Root CA").out)


def test_without_telemetry_use_is_unknown_and_said(t):
    r = t.run("counts", "--as-of", DAY, "--use", "--by", "root", "--format", "csv")
    equal(r.code, 0)
    check("no telemetry of Firefox's validations is indexed" in r.err, r.err)
    equal({row["validations_share"] for row in r.csv()}, {""})
    t.fails(2, "counts", "--use", "--by", "owner", says="'--use' does not go with '--by owner'")


def test_another_metric_is_refused(t):
    path = t.write("counts.json", json.dumps({"data": [{"version": 1, "metric": "cert_validation_success_by_ca_2",
                                                        "non_norm_histogram": [{"bin": 4, "value": 1}]}]}))
    t.fails(3, "import", "--db", os.path.join(t.dir, "x.db"), path, says="whose numbers of roots are not known")


def test_real_validations_add_up(t):
    places = [os.environ.get("CANOPY_DATA"), os.path.join(HERE, "..", "..", "..", "shared", "data")]
    data = next((p for p in filter(None, places) if os.path.isdir(os.path.join(p, "telemetry"))), None)
    if not data:
        raise Skip("the folder with real data is missing")
    files = [os.path.join(data, "telemetry", f) for f in ("cert.validation_success_by_ca.json", "KnownRootHashes.json")]
    db = os.path.join(t.dir, "real.db")
    t.ok("import", "-q", "--db", db, "--source-date", "2025-06-30", os.path.join(data, "mozilla-history"), *files)
    found = [r for r in t.ok("counts", "--db", db, "--as-of", "2025-06-30", "--use", "--format", "json").json()
             if r["validations_share"] is not None]
    with open(files[0], encoding="utf-8") as f:
        bins = {}
        for entry in json.load(f)["data"]:
            for b in entry["non_norm_histogram"]:
                bins[b["bin"]] = bins.get(b["bin"], 0) + b["value"]
    with open(files[1], encoding="utf-8") as f:
        named = sum(bins.get(r["binNumber"], 0) for r in json.load(f)["roots"] if r["binNumber"] > 3)
    equal(named + sum(bins.get(b, 0) for b in range(4)), sum(bins.values()))
    equal(len(found) <= 151, True)
    check(abs(sum(r["validations_share"] for r in found) - named / sum(bins.values())) < 1e-6)
    share = {r["name"]: r["validations_share"] for r in found}
    check(0.13 < share["ISRG Root X1"] < 0.14 and "Entrust Root Certification Authority - G4" not in share)


def test_who_keeps_nothing_is_sure(t):
    cut = t.ok("impact", "--as-of", DAY, "--mark", "Alder TLS CA 1=block", "--by", "owner").out.splitlines()
    row, = [re.split("  +", r) for r in cut if r.startswith("Alder Trust Services")]
    equal((row[3][:2], row[4][:2], row[5]), ("≥ ", "≥ ", "0"), "nothing of what no longer is accepted is kept, counted to the end or not")


main()
