"""Figures with bounds: imported by a counts CSV, in every sum once; sums computed anew in Python."""
import datetime
import os
import random
import re
import shutil
import sqlite3
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, equal, main  # noqa: E402
from test_alternatives import INTER_URL, REACHES, origin, undisclosed_index  # noqa: E402

HEAD = "ca,issued,unexpired,unexpired_high,source,as_of\n"
ALDER = "Alder Root CA=block"
NONE, SOME, ALL = 0, 1, 2


def line(cas, low=None, high=None, as_of="2026-05-01", about="", issued=None):
    cells = ["" if n is None else about + str(n) for n in (issued, low, high)]
    return "%s,%s,fictional hand count,%s\n" % ("; ".join(cas), ",".join(cells), as_of)


def with_figures(t, *lines, name="figures.csv", base=None):
    """A copy of the world's index with these figures."""
    db = os.path.join(t.dir, "figures.db")
    if not os.path.exists(db):
        shutil.copy(base or t.db, db)
    t.ok("import", "-q", "--db", db, t.write(name, HEAD + "".join(lines)))
    return db


def counts(t, db, *args, day=DAY):
    return {r["ca_id"]: r for r in t.ok("counts", "--as-of", day, "--format", "json", "--db", db, *args).json()}


def impact(t, db, *args, day=DAY):
    return t.ok("impact", "-q", "--as-of", day, "--format", "json", "--db", db, *args).json()


def rows(t, db, day=DAY):
    return {r["ca_id"]: r for r in impact(t, db, "--mark", ALDER, day=day)["cas"]}


def ago(days):
    return str(datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days))


# ---- one CA, several CAs ----

def test_a_figure_of_one_ca_is_its_numbers(t):
    policy, tls = t.ca("alder-policy"), t.ca("alder-tls-1")
    db = with_figures(t, line([policy], 200, 250, issued=900), line([tls], 10, 40))
    row = counts(t, db)[policy]
    equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "source", "source_as_of", "coverage", "revoked", "valid"]],
          [900, 200, 250, "figure", "2026-05-01", "partial", None, None])
    held = counts(t, t.db)[tls]
    row = counts(t, db)[tls]
    equal(held["unexpired"], 23)
    equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "source", "coverage"]],
          [held["issued"], 23, 40, "figure", "partial"], "a figure never lowers a count")


def test_a_name_in_several_figures_is_each_time_the_same(t):
    tls, nobody = t.ca("alder-tls-1"), "Nobody of the sort"
    db = with_figures(t, line([tls], 10, 40), line([tls], 50, 60, as_of="2026-05-02"), line([nobody], 1), line([nobody], 2))
    row = counts(t, db)[tls]
    equal((row["unexpired"], row["unexpired_high"], row["figure_as_of"]), (50, 60, "2026-05-02"))
    equal(t.ok("sources", "--problems", "--db", db).out.count("'%s' names no CA" % nobody), 2)


def test_a_figure_below_the_count_changes_nothing(t):
    tls = t.ca("alder-tls-1")
    held, row = counts(t, t.db)[tls], counts(t, with_figures(t, line([tls], 5, 9)))[tls]
    for key in ["issued", "unexpired", "unexpired_high", "revoked", "valid", "source", "source_as_of", "coverage"]:
        equal(row[key], held[key], key)
    equal((row["figure_unexpired"], row["figure_unexpired_high"]), (5, 9))
    check("≥23" in t.ok("tree", tls, "--as-of", DAY, "--db", os.path.join(t.dir, "figures.db")).out, "it bounds nothing")


def test_a_figure_of_several_cas_tells_no_number_of_each(t):
    two = [t.ca("alder-policy"), t.ca("cedar-root")]
    db = with_figures(t, line(two, None, 3499))
    for ca in two:
        row = counts(t, db)[ca]
        equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "source", "coverage"]],
              [None, None, None, None, "none"])
        equal([row[k] for k in ["figure_cas", "figure_unexpired", "figure_unexpired_high", "figure_source",
                                "figure_as_of", "approximate"]],
              [2, None, 3499, "fictional hand count", "2026-05-01", False])


def test_rows_for_people_have_the_figure_of_several_as_their_upper_bound(t):
    policy, tls, shared = t.ca("alder-policy"), t.ca("alder-tls-1"), "a figure for several together tells"
    db = with_figures(t, line([policy, tls], None, 3499))
    held = rows(t, t.db)[tls]["lost"]
    check(held and rows(t, t.db)[policy]["lost"] is None)
    mark = "\u2264 {:,}".format(3499 - held)  # what is counted of the other one is not its own
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "-q", "--as-of", DAY, "--db", db, "--mark", ALDER, "--format", form).out
        row, = [x for x in re.split("<tr>" if form == "html" else "\n", out) if policy[:12] in x and "all" in x and "none" in x]
        equal(row.count(mark), 3, "lost, trusted, unexpired in %s: %s" % (form, row))
        row, = [x for x in re.split("<tr>" if form == "html" else "\n", out) if tls[:12] in x and "partial" in x]
        check("%d\u20133,499" % held in row and "\u2265" not in row, row)
        equal(out.count("of 2 of these CAs %s" % shared), 1)
        check(out.index(shared) < out.index(row), "it is told before the rows: " + form)
    out = t.ok("impact", "-q", "--as-of", DAY, "--db", db, "--mark", ALDER, "--program", "mozilla,chrome").out
    check(re.search("%s x +%s x" % (mark, mark), out) and "of 2 of these CAs %s" % shared in out, out)
    check(out.index(shared) < out.index(policy[:12]), "before the rows")
    for ca, low in [(policy, None), (tls, held)]:
        row = rows(t, db)[ca]
        equal((row["lost"], row["lost_high"], row["figure_unexpired_high"]), (low, None if low is None else low, 3499), "nothing that adds up wrongly")
    check(shared not in t.ok("impact", "-q", "--as-of", DAY, "--db", t.db, "--mark", ALDER).out)
    os.unlink(db)
    loose = with_figures(t, line([policy, tls], 30, None), name="loose.csv")
    out = t.ok("impact", "-q", "--as-of", DAY, "--db", loose, "--mark", ALDER).out
    check("\u2264" not in out and shared not in out, "what has no upper bound bounds nothing")


def test_the_newest_figure_not_later_than_the_day_counts(t):
    ca = t.ca("alder-policy")
    db = with_figures(t, line([ca], 1, 1, "2026-04-01"), line([ca], 2, 2, "2026-05-01"), line([ca], 3, 3, "2026-07-01"),
                      line([ca, t.ca("birch-root")], 9, 9, "2026-05-01"))
    for day, wanted in [("2026-03-01", 1), ("2026-04-01", 1), ("2026-04-30", 1), (DAY, 2), ("2026-07-01", 3)]:
        equal(counts(t, db, day=day)[ca]["unexpired"], wanted, day)
        equal(counts(t, db, day=day)[t.ca("birch-root")]["figure_cas"], None, "a figure shares no CA with a better one")


