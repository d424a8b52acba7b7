"""impact by day: stages, --days, --until, and what the report says of time."""
import datetime
import os
import re
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402

ALDER = "Alder Root CA=remove"
PLAN = ["--mark", "Alder Root CA=distrust-after@2026-05-01", "--stage", "2026-07-15:Alder Root CA=remove"]


def day(n, start=DAY):
    return str(datetime.date.fromisoformat(start) + datetime.timedelta(n))


def impact(t, *args, as_of=DAY, **more):
    """The answer without the command line, which differs."""
    answer = t.ok("impact", "--as-of", as_of, "--format", "json", *args, **more).json()
    del answer["command"]
    return answer


def days(t, *args, as_of=DAY):
    return t.ok("impact", "-q", "--as-of", as_of, "--days", "--format", "json", *args).json()


def on(steps, date):
    return [s for s in steps if s["date"] <= date][-1]["lost"]


def recount(t, date, issued_by, *args):
    """Leaves that the marks lose on the date, listed one by one, of those issued by another."""
    rows = t.ok("leaves", "-q", "--as-of", date, "--format", "csv", *args).csv()
    return len({(r["ca_id"], r["serial"]) for r in rows if r["not_before"][:10] <= issued_by})


def test_each_step_of_a_staged_plan_is_what_leaves_lists(t):
    steps = days(t, *PLAN)
    check(len(steps) > 20)
    before, after = on(steps, "2026-07-14"), on(steps, "2026-07-15")
    check(0 < before < after, "the stage does not jump")
    for i, step in enumerate(steps):
        equal(recount(t, step["date"], DAY, *PLAN), step["lost"], step["date"])
        if i and i % 4 == 0:
            eve = day(-1, step["date"])
            equal(recount(t, eve, DAY, *PLAN), on(steps, eve), eve)


def test_steps_are_days_on_which_the_answer_changes(t):
    for args in [PLAN, ["--mark", ALDER], ["--program", "microsoft", "--mark", "Birch Root R1=block"], []]:
        steps = days(t, *args)
        equal(steps[0]["date"], DAY)
        equal(steps[0]["gain"], None)
        equal(steps[-1]["lost"], 0)
        for a, b in zip(steps, steps[1:]):
            check(a["date"] < b["date"])
            equal(b["gain"], a["lost"] - b["lost"])
            check(any(a[k] != b[k] for k in ("lost", "lost_high", "least")), b)
        equal([s["date"] for s in steps if s["stage"]], ["2026-07-15"] if args == PLAN else [])


def test_a_stage_that_changes_nothing_has_its_day(t):
    plain = days(t, "--mark", ALDER)
    steps = days(t, "--mark", ALDER, "--stage", "2026-06-20:Alder Root CA=block", "--stage", "2090-01-01:Alder TLS CA 1=block")
    more = [s for s in steps if s["stage"]]
    equal([s["date"] for s in more], ["2026-06-20", "2090-01-01"])
    check("2026-06-20" not in [s["date"] for s in plain])
    equal([more[0]["lost"], more[0]["gain"]], [on(plain, "2026-06-20"), 0])
    equal([s["lost"] for s in steps if not s["stage"]], [s["lost"] for s in plain])


def test_the_ten_days_are_days_of_the_line(t):
    for args in [PLAN, ["--mark", ALDER], ["--mark", "Cedar Root E1=block", "--program", "chrome"]]:
        answer = impact(t, *args)
        steps = answer["by_day"]
        equal(steps, [{k: s[k] for k in ("date", "lost", "lost_high", "least")} for s in days(t, *args)])
        for step in answer["decay"]:
            equal(on(steps, step["date"]), step["lost"], step["date"])
        equal(steps[0]["lost"], answer["total"]["lost"])


def test_the_past_and_the_future_have_days_too(t):
    # of these days on, stores and lists are those of the day asked of
    for as_of, until in [("2025-01-15", "2026-05-01"), ("2026-12-24", "2028-01-01")]:
        stage = "%s:Birch Root R1=block" % day(40, as_of)
        args = ["--mark", ALDER, "--stage", stage]
        steps = days(t, *args, as_of=as_of)
        equal(steps[0]["date"], as_of)
        for step in [s for s in steps if s["date"] < until][::3]:
            equal(recount(t, step["date"], as_of, *args), step["lost"], step["date"])
        equal(impact(t, *args, as_of=as_of)["total"]["lost"], steps[0]["lost"])
    check(days(t, "--mark", ALDER, as_of="2025-01-15")[0]["lost"] > 0, "nothing was there to lose")


