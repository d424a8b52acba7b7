"""impact: totals, rows, decay, formats, marks and scenario files."""
import datetime
import json
import os
import re
import sys

sys.dont_write_bytecode = True
from harness import DAY, by_order, check, clean, equal, main  # noqa: E402

TOP = ["program", "purpose", "as_of", "marks", "total", "cas", "decay"]
TOTAL = ["unexpired", "trusted", "lost", "kept", "unknown_cas", "no_sct"]
CA = ["ca_id", "name", "owner", "unexpired", "trusted", "lost", "kept", "before", "after", "via", "coverage"]
MARK = ["ref", "action", "date", "certs"]
DECAY = [0, 30, 47, 60, 90, 100, 180, 200, 365, 398]
ALDER = "Alder Root CA=remove"


def impact(t, *args, day=DAY):
    return t.ok("impact", "--as-of", day, "--format", "json", *args).json()


def asked(answer):
    """All but the words that asked for it."""
    return {key: value for key, value in answer.items() if key != "command"}


def ca(answer, t, nick):
    found, = [c for c in answer["cas"] if c["ca_id"] == t.ca(nick)]
    return found


def test_json_has_the_contract_s_keys_first(t):
    answer = impact(t, "--mark", ALDER)
    equal(list(answer)[:len(TOP)], TOP)
    equal(list(answer["total"])[:len(TOTAL)], TOTAL)
    for row in answer["cas"]:
        equal(list(row)[:len(CA)], CA)
    for mark in answer["marks"]:
        equal(list(mark)[:len(MARK)], MARK)
    for step in answer["decay"]:
        equal(list(step), ["date", "lost", "lost_high"])


def test_what_was_asked_is_repeated(t):
    answer = impact(t, "--program", "mozilla", "--purpose", "email", "--mark", "Fir Root CA=distrust-after@2024-01-01")
    equal((answer["program"], answer["purpose"], answer["as_of"]), ("mozilla", "email", DAY))
    equal(answer["marks"][0], {"ref": "Fir Root CA", "action": "distrust-after", "date": "2024-01-01", "certs": 1,
                               "no_effect": False, "since": None, "effect": True, "why": None, "only_here": 4,
                               "only_here_cas": 3, "only_here_unknown_cas": 3,
                               "only_here_high": None, "only_here_approximate": False})
    equal(answer["store_date"], "2026-05-15")


def test_without_marks_nothing_is_lost(t):
    answer = impact(t)
    equal((answer["total"]["lost"], answer["total"]["kept"], answer["cas"], answer["marks"]), (0, 0, [], []))
    equal(answer["total"]["unexpired"], sum(r["unexpired"] or 0 for r in
          t.ok("counts", "--as-of", DAY, "--format", "json").json()))


def test_totals_are_the_sums_of_the_rows(t):
    answer = impact(t, "--mark", ALDER)
    for key in ["lost", "kept"]:
        equal(answer["total"][key], sum(c[key] or 0 for c in answer["cas"]), key)
    check(answer["total"]["lost"] > 0 and answer["total"]["kept"] > 0)
    equal(answer["decay"][0]["lost"], answer["total"]["lost"])
    changed = [c for c in answer["cas"] if c["before"] != c["after"]]
    equal(answer["total"]["unknown_cas"], sum(c["coverage"] != "complete" for c in changed))


def test_a_removed_root_takes_what_stands_only_below_it(t):
    answer = impact(t, "--mark", ALDER)
    alder = ca(answer, t, "alder-tls-1")
    equal((alder["before"], alder["after"], alder["via"]), ("all", "none", []))
    equal((alder["lost"], alder["kept"]), (alder["trusted"], 0))


def test_a_cross_certified_ca_is_kept_by_its_other_path(t):
    answer = impact(t, "--mark", ALDER)
    birch = ca(answer, t, "birch-issuing-1")
    equal((birch["before"], birch["after"], birch["lost"]), ("all", "all", 0))
    equal(birch["kept"], birch["trusted"])
    equal(birch["via"], [t.cert("birch-issuing-1"), t.cert("birch-inter"), t.cert("birch-root")])
    equal(birch["reach"], "ccadb")


def test_a_leaf_is_lost_or_kept_by_the_other_path_s_date(t):
    shared = ca(impact(t, "--mark", ALDER), t, "cedar-shared")
    equal((shared["before"], shared["after"]), ("all", "some"))
    equal(shared["lost"] + shared["kept"], shared["trusted"])
    check(shared["lost"] and shared["kept"])
    equal(shared["via"], [t.cert("cedar-shared-by-cedar"), t.cert("cedar-root")])