def test_the_view_of_counts_is_counts_of_today(t):
    db = with_figures(t, line([t.ca("alder-policy")], 200, 250, ago(398), issued=900), line([t.ca("alder-tls-1")], 10, 400, ago(9)),
                      line([t.ca("alder-tls-2")], 1, 2, ago(399)), line([t.ca("birch-root"), t.ca("cedar-root")], 7, None, ago(0)),
                      line([t.ca("alder-policy"), t.ca("cedar-root")], 4, 5, ago(60)), line([t.ca("dogwood-root")], 3, 3, ago(-399)),
                      line([t.ca("dogwood-root")], 3, 3, ago(-500)), line([t.ca("elm-root")], 4, 4, ago(-398)),
                      line([t.ca("birch-inter")], None, 12, ago(30), about="~"), line([t.ca("fir-root")], 5, 6, ago(-450)),
                      line([t.ca("fir-root")], 5, 6, ago(500)), line([t.ca("fir-root")], 5, 6, ago(600)))
    wanted = {r["ca_id"]: r for r in t.ok("counts", "-q", "--format", "json", "--db", db).json()}
    with sqlite3.connect("file:%s?mode=ro" % db, uri=True) as sql:
        cursor = sql.execute("SELECT * FROM v_ca_count")
        names = [d[0] for d in cursor.description]
        for row in cursor:
            for key, value in zip(names, row):
                equal(value or None, wanted[row[0]][key] or None, "%s of %s" % (key, row[1]))


# ---- the days for which a figure stands ----

def after(day, days):
    return str(datetime.date.fromisoformat(day) + datetime.timedelta(days))


def test_a_figure_stands_for_398_days_and_then_says_nothing(t):
    ca, told = t.ca("alder-policy"), "2026-05-01"
    db = with_figures(t, line([ca], 200, 250, told, issued=900))
    for far, why in [(-398, None), (398, None), (-399, "new"), (399, "old"), (2000, "old")]:
        day = after(told, far)
        r = t.run("counts", ca, "--as-of", day, "--format", "json", "--db", db)
        row, = r.json()
        text = t.ok("show", ca, "--as-of", day, "--db", db).out
        if not why:
            equal([row[k] for k in ["unexpired", "unexpired_high", "coverage", "figure_cas", "stale_figure_as_of"]],
                  [200, 250, "partial", 1, None], day)
            equal(r.err, "")
            check("not counted" not in text.split("figure")[1].split("\n")[0], text)
            continue
        equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "source", "coverage", "figure_cas", "stale_figure_as_of"]],
              [None, None, None, None, "none", None, told], day)
        said = "canopy: figures of 1 CA are more than 398 days from %s and not counted\n" % day
        equal(r.err, said)
        equal(t.run("tree", ca, "--as-of", day, "--db", db).err, said)
        equal(t.ok("tree", ca, "-q", "--as-of", day, "--db", db).out.count("250"), 0)
        check("200 to 250 unexpired on %s (fictional hand count), too %s for %s: not counted" % (told, why, day) in text, text)
        equal(t.ok("show", ca, "--as-of", day, "--db", db, "--format", "json").json()["stale_figure_as_of"], told)


def test_a_figure_too_old_leaves_a_loss_without_bound(t):
    ca, near, far = t.ca("alder-policy"), "2025-04-29", "2025-04-28"
    rest = [c for c, r in counts(t, t.db).items() if r["coverage"] != "complete" and c != ca]
    plain, nothing = impact(t, t.db, "--mark", ALDER), {"stale_figure_cas": 0, "oldest_stale_figure": None}
    for as_of in (near, far):
        db = with_figures(t, line([ca], 200, 250, as_of), line(rest, None, 9000), name=as_of + ".csv")
        answer = impact(t, db, "--mark", ALDER)
        total, unknown = answer["total"], {k: answer["unknowns"][k] for k in nothing}
        row, = [r for r in answer["cas"] if r["ca_id"] == ca]
        report = t.ok("impact", "-q", "--as-of", DAY, "--mark", ALDER, "--db", db).out
        if as_of == near:
            equal((total["lost"], row["stale_figure_as_of"], unknown), (plain["total"]["lost"] + 200, None, nothing))
            check(total["lost_high"] is not None and "too old" not in report)
            check("not counted to the end, but figures bound them" in report, report)
        else:
            equal((total["lost"], total["lost_high"]), (plain["total"]["lost"], None), "neither lost nor kept: not known")
            equal((row["lost"], row["lost_high"], row["coverage"], row["stale_figure_as_of"]), (None, None, "none", far))
            check("not counted to the end: the losses may be larger" in report, report)
            equal(unknown, {"stale_figure_cas": 1, "oldest_stale_figure": far})
            equal([s["lost_high"] for s in answer["by_day"] if s["date"] < "2026-06-03"], [None] * 2, "nor on later days")
            equal([f["figure_cas"] for f in answer["figures"]], [len(rest)])
            check("and of which only figures of too distant a day tell, which are not counted: 1, figures of %s are too old for %s"
                  % (far, DAY) in report, report)
            check("none, figure of %s too old" % far in report, report)
        os.remove(db)


def best_of(figures, day):
    """By CA its figure (place) and, where none stands, the day of the best that does not; every pair of figures compared."""
    def stands(f):
        return -398 <= (datetime.date.fromisoformat(f[1]) - datetime.date.fromisoformat(day)).days <= 398

    def better(x, y):
        (a, day_a), (b, day_b) = figures[x], figures[y]
        if stands(figures[x]) != stands(figures[y]):
            return stands(figures[x])
        if (day_a > day) != (day_b > day):
            return day_a <= day
        if day_a != day_b:
            return (day_a > day_b) == (day_a <= day)
        return len(a) < len(b) if len(a) != len(b) else x > y
    best = {}
    for i, (cas, _) in enumerate(figures):
        for ca in cas:
            if ca not in best or better(i, best[ca]):
                best[ca] = i
    chosen = {i for i, f in enumerate(figures) if stands(f) and all(best[ca] == i for ca in f[0])}
    return ({ca: i for ca, i in best.items() if i in chosen}, {ca: figures[i][1] for ca, i in best.items() if not stands(figures[i])})


def test_which_figure_counts_is_the_same_on_every_day_by_brute_force(t):
    rng = random.Random(20260601)
    cas = sorted(ca for ca, r in counts(t, t.db).items() if r["coverage"] != "complete")
    seen = {"chosen": 0, "stale": 0}
    for trial in range(6):
        figures = [(rng.sample(cas, rng.choice([1, 1, 2, 3])), after(DAY, rng.randrange(-600, 600, 5))) for _ in range(12)]
        db = with_figures(t, *[line(named, 10 + i, 10 + i, as_of) for i, (named, as_of) in enumerate(figures)])
        for day in [after(DAY, n) for n in rng.sample(range(-900, 900, 5), 8)]:
            chosen, stale = best_of(figures, day)
            for row in t.ok("counts", "-q", "--as-of", day, "--format", "json", "--db", db).json():
                at = chosen.get(row["ca_id"])
                equal(row["figure_unexpired"], None if at is None else 10 + at, (trial, day, row["name"]))
                equal(row["stale_figure_as_of"], stale.get(row["ca_id"]), (trial, day, row["name"]))
                seen["chosen"] += at is not None
                seen["stale"] += row["ca_id"] in stale
        os.remove(db)
    check(min(seen.values()) > 50, seen)