def test_a_stage_waits_for_its_day(t):
    none, waiting = impact(t), impact(t, "--stage", "2026-07-15:" + ALDER)
    equal(waiting["total"], none["total"])
    equal((waiting["cas"], waiting["changed_cas"]), ([], 0))
    for as_of in ["2026-07-15", "2026-07-16"]:
        begun, marked = (impact(t, *a, as_of=as_of) for a in (["--stage", "2026-07-15:" + ALDER], ["--mark", ALDER]))
        check(begun["total"]["lost"] > 0)
        for key in ["total", "cas", "decay", "by_day", "nothing_lost_from"]:
            equal(begun[key], marked[key], key)
    check(impact(t, "--stage", "2026-07-15:" + ALDER, as_of="2026-07-14")["total"]["lost"] == 0)
    equal(t.ok("leaves", "--as-of", DAY, "--stage", "2026-07-15:" + ALDER, "--format", "ndjson").out, "")


def test_a_waiting_stage_is_listed_and_has_an_effect(t):
    mark, = impact(t, "--stage", "2026-07-15:" + ALDER)["marks"]
    equal((mark["ref"], mark["action"], mark["since"], mark["no_effect"]), ("Alder Root CA", "remove", "2026-07-15", False))
    equal(impact(t, "--mark", ALDER)["marks"][0]["since"], None)
    out, steps = t.ok("impact", "--as-of", DAY, *PLAN).out, impact(t, *PLAN)["by_day"]
    check("Alder Root CA=remove: 1 certificate; from 2026-07-15\n" in out, out)
    check("no effect" not in out)
    check("Alder Root CA=remove begins on 2026-07-15: at least %d lost on the day before, at least %d on it"
          % (on(steps, "2026-07-14"), on(steps, "2026-07-15")) in out, out)
    out = t.ok("impact", "--as-of", "2026-08-01", *PLAN).out
    check("Alder Root CA=remove: 1 certificate; in force since 2026-07-15\n" in out, out)
    r = t.run("impact", "--as-of", DAY, "--format", "csv", "--stage", "2026-07-15:" + ALDER)
    check("'Alder Root CA=remove' is in force from 2026-07-15 on" in r.err, r.err)
    r = t.run("impact", "--as-of", DAY, "--format", "csv", "--stage", "2026-07-15:Yew University Root=remove")
    check("changes nothing in mozilla for tls on 2026-07-15: it is no anchor of mozilla for tls" in r.err, r.err)


def test_a_stage_is_split_at_its_first_colon(t):
    ref = "spki:" + t.ok("show", t.ca("alder-root"), "--format", "json").json()["spki_sha256"]
    mark, = impact(t, "--stage", "2026-07-15:%s=block" % ref)["marks"]
    equal((mark["ref"], mark["since"]), (ref, "2026-07-15"))
    mark, = impact(t, "--stage", "2026-07-15:Alder Root CA=distrust-after@2026-01-31")["marks"]
    equal((mark["date"], mark["since"]), ("2026-01-31", "2026-07-15"))
    for bad in ["Alder Root CA=remove", "2026-07-15", "2026-07-15:", "2026-02-30:" + ALDER, ":" + ALDER, "2026-7-15:" + ALDER,
                "2026-07-15:Alder Root CA", "2026-07-15:Alder Root CA=frob"]:
        t.fails(2, "impact", "--stage", bad, says="'")


def test_a_scenario_keeps_its_stages(t):
    path = t.write("plan.txt", "mark Alder Root CA=distrust-after@2026-05-01\nstage 2026-07-15  %s\n" % ALDER)
    equal(impact(t, "--scenario", path), impact(t, *PLAN))
    db = os.path.join(t.dir, "own.db")
    t.ok("import", "--quiet", "--db", db, t.path("ccadb"), t.path("mozilla"), t.path("leaves"))
    t.ok("scenario", "save", "plan", "--quiet", "--db", db, *PLAN)
    text = t.ok("scenario", "show", "plan", "--db", db).out
    check("\nstage 2026-07-15 %s\n" % ALDER in "\n" + text, text)
    shown = t.ok("scenario", "show", "plan", "--db", db, "--format", "json").json()
    equal([m["since"] for m in shown["marks"]], [None, "2026-07-15"])
    equal(impact(t, "--db", db, "--scenario", "plan")["by_day"], impact(t, "--db", db, *PLAN)["by_day"])
    for line in ["stage", "stage 2026-07-15", "stage Alder Root CA=remove", "stage 2026-13-01 " + ALDER]:
        path = t.write("bad.txt", "program mozilla\n%s\n" % line)
        t.fails(3, "impact", "--scenario", path, says=["bad.txt' line 2"])