def test_block_hits_the_key_under_all_its_names(t):
    answer = impact(t, "--mark", "Cedar Twin CA A=block")
    equal({c["ca_id"] for c in answer["cas"]}, {t.ca("cedar-key-a"), t.ca("cedar-key-b")})
    equal(answer["marks"][0]["certs"], 2)
    equal({c["after"] for c in answer["cas"]}, {"none"})


def test_revoke_hits_one_certificate(t):
    answer = impact(t, "--mark", t.cert("cedar-shared-by-alder") + "=revoke")
    equal([c["ca_id"] for c in answer["cas"]], [t.ca("cedar-shared")])
    equal(answer["cas"][0]["after"], "some")


def test_exempt_leaves_a_ca_out(t):
    answer = impact(t, "--mark", ALDER, "--exempt", "Alder Policy CA")
    equal([c for c in answer["cas"] if c["ca_id"] == t.ca("alder-tls-1") and c["lost"]], [])
    equal(answer["exempt"], ["Alder Policy CA"])
    check(ca(answer, t, "alder-pl0")["lost"])


def test_assume_makes_an_anchor_beforehand(t):
    without = impact(t)["total"]["trusted"]
    answer = impact(t, "--assume", "Yew University Root")
    check(answer["total"]["trusted"] > without)
    answer = impact(t, "--assume", "Yew University Root", "--mark", "Yew University Root=remove")
    equal(answer["total"]["lost"], answer["total"]["trusted"] - without)


def test_revocation_all_takes_ccadb_s_word(t):
    def trusted(mode):
        return impact(t, "--revocation", mode)["total"]["trusted"]
    check(trusted("all") < trusted("enforced"))
    equal(trusted("none") >= trusted("enforced"), True)


def test_a_mark_without_effect_is_accepted_and_said(t):
    args = ["impact", "--as-of", DAY, "--mark", "Yew University Root=remove"]
    r = t.run(*args, "--format", "json")
    equal((r.code, r.json()["marks"][0]["no_effect"], r.json()["total"]["lost"]), (0, True, 0))
    check("'Yew University Root=remove'" in r.err and "no anchor" in r.err, r.err)
    for form in ["table", "md"]:
        check("no effect" in t.ok(*args, "--format", form).out, form)
    equal(t.run(*args, "--format", "json", "--quiet").err, "")


def test_a_limit_later_than_the_standing_one_changes_nothing(t):
    r = t.run("impact", "--as-of", DAY, "--format", "json", "--purpose", "email",
              "--mark", "Fir Root CA=distrust-after@2026-01-01")
    equal((r.code, r.json()["marks"][0]["no_effect"], r.json()["total"]["lost"]), (0, True, 0))
    check("'Fir Root CA=distrust-after@2026-01-01' changes nothing" in r.err, r.err)


def test_decay_stands_at_the_contract_s_days(t):
    answer = impact(t, "--mark", ALDER)
    first = datetime.date.fromisoformat(DAY)
    equal([d["date"] for d in answer["decay"]], [str(first + datetime.timedelta(n)) for n in DECAY])
    losses = [d["lost"] for d in answer["decay"]]
    check(losses[-1] < losses[0], losses)


def test_numbers_of_uncounted_cas_are_null(t):
    answer = impact(t, "--mark", ALDER)
    unknown = [c for c in answer["cas"] if c["coverage"] == "none"]
    check(unknown)
    for c in unknown:
        equal([c[k] for k in ["unexpired", "trusted", "lost", "kept"]], [None] * 4, c["name"])
    ids = {c["ca_id"] for c in unknown}
    for row in t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--format", "csv").csv():
        if row["ca_id"] in ids:
            equal([row[k] for k in ["unexpired", "trusted", "lost", "kept"]], [""] * 4)


def test_csv_and_ndjson_have_one_row_a_ca(t):
    args = ["impact", "--as-of", DAY, "--mark", ALDER]
    answer = impact(t, "--mark", ALDER)
    got = t.ok(*args, "--format", "csv")
    equal(got.header().split(",")[:len(CA)], CA)
    equal([r["ca_id"] for r in got.csv()], [c["ca_id"] for c in answer["cas"]])
    equal(t.ok(*args, "--format", "ndjson").ndjson(), answer["cas"])
    row, = [r for r in got.csv() if r["ca_id"] == t.ca("birch-root")]
    equal(row["via"], t.cert("birch-root"))
    row, = [r for r in got.csv() if r["ca_id"] == t.ca("birch-renew")]
    equal(row["via"], t.cert("birch-renew-2021") + " > " + t.cert("birch-root"))


