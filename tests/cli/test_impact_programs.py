"""impact of several programs and purposes in one call, what it says it does not know, and how its reports end."""
import hashlib
import os
import re
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
import ctlog  # noqa: E402
from ctcase import ca_der, fetch_listed, leaves, mixed  # noqa: E402
from harness import DAY, check, clean, equal, main  # noqa: E402

ALDER = ["--mark", "Alder Root CA=remove"]
ALL = ["--program", "all", "--purpose", "all"]
PAIRS = [(program, purpose) for program in ["mozilla", "chrome", "apple", "microsoft"] for purpose in ["tls", "email"]]
AGO = "2026-04-01"  # more than 30 days before DAY


def impact(t, *args, db=None, form="json", day=DAY):
    r = t.ok("impact", "--db", db or t.full_db(), "--as-of", day, "--format", form, *args)
    return r.json() if form == "json" else r.out


def same(answer):
    """All but the words that asked for it."""
    return {key: value for key, value in answer.items() if key != "command"}


def pairs(answers):
    return [(a["program"], a["purpose"]) for a in answers]


def section(out, title):
    """The lines of a section of a table report."""
    found = re.search(r"^%s.*\n((?:.+\n)*)" % re.escape(title), out, re.M)
    return found.group(1).splitlines() if found else []


def rows(lines):
    """A printed table by its headings, whose words are two blanks apart."""
    head, *rest = lines
    keys = re.split(r" {2,}", head.strip())
    found = [re.split(r" {2,}", line.strip()) for line in rest]
    return [dict(zip(keys, cells)) for cells in found if len(cells) == len(keys)]


def test_all_is_every_program_and_purpose_in_the_order_of_the_programs(t):
    equal(pairs(impact(t, *ALL, "--quiet", *ALDER)), PAIRS)
    equal(pairs(impact(t, "--program", "all", *ALDER)), [p for p in PAIRS if p[1] == "tls"])
    equal(pairs(impact(t, "--purpose", "email,tls", *ALDER)), PAIRS[:2])


def test_a_list_keeps_its_order_and_asks_nothing_twice(t):
    wanted = [("chrome", "tls"), ("mozilla", "tls")]
    equal(pairs(impact(t, "--program", "chrome,mozilla,chrome", *ALDER)), wanted)
    equal(pairs([impact(t, "--program", "chrome", "--program", "mozilla", *ALDER)]), wanted[1:], "of a repeated option the last holds")
    equal(pairs(impact(t, "--program", "chrome,all", *ALDER))[:2], wanted)


def test_each_answer_of_several_is_that_of_its_own_call(t):
    args = [*ALDER, "--mark", "Cedar Root E1=distrust-after@2026-01-01", "--exempt", "Alder Policy CA",
            "--mark", "Yew University Root=remove"]
    several = impact(t, *ALL, "--quiet", *args)
    for answer in several:
        alone = impact(t, "--program", answer["program"], "--purpose", answer["purpose"], "--quiet", *args)
        equal(same(answer), same(alone), answer["program"])
    check(len({a["total"]["lost"] for a in several}) > 3, "the programs do not differ")


def test_beside_has_of_each_program_what_its_own_call_says(t):
    args = ["--mark", "Alder Root CA=remove", "--mark", "Yew University Root=remove"]
    answer = impact(t, *args, "--beside", "all", "--quiet")
    equal(answer["program"], "mozilla", "the report is still of one program")
    equal([b["program"] for b in answer["beside"]], ["mozilla", "chrome", "apple", "microsoft"])
    for beside in answer["beside"]:
        alone = impact(t, *args, "--program", beside["program"], "--quiet")
        check(alone["beside"] is None)
        for key in ["purpose", "store_date", "total", "changed_cas"]:
            equal(beside[key], alone[key], (beside["program"], key))
        equal([(m["ref"], m["no_effect"], m["why"]) for m in beside["marks"]], [(m["ref"], m["no_effect"], m["why"]) for m in alone["marks"]])
        equal(beside["store_doubts"], alone["unknowns"]["store_doubts"])
        lost = sum(c["after"] == "none" for c in alone["cas"])
        equal((beside["lost_cas"], beside["less_cas"], beside["kept_cas"]),
              (lost, alone["changed_cas"] - lost, len(alone["cas"]) - alone["changed_cas"]))
    check(len({b["total"]["lost"] for b in answer["beside"]}) > 1 and any(m["no_effect"] for b in answer["beside"] for m in b["marks"]),
          "the programs do not differ")
    equal(same(dict(answer, beside=None)), same(impact(t, *args, "--quiet")), "and the rest is as without")