def test_exports_hold_what_is_in_force(t):
    later = ["--stage", "2026-07-15:Birch Root R1=block"]
    for kind in ["onecrl", "certdata", "dot", "certs"]:
        now = t.ok("export", kind, "--quiet", "--as-of", DAY, "--mark", ALDER)
        both = t.ok("export", kind, "--quiet", "--as-of", DAY, "--mark", ALDER, *later)
        lines = [re.sub(r"\\nstage 2026-07-15 Birch Root R1=block", "", s) for s in both.out.splitlines() if not s.startswith("# stage")]
        equal(lines, now.out.splitlines(), kind)
        on_day = t.ok("export", kind, "--quiet", "--as-of", "2026-07-15", "--mark", ALDER, *later).out
        check(on_day.replace("2026-07-15", DAY) != both.out.replace("2026-07-15", DAY), kind)
    r = t.run("export", "onecrl", "--as-of", DAY, "--mark", ALDER, *later)
    check("'Birch Root R1=block' is left out: it is in force only from 2026-07-15 on" in r.err, r.err)
    r = t.run("export", "onecrl", "--as-of", DAY, *later)
    equal((r.code, r.out), (1, ""))


def test_until_is_the_day_from_which_it_stays_so(t):
    steps = days(t, *PLAN)
    for n in [1, 14, 30, 54]:
        answer = impact(t, *PLAN, "--until", str(n))["until"]
        good = [s["lost"] < n for s in steps]
        stays = max([i + 1 for i, g in enumerate(good) if not g], default=0)
        equal((answer["fewer_than"], answer["from"], answer["first"]), (n, steps[stays]["date"], steps[good.index(True)]["date"]))
        row, = t.ok("impact", "--as-of", DAY, *PLAN, "--until", str(n), "--format", "csv").csv()
        equal((row["from"], row["first"], row["program"], row["purpose"]), (answer["from"], answer["first"], "mozilla", "tls"))
        line = t.ok("impact", "--as-of", DAY, *PLAN, "--until", str(n)).out
        equal(line.count("\n"), 1)
        check(" lost: not before %s, for" % answer["from"] in line, line)
        equal("on %s for the first time" % answer["first"] in line, answer["first"] != answer["from"])
        check("not counted to the end" in line, line)  # nobody says that the world's leaves are all
    answer = impact(t, "--until", "1")
    equal(answer["until"], {"fewer_than": 1, "from": DAY, "first": DAY, "least": False, "surely_from": DAY})
    equal(answer["nothing_lost_from"], DAY)
    equal(impact(t)["until"], None)