def test_rows_come_by_unexpired_then_id(t):
    cas = impact(t, "--mark", ALDER)["cas"]
    equal([c["ca_id"] for c in cas], [c["ca_id"] for c in by_order(cas)])


def test_a_report_can_be_pasted_and_reproduced(t):
    args = ["impact", "--as-of", DAY, "--mark", ALDER, "--format", "md"]
    out = t.ok(*args).out
    clean(out)
    for part in ["# impact on mozilla, tls, on " + DAY, "## marks (1)", "## decay", "no issuance after that day is assumed",
                 "snapshot of 2026-05-15", "index ", "canopy impact --as-of %s --mark '%s' --format md" % (DAY, ALDER)]:
        check(part in out, part + " is missing")
    equal(t.ok(*args).out, out)


def sections(t, *args, form="md"):
    return re.findall(r"^## ([a-z ]+[a-z])", t.ok("impact", "--as-of", DAY, "--format", form, *args).out, re.M)


def test_a_report_begins_with_the_answer_and_ends_with_what_it_rests_on(t):
    found = sections(t, "--mark", ALDER, "--db", t.full_db())
    wanted = ["marks", "leaves", "what is lost", "what is not known", "decay", "paths that survive", "what keeps them", "by operator", "by root", "by kind",
              "by validity", "basis", "to reproduce", "sources"]
    equal([s for s in found if s in wanted], wanted)
    equal(found[:3], wanted[:3])


def test_a_section_with_nothing_to_say_is_not_there(t):
    db = os.path.join(t.dir, "bare.db")
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("mozilla")).code, 0)
    found = sections(t, "--mark", ALDER, "--db", db)
    check("by root" in found and not {"what is lost", "by kind", "by validity"} & set(found), found)
    check("by root" not in sections(t))


def test_in_markdown_a_blank_line_stands_between_the_parts(t):
    for args in [["--mark", ALDER], [], ["--mark", ALDER, "--program", "all", "--purpose", "all"]]:
        out = t.ok("impact", "--as-of", DAY, "--db", t.full_db(), "--format", "md", *args).out
        check("\n\n\n" not in out and not out.endswith("\n\n"), "blank lines are doubled")
        kind = lambda s: s[0] if s[:1] in "|#" else "-" if s.startswith("- ") else " "  # noqa: E731
        lines = out.split("~~~~~")[0].splitlines()
        for line, after in zip(lines, lines[1:]):
            check(not line or not after or (kind(line) == kind(after) and kind(line) in "|-"), (line, after))


def test_what_is_not_kept_is_none_kept_although_counts_are_not_complete(t):
    exact = 0
    for mark in ["Cedar Twin CA A=block", "Cedar Root E1=block", ALDER]:
        args = ["impact", "--as-of", DAY, "--db", t.full_db(), "--mark", mark]
        answer = t.ok(*args, "--format", "json").json()
        open_rows = [c for c in answer["cas"] if c["after"] != "none" and c["coverage"] != "complete"]
        line = t.ok(*args).out.splitlines()[1]
        wanted = "%s%d kept by" % ("at least " if open_rows else "", answer["total"]["kept"])
        check((", " + wanted) in line, (wanted, line))
        exact += not open_rows
        check(answer["total"]["unknown_cas"], "all is counted")
    equal(exact, 1)


# ---- what hangs on each mark alone ----

def test_each_mark_tells_what_hangs_on_it_alone(t):
    roots = ["alder-root", "cedar-root", "birch-root", "alder-policy"]
    for program in ["mozilla", "chrome"]:
        marks = [x for i, nick in enumerate(roots) for x in
                 ("--mark", "%s=%s" % (t.ca(nick) if i % 2 else t.cert(nick), ["remove", "block", "distrust-after@2026-05-01"][i % 3]))]
        answer = t.ok("impact", "--as-of", DAY, "--db", t.full_db(), "--program", program, "--format", "json", "-q",
                      *marks).json()
        counts = {r["ca_id"]: r for r in t.ok("counts", "--as-of", DAY, "--db", t.full_db(), "--program", program, "--only-here",
                                              "--format", "json").json()}
        for nick, mark in zip(roots, answer["marks"]):
            keys = ["only_here", "only_here_cas", "only_here_unknown_cas"]
            equal([mark[k] for k in keys], [counts[t.ca(nick)][k] for k in keys], (program, nick))
        check(any(m["only_here"] for m in answer["marks"]), program)