def test_beside_is_a_table_of_the_report(t):
    out = impact(t, *ALDER, "--mark", "Yew University Root=remove", "--beside", "chrome,mozilla", form="table")
    table = rows(section(out, "the same marks in 2 programs"))
    equal([r["program"] for r in table], ["chrome", "mozilla"])
    check("Yew University Root=remove has no effect: " in out, out)
    both = impact(t, *ALDER, "--beside", "all", "--until", "20", "--report", form="md")
    check("## the same marks in " in both and both.count("fewer than 20 leaves are lost: ") == 2, "with the answer of --until")
    args = ["impact", "--db", t.full_db(), "--as-of", DAY, *ALDER]
    t.fails(2, *args, "--beside", "all", "--format", "csv", says="'--beside' does not go with '--format csv'")
    t.fails(2, *args, "--report", "--until", "3", "--format", "ndjson", says="'--report' does not go with '--format ndjson'")
    t.fails(2, *args, "--beside", "all", "--until", "3", says="add '--report'")
    t.fails(2, *args, "--beside", "all", "--by", "owner", says=["'--by'", "'--beside'"])
    t.fails(2, *args, "--beside", "all", "--program", "mozilla,chrome", says="'--beside' is of the report on one program")
    t.fails(2, *args, "--beside", "nope", says="'nope'")


def test_one_is_an_object_and_several_are_an_array_whatever_the_index_has(t):
    equal(type(impact(t, "--program", "chrome,chrome", *ALDER)), dict)
    own = os.path.join(t.dir, "one.db")
    t.ok("import", "--quiet", "--db", own, t.path("undisclosed"), "--store", "own")
    equal(pairs(impact(t, "--program", "all", db=own)), [("own", "tls")])


def test_a_mark_is_judged_in_each_program(t):
    none = {(a["program"], a["purpose"]): a["marks"][0]["no_effect"] for a in impact(t, *ALL, "--quiet", *ALDER)}
    equal([p for p in PAIRS if none[p]], [("chrome", "email")])
    line, = [s for s in impact(t, *ALL, *ALDER, form="table").splitlines() if s.startswith("  Alder Root CA=remove:")]
    equal(line, "  Alder Root CA=remove: 1 certificate (mozilla, chrome tls, apple, microsoft); 0 certificates; no effect: it is no "
                "anchor of chrome for email, only for tls (chrome email)")
    said = t.run("impact", "--db", t.full_db(), "--as-of", DAY, "--format", "csv", *ALL, *ALDER).err.splitlines()
    equal(len(said), 1)
    check("changes nothing in chrome for email" in said[0], said[0])


def test_rows_name_their_program_and_purpose_last_also_for_one(t):
    csv = t.ok("impact", "--db", t.full_db(), "--as-of", DAY, "--format", "csv", *ALL, "--quiet", *ALDER)
    equal(csv.header().split(",")[-2:], ["program", "purpose"])
    wanted = [(c["ca_id"], str(c["lost"] if c["lost"] is not None else ""), a["program"], a["purpose"])
              for a in impact(t, *ALL, "--quiet", *ALDER) for c in a["cas"]]
    equal([(r["ca_id"], r["lost"], r["program"], r["purpose"]) for r in csv.csv()], wanted)
    one = t.ok("impact", "--as-of", DAY, "--format", "csv", *ALDER)
    check(one.csv() and {(r["program"], r["purpose"]) for r in one.csv()} == {("mozilla", "tls")})
    lines = t.ok("impact", "--db", t.full_db(), "--as-of", DAY, "--format", "ndjson", *ALL, "--quiet", *ALDER).ndjson()
    equal(lines, [c for a in impact(t, *ALL, "--quiet", *ALDER) for c in a["cas"]])


def test_a_program_that_is_not_there_is_named_and_nothing_is_answered(t):
    for value in ["mozilla,nope", "nope,mozilla"]:
        t.fails(2, "impact", "--program", value, *ALDER, says=["'nope'", "no store", "mozilla"])
    t.fails(2, "impact", "--program", "mozilla,", *ALDER, says="''")
    t.fails(2, "impact", "--purpose", "tls,web", *ALDER, says=["'web'", "tls|email|all", "'--purpose'"])
    empty = os.path.join(t.dir, "leafless.db")
    t.ok("import", "--quiet", "--db", empty, t.path("undisclosed"))
    t.fails(2, "impact", "--db", empty, "--program", "all", says=["--program all", "no store"])


def test_a_store_of_ones_own_cannot_take_the_name_of_several(t):
    t.fails(2, "import", "--db", os.path.join(t.dir, "x.db"), "--store", "all", t.path("undisclosed"), says="'all' cannot name a store")
    t.fails(2, "import", "--db", os.path.join(t.dir, "x.db"), "--store", "a,b", t.path("undisclosed"), says="'a,b'")


def test_options_stand_above_the_program_of_a_scenario_file(t):
    path = t.write("cut.txt", "program chrome\npurpose email\nmark Alder Root CA=remove\n")
    equal(pairs([impact(t, "--quiet", "--scenario", path)]), [("chrome", "email")])
    equal(pairs(impact(t, "--quiet", "--scenario", path, "--program", "mozilla,apple")), [("mozilla", "email"), ("apple", "email")])
    equal(pairs(impact(t, "--quiet", "--scenario", path, "--purpose", "all")), [("chrome", "tls"), ("chrome", "email")])