def test_an_index_of_an_earlier_canopy_gets_the_views_of_this_one(t):
    db = os.path.join(t.dir, "earlier.db")
    shutil.copy(t.db, db)
    with sqlite3.connect(db) as sql:
        views = dict(sql.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'view'"))
        for name in ("figure_today", "v_ca_count"):
            sql.execute("DROP VIEW " + name)
        sql.execute("CREATE VIEW figure_today AS SELECT 1 AS ca")
        sql.execute("CREATE VIEW v_ca_count AS SELECT 1 AS ca")
        sql.execute("CREATE VIEW mine AS SELECT 2 AS two")
    sql.close()
    t.ok("import", "-q", "--db", db, t.write("figures.csv", HEAD + line([t.ca("alder-policy")], 1, 2)))
    with sqlite3.connect(db) as sql:
        found = dict(sql.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'view'"))
    equal(found.pop("mine"), "CREATE VIEW mine AS SELECT 2 AS two")
    equal(found, views)


# ---- sums, computed anew ----

class World:
    """What the index says without figures: held leaves, acceptance, the tree."""

    def __init__(self, t):
        self.count = counts(t, t.db)
        self.held = {ca: r["unexpired"] or 0 for ca, r in self.count.items()}
        self.none = {ca for ca, r in self.count.items() if r["coverage"] == "none"}
        accepted = {"all": ALL, "some": SOME, "none": NONE}
        self.tree = t.ok("tree", "--all", "--as-of", DAY, "--format", "json").json()
        self.before = {r["ca_id"]: accepted[r["trust"]["mozilla"]] for r in self.tree}
        self.rows = rows(t, t.db)
        self.total = impact(t, t.db, "--mark", ALDER)["total"]
        self.below = {}
        for r in self.tree:
            if r["parent_ca_id"] and r["state"] == "valid":
                self.below.setdefault(r["parent_ca_id"], set()).add(r["ca_id"])

    def lost(self, ca):
        row = self.rows.get(ca)
        if not row or row["before"] == "none" or row["before"] == row["after"]:
            return NONE
        return ALL if (row["before"], row["after"]) == ("all", "none") else SOME

    def subtree(self, ca):
        seen, todo = set(), [ca]
        while todo:
            at = todo.pop()
            if at not in seen:
                seen.add(at)
                todo += self.below.get(at, ())
        return seen


def summed(world, figures, own, part):
    """(low, high or None) of a sum that takes in `part` of each CA, of which own[ca] leaves are held."""
    low = high = sum(own.values())
    named = {ca for cas, _, _ in figures for ca in cas}
    open_ended = any(part(ca) != NONE for ca in world.none - named)
    for cas, least, most in figures:
        held = sum(world.held[ca] for ca in cas)
        parts = [part(ca) for ca in cas]
        if max(parts) == NONE:
            continue
        if min(parts) == ALL:
            low += max(0, (least or 0) - held)
        open_ended |= most is None
        high += max(0, (most or 0) - held)
    return low, None if open_ended else high


def random_figures(rng, world):
    left, figures = sorted(world.count), []
    rng.shuffle(left)
    for _ in range(rng.randrange(1, 9)):
        cas = [left.pop() for _ in range(rng.choice([1, 1, 2, 3, 5]))]
        low = rng.choice([None, rng.randrange(60)])
        high = rng.choice([None, (low or 0) + rng.randrange(60)])
        if low is not None or high is not None:
            figures.append((cas, low, high))
    # all that is uncounted, so that something is bounded
    if rng.random() < 0.6:
        rest = sorted(world.none - {ca for cas, _, _ in figures for ca in cas})
        if rest:
            figures.append((rest, None, 1000))
    return figures


def test_every_sum_has_each_figure_once(t):
    world, rng = World(t), random.Random(20201214)
    bounded = 0
    for trial in range(8):
        figures = random_figures(rng, world)
        db = with_figures(t, *[line(*f) for f in figures])
        tree = {r["ca_id"]: r for r in t.ok("counts", "--subtree", "--as-of", DAY, "--format", "json", "--db", db).json()}
        for ca, row in tree.items():
            inside = world.subtree(ca)
            low, high = summed(world, figures, {c: world.held[c] for c in inside}, lambda c: ALL if c in inside else NONE)
            equal((row["subtree_unexpired"] or 0, row["subtree_unexpired_high"]), (low, high), "below " + row["name"])
            bounded += high is not None
        for row in t.ok("counts", "--by", "owner", "--as-of", DAY, "--format", "json", "--db", db).json():
            of = {ca for ca, r in world.count.items() if r["owner"] == row["owner"]}
            low, _ = summed(world, figures, {c: world.held[c] for c in of}, lambda c: ALL if c in of else NONE)
            equal(row["unexpired"] or 0, low, "of %s" % row["owner"])
        answer = impact(t, db, "--mark", ALDER)
        total = answer["total"]
        equal((total["unexpired"], total["unexpired_high"]), summed(world, figures, world.held, lambda c: ALL))
        trusted = {"": world.total["trusted"]}
        equal((total["trusted"], total["trusted_high"]), summed(world, figures, trusted, world.before.get), "trusted")
        lost = {"": world.total["lost"]}
        equal((total["lost"], total["lost_high"]), summed(world, figures, lost, world.lost), "lost")
        equal((answer["decay"][0]["lost"], answer["decay"][0]["lost_high"]), (total["lost"], total["lost_high"]))
        later = impact(t, t.db, "--mark", ALDER)["decay"]
        for step, plain in zip(answer["decay"][1:], later[1:]):
            equal(step["lost"], plain["lost"], "nothing of a figure is sure on a later day")
        os.remove(db)
    check(bounded > 20, "subtrees that are bounded")


def by_rows(t, db, by):
    key = "ca_id" if by == "root" else by
    return {r[key]: r for r in t.ok("impact", "-q", "--mark", ALDER, "--by", by, "--as-of", DAY, "--format", "json", "--db", db).json()}


def accepted_by(t, world, root, roots):
    """What the root alone accepts of each CA before."""
    after = impact(t, t.db, *[w for r in roots if r != root for w in ("--mark", r + "=remove")])["cas"]
    after = {r["ca_id"]: {"all": ALL, "some": SOME, "none": NONE}[r["after"]] for r in after}
    return {ca: after.get(ca, before) for ca, before in world.before.items()}


def test_rows_of_owners_operators_and_roots_have_each_figure_once(t):
    world, rng = World(t), random.Random(20250101)
    roots = [r["ca_id"] for r in t.ok("counts", "--by", "root", "--as-of", DAY, "--format", "json").json()]
    within = {by: {} for by in ("owner", "operator", "root")}
    with sqlite3.connect("file:%s?mode=ro" % t.db, uri=True) as sql:
        for ca, owner, operator in sql.execute("SELECT ca_id, nullif(ca_owner, ''), nullif(owner, '') FROM v_ca"):
            within["owner"].setdefault(owner, {})[ca] = ALL
            within["operator"].setdefault(operator, {})[ca] = ALL
    within["root"] = {root: accepted_by(t, world, root, roots) for root in roots}
    plain, bounded, least = {by: by_rows(t, t.db, by) for by in within}, 0, 0
    for trial in range(8):
        # of the first CA one root accepts all leaves and another some
        figures = random_figures(rng, world) if trial else [([t.ca("cedar-shared")], 50, 60)]
        db = with_figures(t, *[line(*f) for f in figures])
        for by, groups in within.items():
            found = by_rows(t, db, by)
            equal(found.keys(), plain[by].keys())
            for name, row in found.items():
                parts = {"unexpired": lambda ca: ALL if groups[name].get(ca) else NONE,
                         "trusted": lambda ca: min(groups[name].get(ca, NONE), world.before.get(ca, NONE)),
                         "lost": lambda ca: min(groups[name].get(ca, NONE), world.lost(ca))}
                for key, part in parts.items():
                    wanted = summed(world, figures, {"": plain[by][name][key] or 0}, part)
                    equal((row[key] or 0, row[key + "_high"]), wanted, (trial, by, name, key))
                    bounded += wanted[1] is not None and wanted[1] > wanted[0]
                    least += wanted[0] > (plain[by][name][key] or 0)
        os.remove(db)
    check(bounded > 20 and least > 20, (bounded, least))


def after_revoking(t, db, ca):
    """What each CA accepts before and after exactly that CA went, by the index without figures."""
    answer = impact(t, t.db, "--mark", ca + "=revoke", "--quiet")
    of = {"all": ALL, "some": SOME, "none": NONE}
    return {r["ca_id"]: (of[r["before"]], of[r["after"]]) for r in answer["cas"]}, answer["total"]["lost"]


def test_only_here_has_each_figure_once(t):
    world, rng = World(t), random.Random(20210301)
    gone = {ca: after_revoking(t, t.db, ca) for ca, before in world.before.items() if before != NONE}
    bounded, least, several = 0, 0, 0
    for trial in range(8):
        figures = random_figures(rng, world)
        if trial == 0:  # all that goes with one root
            alder = [ca for ca, (b, a) in gone[t.ca("alder-root")][0].items() if (b, a) == (ALL, NONE)]
            figures = [(alder, 900, 1000)]
        db = with_figures(t, *[line(*f) for f in figures])
        for ca, row in counts(t, db, "--only-here").items():
            changes, held = gone.get(ca, ({}, 0))

            def lost(x):
                before, after = changes.get(x, (NONE, NONE))
                return NONE if before == after else ALL if (before, after) == (ALL, NONE) else SOME
            wanted = summed(world, figures, {"": held}, lost)
            equal((row["only_here"] or 0, row["only_here_high"]), wanted, (trial, row["name"]))
            bounded += wanted[1] is not None and wanted[1] > wanted[0]
            least += wanted[0] > held
            several += any(len(cas) > 1 and min(map(lost, cas)) == ALL for cas, _, _ in figures)
        os.remove(db)
    check(bounded > 20 and least > 5 and several, (bounded, least, several))


def test_only_here_of_roots_owners_and_marks_is_what_impact_says(t):
    world, rng, told = World(t), random.Random(20210302), 0
    for trial in range(3):
        db = with_figures(t, *[line(*f) for f in random_figures(rng, world)])
        asked = ["--only-here", "--as-of", DAY, "--format", "json", "--db", db, "--program", "mozilla"]
        keys = ["only_here", "only_here_high", "only_here_approximate"]
        for row in t.ok("counts", "--by", "root", *asked).json():
            answer = impact(t, db, "--mark", row["ca_id"] + "=remove", "--quiet")
            equal((row["only_here"] or 0, row["only_here_high"]), (answer["total"]["lost"], answer["total"]["lost_high"]), row["name"])
            told += row["only_here_high"] is not None
        for row in t.ok("counts", "--by", "owner", *asked).json():
            if row["owner"]:
                cas = [r["ca_id"] for r in t.ok("counts", "owner:" + row["owner"], *asked).json()]
                total = impact(t, db, "--quiet", *[w for ca in cas for w in ("--mark", ca + "=revoke")])["total"]
                equal((row["only_here"] or 0, row["only_here_high"]), (total["lost"], total["lost_high"]), row["owner"])
        mark, = impact(t, db, "--mark", t.ca("alder-root") + "=remove", "--quiet")["marks"]
        equal([mark[k] for k in keys], [counts(t, db, "--only-here")[t.ca("alder-root")][k] for k in keys])
        os.remove(db)
    check(told, "no root is bounded")


def test_only_here_shows_bounds_and_what_is_rounded(t):
    ca = t.ca("alder-policy")
    held = counts(t, t.db, "--only-here")[ca]["only_here"]
    below = [x for x, (before, after) in after_revoking(t, t.db, ca)[0].items() if x != ca and before != after]
    for low, high, about, wanted in (200, 250, "", "244–294"), (None, 250, "", "44–294"), (2200, None, "~", "~2,244"):
        db = with_figures(t, line([ca], low, high, about=about), line(below, held, held))
        row = t.ok("counts", ca, "--only-here", "--as-of", DAY, "--format", "csv", "--db", db).csv()[0]
        equal((row["only_here"], row["only_here_high"], row["only_here_approximate"]),
              (str(held + (low or 0)), str(held + (high or low)), "true" if about else "false"))
        cells = t.ok("counts", ca, "--only-here", "--as-of", DAY, "--db", db).out
        check(wanted in cells, cells)
        os.remove(db)


# ---- two indexes ----

def test_diff_tells_the_bounds_that_counts_has(t):
    world, rng = World(t), random.Random(20201215)
    keys = ["issued", "unexpired", "coverage", "unexpired_high", "figure_unexpired", "figure_unexpired_high"]
    seen = set()

    def said(row):
        """Of a figure of this CA alone unexpired and its bound tell what counts."""
        alone = row["figure_cas"] == 1
        high = None if row["unexpired_high"] == row["unexpired"] else row["unexpired_high"]
        return dict(row, own_high=high, **({"figure_unexpired": None, "figure_unexpired_high": None} if alone else {}))
    for trial in range(4):
        both = []
        for k in range(2):
            path = os.path.join(t.dir, "side%d.db" % k)
            shutil.copy(t.db, path)
            lines = [line(*f) for f in random_figures(rng, world)] if trial or k else []
            if lines:
                t.ok("import", "-q", "--db", path, t.write("side.csv", HEAD + "".join(lines)))
            both.append((path, {ca: said(r) for ca, r in counts(t, path).items()}))
        wanted = set()
        for ca in world.count:
            old, new = both[0][1][ca], both[1][1][ca]
            for key in keys:
                bounds = key != "unexpired_high" or old["own_high"] is not None or new["own_high"] is not None or any(
                    (r["unexpired"] is None) != (r["unexpired_high"] is None) for r in (old, new))
                if old[key] != new[key] and bounds:
                    wanted.add((ca, key, *[None if r[key] is None else str(r[key]) for r in (old, new)]))
        found = t.ok("diff", both[0][0], both[1][0], "--kind", "count-changed", "--as-of", DAY, "--format", "json").json()
        equal({(r["ca_id"], r["what"], r["before"], r["after"]) for r in found}, wanted)
        equal(len(found), len(wanted))
        seen |= {r[1] for r in wanted}
    check(seen >= {"unexpired", "coverage", "unexpired_high", "figure_unexpired", "figure_unexpired_high"}, seen)


def test_which_leaves_of_a_figure_are_revoked_is_not_known(t):
    bare, pair = os.path.join(t.dir, "bare.db"), [t.ca("alder-policy"), t.ca("alder-tls-1")]
    t.ok("import", "-q", "--db", bare, t.path("ccadb"), t.path("mozilla"))
    row = counts(t, with_figures(t, line(pair, 500, 600), base=bare), "--subtree")[pair[0]]
    equal((row["subtree_unexpired"], row["subtree_valid"]), (500, None))


def test_shares_are_of_what_is_known_from_below(t):
    db = with_figures(t, line([t.ca("alder-tls-1")], 1000, 1200), line([t.ca("alder-policy"), t.ca("alder-root")], 500))
    answer, plain = (impact(t, base, "--mark", ALDER) for base in (db, t.db))
    more = 1000 - 23 + 500 - counts(t, t.db)[t.ca("alder-root")]["unexpired"]
    equal([answer["total"][k] - plain["total"][k] for k in ("lost", "trusted", "unexpired")], [more] * 3)
    for name in ["marked_roots", "owners", "program", "index"]:
        share, was = answer["shares"][name], plain["shares"][name]
        equal((share["lost"] - was["lost"], share["of"] - was["of"]), (more, more), name)
    for by in ["owner", "operator", "root"]:
        for r in answer["by_" + by]:
            if r["trusted"]:
                equal(round(r["program_share"], 9), round(r["lost"] / answer["total"]["trusted"], 9))
                equal(round(r["lost_share"], 9), round(r["lost"] / r["trusted"], 9))
    for by in ["kind", "validity"]:
        equal(answer["by_" + by], plain["by_" + by], "figures say nothing of the classes of leaves")


def test_all_that_is_known_is_no_share(t):
    bare = os.path.join(t.dir, "bare.db")
    t.ok("import", "-q", "--db", bare, t.path("ccadb"), t.path("mozilla"))
    ask = ["impact", "-q", "--as-of", DAY, "--mark", ALDER, "--format", "md", "--db"]
    out = t.ok(*ask, with_figures(t, line([t.ca("alder-tls-1")], 1000, 1200), base=bare)).out
    check("not known, of leaves that the program trusts beforehand: only the 1,000 that are lost are known" in out, out)
    check("share: not known: mozilla is known to trust no leaves beforehand but the 1,000 that are lost; " in out, out)
    check(not any(line.startswith("- ") and "100 %" in line for line in out.splitlines()), "would be believed")
    check(" % of the " in t.ok(*ask, t.db).out, "a share that is not all is told")


def test_until_is_no_day_on_which_figures_say_more(t):
    db = with_figures(t, line([t.ca("alder-tls-1")], 1000))
    def until(base, n):
        return t.run("impact", "-q", "--as-of", DAY, "--format", "json", "--db", base, "--mark", ALDER, "--until", n).json()

    plain, answer = (until(base, "200") for base in (t.db, db))
    equal((plain["until"]["from"], plain["until"]["first"]), (None, None), "the day asked bounds nothing")
    check(answer["total"]["lost"] > 1000)
    equal((answer["until"]["from"], answer["until"]["first"], answer["until"]["least"]), ("2026-06-02", "2026-06-02", True))
    equal(until(db, "2000")["until"]["from"], None)
    equal(impact(t, db, "--mark", ALDER, "--until", "10")["until"], impact(t, t.db, "--mark", ALDER, "--until", "10")["until"])


def test_days_have_figures_until_the_last_of_their_cas_loses_nothing(t):
    policy, root = t.ca("alder-policy"), t.ca("alder-root")
    rest = [ca for ca, r in counts(t, t.db).items() if r["coverage"] != "complete"]
    ends = {c: max(x["not_after"][:10] for x in t.ok("show", c, "--as-of", DAY, "--format", "json").json()["certificates"])
            for c in (policy, root)}
    check(DAY < ends[policy] < ends[root], ends)
    plain = impact(t, t.db, "--mark", ALDER)
    held = {c: r["unexpired"] or 0 for c, r in counts(t, t.db).items()}
    for cas, high, until in [([policy], 3499, ends[policy]), ([policy, root], 5000, ends[root])]:
        others = [c for c in rest if c not in cas]
        db = with_figures(t, line(cas, 200, high), line(others, None, 10000), name="days%d.csv" % len(cas))
        answer = t.run("impact", "-q", "--as-of", DAY, "--format", "json", "--db", db, "--mark", ALDER, "--until", "3000").json()
        steps = answer["by_day"]
        first, second = steps[:2]
        equal((first["lost"], first["lost_high"]), (answer["total"]["lost"], answer["total"]["lost_high"]))
        equal((second["date"], second["lost"]), ("2026-06-02", [s["lost"] for s in plain["by_day"] if s["date"] <= "2026-06-02"][-1]), "at least nothing of a figure on a later day")
        more = high - sum(held[c] for c in cas)
        for s in steps[1:]:
            loose = s["lost_high"] - s["lost"]
            equal(loose in (more, more + 10000 - sum(held[c] for c in others)), s["date"] <= until, s)
        after = [s for s in steps if s["date"] > until][0]
        equal((datetime.date.fromisoformat(after["date"]) - datetime.date.fromisoformat(until)).days, 1)
        below = [s for s in steps if s["lost_high"] >= 3000][-1]
        equal(answer["until"]["surely_from"], steps[steps.index(below) + 1]["date"])
        equal(answer["until"]["from"], None if answer["total"]["lost"] < 3000 else "2026-06-02")
        whole = t.ok("impact", "-q", "--as-of", DAY, "--db", db, "--mark", ALDER, "--until", "99999")
        equal(whole.out, "fewer than 99,999 leaves are lost: from %s on\n" % DAY, "figures bound it")
        os.remove(db)
    text = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--db", with_figures(t, line([policy], None, 3499)), "--days").out
    check("≥" in text.splitlines()[1], text)


def test_the_rows_of_impact_have_the_bounds_of_a_figure_of_one_ca(t):
    policy, two = t.ca("alder-policy"), [t.ca("birch-root"), t.ca("cedar-root")]
    db = with_figures(t, line([policy], None, 3499), line(two, 10, 20))
    found = rows(t, db)
    keys = ["unexpired", "unexpired_high", "trusted", "trusted_high", "lost", "lost_high", "kept", "kept_high"]
    equal([found[policy][k] for k in keys], [None, 3499, None, 3499, None, 3499, 0, 0])
    for ca in two:
        if ca in found:
            equal([found[ca][k] for k in keys], [None] * 8)
    with_csv = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--format", "csv", "--db", db).csv()
    got, = [r for r in with_csv if r["ca_id"] == policy]
    equal((got["lost"], got["lost_high"], got["figure_cas"]), ("", "3499", "1"))


def test_a_figure_of_a_ca_that_is_kept_by_another_path_is_kept(t):
    db = with_figures(t, line([t.ca("birch-root")], 30, 40))
    row = rows(t, db)[t.ca("birch-root")]
    equal([row[k] for k in ["lost", "lost_high", "kept", "kept_high"]], [0, 0, 30, 40])


def test_figures_alone_tell_no_day(t):
    bare, alder = os.path.join(t.dir, "bare.db"), "Alder Root CA=remove"
    t.ok("import", "-q", "--db", bare, t.path("ccadb"), t.path("mozilla"))
    db = with_figures(t, line([t.ca("alder-policy")], 200, 250), base=bare)
    args = ["--db", db, "--as-of", DAY, "--mark", alder]
    why = "no CA that loses trust or is limited is counted but by figures of others, which do not tell when the leaves end"
    r = t.run("impact", *args, "--until", "10")
    equal(r.code, 1)
    check(": unknown, " + why in r.out, r.out)
    check("from when on nothing is lost any more is unknown: " + why in t.ok("impact", *args).out)
    days = t.run("impact", *args, "--days", "--format", "json").json()
    equal([days[0][k] for k in ("lost", "lost_high", "least")], [200, None, True])
    equal(days[1]["lost"], None, "on a later day all of the figure may have ended")


def test_a_row_that_nobody_counts_from_below_has_no_at_least_0(t):
    """An upper bound of a CA that loses nothing tells nothing of the owner's other CA, which does."""
    bare = os.path.join(t.dir, "bare.db")
    t.ok("import", "-q", "--db", bare, t.path("ccadb"), t.path("mozilla"))
    db = with_figures(t, line([t.ca("alder-tls-2")], None, 90), base=bare)
    args = ["impact", "--as-of", DAY, "--db", db, "--mark", "Alder TLS CA 1=block"]
    for by in "operator", "owner":
        row, = [r for r in t.ok(*args, "--by", by, "--format", "csv").csv() if r["changed_cas"] != "0"]
        equal((row["unexpired"], row["lost"], row["lost_high"]), ("", "0", ""))
        lines = t.ok(*args, "--by", by, "--format", "md").out.splitlines()
        head, shown = [[c.strip() for c in one.strip("|").split("|")] for one in (lines[0], [x for x in lines if row[by] in x][0])]
        equal(dict(zip(head, shown))["lost"], "–", shown)


def test_who_counted_and_when_stands_in_each_row(t):
    policy, tls = t.ca("alder-policy"), t.ca("alder-tls-1")
    db = with_figures(t, line([policy], 200, 250), line([t.ca("alder-root"), t.ca("birch-root")], 7, 9, DAY))
    alder = impact(t, db, "--mark", ALDER)
    of = {r["ca_id"]: (r["source"], r["source_as_of"]) for r in alder["cas"]}
    counted = {ca: (r["source"], r["source_as_of"]) for ca, r in counts(t, db).items()}
    equal(of, {ca: counted[ca] for ca in of})
    equal((of[policy], of[tls][0]), (("figure", "2026-05-01"), "import"))
    equal([(r["source"], r["source_as_of"]) for r in t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--format", "csv", "--db", db).csv()
           if r["ca_id"] == policy], [("figure", "2026-05-01")])
    equal([alder["unknowns"][k] for k in ("other_day_figures", "oldest_figure")], [1, "2026-05-01"])
    elsewhere = impact(t, db, "--mark", "Oak Class 3 Root=remove")  # it is in the total there, too
    equal((elsewhere["figures"], elsewhere["unknowns"]["other_day_figures"]), ([], 1))
    said = "figures of another day than the one asked for, taken as they stand: 1, of 2026-05-01"
    for form in ["table", "md", "html"]:
        out = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--db", db, "--format", form).out.replace("Figures of", "figures of")
        cell = "partial, import %s" % of[tls][1]
        check(cell in out and "partial, figure 1" in out and said in out, form)
    plain = impact(t, t.db, "--mark", ALDER)["unknowns"]
    equal([plain[k] for k in ("other_day_figures", "oldest_figure")], [0, None])


def test_what_is_rounded_only_above_is_exact_below(t):
    db = with_figures(t, line([t.ca("alder-policy"), t.ca("cedar-root")], 2200, about="~"))
    plain, answer = (impact(t, base, "--mark", ALDER)["total"] for base in (t.db, db))
    equal((answer["lost"], answer["approximate"]), (plain["lost"], True))
    out = t.ok("impact", "--as-of", DAY, "--mark", ALDER, "--db", db).out
    check("at least %d leaves lost of " % plain["lost"] in out, out)
    check("by counts and figures together %d to about 2," % plain["lost"] in out, out)


def drawn(t, db, *args):
    """What stands beside the bars before and after, in the key and in the description."""
    page = t.ok("impact", "-q", "--as-of", DAY, *args, "--db", db, "--format", "html").out
    chart = page[page.index("<title id=\"accepted-title\">"):page.index("</figure>")]
    said = re.search(r"Of (.*) leaves accepted before, (.*) are accepted after, (.*) of them by another path; (.*) are lost", chart)
    return (re.findall(r"<title>accepted \w+: (.*?)</title>", chart) +
            re.findall(r"(?:accepted as before|kept by another path|lost): ([^<]*)<", chart), list(said.groups()))


def test_the_bars_show_what_is_rounded_and_only_that(t):
    plain = impact(t, t.db, "--mark", ALDER)["total"]
    after = plain["trusted"] - plain["lost"]
    db = with_figures(t, line([t.ca("alder-policy")], 2200, about="~"))
    total = impact(t, db, "--mark", ALDER)["total"]
    equal((total["trusted"] - total["lost"], total["lost"]), (after, plain["lost"] + 2200))
    signs, words = drawn(t, db, "--mark", ALDER)
    number = "{:,}".format
    equal(signs, ["≥ ~" + number(total["trusted"]), "≥ %d" % after, "≥ %d" % (after - plain["kept"]),
                  "≥ %d" % plain["kept"], "≥ ~" + number(total["lost"])])
    equal(words, ["at least about " + number(total["trusted"]), "at least %d" % after, "at least %d" % plain["kept"],
                  "at least about " + number(total["lost"])])
    signs, words = drawn(t, db, "--mark", "Oak Class 3 Root=remove")
    check(signs[0].startswith("≥ ~") and signs[1].startswith("≥ ~") and "~" not in signs[4], signs)


def test_what_is_lost_in_part_of_a_figure_is_not_drawn_as_accepted_afterwards(t):
    plain = impact(t, t.db, "--mark", ALDER)["total"]
    two = [t.ca("alder-policy"), t.ca("birch-root")]
    db = with_figures(t, line(two, 2200))
    total = impact(t, db, "--mark", ALDER)["total"]
    equal((total["trusted"], total["lost"]), (plain["trusted"] + 2200, plain["lost"]), "all of it was accepted, how much is lost is not known")
    signs, _ = drawn(t, db, "--mark", ALDER)
    equal(signs[1], "≥ %d" % (plain["trusted"] - plain["lost"]))
    equal(signs[2], "≥ %d" % (plain["trusted"] - plain["lost"] - plain["kept"]))


def test_a_stage_tells_the_bounds_of_its_day(t):
    rest = [ca for ca, r in counts(t, t.db).items() if r["coverage"] != "complete"]
    db = with_figures(t, line(rest, None, 90000))
    day = "2026-08-01"
    args = ["--as-of", DAY, "--db", db, "--stage", day + ":" + ALDER]
    steps = impact(t, db, "--stage", day + ":" + ALDER)["by_day"]
    low, high = [(s["lost"], s["lost_high"]) for s in steps if s["date"] <= day][-1]
    text = "begins on %s: 0 lost on the day before, %d to %d,%03d on it" % (day, low, high // 1000, high % 1000)
    check(low > 0 and text in t.ok("impact", *args).out, text)


# ---- what keeps leaves, and what is missing ----

PARTS = {"none": NONE, "some": SOME, "all": ALL}


class Marked:
    """Acceptance under marks by the index without figures: by CA before, after, and what is kept of it."""

    def __init__(self, t, *marks, base=None):
        self.answer = impact(t, base or t.db, *[w for m in marks for w in ("--mark", m)])
        self.before, self.after, self.reach = {}, {}, {}
        for r in self.answer["cas"]:
            self.before[r["ca_id"]], self.after[r["ca_id"]] = PARTS[r["before"]], PARTS[r["after"]]
            self.reach[r["ca_id"]] = r["reach"] or "unknown"

    def lost(self, ca):
        before, after = self.before.get(ca, NONE), self.after.get(ca, NONE)
        return NONE if before == after else ALL if (before, after) == (ALL, NONE) else SOME

    def kept(self, ca):
        """The marks here reject whole paths, of which no date rule takes a part."""
        return self.after.get(ca, NONE)

    def more(self, then, ca):
        """What the further marks of `then` take of what is accepted under these."""
        now = self.after.get(ca, then.before.get(ca, NONE))
        after = then.after.get(ca, now)
        return NONE if now == after else ALL if (now, after) == (ALL, NONE) else SOME


def random_figures_with(rng, world, some):
    """… one of them of CAs that lose or keep something; every other time of one that does so with all leaves."""
    figures = random_figures(rng, world)
    whole = sorted(ca for ca, part in some.items() if part == ALL)
    some = sorted(ca for ca, part in some.items() if part != NONE)
    cas = rng.sample(some, min(len(some), rng.choice([1, 2, 3, len(some)])))
    if whole and rng.random() < 0.5:
        cas = rng.sample(whole, 1)
    figures = [f for f in figures if not set(f[0]) & set(cas)]
    low = rng.randrange(100, 900)
    return figures + [(cas, rng.choice([None, low]), rng.choice([None, low + rng.randrange(60)]) or low)]


def test_what_keeps_leaves_has_each_figure_once(t):
    world, rng, bounds, least = World(t), random.Random(20210125), 0, 0
    for mark in ["Alder Root CA=remove", "Birch Root R1=remove"]:
        now = Marked(t, mark)
        plain = impact(t, t.db, "--mark", mark, "--why-kept")
        then = [Marked(t, mark, r["cert_sha256"] + ("=remove" if r["kind"] == "anchor" else "=revoke")) for r in plain]
        check(plain, mark)
        for trial in range(6):
            figures = random_figures_with(rng, world, {ca: now.kept(ca) for ca in now.after})
            db = with_figures(t, *[line(*f) for f in figures])
            found = {(r["cert_sha256"], r["kind"]): r for r in impact(t, db, "--mark", mark, "--why-kept")}
            equal(len(found), len(plain))
            for was, other in zip(plain, then):
                row = found[was["cert_sha256"], was["kind"]]
                wanted = summed(world, figures, {"": was["keeps"] or 0}, lambda ca: min(now.kept(ca), now.more(other, ca)))
                equal((row["keeps"] or 0, row["keeps_high"]), wanted, (mark, trial, row["name"]))
                equal(row["cas"], was["cas"])
                bounds += wanted[1] is not None and wanted[1] > wanted[0]
                least += wanted[0] > (was["keeps"] or 0)
            equal([{k: v for k, v in r.items() if k not in ("program", "purpose")} for r in found.values()],
                  impact(t, db, "--mark", mark)["kept_by"])
            lows = [r["keeps"] or 0 for r in found.values()]
            equal(lows, sorted(lows, reverse=True), "the most first")
            os.remove(db)
    check(bounds > 8 and least > 4, (bounds, least))


def test_kept_leaves_by_reach_have_each_figure_once(t):
    mark, rng, bounds, least, used = "Alder Root CA=remove", random.Random(20210126), 0, 0, set()
    base = undisclosed_index(t)
    world = World(t)
    world.count = counts(t, base)
    world.held = {ca: r["unexpired"] or 0 for ca, r in world.count.items()}
    world.none = {ca for ca, r in world.count.items() if r["coverage"] == "none"}
    for url in [None, INTER_URL, INTER_URL + "?"]:
        if url:
            origin(base, "inter.pem" if url == INTER_URL else "birch-inter.cer", url)
        now = Marked(t, mark, base=base)
        plain = now.answer["kept_reach"]
        for trial in range(4):
            figures = random_figures_with(rng, world, {ca: now.kept(ca) for ca in now.after})
            db = with_figures(t, *[line(*f) for f in figures], base=base)
            found = impact(t, db, "--mark", mark)["kept_reach"]
            for reach in REACHES:
                used |= {reach} if reach in now.reach.values() else set()
                wanted = summed(world, figures, {"": plain[reach] or 0},
                                lambda ca: now.kept(ca) if now.reach.get(ca) == reach else NONE)
                equal((found[reach] or 0, found[reach + "_high"]), wanted, (url, trial, reach))
                bounds += wanted[1] is not None and wanted[1] > wanted[0]
                least += wanted[0] > (plain[reach] or 0)
            os.remove(db)
    check(bounds > 3 and least > 3 and len(used) > 2, (bounds, least, used))


def test_suggestions_have_each_figure_once(t):
    world, rng, bounds, least = World(t), random.Random(20210127), 0, 0
    mark = "Birch Root R1=remove"
    dated = [mark, "Alder Root CA=distrust-after@2026-04-01"]
    for marks in [[mark], dated]:
        bounds, least = suggested(t, world, rng, marks, bounds, least)
    check(bounds > 3 and least > 3, (bounds, least))


def suggested(t, world, rng, marks, bounds, least):
    words = [w for m in marks for w in ("--mark", m)]
    now, plain = Marked(t, *marks), impact(t, t.db, *words, "--suggest")
    then = Marked(t, *marks, plain[0]["mark"])
    equal(len([r for r in plain if r["n"]]), 1)
    check(len(marks) == 1 or any(now.after[ca] == SOME and then.after[ca] == NONE for ca in now.after), "what is left of some")
    for trial in range(8):
        figures = random_figures_with(rng, world, {ca: now.more(then, ca) for ca in then.after})
        db = with_figures(t, *[line(*f) for f in figures])
        row = [r for r in impact(t, db, *words, "--suggest") if r["n"]][0]
        equal(row["mark"], plain[0]["mark"])
        for key, part in [("adds", lambda ca: now.more(then, ca)), ("total_lost", then.lost)]:
            wanted = summed(world, figures, {"": plain[0][key] or 0}, part)
            equal((row[key] or 0, row[key + "_high"]), wanted, (trial, key))
            bounds += wanted[1] is not None and wanted[1] > wanted[0]
            least += wanted[0] > (plain[0][key] or 0)
        os.remove(db)
    return bounds, least


def test_independent_roots_have_each_figure_once(t):
    world, rng, bounds, least = World(t), random.Random(20210128), 0, 0
    mark = "Alder Root CA=remove"
    roots = [r["ca_id"] for r in t.ok("counts", "--by", "root", "--as-of", DAY, "--format", "json").json()]
    now, plain = Marked(t, mark), {r["cert_sha256"]: r for r in impact(t, t.db, "--mark", mark, "--suggest")}
    by = {sha: accepted_by(t, world, t.ca(name), roots) for name in ("birch-root", "cedar-root") for sha in [t.cert(name)]}
    equal(set(by), set(plain))
    for trial in range(16):
        figures = random_figures_with(rng, world, {ca: now.kept(ca) for ca in now.after})
        db = with_figures(t, *[line(*f) for f in figures])
        for row in impact(t, db, "--mark", mark, "--suggest"):
            sha = row["cert_sha256"]
            wanted = summed(world, figures, {"": plain[sha]["keeps"] or 0}, lambda ca: min(now.kept(ca), by[sha].get(ca, NONE)))
            equal((row["keeps"] or 0, row["keeps_high"]), wanted, (trial, row["name"]))
            bounds += wanted[1] is not None and wanted[1] > wanted[0]
            least += wanted[0] > (plain[sha]["keeps"] or 0)
        os.remove(db)
    check(bounds > 3 and least > 3, (bounds, least))


def test_what_is_kept_in_part_is_an_upper_bound(t):
    dated = ["--mark", t.cert("birch-root") + "=distrust-after@2026-04-01", "--assume", t.cert("birch-inter")]
    ruled = ["--assume", t.cert("cedar-shared-by-cedar")]
    # without the one that is asked about, a date rule leaves some of what is kept
    for ca, args, option, cert in [("birch-issuing-1", dated, "--why-kept", "birch-inter"),
                                   ("cedar-shared", ruled, "--suggest", "cedar-root")]:
        args = ["--mark", "Alder Root CA=remove", *args]
        db = with_figures(t, line([t.ca(ca)], 100, 200))
        held = counts(t, t.db)[t.ca(ca)]["unexpired"]
        totals, rows = [], []
        for base in (t.db, db):
            totals.append(impact(t, base, *args)["total"]["kept"])
            rows += [r for r in impact(t, base, *args, option) if r["cert_sha256"] == t.cert(cert)][:1]
        equal(totals[1] - totals[0], 100 - held, "all of it is kept")
        equal(rows[0]["keeps"], rows[1]["keeps"], "how much of it is not known")
        check(rows[1]["keeps_high"] is None or rows[1]["keeps_high"] == rows[0]["keeps_high"] + 200 - held, rows)
        os.remove(db)


def test_what_is_found_in_part_is_an_upper_bound_elsewhere(t):
    shared, held = t.ca("cedar-shared"), 9
    base = undisclosed_index(t, "cedar-shared-by-alder")
    # one path goes; of the two others that of Cedar is disclosed, and its root has a date rule
    args = ["--assume", t.cert("cedar-shared-by-cedar"), "--mark", t.cert("cedar-shared-by-cedar") + "=remove"]
    plain = impact(t, base, *args)
    row, = [r for r in plain["cas"] if r["ca_id"] == shared]
    equal((row["after"], row["kept"]), ("all", held))
    check(0 < plain["kept_reach"]["ccadb"] < held, plain["kept_reach"])
    db = with_figures(t, line([shared], 100, 200), base=base)
    answer = impact(t, db, *args)
    equal(answer["total"]["kept"], plain["total"]["kept"] + 100 - held)
    for reach in REACHES:
        equal(answer["kept_reach"][reach], plain["kept_reach"][reach], "how much of it is not known")
        there = (plain["kept_reach"][reach] or 0) > 0
        equal(answer["kept_reach"][reach + "_high"], plain["kept_reach"][reach + "_high"] + there * (200 - held), reach)


def test_alternatives_show_bounds_to_people(t):
    root, birch, rest = t.ca("birch-root"), "Birch Root R1=remove", [ca for ca, r in counts(t, t.db).items() if r["coverage"] != "complete"]
    db = with_figures(t, line([root], 2200, 3499, about="~"), line([ca for ca in rest if ca != root], None, 9000))
    row = impact(t, db, "--mark", birch, "--why-kept")[0]
    equal(row["approximate"], True)
    check(row["keeps_high"] - row["keeps"] >= 3499 - 2200, row)
    cell = "~{:,}–{:,}".format(row["keeps"], row["keeps_high"])
    for form in ["table", "md", "html"]:
        for args in (["--why-kept"], []):
            out = t.ok("impact", "-q", "--as-of", DAY, "--mark", birch, "--format", form, "--db", db, *args).out
            check(cell in out, (cell, form, args))
        out = t.ok("impact", "-q", "--as-of", DAY, "--mark", birch, "--format", form, "--db", db, "--suggest").out
        check(cell in out and "now about {:,} to {:,} leaves".format(row["keeps"], row["keeps_high"]) in out, (cell, out))
    reach = impact(t, db, "--mark", birch)["kept_reach"]
    words = "about {ccadb:,} to {ccadb_high:,} where CCADB discloses it, {unknown:,} to {unknown_high:,} not known".format(**reach)
    out = t.ok("impact", "-q", "--as-of", DAY, "--mark", birch, "--db", db).out
    check(words in out and reach["approximate"], (words, out))
    row, = [r for r in out.splitlines() if "Birch Issuing CA 1" in r and "partial" in r]
    equal(row.split()[0], "0", "no leaf of a CA that does not change is lost")


# ---- the file ----

def test_what_is_rounded_is_shown_so(t):
    ca = t.ca("alder-policy")
    db = with_figures(t, line([ca], 2200, about="~"), line([t.ca("alder-tls-1")], 23, 50))
    row = counts(t, db)[ca]
    equal((row["unexpired"], row["unexpired_high"], row["approximate"]), (2200, 2200, True))
    check("~2,200" in t.ok("counts", ca, "--as-of", DAY, "--db", db).out)
    check("~2,200" in t.ok("show", ca, "--as-of", DAY, "--db", db).out)
    report = t.ok("impact", "--mark", ALDER, "--as-of", DAY, "--db", db).out
    check("about 2,2" in report and "fictional hand count" in report, report)
    equal(impact(t, db, "--mark", ALDER)["total"]["approximate"], True)
    check("23–50" in t.ok("tree", t.ca("alder-tls-1"), "--as-of", DAY, "--db", db).out)


def test_each_bad_line_is_one_problem_and_the_others_count(t):
    good = line([t.ca("alder-policy")], 7, 8)
    bad = ["x,1\n", ",,1,2,who,2026-05-01\n", "x,,2,1,who,2026-05-01\n", "x,,,,who,2026-05-01\n", "x,,1,,,2026-05-01\n",
           "x,,1,,who,2026-02-30\n", 'x,,"1,000",,who,2026-05-01\n', "x,,-1,,who,2026-05-01\n", 'x,,1,,"who,2026-05-01\n',
           "x,3,4,,who,2026-05-01\n"]
    db = os.path.join(t.dir, "bad.db")
    shutil.copy(t.db, db)
    t.run("import", "--db", db, t.write("bad.csv", "# a comment\n" + HEAD + "".join(bad) + good))
    told = [r for r in t.ok("sources", "--problems", "--format", "json", "--db", db).json() if "bad.csv" in r["from"]]
    equal([r["place"] for r in told], ["line %d" % (3 + i) for i in range(len(bad))])
    equal(counts(t, db)[t.ca("alder-policy")]["unexpired"], 7)
    wrong = t.write("wrong.csv", "ca,unexpired,colour,source,as_of\nx,1,red,who,2026-05-01\n")
    t.fails(3, "import", "--db", db, wrong, says="colour")


def test_a_ref_that_names_nothing_yet_is_a_problem_until_it_does(t):
    db = os.path.join(t.dir, "early.db")
    two = [t.ca("alder-policy"), "Alder TLS CA 1"]
    t.run("import", "-q", "--db", db, t.write("early.csv", HEAD + line(two, 50, 60)))
    problems = [r["what"] for r in t.run("sources", "--problems", "--format", "json", "--db", db).json()]
    equal(len([p for p in problems if "names no CA" in p]), 2, problems)
    t.run("import", "-q", "--db", db, t.path("ccadb"), t.path("mozilla"))
    problems = [r["what"] for r in t.run("sources", "--problems", "--format", "json", "--db", db).json()]
    equal([p for p in problems if "figure" in p], [])
    before = counts(t, db)
    equal(before[t.ca("alder-policy")]["figure_cas"], 2)
    t.run("index", "--rebuild", "-q", "--db", db)
    equal(counts(t, db), before)


def test_a_figure_with_an_unknown_ref_is_no_lower_bound(t):
    db = with_figures(t, line([t.ca("alder-policy"), "No such CA (fictional)"], 50, 60))
    total = impact(t, db, "--mark", ALDER)
    figure, = total["figures"]
    equal((figure["whole"], figure["figure_cas"]), (False, 1))
    plain = impact(t, t.db, "--mark", ALDER)["total"]["lost"]
    equal(total["total"]["lost"], plain)


if __name__ == "__main__":
    main()