def test_what_hangs_on_a_mark_alone_is_no_least_of_0(t):
    ask = ["impact", "-q", "--as-of", DAY, "--mark", "Cedar Twin CA A=revoke"]
    mark, = t.run(*ask, "--format", "json").json()["marks"]
    equal([mark[k] for k in ("only_here", "only_here_cas", "only_here_unknown_cas")], [0, 1, 1])
    for form in ("table", "md"):
        out = t.run(*ask, "--format", form).out
        check("if exactly that went: leaves of 1 CA, not counted" in out and "at least 0 leaves" not in out, out)


def test_on_a_key_hang_all_cas_that_have_it(t):
    names = [t.ca("cedar-key-a"), t.ca("cedar-key-b")]
    certs = {t.cert("cedar-key-a"), t.cert("cedar-key-b")}
    asked = ["impact", "--as-of", DAY, "--db", t.full_db(), "--program", "apple", "--format", "json", "-q"]
    revoked = [x for c in sorted(certs) for x in ("--mark", c + "=revoke")]
    both = t.ok(*asked, *revoked).json()
    check(all(m["only_here"] < both["total"]["lost"] for m in both["marks"]), "one of the two has all of it")
    for name in names:
        mark, = t.ok(*asked, "--mark", name + "=block").json()["marks"]
        equal(mark["only_here"], both["total"]["lost"])


def test_a_stage_of_the_same_ca_does_not_say_it_again(t):
    out = t.ok("impact", "--as-of", DAY, "--mark", "Alder Root CA=distrust-after@2026-05-01", "--stage", "2026-09-01:" + ALDER).out
    only = impact(t, "--mark", ALDER)["marks"][0]
    equal(out.count("if exactly that went: at least %d leaves of %d CAs" % (only["only_here"], only["only_here_cas"])), 1, out[:900])
    equal(out.count("if exactly that went"), 1)


def test_the_command_in_a_report_names_the_day(t):
    out = t.ok("impact", "--mark", ALDER).out
    check("--as-of 20" in out.splitlines()[-1], out.splitlines()[-1])


def test_a_table_tells_what_is_unknown_and_kept_by_what(t):
    out = t.ok("impact", "--as-of", DAY, "--mark", ALDER).out
    clean(out)
    for part in ["leaves lost of", "kept by another path", "are not counted to the end",
                 t.cert("birch-root")[:12] + " Birch Root R1", "leaves of unknown issuers"]:
        check(part in out, part + " is missing")


def headline(t, *args, form="table", at=1):
    lines = [s for s in t.ok("impact", "--as-of", DAY, "--format", form, *args).out.splitlines() if s]
    return lines[at]


def test_where_cas_are_not_counted_to_the_end_numbers_are_lower_bounds(t):
    answer = impact(t, "--mark", ALDER)
    total = answer["total"]
    gone = sum(c["before"] != c["after"] and c["after"] == "none" for c in answer["cas"])
    some = sum(c["before"] != c["after"] and c["after"] != "none" for c in answer["cas"])
    for form in ["table", "md"]:
        line = headline(t, "--mark", ALDER, form=form, at=2 if form == "md" else 1).removeprefix("- ")
        check(line.startswith("%d CAs lose trust, %d CA" % (gone, some)), line)
        for words in ["at least %d leaves lost of at least %d trusted" % (total["lost"], total["trusted"]),
                      "at least %d kept by another path" % total["kept"],
                      "(%d of these CAs are not counted to the end)" % total["unknown_cas"]]:
            check(words in line, words + " is not in: " + line)


def test_nothing_known_to_be_lost_is_not_nothing_lost(t):
    db = os.path.join(t.dir, "uncounted.db")
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("mozilla")).code, 0)
    rows = impact(t, "--db", db, "--mark", ALDER)["cas"]
    n = sum(c["before"] != c["after"] for c in rows)
    said = "none of the %d CAs concerned is counted" % n
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "--db", db, "--as-of", DAY, "--mark", ALDER, "--format", form).out
        check("CAs lose trust" in out and said + ": how many leaves are lost is not known; all leaves of %d CA" % (len(rows) - n) in out, out)
        check("at least 0" not in out and "≥ 0" not in out, (form, "said again and again"))
        check("rom when on nothing is lost any more is unknown: no CA that loses trust or is limited is counted" in out, (form, out))
    for args in [["--program", "all"], ["--purpose", "all"]]:
        out = t.ok("impact", "--db", db, "--as-of", DAY, "--mark", ALDER, "--format", "md", *args).out
        check("≥ 0" not in out and "leaves of %d CAs, no number known" % n in out, out)
        out = t.ok("impact", "--db", db, "--as-of", DAY, "--mark", ALDER, "--format", "html", *args).out
        check("at least 0" not in out and "≥ 0" not in out and "<svg" not in out, "a chart of nothing")
    one = t.ok("impact", "--db", db, "--as-of", DAY, "--mark", t.ca("alder-tls-1") + "=revoke").out
    check("1 CA loses trust; the one CA concerned is not counted" in one, one)