def test_totals_by_program_come_first_and_are_those_of_json(t):
    answers = impact(t, *ALL, "--quiet", *ALDER)
    for form in ["table", "md"]:
        out = impact(t, *ALL, *ALDER, form=form)
        clean(out)
        check(out.index("by program") < out.index("marks (1)") < out.index("or are kept by another path, tls") < out.index("decay"))
    table = rows(section(impact(t, *ALL, *ALDER, form="table"), "by program"))
    equal([(r["program"], r["purpose"]) for r in table], PAIRS)
    for row, a in zip(table, answers):
        equal(row["store of"], a["store_date"])
        for key in ["lost", "kept", "trusted"]:
            equal(int(row[key].lstrip("≥ ")), a["total"][key], key)
        equal(row["lost"].startswith("≥"), a["total"]["unknown_cas"] > 0)
        equal((int(row["CAs that change"]), int(row["not complete"])), (a["changed_cas"], a["total"]["unknown_cas"]))
        without = sum(m["no_effect"] for m in a["marks"])
        equal(row["marks without effect"], "%d of %d" % (without, len(a["marks"])) if without else "none")
    check({"1 of 1", "none"} == {row["marks without effect"] for row in table}, table)


def cells(answer, ca_id, before):
    """What the table may say of a CA in a program, by JSON."""
    found = [c for c in answer["cas"] if c["ca_id"] == ca_id]
    if not found:
        return {"no" if before == "none" else "same"}
    c, = found
    least, lost = "≥ " if c["coverage"] == "partial" else "", "–" if c["lost"] is None else str(c["lost"])
    number = lost if c["lost"] is None else least + lost
    if c["after"] == "none":
        return {number + " x"}
    if c["before"] != c["after"] or c["lost"]:
        return {number + " ~"}
    # one date rule after another may accept less and lose no leaf
    return {lost + " =", number + " ~"} if c["after"] == "some" else {lost + " ="}


def accepted_before(t, ids, purpose):
    """By program and CA: which leaves are accepted, as the loss of all of them tells."""
    blocks = [x for i in sorted(ids) for x in ("--mark", i + "=block")]
    return {a["program"]: {c["ca_id"]: c["before"] for c in a["cas"]}
            for a in impact(t, "--program", "all", "--purpose", purpose, "--quiet", *blocks)}


def test_cas_have_a_column_for_each_program_and_a_table_for_each_purpose(t):
    out, told = impact(t, *ALL, *ALDER, form="table"), set()
    for purpose in ["tls", "email"]:
        answers = [a for a in impact(t, *ALL, "--quiet", *ALDER) if a["purpose"] == purpose]
        ids = {c["ca_id"] for a in answers for c in a["cas"]}
        before = accepted_before(t, ids, purpose)
        table = rows(section(out, "CAs that change or are kept by another path, %s (%d)" % (purpose, len(ids)))[1:])
        equal({r["ca_id"] for r in table}, {i[:12] for i in ids})
        for row in table:
            ca_id, = [i for i in ids if i.startswith(row["ca_id"])]
            for a in answers:
                wanted = cells(a, ca_id, before[a["program"]].get(ca_id, "none"))
                check(row[a["program"]] in wanted, "%s: %r, wanted %r" % (row["CA"], row[a["program"]], wanted))
                told.add(row[a["program"]].split()[-1])
        losses = [max([c["lost"] or 0 for a in answers for c in a["cas"] if c["ca_id"].startswith(r["ca_id"])]) for r in table]
        equal(losses, sorted(losses, reverse=True))
    check({"x", "~", "=", "no"} <= told, told)


def test_accepted_as_before_is_told_from_not_accepted(t):
    row, = [r for r in rows(section(impact(t, "--program", "mozilla,apple", "--mark", t.cert("cedar-shared-by-alder") + "=revoke",
                                           "--mark", "Birch Root R1=remove", form="table"), "CAs that change")[1:])
            if r["ca_id"] == t.ca("birch-issuing-1")[:12]]
    check(row["mozilla"].endswith("="), row)
    equal(row["apple"], "same")


def test_columns_say_only_what_differs(t):
    def columns(*args):
        return re.split(r" {2,}", section(impact(t, *args, *ALDER, form="table"), "decay")[1])[2:]
    equal(columns("--program", "mozilla,chrome"), ["mozilla", "chrome"])
    equal(columns("--purpose", "all"), ["tls", "email"])
    equal(columns("--program", "apple,chrome", "--purpose", "all"), ["apple tls", "apple email", "chrome tls", "chrome email"])


