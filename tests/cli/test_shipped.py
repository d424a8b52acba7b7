"""The scenarios that come with canopy, asked of the real data where there is some."""
import os
import re
import shlex
import shutil
import sys

sys.dont_write_bytecode = True
from harness import Case, Skip, check, clean, equal, main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "..", "..", "cli", "scenarios")
# name: day of the store asked, CAs whose acceptance changes, CAs in the answer, certificates that the marks hit,
# marks that change nothing. Each was looked through once.
WANTED = {
    "camerfirma-2021-chrome": ("2021-01-24", 14, 14, 8, 4),
    "camerfirma-2021-mozilla-email": ("2021-01-24", 2, 2, 2, 0),
    "camerfirma-2021-mozilla-tls": ("2021-01-24", 14, 14, 2, 0),
    "chunghwa-2025-mozilla": ("2024-11-30", 5, 8, 1, 0),
    "chunghwa-netlock-2025-chrome": ("2025-12-16", 35, 35, 3, 0),
    "entrust-2024-chrome": ("2025-12-16", 41, 56, 9, 0),
    "entrust-2024-mozilla": ("2024-06-30", 41, 56, 9, 0),
    "globaltrust-2024": ("2023-12-01", 4, 4, 1, 0),
    "symantec-2017": ("2018-06-01", 199, 226, 13, 0),
    "trustcor-2022": ("2021-03-01", 17, 17, 3, 0),
    # one of WoSign's roots changes nothing as long as Certum's certificates of its key are not marked
    "wosign-startcom-2016": ("2016-12-01", 40, 47, 7, 1),
}


def data():
    """The folder with real data."""
    places = [os.environ.get("CANOPY_DATA"), os.path.join(HERE, "..", "..", "..", "shared", "data")]
    for place in filter(None, places):
        if os.path.isdir(os.path.join(place, "mozilla-history")):
            return place
    raise Skip("the folder with real data is missing")


def index(t):
    """CCADB's certificates, Mozilla's stores as they stood, Chrome's of 2025-12; made once."""
    if not hasattr(Case, "real"):
        db = os.path.join(os.path.dirname(t.db), "real.db")
        ccadb = os.path.join(data(), "ccadb")
        pems = [os.path.join(ccadb, f) for f in sorted(os.listdir(ccadb)) if f.startswith("AllCertificatePEMs")]
        history = os.path.join(data(), "mozilla-history")
        chrome = os.path.join(data(), "chrome", "root_store.derived.textproto")
        t.ok("import", "-q", "--db", db, *pems, history)
        t.ok("import", "-q", "--db", db, "--source-date", "2025-12-16", chrome)
        Case.real = db
    return Case.real


def shipped():
    return sorted(f[:-4] for f in os.listdir(FOLDER) if f.endswith(".txt"))


def text_of(name):
    with open(os.path.join(FOLDER, name + ".txt"), encoding="utf-8") as f:
        return f.read()


def command_of(name):
    """Which question it is for, as its own comment says."""
    found, = re.findall(r"^#     canopy (impact --scenario %s .*)$" % re.escape(name), text_of(name), re.M)
    return shlex.split(found)


def ask(t, name):
    r = t.run(*command_of(name), "--db", index(t), "--format", "json")
    equal(r.code, 0, r.err)
    return r.json()


def test_all_are_listed(t):
    equal(shipped(), sorted(WANTED))
    rows = t.ok("scenario", "list", "--all", "--format", "json").json()
    equal([r["name"] for r in rows], shipped())
    for row in rows:
        check(row["marks"] and row["place"] == "shipped", row)
        equal(t.ok("scenario", "show", row["name"]).out, text_of(row["name"]))
        clean(text_of(row["name"]))