def test_charts_say_where_no_loss_is_known_and_something_is_accepted(t):
    db = os.path.join(t.dir, "kept.db")
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("mozilla"), t.path("chrome"), t.path("leaves", "eku-server.der")).code, 0)
    n = sum(c["before"] != c["after"] for c in impact(t, "--db", db, "--mark", ALDER)["cas"])
    said = "none of the %d CAs concerned is counted" % n
    args = ["impact", "--db", db, "--as-of", DAY, "--mark", ALDER, "--format", "html"]
    several = re.search("<desc id=\"programs-desc\">(.*?)</desc>", t.ok(*args, "--program", "all").out)[1]
    check("mozilla, an unknown number of at least 1 lost, %s; chrome, " % said in several and "at least 0" not in several, several)
    out = t.ok(*args).out
    one = re.search("<desc id=\"accepted-desc\">(.*?)</desc>", out)[1]
    check(one.endswith("; how many are lost is not known: %s." % said) and "at least 0 are" not in one, one)
    check("</svg>lost: not known</li>" in out, out)


def test_rows_have_what_they_rest_on_in_a_file_beside_them(t):
    keys = ["store_date", "revocation", "revocation_modelled", "revocation_missing"]
    for form, more in [("csv", []), ("ndjson", []), ("csv", ["--by", "owner"]), ("csv", ["--program", "all"]), ("md", []), ("json", [])]:
        path = os.path.join(t.dir, "basis.json")
        args = ["impact", "-q", "--as-of", DAY, "--mark", ALDER, *more]
        plain = t.ok(*args, "--format", form).out
        out = t.ok(*args, "--format", form, "--basis", path).out
        if form in ("csv", "ndjson"):
            equal(out, plain, "rows stay as they are")
        with open(path, encoding="utf-8") as f:
            basis = json.load(f)
        answers = t.ok(*args[:6], *(more if more and more[0] == "--program" else []), "--format", "json").json()
        answers = answers if isinstance(answers, list) else [answers]
        equal([basis[k] for k in ["version", "as_of", "index_sha256", "sources"]],
              [answers[0][k] for k in ["version", "as_of", "index_sha256", "sources"]])
        equal(basis["answers"], [{k: a[k] for k in ["program", "purpose"] + keys} for a in answers])
        check(basis["command"].startswith("canopy impact ") and " --basis " in basis["command"], basis["command"])
    t.fails(5, "impact", "--mark", ALDER, "--format", "csv", "--basis", os.path.join(t.dir, "no", "such", "place"), says="such/place")


def test_where_no_loss_is_known_no_table_of_zeros_stands(t):
    day = "2030-01-01"  # the leaves that are held have all expired
    answer = impact(t, "--mark", ALDER, day=day)
    changed = [c for c in answer["cas"] if c["before"] != c["after"]]
    nobody = sum(c["coverage"] == "none" for c in changed)
    check(0 < nobody < len(changed) and answer["total"]["lost"] == 0)
    said = "%d of the %d CAs concerned %s not counted, and no leaf that is lost is known of the others" % (
        nobody, len(changed), "is" if nobody == 1 else "are")
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "--as-of", day, "--mark", ALDER, "--format", form).out
        check(said + ": how many leaves are lost is not known" in out and ("not known: " + said in out or form != "md"), out)
        check("on later days" not in out and "0 leaves lost" not in out, (form, out))
        check("othing that is counted is lost on any day, but no CA that loses trust or is limited is counted to the end" in out, out)
        check("what is lost, as a share" not in out, "0 % were believed")


# ---- a report that is sent ----

def summary(t, *args, **more):
    """The lines between the title and the first section."""
    out = t.ok("impact", "--as-of", DAY, "--format", "md", *args, **more).out
    return [s.removeprefix("- ").replace("\\", "") for s in out.split("\n## ")[0].splitlines()[1:] if s]