def test_a_bound_that_is_the_day_asked_is_unknown(t):
    """All that is counted is fewer already, and CAs that are not counted to the end may lose more: no day is told."""
    args = ["impact", "--as-of", DAY, "--mark", ALDER, "--until", "1000"]
    why = ("fewer than 1,000 leaves are lost: unknown, of what is counted fewer are lost on every day (%d on %s), but no CA that loses "
           "trust or is limited is counted to the end" % (impact(t, "--mark", ALDER)["total"]["lost"], DAY))
    for form in ["table", "md", "html"]:
        r = t.run(*args, "--format", form)
        equal(r.code, 1, form)
        check(why in r.out, (form, r.out))
    row, = t.run(*args, "--format", "csv").csv()
    equal((row["from"], row["first"], row["least"]), ("", "", "true"))
    for form in ["json", "ndjson"]:
        r = t.run(*args, "--format", form)
        answer = r.json()["until"] if form == "json" else r.ndjson()[0]
        equal((r.code, answer["from"], answer["first"], answer["least"]), (1, None, None, True), form)
    # The end of what is counted is a later day.
    check(": not before " in t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--until", "1").out)


def test_what_nobody_counted_has_no_day(t):
    db = os.path.join(t.dir, "bare.db")
    t.ok("import", "--quiet", "--db", db, t.path("ccadb"), t.path("mozilla"))
    args = ["impact", "--db", db, "--as-of", DAY, "--mark", ALDER]
    r = t.run(*args, "--until", "10")
    equal(r.code, 1)
    check(": unknown, no CA that loses trust or is limited is counted" in r.out, r.out)
    r = t.run(*args, "--until", "10", "--format", "json")
    equal((r.code, r.json()["until"]["from"], r.json()["nothing_lost_from"]), (1, None, None))
    row = t.run(*args, "--days", "--format", "json").json()[0]
    equal((row["lost"], row["gain"], row["least"]), (None, None, True))
    steps = impact(t, "--db", db, "--mark", ALDER)["by_day"]
    equal((steps[0]["lost"], steps[0]["least"]), (None, True))
    check("from when on nothing is lost any more is unknown: no CA that loses trust or is limited is counted" in t.ok(*args).out)
    check("0 on" not in t.ok(*args, "--days").out)


def test_the_end_says_what_becomes_of_the_cas(t):
    """Limited is not lost; what is lost later is not lost now; where nothing is lost, nothing is unknown."""
    db, staged = (os.path.join(t.dir, name) for name in ("fate.db", "staged.txt"))
    t.ok("import", "--quiet", "--db", db, t.path("ccadb"), t.path("mozilla"))
    with open(staged, "w", encoding="utf-8") as f:
        f.write("program mozilla\npurpose tls\nstage 2026-09-01 Alder Root CA=remove\n")
    limit, other = ["--mark", "Alder Root CA=distrust-after@2026-01-01"], ["--mark", "Birch Root R1=distrust-after@2026-01-01"]
    unknown = "from when on nothing is lost any more is unknown: "
    lost = ["--mark", t.ca("alder-tls-1") + "=revoke"]
    for args, words in [(lost, unknown + "no CA that loses trust is counted; at the latest"),
                        (limit, unknown + "no CA that is limited is counted; at the latest"),
                        (["--mark", ALDER, *other], unknown + "no CA that loses trust or is limited is counted; "),
                        (["--scenario", staged], "nothing is lost before 2026-09-01; " + unknown),
                        ([], "nothing is lost on any day\n")]:
        out = t.ok("impact", "--db", db, "--as-of", DAY, *args).out
        check(words in out, (words, out))
    out = t.ok("impact", "--as-of", DAY, *limit).out
    check("nothing is lost any more: not before " in out and "for some CAs that are limited are not counted to the end" in out, out)
    r = t.run("impact", "--db", db, "--as-of", DAY, *limit, "--until", "10")
    equal(r.code, 1)
    check("lost: unknown, no CA that is limited is counted" in r.out, r.out)


def test_the_report_says_until_when_and_what_delay_saves(t):
    answer = impact(t, "--mark", ALDER)
    last = [s for s in answer["by_day"] if s["lost"]][-1]["date"]
    end = [s["date"] for s in answer["by_day"] if s["date"] > last][0]
    rates = []
    for span in [30, 90]:
        tenths = ((on(answer["by_day"], DAY) - on(answer["by_day"], day(span))) * 10 + span // 2) // span
        rates.append("%d.%d" % divmod(tenths, 10))
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--format", form).out.replace("\\", "")
        check("nothing is lost any more: not before %s, for" % end in out, form)
        check("a day of delay saves %s leaves on average over the next 30 days, and saves %s leaves over the next 90" % tuple(rates)
              in out, (form, rates))
    check("nothing is lost on any day" in t.ok("impact", "--as-of", DAY).out)
    check("a day of delay" not in t.ok("impact", "--as-of", DAY, *PLAN).out, "a stage's day does not move")


def test_days_are_written_in_every_format_for_rows(t):
    rows = days(t, *PLAN)
    args = ["impact", "--as-of", DAY, *PLAN, "--days"]
    equal(list(rows[0]), ["date", "lost", "gain", "least", "stage", "lost_high", "program", "purpose"])
    equal(t.ok(*args, "--format", "ndjson").ndjson(), rows)
    table = t.ok(*args, "--format", "csv").csv()
    equal([(r["date"], r["lost"], r["gain"], r["stage"]) for r in table],
          [(r["date"], str(r["lost"]), "" if r["gain"] is None else str(r["gain"]), ", ".join(r["stage"])) for r in rows])
    check(any(r["gain"].startswith("-") for r in table), "no stage made it worse")
    for form in ["table", "md"]:
        r = t.ok(*args, "--format", form)
        clean(r.out)
        jump, = [row for row in rows if row["stage"]]
        check(re.search(r"2026-07-15\W+≥ %d\W+%d\W+Alder Root CA=remove" % (jump["lost"], jump["gain"]), r.out.replace("\\", "")),
              r.out)
    t.fails(2, *args, "--format", "html", says="'--days'")
    t.fails(2, *args, "--until", "3", says="'--until'")
    t.fails(2, "impact", "--until", "0", says="'--until 0'")


if __name__ == "__main__":
    main()