def test_what_hangs_on_each_mark_alone_is_a_table_of_programs(t):
    marks = [*ALDER, "--mark", "Cedar Root E1=block"]
    answers = impact(t, *ALL, "--quiet", *marks)
    lines = section(impact(t, *ALL, *marks, form="table"), "marks (2)")
    table = rows(lines[[i for i, s in enumerate(lines) if "hang on" in s][0] + 1:])
    equal([r["mark"] for r in table], ["Alder Root CA=remove", "Cedar Root E1=block"])
    for i, row in enumerate(table):
        for a in answers:
            m = a["marks"][i]
            number = "–" if m["only_here"] is None else ("≥ " if m["only_here_unknown_cas"] else "") + str(m["only_here"])
            equal(row["%s %s" % (a["program"], a["purpose"])], number)


def test_a_report_on_several_says_how_to_ask_for_the_rest(t):
    line, = [s for s in impact(t, *ALL, *ALDER, form="table").splitlines() if s.startswith("asked of one")]
    check("'--program mozilla --purpose tls'" in line, line)


def shown(low, high, unbounded):
    """A sum of figures that are not rounded."""
    return "≥ %d" % low if unbounded or high is None else "%d" % low if low == high else "≤ %d" % high if not low else "%d–%d" % (low, high)


def test_figures_are_spans_in_every_part_of_a_report_on_several(t):
    db = os.path.join(t.dir, "figures.db")
    shutil.copy(t.full_db(), db)
    pair = "; ".join([t.ca("birch-issuing-1"), t.ca("birch-root")])
    t.ok("import", "-q", "--db", db, t.write("figures.csv", "ca,unexpired,unexpired_high,source,as_of\n"
         "%s,200,250,fictional hand count,2026-05-01\n%s,300,400,fictional hand count,2026-05-01\n" % (t.ca("alder-policy"), pair)))
    asked = ["--program", "mozilla,apple", *ALDER]
    answers, out = impact(t, *asked, "--quiet", db=db), impact(t, *asked, form="table", db=db)
    for row, a in zip(rows(section(out, "by program")), answers):
        alone = impact(t, "--program", a["program"], *ALDER, form="table", db=db)
        for key in ["lost", "kept", "trusted"]:
            words = re.search(r"^  %s +(at least )?([\d,]+)( to ([\d,]+))?" % key, alone, re.M)
            low, high = int(words[2].replace(",", "")), int((words[4] or words[2]).replace(",", ""))
            equal(row[key].replace(",", ""), shown(low, high, bool(words[1])), (a["program"], key))
    row, = [r for r in rows(section(out, "CAs that change")[2:]) if r["ca_id"] == t.ca("alder-policy")[:12]]
    for a in answers:
        c, = [c for c in a["cas"] if c["ca_id"] == t.ca("alder-policy")]
        equal(row[a["program"]].split(" ")[0], shown(c["lost"], c["lost_high"], False))
    equal(row["coverage"].split(",")[1], " figure 1")
    check(row["unexpired"] == "200–250", row)
    equal([s.split(":")[0].strip() for s in section(out, "figures (2)")[1:]], ["1", "2"])
    alone = {a["program"]: rows(section(impact(t, "--program", a["program"], *ALDER, form="table", db=db), "decay")[1:]) for a in answers}
    for i, row in enumerate(rows(section(out, "decay")[1:])):
        for a in answers:
            equal(row[a["program"]], alone[a["program"]][i]["lost"])


def test_decay_of_several_has_upper_bounds_where_figures_give_them(t):
    db = os.path.join(t.dir, "bounded.db")
    shutil.copy(t.full_db(), db)
    t.ok("import", "-q", "--db", db, t.write("figures.csv", "ca,unexpired,unexpired_high,source,as_of\n" + "".join(
        "%s,20,30,fictional hand count,2026-05-01\n" % t.ca(nick) for nick in ["cedar-key-a", "cedar-key-b"])))
    mark = ["--mark", "Cedar Twin CA A=block"]
    answers = impact(t, "--program", "apple,microsoft", *mark, db=db)
    table = rows(section(impact(t, "--program", "apple,microsoft", *mark, form="table", db=db), "decay")[1:])
    for a in answers:
        equal([r[a["program"]] for r in table], [shown(d["lost"], d["lost_high"], False) for d in a["decay"]])
    equal(table[0]["apple"], "40–60")


def test_decay_has_a_column_for_each(t):
    answers = impact(t, *ALL, "--quiet", *ALDER)
    table = rows(section(impact(t, *ALL, *ALDER, form="table"), "decay")[1:])
    for i, row in enumerate(table):
        for a in answers:
            equal((row["date"], int(row["%s %s" % (a["program"], a["purpose"])].lstrip("≥ "))),
                  (a["decay"][i]["date"], a["decay"][i]["lost"]))
    equal(len(table), 10)


def test_a_path_that_survives_in_several_programs_is_told_once(t):
    lines = section(impact(t, "--program", "mozilla,apple", *ALDER, form="table"), "paths that survive")
    check(len(lines) == len(set(lines)) >= 3, lines)
    both = [s for s in lines if not s.endswith(")")]
    one = [s for s in lines if s.endswith(" (mozilla)")]
    answers = {a["program"]: {c["ca_id"]: c["via"] for c in a["cas"] if c["via"]} for a in impact(t, "--program", "mozilla,apple", *ALDER)}
    mozilla, apple = answers["mozilla"], answers["apple"]
    equal(len(both), sum(apple.get(i) == via for i, via in mozilla.items()))
    equal(len(one), sum(apple.get(i) != via for i, via in mozilla.items()))
    check(both and one)