def test_a_report_begins_with_lines_that_stand_alone(t):
    answer = impact(t, "-q", "--mark", ALDER, "--mark", "Yew University Root=remove")
    total, cas = answer["total"], answer["cas"]
    changed = [c for c in cas if c["before"] != c["after"]]
    lines = summary(t, "--mark", ALDER, "--mark", "Yew University Root=remove")
    equal(len(lines), 5, lines)
    equal(lines[0], "cut in mozilla, tls, on %s: Alder Root CA=remove; besides 1 mark without effect" % DAY)
    check("at least %d leaves lost of at least %d trusted" % (total["lost"], total["trusted"]) in lines[1], lines[1])
    share = answer["shares"]["program"]
    equal(lines[2].split(" % of the ")[1], "%d leaves that mozilla is known to trust beforehand; %d CAs with such leaves are not counted to the end"
          % (share["of"], share["unknown_cas"]))
    parts = [(sum(c["coverage"] == "none" for c in changed), "by nobody"), (sum(c["coverage"] == "partial" for c in changed), "not to the end")]
    equal(lines[3], "counted, of the CAs that lose trust or some of it: " + ", ".join("%d %s" % p for p in parts if p[0]))
    last = max(i for i, d in enumerate(answer["by_day"]) if d["lost"])
    check("nothing is lost any more: not before %s," % answer["by_day"][last + 1]["date"] in lines[4], lines[4])
    html = t.ok("impact", "--as-of", DAY, "--format", "html", "--mark", ALDER, "--mark", "Yew University Root=remove").out
    for line in lines:
        check("<li>%s</li>" % line.replace("<", "&lt;") in html, line)


def test_the_summary_names_what_is_cut(t):
    tls = t.ca("alder-tls-1")
    name = impact(t, "--mark", tls + "=revoke")["cas"][0]["name"]
    equal(summary(t, "--stage", "2026-08-01:%s=revoke" % tls, "--exempt", "Birch Root R1")[0],
          "cut in mozilla, tls, on %s: %s=revoke (%s) from 2026-08-01; 1 exempt" % (DAY, tls, name))
    equal(summary(t)[0], "cut in mozilla, tls, on %s: nothing" % DAY)
    lines = summary(t, "--mark", ALDER, "--purpose", "all", "--program", "mozilla")
    equal(lines[0], "cut in mozilla, tls, email, on %s: Alder Root CA=remove" % DAY)
    answers = t.ok("impact", "-q", "--as-of", DAY, "--format", "json", "--mark", ALDER, "--purpose", "all").json()
    for a in answers:
        n = sum(c["before"] != c["after"] for c in a["cas"])
        check("at least %d leaves of %d CA" % (a["total"]["lost"], n) in lines[1], lines[1])
    check(len(lines) == 4, lines)
    many = [w for nick in ["alder-tls-1", "alder-tls-2", "alder-policy", "birch-root", "birch-inter", "cedar-root"]
            for w in ("--mark", t.ca(nick) + "=revoke")]
    check(" and %d more" % 2 in summary(t, *many)[0] or "without effect" in summary(t, *many)[0], summary(t, *many)[0])


def test_a_report_has_the_fingerprints_of_its_marks_in_full(t):
    for action, key in ("remove", None), ("block", "spki:"), ("revoke", None):
        ref = "Alder Root CA=" + action
        mark, = [s for s in t.ok("impact", "--as-of", DAY, "--format", "md", "--mark", ref).out.splitlines() if s.startswith("- " + ref)]
        shown = json.loads(t.ok("show", "Alder Root CA", "--as-of", DAY, "--format", "json").out)
        found = re.findall(r"\b[0-9a-f]{64}\b", mark)
        if key:
            equal(found.pop(0), shown["spki_sha256"])
            check("spki:" + shown["spki_sha256"] in mark, mark)
        check(found and set(found) <= {c["sha256"] for c in shown["certificates"]}, mark)
        equal(len(found), int(re.search(r": (\d+) certificate", mark)[1]), mark)
        again = impact(t, "-q", *[w for h in found for w in ("--mark", h + "=" + action)])
        equal(again["total"], impact(t, "--mark", ref)["total"], "what the report says makes it again")
    check(not re.search(r"[0-9a-f]{64}", t.ok("impact", "--as-of", DAY, "--mark", ALDER).out.split("leaves\n")[0]), "on a terminal they are long")