def test_each_names_only_whole_fingerprints(t):
    for name in shipped():
        text = text_of(name)
        defined = dict(reversed(s.split(" ", 1)) for s in re.findall(r"^ref (.*)$", text, re.M))
        used = [s.rpartition("=")[0] for s in re.findall(r"^mark (.*)$", text, re.M)]
        used += re.findall(r"^(?:exempt|assume) (.*)$", text, re.M)
        equal(sorted(defined), sorted(set(used)), name)
        check(all(re.fullmatch("[0-9a-f]{64}", h) for h in defined.values()), name)
        equal(len(set(defined.values())), len(defined), name)


def test_each_says_its_sources_and_the_question_it_is_for(t):
    for name in shipped():
        check(text_of(name).startswith("# "), name)
        check("certdata.txt" in text_of(name) or "root store" in text_of(name), name)
        command = command_of(name)
        equal(command[3], "--as-of", name)
        check(re.fullmatch(r"\d{4}-\d\d-\d\d", command[4]), name)


def test_each_gives_what_it_gave(t):
    got = {}
    for name in shipped():
        a = ask(t, name)
        got[name] = (a["store_date"], a["changed_cas"], len(a["cas"]), sum(m["certs"] for m in a["marks"]),
                     sum(m["no_effect"] for m in a["marks"]))
        equal(a["revocation"], "none", name)
    equal(got, WANTED)


def test_each_can_be_loaded_where_its_data_is(t):
    for name in shipped():
        t.ok("scenario", "load", name, "--db", index(t), "-q")
        equal(t.ok("scenario", "show", name, "--db", index(t)).out, text_of(name))
        t.ok("scenario", "delete", name, "--db", index(t), "-q")


def rows_of(t, name, *more):
    r = t.run(*command_of(name), "--db", index(t), "--format", "json", *more)
    equal(r.code, 0, r.err)
    return r.json()


def test_multicert_s_own_root_is_what_would_have_kept_its_cas(t):
    rows = rows_of(t, "camerfirma-2021-chrome", "--assume", "604D32D0", "--why-kept")
    equal([(r["cert_sha256"][:8], r["kind"], r["keeps"], r["cas"]) for r in rows[:1]],
          [("604d32d0", "anchor", None, 2)])
    rows = rows_of(t, "camerfirma-2021-chrome", "--assume", "604D32D0", "--suggest")
    equal([(r["n"], r["cert_sha256"][:8], r["cas"]) for r in rows], [(None, "604d32d0", 2)])


def test_what_certum_certified_of_wosign_is_missing(t):
    rows = [r for r in rows_of(t, "wosign-startcom-2016", "--suggest") if r["n"]]
    equal({r["name"] for r in rows}, {"Certification Authority of WoSign G2"})
    equal({r["mark"][64:] for r in rows}, {"=distrust-after@2016-10-21"})
    marks = [word for r in rows for word in ("--mark", r["mark"])]
    equal([r for r in rows_of(t, "wosign-startcom-2016", "--suggest", *marks) if r["n"]], [])
    answer = rows_of(t, "wosign-startcom-2016", *marks)
    equal(sum(m["no_effect"] for m in answer["marks"]), 0)


def changed(answer):
    return {c["name"]: c for c in answer["cas"] if c["before"] != c["after"]}


def test_symantec_s_exemptions_are_spared(t):
    names = set(changed(ask(t, "symantec-2017")))
    check(not [n for n in names if "Apple" in n or "Google" in n], names)
    check({"GeoTrust Global CA", "RapidSSL SHA256 CA", "thawte Primary Root CA"} <= names, names)


def accepted(answer, ca_id, which):
    """What the answer says of a CA; a CA that is not in it lost nothing, for it had nothing."""
    return next((c[which] for c in answer["cas"] if c["ca_id"] == ca_id), "none")