# ---- what is not known ----

def unknowns(t, *args, **more):
    return impact(t, *args, "--quiet", **more)["unknowns"]


def lines_of(t, *args, **more):
    return section(impact(t, *args, form="table", **more), "what is not known")


def says(lines, words):
    found = [s.strip() for s in lines if words in s]
    check(len(found) <= 1, found)
    return found[0] if found else None


def test_cas_without_counts_are_named_and_counted(t):
    answer = impact(t, *ALDER, db=t.db)
    none = [c for c in answer["cas"] if c["coverage"] == "none" and c["before"] != c["after"]]
    u = answer["unknowns"]
    equal((u["uncounted_cas"], u["uncounted"]), (len(none), [c["ca_id"] for c in none]))
    equal(says(lines_of(t, *ALDER, db=t.db), "no source counts"), "CAs that change and that no source counts: 1, namely Alder Policy CA")
    equal(u["uncounted_cas"] + u["partial_cas"], answer["total"]["unknown_cas"])
    equal(u["partial"], [{"source": "import", "cas": u["partial_cas"]}])
    check(says(lines_of(t, *ALDER, db=t.db), "not counted to the end").endswith(": %d, by imported files" % u["partial_cas"]))
    equal(says(lines_of(t, db=t.db), "no source counts"), None)
    equal(says(lines_of(t, db=t.db), "not counted to the end"), None)


def test_of_many_uncounted_cas_those_with_most_cas_below_are_named(t):
    db = os.path.join(t.dir, "uncounted.db")
    t.ok("import", "--quiet", "--db", db, t.path("ccadb"), t.path("mozilla"))
    answer = impact(t, *ALDER, db=db)
    below = {c["ca_id"]: c["children"] for c in t.ok("counts", "--db", db, "--format", "json").json()}
    changed = [c["ca_id"] for c in answer["cas"] if c["before"] != c["after"]]
    equal(answer["unknowns"]["uncounted_cas"], len(changed))
    equal(answer["unknowns"]["uncounted"], sorted(changed, key=lambda i: (-below[i], i))[:5])
    line = says(lines_of(t, *ALDER, db=db), "no source counts")
    check(": %d, among them Alder Root CA, " % len(changed) in line, line)
    for form in ("table", "md", "html"):
        r = t.run("impact", "--db", db, "--as-of", DAY, *ALDER, "--purpose", "all", "--until", "5", "--report", "--format", form)
        equal((r.code, r.err), (1, ""), "the day is not known")
        text = r.out
        decay = text[text.rindex("no leaf is known that is lost: of later days nothing is known"):]
        check("fewer than 5 leaves are lost: unknown" in decay, "the answer of --until stands in the decay of " + form)


def logged(t, n_read=True, unverified=False):
    """An index whose one log has leaves of Alder TLS CA 1."""
    db = os.path.join(t.dir, "c.db")
    t.db = db
    t.ok("import", "--quiet", t.path("ccadb"), t.path("mozilla"))
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 40)), True)
    with ctlog.Server(log) as s:
        fetch_listed(t, s, *(["--to", "10"] if not n_read else []), *(["--unverified"] if unverified else []))
    return db, log


def test_logs_that_are_not_read_are_named_where_counts_are_not_complete(t):
    db = os.path.join(t.dir, "c.db")
    check(says(lines_of(t, *ALDER, db=t.db), "no list of logs is indexed"))
    equal([unknowns(t, *ALDER, db=t.db)[k] for k in ["log_list", "unread_logs", "unread"]], [False, None, []])
    logged(t, n_read=False)
    u = unknowns(t, *ALDER, db=db)
    name, = [r["log"] for r in t.ok("sources", "ct", "--format", "json").json()]
    equal((u["log_list"], u["unread_logs"], u["unread"]), (True, 1, [name]))
    line = says(lines_of(t, *ALDER, db=db), "not read to a signed head")
    equal(line, "1 log that can hold unexpired leaves is not read to a signed head: " + name)
    equal(says(lines_of(t, *ALDER, db=db), "list of logs"), None)
    equal(says(lines_of(t, db=db), "not read to a signed head"), None, "nothing changes: nothing is missing")


def test_a_log_that_ended_before_the_day_is_not_missed(t):
    db, _ = logged(t, n_read=False)
    with sqlite3.connect(db) as sql:  # notAfter up to 2026-06-09T12:00 can stand in it
        sql.execute("UPDATE ct_known SET ends = unixepoch('2026-06-09 12:00')")
    equal([unknowns(t, *ALDER, db=db, day=day)["unread_logs"] for day in ["2026-06-09", "2026-06-10"]], [1, 0])