def test_a_mark_given_by_digits_has_the_name_in_a_report(t):
    shown = json.loads(t.ok("show", "Cedar Root E1", "--as-of", DAY, "--format", "json").out)
    cert, long = t.cert("alder-root"), t.cert("hostile-long")
    refs = [cert, "spki:" + shown["spki_sha256"], long]
    args = ["-q", "--as-of", DAY, "--exempt", t.cert("birch-root"), "--assume", t.cert("fir-root"), "--beside", "chrome", "--db", t.full_db(),
            *[w for ref in refs for w in ("--mark", ref + "=block")]]
    for form in ("table", "md", "html"):
        out = re.sub(r"&#?\w+;", " ", t.run("impact", *args, "--format", form).out)
        for ref, name in zip(refs, ("Alder Root CA", "Cedar Root E1")):
            check("%s=block (%s)" % (ref, name) in out, "%s: %s" % (form, ref))
        check(re.search(long + r"=block \([^()]{40,64}\.\.\.\)", out), "%s: a long name is cut" % form)
        check("%s (Birch Root R1)" % t.cert("birch-root") in out and "%s (Fir Root CA)" % t.cert("fir-root") in out, form)
        check(re.search(long[:12] + r"=block \([^()]*\) has no effect", out), "%s: briefly where it has no effect\n%s" % (form, out))
        check(not re.search(r"\b[0-9a-f]{64}=block[^:]* has no effect", out), form)
    several = t.run("impact", "-q", "--as-of", DAY, "--mark", cert + "=block", "--purpose", "all").out
    check(re.search(r"(?m)^%s=block \(Alder Root CA\) " % cert[:12], several), several)
    staged = t.run("impact", "-q", "--as-of", DAY, "--stage", "2026-07-01:%s=block" % cert).out
    check("%s=block (Alder Root CA) begins on 2026-07-01" % cert[:12] in staged, staged)
    equal([m["ref"] for m in t.run("impact", *args, "--format", "json").json()["marks"]], refs)
    check("(Alder Root CA)" not in t.run("impact", *args[:4], "--mark", ALDER).out, "it has its name")


def test_rows_of_a_report_come_by_loss_then_by_name(t):
    answer = impact(t, "--mark", ALDER)
    rows = sorted(answer["cas"], key=lambda c: (-(c["lost"] or 0), -(c["lost_high"] or 0), c["name"].lower(), c["name"].encode(), c["ca_id"]))
    out = t.ok("impact", "--as-of", DAY, "--format", "md", "--mark", ALDER).out.split("## CAs that change")[1].split("\n## ")[0]
    ids = re.findall(r"\| ([0-9a-f]{12}) \|", out)
    equal(ids, [c["ca_id"][:12] for c in rows])
    check(ids != sorted(ids) and len({c["lost"] for c in rows}) < len(rows), "there is something to sort")


def test_totals_rows_and_decay_say_at_least(t):
    answer = impact(t, "--mark", ALDER)
    out = t.ok("impact", "--as-of", DAY, "--mark", ALDER).out
    for key in ["lost", "kept", "trusted", "unexpired"]:
        check(re.search(r"^  %s +at least %d\b" % (key, answer["total"][key]), out, re.M), key)
    for step in answer["decay"]:
        check(re.search(r"^%s +\d+ +≥ %d$" % (step["date"], step["lost"]), out, re.M), step)
    row = ca(answer, t, "alder-tls-1")
    line, = [s for s in out.splitlines() if t.ca("alder-tls-1")[:12] in s]
    signs = ["" if row["before"] == row["after"] else "≥ ", "" if row["after"] == "none" else "≥ "]
    check(re.match(" *%s%d +%s%d " % (signs[0], row["lost"], signs[1], row["kept"]), line), line)
    check(">= %d" % row["lost"] in t.terminal("impact", "--as-of", DAY, "--mark", ALDER, LC_ALL="C"))


def test_without_a_change_no_more_is_said_than_is_known(t):
    line = headline(t)
    check(line.startswith("no CA loses trust; 0 leaves lost of at least"), line)
    check("counted to the end" not in line, line)


def test_a_rule_that_is_not_evaluated_is_said(t):
    args = ["impact", "--db", t.full_db(), "--as-of", DAY, "--program", "chrome", "--mark", "Fir Root CA=block"]
    rows = t.ok(*args, "--format", "json").json()["cas"]
    check(rows and all(c["unevaluated"] for c in rows))
    for form in ["table", "md"]:
        out = t.ok(*args, "--format", form).out.replace("\\", "")
        check("a rule that is not evaluated and was taken as met" in out, form)
        check("a rule on Fir Root CA, shown and not judged: not evaluated: fictional_rule" in out, form)
    other = t.ok(*args[:-1], "Birch Root R1=block").out
    check("fictional_rule" not in other and "not evaluated" not in other, "said of what it does not rest on")