def test_what_mozilla_did_next_is_what_the_scenario_did(t):
    """Of each marked root the store before accepts under the scenario what the store after accepts by itself."""
    for name, after in [("camerfirma-2021-mozilla-tls", "2021-03-01"), ("camerfirma-2021-mozilla-email", "2021-03-01"),
                        ("trustcor-2022", "2022-12-01"), ("globaltrust-2024", "2024-06-30"),
                        ("entrust-2024-mozilla", "2024-11-30"), ("chunghwa-2025-mozilla", "2025-07-01")]:
        answer = ask(t, name)
        for root, ref in re.findall(r"^ref (\S+) (.*)$", text_of(name), re.M):
            now = t.ok("impact", "--db", index(t), "--as-of", after, "--purpose", answer["purpose"], "--revocation",
                       "none", "--mark", root + "=block", "--format", "json", "-q").json()
            equal(now["store_date"], after, name)
            ca_id = t.ok("show", root, "--db", index(t), "--format", "json").json()["ca_id"]
            equal(accepted(answer, ca_id, "before"), "all", ref)
            equal(accepted(answer, ca_id, "after"), accepted(now, ca_id, "before"), "%s: %s" % (name, ref))


def with_counts(t):
    db = os.path.join(t.dir, "counted.db")
    shutil.copy(index(t), db)
    t.ok("import", "-q", "--db", db, os.path.join(FOLDER, "camerfirma-2020-12-14.csv"))
    return db


def test_what_was_counted_by_hand_bounds_the_answer(t):
    db = with_counts(t)
    asked = ["impact", "--scenario", "camerfirma-2021-chrome", "--as-of", "2021-01-25", "--db", db]
    answer = t.run(*asked, "--format", "json").json()
    about = 2200 + 650 + 3000
    equal([answer["total"][k] for k in ["lost", "lost_high", "kept", "kept_high", "approximate", "cas_by_figure"]],
          [about, None, 0, 0, True, 9])
    equal(sorted((f["figure_cas"], f["figure_unexpired"], f["figure_unexpired_high"], f["whole"]) for f in answer["figures"]),
          [(2, 650, 650, True), (2, 2200, 2200, True), (2, 3000, 3000, True), (8, None, 3499, True)])
    report = t.run(*asked).out
    check("about 5,850 to %s are lost; 5 of these CAs have neither" % format(about + 3499, ","), report)
    check(", 0 kept by another path" in report, "what keeps nothing is said to keep at least nothing")
    check("nothing but figures counts: 9\n" in report, report)
    left_out = re.search(r"that no source counts: 5, namely (.*)", report)[1]
    equal(sorted(left_out.split(", ")),
          ["AC Camerfirma Colombia II - 2015", "AC Camerfirma Portugal - 2015", "DigitalSign Primary CA",
           "GLOBAL CORPORATE SERVER", "Global Chambersign Root - 2008"])


def test_multicert_would_have_kept_what_was_counted_of_it(t):
    db = with_counts(t)
    total = t.run("impact", "--scenario", "camerfirma-2021-chrome", "--as-of", "2021-01-25", "--assume", "604D32D0",
                  "--format", "json", "--db", db).json()["total"]
    equal([total[k] for k in ["lost", "kept", "kept_high"]], [2850, 3000, 3000])


def test_the_readme_s_walk_through_is_what_canopy_says(t):
    with open(os.path.join(HERE, "..", "..", "README.md"), encoding="utf-8") as f:
        told = f.read().split("## A walk-through")[1].split("\n## ")[0]
    db, said = os.path.join(t.dir, "readme.db"), []
    folders = [os.path.join(data(), name) for name in ("ccadb", "mozilla", "mozilla-history")]
    t.run("import", "-q", "--db", db, *folders, os.path.join(FOLDER, "camerfirma-2020-12-14.csv"))
    for command in re.findall(r"^    \$ canopy ((?:tree|impact).*)$", told, re.M):
        said += t.run(*shlex.split(command), "--db", db, CANOPY_SCENARIOS=FOLDER).out.splitlines()
    shown = [s[4:] for s in told.splitlines() if s.startswith("    ") and not s.startswith("    $") and s != "    …"]
    equal([s for s in shown if s not in said], [])


if __name__ == "__main__":
    main()