def test_a_log_that_is_read_to_its_head_is_not_missed(t):
    db, _ = logged(t)
    u = unknowns(t, *ALDER, db=db)
    equal((u["unread_logs"], u["unproven_leaves"], u["unproven_cas"]), (0, 0, 0))
    equal(u["partial_cas"], 0)
    check(u["uncounted_cas"] > 0, "the other CAs have no counts")
    lines = lines_of(t, *ALDER, db=db)
    equal(says(lines, "not read to a signed head"), None)
    equal(says(lines, "without proof"), None)


def test_leaves_that_nobody_proves_are_counted(t):
    t.db = os.path.join(t.dir, "c.db")
    t.ok("import", "--quiet", t.path("ccadb"), t.path("mozilla"))
    log = ctlog.Log(t.dir, "a", mixed(leaves(ca_der(t), 30)), True)
    with ctlog.Server(log) as s:
        equal(t.run("fetch", "ct", "--log", s.url, "--unverified").code, 0)
    row, = [r for r in t.ok("counts", "--as-of", DAY, "--format", "json").json() if r["ca_id"] == t.ca("alder-tls-1")]
    check(row["unproven"] > 0, row)
    u = unknowns(t, *ALDER, db=t.db)
    equal((u["unproven_leaves"], u["unproven_cas"]), (row["unproven"], 1))
    line = says(lines_of(t, *ALDER, db=t.db), "without proof")
    check(line.endswith(": %d, of 1 CA" % row["unproven"]), line)
    equal(says(lines_of(t, "--mark", "Cedar Root E1=remove", db=t.db), "without proof"), None)


def stores(t, **days):
    """An index of Mozilla's store and CCADB, imported as of the days given."""
    db = os.path.join(t.dir, "old.db")
    for name, day in days.items():
        t.ok("import", "--quiet", "--db", db, "--source-date", day, t.path(name))
    return db


def test_sources_older_than_thirty_days_are_named(t):
    db = stores(t, ccadb="2026-05-30", mozilla="2026-05-15", leaves="2026-05-30")
    undated = [s for s in unknowns(t, *ALDER, db=db)["stale"] if s["kind"] != "ccadb-report"]
    equal(undated, [])
    u = unknowns(t, *ALDER, db=db, day="2026-06-15")
    equal([s for s in u["stale"] if s["kind"] != "ccadb-report"], [{"source": None, "kind": "store", "part": "mozilla", "date": "2026-05-15"}])
    check(says(lines_of(t, *ALDER, db=db, day="2026-06-15"), "old: store mozilla of 2026-05-15"))
    equal(says(lines_of(t, *ALDER, db=db, day="2026-06-14"), "old: store"), None, "thirty days are not more than thirty")
    equal(u["old_count_cas"], 0)


def test_old_counts_are_told(t):
    db = stores(t, ccadb="2026-05-30", mozilla="2026-05-15", leaves=AGO)
    answer = impact(t, *ALDER, "--quiet", db=db)
    counted = [c for c in answer["cas"] if c["coverage"] != "none" and c["before"] != c["after"]]
    equal((answer["unknowns"]["old_count_cas"], answer["unknowns"]["oldest_count"]), (len(counted), AGO))
    check(counted and says(lines_of(t, *ALDER, db=db), "whose counts are old").endswith("%d, the oldest of %s" % (len(counted), AGO)))
    equal(unknowns(t, *ALDER, db=db, day="2026-05-01")["oldest_count"], None)


def test_only_lists_that_a_program_enforces_can_be_old(t):
    def kinds(*args):
        return {s["kind"] for s in unknowns(t, *args, *ALDER)["stale"]}
    check("crlset" in kinds("--program", "chrome") and "crlset" not in kinds())
    check("crlset" not in kinds("--program", "chrome", "--revocation", "none"))
    check("crlset" in kinds("--revocation", "all"))
    check("onecrl" not in kinds(), "it is a week old")
    later = {s["kind"] for s in unknowns(t, *ALDER, day="2026-07-15")["stale"]}
    check({"onecrl", "store"} <= later and not {"crlset", "crl"} & later, later)
    check("crl" in {s["kind"] for s in unknowns(t, "--revocation", "all", *ALDER, day="2026-07-15")["stale"]})
    before = {s["kind"] for s in unknowns(t, "--revocation", "all", *ALDER, day="2024-01-20")["stale"]}
    check(not {"onecrl", "crlset", "store"} & before, "lists of later days are not old: %s" % before)