def test_a_report_names_the_version_of_chrome(t):
    args = ["impact", "--db", t.full_db(), "--as-of", DAY, "--program", "chrome", "--mark", "Cedar Root E1=remove"]
    trusted = [t.ok(*args, "--chrome-version", n, "--format", "json").json() for n in ["130", "131"]]
    check(trusted[0]["total"]["trusted"] > trusted[1]["total"]["trusted"])
    equal([a["chrome_version"] for a in trusted], [130, 131])
    equal(t.ok(*args, "--format", "json").json()["chrome_version"], None)
    out = t.ok(*args, "--chrome-version", "130").out
    check("snapshot of 2026-05-20 (version 36) for Chrome 130" in out and "--chrome-version 130" in out.splitlines()[-1], out)


def test_a_scenario_file_says_the_same_as_options(t):
    path = t.write("cut.txt", "# a cut\n\nprogram mozilla\r\n  purpose tls\nmark %s\nexempt Alder Policy CA\n"
                              "revocation all\n" % ALDER)
    equal(asked(impact(t, "--scenario", path)),
          asked(impact(t, "--mark", ALDER, "--exempt", "Alder Policy CA", "--revocation", "all")))


def test_options_stand_above_the_scenario_file(t):
    path = t.write("cut.txt", "purpose email\nmark %s\n" % ALDER)
    answer = impact(t, "--scenario", path, "--purpose", "tls", "--mark", "Elm Government Root 2055=remove")
    equal(answer["purpose"], "tls")
    equal([m["ref"] for m in answer["marks"]], ["Alder Root CA", "Elm Government Root 2055"])


def test_a_bad_scenario_file_is_named_with_its_line(t):
    path = t.write("cut.txt", "# fine\nfrobnicate x\n")
    t.fails(3, "impact", "--scenario", path, says=["cut.txt' line 2", "'frobnicate'"])
    path = t.write("cut.txt", "mark Alder Root CA=frob\n")
    t.fails(3, "impact", "--scenario", path, says=["cut.txt' line 1", "frob"])
    path = t.write("cut.txt", "mark\n")
    t.fails(3, "impact", "--scenario", path, says="line 1")
    path = t.write("cut.txt", b"mark \0\n")
    t.fails(3, "impact", "--scenario", path, says="NUL")
    t.fails(3, "impact", "--scenario", "nowhere.txt", says="'nowhere.txt'")


def test_bad_marks_are_named(t):
    for mark in ["Alder Root CA", "Alder Root CA=frob", "Alder Root CA=distrust-after", "Alder Root CA=remove@2026-01-01",
                 "Alder Root CA=distrust-after@2026-02-30", "=remove"]:
        t.fails(2, "impact", "--mark", mark, says=mark.split("@")[0])


def test_a_mark_is_split_at_its_last_equals_sign(t):
    r = t.run("impact", "--as-of", DAY, "--format", "json", "--mark", '=HYPERLINK("http://evil.example","+1")=revoke')
    equal(r.code, 0, r.err)
    equal(r.json()["marks"][0]["ref"], '=HYPERLINK("http://evil.example","+1")')


def test_an_ambiguous_mark_lists_its_candidates(t):
    r = t.run("impact", "--mark", "Alder Rollover CA=block")
    equal((r.code, r.out), (2, ""))
    lines = r.err.splitlines()
    equal([sum(t.ca(nick) in line for line in lines) for nick in ["alder-roll", "alder-roll-new"]], [1, 1], r.err)
    equal(len(lines), 3, r.err)
    alder = [nick for nick in t.nicks() if nick.startswith("alder")]
    for option in ["--exempt=Alder", "--assume=Alder", "--mark=Alder=block"]:
        r = t.run("impact", option)
        equal(r.code, 2)
        equal([nick for nick in alder if t.ca(nick) not in r.err], [], "all candidates are listed")


def test_a_program_without_a_store_is_bad_usage(t):
    t.fails(2, "impact", "--program", "nope", "--mark", ALDER, says=["'nope'", "no store", "mozilla"])


def test_what_is_not_modelled_is_said(t):
    args = ["impact", "--as-of", DAY, "--program", "microsoft", "--mark", ALDER]
    equal(t.ok(*args, "--format", "json").json()["revocation_modelled"], False)
    for form in ["table", "md"]:
        check("not modelled" in t.ok(*args, "--format", form).out, form)
    equal(impact(t)["revocation_modelled"], True)


if __name__ == "__main__":
    main()