def test_undisclosed_ca_certificates_are_counted(t):
    args = ["--mark", "Birch Root R1=remove", "--mark", "Birch Intermediate G2=block"]
    answer = impact(t, *args, "--quiet", db=t.db)
    changed = {c["ca_id"] for c in answer["cas"] if c["before"] != c["after"]}
    with sqlite3.connect(t.db) as sql:
        wanted = {sha for sha, ca in sql.execute("SELECT lower(hex(c.sha256)), lower(hex(a.ca_id)) FROM ca_certificate c JOIN ca a ON a.id = c.ca"
                                                 " WHERE NOT EXISTS (SELECT 1 FROM ccadb_record r WHERE r.sha256 = c.sha256)"
                                                 " AND NOT EXISTS (SELECT 1 FROM seen s JOIN file f ON f.id = s.file"
                                                 " WHERE s.certificate = c.certificate AND f.kind LIKE 'ccadb-%')") if ca in changed}
    check(wanted)
    equal(set(answer["unknowns"]["undisclosed"]), wanted)
    equal(answer["unknowns"]["undisclosed_certs"], len(wanted))
    check(says(lines_of(t, *args, db=t.db), "that CCADB does not list").split(": ")[1].startswith("%d, of " % len(wanted)))
    equal(says(lines_of(t, *ALDER, db=t.db), "that CCADB does not list"), None)


def test_without_ccadb_nobody_is_called_undisclosed(t):
    db = os.path.join(t.dir, "own.db")
    t.ok("import", "--quiet", "--db", db, "--store", "own", t.path("undisclosed"))
    name = t.ok("counts", "--db", db, "--format", "json").json()[0]["ca_id"]
    u = unknowns(t, "--program", "own", "--mark", name + "=block", db=db)
    equal((u["undisclosed_certs"], u["undisclosed"]), (None, []))
    lines = lines_of(t, "--program", "own", "--mark", name + "=block", db=db)
    check(says(lines, "CCADB is not indexed") and not says(lines, "does not list"), lines)


def test_what_is_not_modelled_not_logged_or_nobodys_is_said_where_it_holds(t):
    lines = {pair: lines_of(t, "--program", pair[0], "--purpose", pair[1], *ALDER) for pair in PAIRS}
    for (program, purpose), said in lines.items():
        equal(says(said, "is not modelled") is not None, program in ("apple", "microsoft"), program)
        equal(says(said, "S/MIME") is not None, purpose == "email")
        check(says(said, "3 leaves of unknown issuers are in no total"), said)
    equal(says(lines_of(t, "--program", "apple", "--revocation", "none", *ALDER), "is not modelled"), None)
    some = os.path.join(t.dir, "some.db")
    t.ok("import", "--quiet", "--db", some, t.path("ccadb"), t.path("mozilla"))
    equal(says(lines_of(t, *ALDER, db=some), "unknown issuers"), None)
    u = unknowns(t, "--program", "apple", "--purpose", "email", *ALDER)
    equal((u["smime_unlogged"], u["revocation_not_modelled"], u["unknown_issuer_leaves"]), (True, True, 3))
    u = unknowns(t, *ALDER, db=some)
    equal((u["smime_unlogged"], u["revocation_not_modelled"], u["unknown_issuer_leaves"]), (False, False, 0))


MISSING = re.compile(r"no (.*) is indexed: what (?:the clients of (\w+) enforce as revoked by it|is revoked there) is not known(?: \(|$)")


def said_missing(lines):
    """The source, or sources, and whose clients enforce it; None where nothing is said."""
    found = [m for m in map(MISSING.match, (s.strip() for s in lines)) if m]
    check(len(found) <= 1, lines)
    return found[0].groups() if found else None


def test_a_source_of_revocations_that_is_not_indexed_is_said_where_it_is_applied(t):
    stores = os.path.join(t.dir, "stores.db")
    t.ok("import", "--quiet", "--db", stores, "--source-date", DAY, t.path("mozilla"), t.path("chrome"))
    t.ok("import", "--quiet", "--db", stores, "--source-date", DAY, "--store", "own", t.path("undisclosed"))
    mark = ["--mark", "Birch Root R1=block"]
    wanted = {
        (): {("mozilla", "tls"): (["onecrl"], ("OneCRL", "mozilla")), ("mozilla", "email"): ([], None), ("chrome", "tls"): (["crlset"], ("CRLSet", "chrome")),
             ("chrome", "email"): (["crlset"], ("CRLSet", "chrome")), ("own", "tls"): ([], None)},
        ("--revocation", "all"): {("mozilla", "tls"): (["ccadb", "crl", "onecrl"], ("OneCRL, no CRL, no revocation status of CCADB", None)),
                                  ("mozilla", "email"): (["ccadb", "crl"], ("CRL, no revocation status of CCADB", None)),
                                  ("chrome", "tls"): (["ccadb", "crl", "crlset"], ("CRLSet, no CRL, no revocation status of CCADB", None)),
                                  ("own", "tls"): (["ccadb", "crl"], ("CRL, no revocation status of CCADB", None))},
        ("--revocation", "none"): {("mozilla", "tls"): ([], None), ("chrome", "tls"): ([], None)},
    }
    for mode, answers in wanted.items():
        for (program, purpose), (sources, words) in answers.items():
            args = ["--program", program, "--purpose", purpose, *mode, *mark]
            equal(impact(t, *args, "--quiet", db=stores)["revocation_missing"], sources, str(args))
            equal(said_missing(lines_of(t, *args, db=stores)), words, str(args))
    for form in "md", "html":
        check("no OneCRL is indexed: what the clients of mozilla enforce as revoked by it is not known" in impact(t, *mark, db=stores, form=form), form)


def test_only_a_source_that_is_not_there_at_all_is_missing(t):
    for mode in "enforced", "all", "none":
        for day in DAY, "2010-01-01":  # where no list is as old the oldest holds
            for answer in impact(t, *ALL, "--quiet", "--revocation", mode, *ALDER, day=day):
                equal(answer["revocation_missing"], [], "%s %s" % (answer["program"], day))
    for program in "apple", "microsoft":
        equal(said_missing(lines_of(t, "--program", program, *ALDER)), None)
    db = os.path.join(t.dir, "one.db")
    shutil.copy(t.db, db)
    equal(impact(t, *ALDER, "--revocation", "all", "--quiet", db=db)["revocation_missing"], ["crl", "onecrl"], "CCADB has its status")
    record = '{"issuerName":"MAA=","serialNumber":"AQ=="}'
    t.ok("import", "--quiet", "--db", db, t.write("adds.json", '{"adds_to":"2026-05-25","data":[%s]}' % record))
    equal(impact(t, *ALDER, "--quiet", db=db)["revocation_missing"], ["onecrl"], "what adds to a list is none")
    t.ok("import", "--quiet", "--db", db, "--source-date", DAY, t.write("whole.json", '{"data":[%s]}' % record))
    equal(impact(t, *ALDER, "--quiet", db=db)["revocation_missing"], [])


def test_rules_that_were_not_evaluated_are_counted(t):
    args = ["--program", "chrome", "--mark", "Fir Root CA=block"]
    answer = impact(t, *args)
    equal(answer["unknowns"]["unevaluated_cas"], sum(c["unevaluated"] for c in answer["cas"]))
    check(says(lines_of(t, *args), "taken as met").endswith(": %d" % len(answer["cas"])))
    equal(says(lines_of(t, "--program", "chrome", "--mark", "Birch Root R1=block"), "taken as met"), None)


def test_of_several_programs_a_line_says_whose_it_is(t):
    lines = lines_of(t, *ALL, *ALDER)
    check(says(lines, "S/MIME").endswith("(email)"), lines)
    check(says(lines, "clients of apple").endswith("(apple)"), lines)
    check(says(lines, "unknown issuers").endswith("in no total"), lines)
    line = says(lines, "no source counts")
    equal(line, "CAs that change and that no source counts: 1, namely Alder Policy CA (mozilla, chrome tls, apple email, microsoft); 3, "
                "namely Birch Root R1, Birch Intermediate G2, Alder Policy CA (apple tls)")


# ---- how a report ends ----

def test_json_ends_with_command_version_and_sources(t):
    a = impact(t, *ALDER, db=t.db)
    equal(list(a)[-4:], ["unknowns", "command", "version", "sources"])
    equal(a["command"], "canopy impact --db %s --as-of %s --format json --mark 'Alder Root CA=remove'" % (t.db, DAY))
    equal("canopy " + a["version"], t.ok("--version").out.strip())


def groups(t):
    """The sources by kind, from `canopy sources`."""
    found = {}
    for s in t.run("sources", "--db", t.full_db(), "--format", "json").json():
        found.setdefault((s["source"], s["kind"]), []).append(s)
    return found


def test_sources_are_folded_by_kind_with_a_hash_over_theirs(t):
    got = {(s["source"], s["kind"]): s for s in impact(t, *ALDER)["sources"]}
    wanted = groups(t)
    equal(set(got), set(wanted))
    for key, files in wanted.items():
        hashes = sorted(f["sha256"] for f in files)
        days = sorted(f["source_as_of"] for f in files if f["source_as_of"])
        sha = hashes[0] if len(hashes) == 1 else hashlib.sha256("".join(h + "\n" for h in hashes).encode()).hexdigest()
        equal([got[key][k] for k in ["documents", "sha256", "date", "oldest_date", "records", "problems"]],
              [len(files), sha, days[-1], days[0], sum(f["records"] for f in files), sum(f["problems"] for f in files)], str(key))
    check(any(len(f) > 1 for f in wanted.values()))


def test_md_ends_with_a_short_table_of_sources(t):
    out = impact(t, *ALL, *ALDER, form="md")
    check(out.index("## what is not known") < out.index("## basis") < out.index("## to reproduce") < out.index("## sources ("))
    table = out[out.index("## sources ("):]
    for (source, kind), files in groups(t).items():
        found, = re.findall(r"^\| %s \| %s \|.*$" % (source, kind), table, re.M)
        check(len(files) == 1 or "| %d documents |" % len(files) in found, found)
    for s in impact(t, *ALDER)["sources"]:
        check(s["sha256"] in table, s)
    equal(len(re.findall(r"^\| import ", table, re.M)), len(groups(t)))


if __name__ == "__main__":
    main()
