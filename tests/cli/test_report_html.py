"""Reports as a page of HTML: well formed, of itself alone, true to the numbers, and deaf to hostile names."""
import datetime
import hashlib
import html.parser
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402

ALDER = ["--mark", "Alder Root CA=remove"]
# many CAs, names of every kind among them
MANY = ALDER + ["--mark", "Birch Root R1=block", "--assume", "Ginkgo Research Root", "--mark", "Ginkgo Research Root=revoke"]
EVIL = "</title></script><img src=x onerror=alert(1)>\"'&lt;\u202e\x1b<!--"
SHOWN = "</title></script><img src=x onerror=alert(1)>\"'&lt;\ufffd\ufffd<!--"  # the same, cleaned
VOID = {"meta"}
# what an element may stand in, where HTML or SVG says so
INSIDE = {"dt": {"div"}, "dd": {"div"}, "li": {"ul"}, "tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"}, "caption": {"table"},
          "thead": {"table"}, "tbody": {"table"}, "figcaption": {"figure"}, "h1": {"main"}, "h2": {"main"}, "rect": {"svg", "g"},
          "desc": {"svg"}, "title": {"head", "svg", "g"}, "main": {"body"}, "style": {"head"}}


class Element:
    def __init__(self, tag, attrs, parent):
        self.tag, self.attrs, self.parent, self.children, self.texts = tag, attrs, parent, [], []

    def all(self, tag):
        return [e for child in self.children for e in ([child] if child.tag == tag else []) + child.all(tag)]

    def one(self, tag):
        found, = self.all(tag)
        return found

    def text(self):
        return "".join(t if isinstance(t, str) else t.text() for t in self.texts)

    def number(self, name):
        return int(self.attrs[name])


class Page(html.parser.HTMLParser):
    """A tree of a page; fails on a tag that is not closed in its place."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.at = Element(None, {}, None)
        self.doctype = None
        self.feed(text)
        self.close()
        check(self.at is self.root, "<%s> is not closed" % self.at.tag)

    def handle_decl(self, decl):
        self.doctype = decl

    def handle_starttag(self, tag, attrs):
        check(len(dict(attrs)) == len(attrs), "<%s> has an attribute twice" % tag)
        check(tag not in INSIDE or self.at.tag in INSIDE[tag], "<%s> in <%s>" % (tag, self.at.tag))
        e = Element(tag, dict(attrs), self.at)
        self.at.children.append(e)
        self.at.texts.append(e)
        if tag not in VOID:
            self.at = e

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        check(self.at.tag == tag, "</%s> in <%s>" % (tag, self.at.tag))
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.texts.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)

    def unknown_decl(self, data):
        raise AssertionError("a declaration: " + data)

    def elements(self):
        def below(e):
            for child in e.children:
                yield child
                yield from below(child)
        return below(self.root)

    def ids(self):
        return [e.attrs["id"] for e in self.elements() if "id" in e.attrs]

    def svg(self, name):
        found, = [e for e in self.root.all("svg") if e.attrs.get("aria-labelledby") == name + "-title"]
        return found

    def table(self, caption):
        """Rows as dictionaries by heading."""
        table, = [e for e in self.root.all("table") if e.one("caption").text().startswith(caption)]
        keys = [e.text() for e in table.one("thead").all("th")]
        return [dict(zip(keys, [c.text() for c in row.children])) for row in table.one("tbody").all("tr")]

    def fields(self):
        return {div.one("dt").text(): div.one("dd").text() for div in self.root.all("div") if div.all("dt")}


def page(t, *args, command="impact", **more):
    out = t.ok(command, "--as-of", DAY, "--format", "html", *args, **more).out
    clean(out)
    return Page(out)


def answer(t, *args):
    return t.ok("impact", "--as-of", DAY, "--format", "json", *args).json()


def number(text):
    """Of "≥ 1,234", "at least 1,234 beforehand" or "–"."""
    if text == "–":
        return None
    return int(re.search(r"\d[\d,]*", text)[0].replace(",", ""))


def check_page(p):
    """What holds of every page."""
    equal(p.doctype, "DOCTYPE html")
    equal(p.root.one("html").attrs, {"lang": "en"})
    equal(p.root.one("head").children[0].attrs, {"charset": "utf-8"})
    check(p.root.one("head").all("title")[0].text().strip(), "no title")
    equal(sorted(p.ids()), sorted(set(p.ids())), "ids")
    for e in p.elements():
        check(e.tag not in ("script", "link", "img", "iframe", "object", "image", "use", "a", "base", "form"), "a <%s>" % e.tag)
        for name, value in e.attrs.items():
            check(not name.startswith("on") and name not in ("href", "src", "style", "xlink:href"), "%s of <%s>" % (name, e.tag))
            for url in re.findall(r"url\((.*?)\)", value or ""):
                check(url[:1] == "#" and url[1:] in p.ids(), url + " leads nowhere")
    check("url(" not in p.root.one("style").text() and "@import" not in p.root.one("style").text())
    headings = [e.tag for e in p.elements() if re.match(r"h\d$", e.tag)]
    check(headings[0] == "h1" and set(headings[1:]) == {"h2"}, headings)
    for table in p.root.all("table"):
        caption = table.one("caption").text()
        check(caption, "a table without a caption")
        equal(table.parent.attrs, {"class": "table", "tabindex": "0", "role": "region", "aria-label": caption}, "what scrolls")
        width = len(table.one("thead").all("th"))
        check(all(e.attrs["scope"] == "col" for e in table.one("thead").all("th")))
        for row in table.one("tbody").all("tr"):
            equal(len(row.children), width, "cells")
            equal([e.attrs["scope"] for e in row.all("th")], ["row"])
    names = [table.one("caption").text() for table in p.root.all("table")]
    equal(sorted(names), sorted(set(names)), "two tables of one name")
    equal([e.attrs for e in p.root.all("figure") if e.attrs != {"tabindex": "0"}], [], "figures scroll by keys, too")
    for svg in p.root.all("svg"):
        check_svg(svg, p.ids())


def check_svg(svg, ids):
    if svg.attrs.get("aria-hidden") != "true":
        equal(svg.attrs["role"], "img")
        equal([e.tag for e in svg.children[:2]], ["title", "desc"])
        equal([svg.attrs["aria-labelledby"], svg.attrs["aria-describedby"]], [e.attrs["id"] for e in svg.children[:2]])
        check(all(e.text().strip() for e in svg.children[:2]), "nothing is said of a picture")
    left, top, right, bottom = map(int, svg.attrs["viewbox"].split())
    equal((left, top), (0, 0))

    def inside(x, y, what):
        check(0 <= x <= right and 0 <= y <= bottom, "%s at %d, %d of %d, %d" % (what, x, y, right, bottom))
    for e in svg.all("rect"):
        inside(e.number("x"), e.number("y"), "rect")
        inside(e.number("x") + e.number("width"), e.number("y") + e.number("height"), "rect")
        check(e.number("width") > 0, "an empty rect")
    for e in svg.all("circle"):
        for sign in (-1, 1):
            inside(e.number("cx") + sign * e.number("r"), e.number("cy") + sign * e.number("r"), "circle")
    for e in svg.all("polyline"):
        for pair in e.attrs["points"].split():
            inside(*map(int, pair.split(",")), "a point")
    for e in svg.all("text"):  # 7 units are the width of a digit
        width = 7 * len(e.text())
        x = e.number("x") - {None: 0, "middle": width // 2, "end": width}[e.attrs.get("text-anchor")]
        inside(max(x, 0) if e.attrs.get("text-anchor") == "end" else x, e.number("y"), e.text())
        inside(e.number("x") if e.attrs.get("text-anchor") == "end" else x + width, e.number("y"), e.text())
    for e in svg.all("path"):
        x, y, direction, to = re.match(r"M(\d+) (\d+)([HV])(\d+)$", e.attrs["d"]).groups()
        inside(int(x), int(y), "path")
        if e.parent.tag != "pattern":
            inside(int(to) if direction == "H" else int(x), int(to) if direction == "V" else int(y), "path")


def bars(svg):
    """(label, number text, width of all that is drawn) of each."""
    return [(g.all("text")[0].text(), g.all("text")[1].text(),
             sum(e.number("width") for e in g.all("rect") if "class" in e.attrs)) for g in svg.all("g")]


def test_a_page_is_well_formed_and_of_itself_alone(t):
    for args in [ALDER, MANY, [], ["--program", "chrome", "--purpose", "email"] + ALDER]:
        check_page(page(t, "--db", t.full_db(), *args))
    check_page(page(t, *ALDER))


def test_a_page_says_what_the_other_reports_say(t):
    p = page(t, *ALDER)
    text = p.root.text()
    md = t.ok("impact", "--as-of", DAY, "--format", "md", *ALDER).out.replace("\\", "")
    lines = [s.lstrip("#- ") for s in md.splitlines() if s and s[0] not in "|~" and not s.startswith("canopy impact")]
    check(len(lines) > 25, lines)
    for line in lines:
        name, _, value = line.partition(": ")
        if line.startswith("impact on"):
            line = "I" + line[1:]
        check(line in text or p.fields().get(name) == value, line + " is missing")
    equal(p.root.one("h1").text(), "Impact on mozilla, tls, on " + DAY)
    equal(p.root.one("head").all("title")[0].text(), "Impact on mozilla, tls, on " + DAY)


ALL = ["--program", "all", "--purpose", "all", "--quiet"]


def test_several_programs_are_one_page(t):
    p = page(t, "--db", t.full_db(), *ALL, *ALDER)
    check_page(p)
    for args in [ALL, [*ALL, "--program", "chrome,mozilla"], [*ALL, "--program", "chrome", "--purpose", "email"]]:
        check_page(page(t, "--db", t.full_db(), *args, *MANY))
        check_page(page(t, "--db", t.full_db(), *args))
    check_page(page(t, "--db", t.full_db(), *ALL, "--purpose", "email", *MANY))


def test_each_program_has_a_bar_and_a_line(t):
    answers, p = answer(t, "--db", t.full_db(), *ALL, *ALDER), page(t, "--db", t.full_db(), *ALL, *ALDER)
    drawn = bars(p.svg("programs"))
    equal([(label, number(count)) for label, count, _ in drawn],
          [("%s %s" % (a["program"], a["purpose"]), a["total"]["trusted"]) for a in answers])
    most = max(a["total"]["trusted"] for a in answers)
    full = max(width for _, _, width in drawn)
    for a, (label, _, width), g in zip(answers, drawn, p.svg("programs").all("g")):
        check(abs(width - full * a["total"]["trusted"] / most) <= 2, (label, width))
        lost = sum(e.number("width") for e in g.all("rect") if e.attrs.get("class") == "lost")
        check(abs(lost - full * a["total"]["lost"] / most) <= 2, (label, lost))
    svg, losing = p.svg("decay"), [a for a in answers if any(d["lost"] for d in a["decay"])]
    equal([g.one("title").text() for g in svg.all("g") if g.all("polyline")], ["%s %s" % (a["program"], a["purpose"]) for a in losing])
    equal([g.one("title").text() for g in svg.all("g") if g.all("circle")],
          ["%s %s, %s: ≥ %d" % (a["program"], a["purpose"], d["date"], d["lost"]) for a in losing for d in a["decay"]])
    ticks = {number(e.text()): e.number("y") - 4 for e in svg.all("text") if (e.attrs["class"], e.attrs.get("text-anchor")) == ("soft", "end")}
    kinds = []
    for a, line in zip(losing, svg.all("polyline")):
        kinds.append(line.attrs["class"])
        for d, pair in zip(a["decay"], line.attrs["points"].split()):
            y = int(pair.split(",")[1])
            check(abs(y - (ticks[0] + (ticks[max(ticks)] - ticks[0]) * d["lost"] / max(ticks))) <= 1, (d, y))
    equal(len(set(kinds)), len(losing), "two lines look the same")
    legend = svg.parent.one("ul").all("li")
    equal([(li.text(), li.one("path").attrs["class"]) for li in legend],
          [("%s %s" % (a["program"], a["purpose"]), kind) for a, kind in zip(losing, kinds)])
    check("%d without loss" % (len(answers) - len(losing)) in p.root.text())


def test_totals_rows_and_decay_are_those_of_json(t):
    for args in [ALDER, MANY]:
        a, p = answer(t, *args), page(t, *args)
        for key in ["lost", "kept", "trusted", "unexpired"]:
            equal(number(p.fields()[key]), a["total"][key], key)
            check(p.fields()[key].startswith("at least "), p.fields()[key])
        rows = {row["ca_id"]: row for row in p.table("CAs")}
        equal(len(rows), len(a["cas"]))
        for c in a["cas"]:
            row = rows[c["ca_id"][:12]]
            for key in ["lost", "kept", "trusted", "unexpired"]:
                equal(number(row[key]), c[key], key + " of " + c["name"])
                sure = key == "lost" and c["before"] == c["after"] or key == "kept" and c["after"] == "none"
                least = c["coverage"] == "partial" and not sure
                equal(row[key].startswith("≥ "), least, key + " of " + c["name"])
            for key in ["before", "after"]:
                equal(row[key], c[key], key)
            equal(row["coverage"], c["coverage"] + (", %s %s" % (c["source"], c["source_as_of"]) if c["source"] else ""))
            equal(row["reach"], c["reach"] or "–")
            equal(row["owner"], c["owner"] or "–")
        equal([(r["date"], number(r["lost"])) for r in p.table("leaves lost on")], [(d["date"], d["lost"]) for d in a["decay"]])
        losses = [number(row["lost"]) or 0 for row in p.table("CAs")]
        equal(losses, sorted(losses, reverse=True))


def test_accepted_before_and_after_are_drawn_to_scale(t):
    total, svg = answer(t, *ALDER)["total"], page(t, *ALDER).svg("accepted")
    before, after = bars(svg)
    equal((number(before[1]), number(after[1])), (total["trusted"], total["trusted"] - total["lost"]))
    check(before[1].startswith("≥ ") and after[1].startswith("≥ "))
    parts = {e.attrs["class"]: e.number("width") for e in svg.all("g")[1].all("rect") if "class" in e.attrs}
    full = before[2]
    for kind in ["kept", "lost"]:
        check(abs(parts[kind] - full * total[kind] / total["trusted"]) <= 1, (kind, parts))
    equal(sum(parts.values()), full)
    legend = [li.text() for li in svg.parent.one("ul").all("li")]
    equal([number(s) for s in legend], [total["trusted"] - total["lost"] - total["kept"], total["kept"], total["lost"]])


def test_losses_have_a_bar_each_up_to_fifteen_and_the_rest_one(t):
    for args, rest in [(ALDER, False), (MANY, True)]:
        losing = [c for c in answer(t, *args)["cas"] if c["lost"]]
        drawn = bars(page(t, *args).svg("losses"))
        equal(len(drawn), 16 if rest else len(losing))
        losses = sorted((c["lost"] for c in losing), reverse=True)
        equal([number(b[1]) for b in drawn[:15]], losses[:15])
        for label, count, width in drawn:
            check(abs(width - drawn[0][2] * number(count) / losses[0]) <= 1, (label, count, width))
            check(count.startswith("≥ "), count)
        if rest:
            equal((drawn[15][0], number(drawn[15][1])), ("%d others" % (len(losing) - 15), sum(losses[15:])))


def test_decay_is_drawn_where_its_numbers_are(t):
    a, svg = answer(t, *ALDER), page(t, *ALDER).svg("decay")
    points = [(e.number("cx"), e.number("cy")) for e in svg.all("circle")]
    lost = [d["lost"] for d in a["decay"]]
    equal([g.one("title").text() for g in svg.all("g")], ["%s: ≥ %d" % (d["date"], d["lost"]) for d in a["decay"]])
    ticks = {number(e.text()): e.number("y") - 4 for e in svg.all("text") if (e.attrs["class"], e.attrs.get("text-anchor")) == ("soft", "end")}
    check(len(ticks) >= 3 and 0 in ticks and max(ticks) >= max(lost), ticks)
    top = max(ticks)
    for n, (_, y) in zip(lost, points):
        check(abs(y - (ticks[0] + (ticks[top] - ticks[0]) * n / top)) <= 1, (n, y, ticks))
    days = [0, 30, 47, 60, 90, 100, 180, 200, 365, 398]
    for day, (x, _) in zip(days, points):
        check(abs(x - (points[0][0] + (points[-1][0] - points[0][0]) * day / 398)) <= 1, (day, x))


def test_the_line_of_decay_has_every_step_and_every_stage(t):
    args = ["--mark", "Alder Root CA=distrust-after@2026-05-01", "--stage", "2026-07-15:Alder Root CA=remove"]
    a, p = answer(t, *args), page(t, *args)
    check_page(p)
    svg = p.svg("decay")
    line = [tuple(map(int, pair.split(","))) for pair in svg.one("polyline").attrs["points"].split()]
    ticks = {number(e.text()): e.number("y") - 4 for e in svg.all("text") if (e.attrs["class"], e.attrs.get("text-anchor")) == ("soft", "end")}
    left, right, top = line[0][0], line[-1][0], max(ticks)
    day = lambda s: datetime.date.fromisoformat(s).toordinal() - datetime.date.fromisoformat(DAY).toordinal()
    steps = [s for s in a["by_day"] if day(s["date"]) <= 398]
    equal(len(line), 2 * len(steps))  # two a step but the first, and the end
    for (x, y), step in zip([line[0]] + line[2::2], steps):
        check(abs(x - (left + (right - left) * day(step["date"]) / 398)) <= 1, (x, step))
        check(abs(y - (ticks[0] + (ticks[top] - ticks[0]) * step["lost"] / top)) <= 1, (y, step))
    for (x, y), (next_x, next_y) in zip(line[0::2], line[1::2]):
        check(next_x >= x and next_y == y, "a number does not stand until the next")
    stage = [e for e in svg.all("path") if e.attrs.get("class") == "stage"]
    equal([e.parent.one("title").text() for e in stage], ["2026-07-15: Alder Root CA=remove"])
    check(stage[0].attrs["d"].startswith("M%d " % [x for x, _ in line[1::2]][0]), "the stage is not where the line jumps")
    check("2026-07-15" in [e.text() for e in svg.all("text")])


def test_numbers_beside_a_line_stand_apart(t):
    svg = page(t, *ALDER).svg("decay")
    values = [e for e in svg.all("text") if e.attrs["class"] == "halo"]
    points = svg.all("circle")
    check(len(values) >= 4, "most points have no number")
    check(abs(values[0].number("x") - points[0].number("cx")) < 5 and abs(values[-1].number("x") - points[-1].number("cx")) < 5)
    spans = []
    for e in values:
        width = 7 * len(e.text())
        left = e.number("x") - (width if e.attrs.get("text-anchor") == "end" else 0)
        spans.append((left, left + width))
    days = [e.number("x") for e in svg.all("text") if e.attrs.get("text-anchor") == "middle"][:-1]  # the last is the title
    check(len(days) >= 6, days)
    for (_, end), (start, _) in list(zip(spans, spans[1:])) + [((0, x + 12), (y - 12, 0)) for x, y in zip(days, days[1:])]:
        check(end <= start, (spans, days))


def test_nothing_lost_is_a_page_too(t):
    p = page(t)
    check_page(p)
    equal((number(p.fields()["lost"]), number(p.fields()["CAs"])), (0, 0))
    equal([e.attrs["aria-labelledby"] for e in p.root.all("svg") if "role" in e.attrs], ["accepted-title"])
    equal({count for _, count, _ in bars(p.svg("accepted"))}, {"≥ %d" % answer(t)["total"]["trusted"]})
    p = page(t, "--mark", "Yew University Root=remove")
    check("no effect: it is no anchor of mozilla for tls" in p.root.text(), "a mark without effect is not said")


def test_an_index_without_counts_is_a_page_too(t):
    db = os.path.join(t.dir, "uncounted.db")
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("mozilla")).code, 0)
    p = page(t, "--db", db, *ALDER)
    check_page(p)
    a = answer(t, "--db", db, *ALDER)
    equal(p.fields()["lost"], "not known: none of the %d CAs concerned is counted" % a["total"]["unknown_cas"])
    rows = p.table("CAs, the largest")
    equal(len(rows), len(a["cas"]))
    check(not {"lost", "kept", "trusted", "unexpired", "last issued"} & set(rows[0]), "columns of which nothing is known")
    check("on later days" not in p.root.text() and "from 2" in p.root.text(), "ten days of which nothing is known")
    check("are not counted: they have no bar" in p.root.text(), "what has no bar is not said")


def test_a_page_ends_with_what_reproduces_it(t):
    a, p = answer(t, *ALDER), page(t, *ALDER)
    equal(p.root.one("pre").text(), "canopy impact --as-of %s --format html --mark 'Alder Root CA=remove'" % DAY)
    items = [li.text() for li in p.root.all("li")]
    check("index " + a["index_sha256"] in items, items)
    check(t.ok("--version").out.strip() in items, items)
    sources = t.run("sources", "--format", "json").json()
    listed = p.table("what the index was made from")
    check("sources (%d)" % len(sources) in [e.text() for e in p.root.all("h2")])
    known = {(s["kind"], "–" if s["part"] == s["sha256"] else s["part"] or "–", s["source_as_of"] or "–", s["sha256"]) for s in sources}
    one = [r for r in listed if not r["part"].endswith(" documents")]
    check(one, "no source is listed on its own")
    for r in one:
        check((r["kind"], r["part"], r["as of"], r["sha256"]) in known, r)
    equal(sum(number(r["records"]) for r in listed), sum(s["records"] for s in sources))
    folded = [r for r in listed if r["part"].endswith(" documents")]
    check(folded, "no kind has so many documents")
    for r in folded:
        hashes = sorted(s["sha256"] for s in sources if (s["source"], s["kind"]) == (r["source"], r["kind"]))
        equal((number(r["part"]), r["sha256"]), (len(hashes), hashlib.sha256("".join(h + "\n" for h in hashes).encode()).hexdigest()))
    equal(len(one) + sum(number(r["part"]) for r in folded), len(sources))


def test_a_page_is_the_same_in_every_locale(t):
    # names beyond ASCII are in the table, in the bars and in the paths
    args = ["impact", "--as-of", DAY, "--format", "html", "--assume", "Ginkgo Research Root",
            "--mark", "Ginkgo Research Root=distrust-after@2026-01-01"]
    out = t.ok(*args).out
    check(re.search("<li>[0-9a-f]{12} Caf\u00e9", out), "no path of that name")
    equal(t.ok(*args, LC_ALL="C").out, out)
    equal(t.terminal(*args, LC_ALL="C", TERM="xterm").replace("\r\n", "\n"), out)


def openssl(t, *args):
    r = subprocess.run(["openssl", *args], cwd=t.dir, capture_output=True, text=True)
    equal(r.returncode, 0, r.stderr)


def hostile_world(t):
    """An index with a CA of a hostile name that is an anchor and has a leaf."""
    subject = "/CN=" + EVIL.replace("\\", "\\\\").replace("/", "\\/")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(t, "req", "-x509", *key, "-utf8", "-keyout", "ca.key", "-out", "ca.pem", "-days", "400", "-subj", subject, "-addext",
            "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign", "-addext", "crlDistributionPoints=URI:http://"
            "evil.example/\"><script>alert(1)</script>")
    openssl(t, "req", *key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=leaf.example")
    t.write("leaf.ext", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:leaf.example\n")
    openssl(t, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", "-days", "90", "-extfile",
            "leaf.ext", "-out", "leaf.pem")
    db = os.path.join(t.dir, "hostile.db")
    equal(t.run("import", "--db", db, "--store", "own", os.path.join(t.dir, "ca.pem")).code, 0)
    equal(t.run("import", "--db", db, os.path.join(t.dir, "leaf.pem")).code, 0)
    return db, t.ok("counts", "--db", db, "--format", "json").json()[0]["ca_id"]


def test_a_hostile_name_stays_text(t):
    db, ca_id = hostile_world(t)
    for ref in [ca_id, SHOWN]:
        out = t.ok("impact", "--db", db, "--program", "own", "--mark", ref + "=remove", "--format", "html").out
        clean(out)
        p = Page(out)
        check_page(p)
        check("<img" not in out and "</script" not in out and "<!--" not in out, "it became a tag")
        equal([row["CA"] for row in p.table("CAs")], [SHOWN])
        equal(number(p.table("CAs")[0]["lost"]), 1)
        bar, = p.svg("losses").all("g")
        check(bar.one("title").text().startswith(SHOWN + ": "), bar.one("title").text())
        check(bar.all("text")[0].text().startswith("</title></script><img"), bar.all("text")[0].text())
        check(SHOWN in p.svg("losses").all("desc")[0].text())
    check(any(SHOWN + "=remove" in li.text() for li in p.root.all("li")), "the mark is not told")
    check(SHOWN in p.root.one("pre").text().replace("'\\''", "'"), p.root.one("pre").text())


def test_a_hostile_ca_is_shown_as_text(t):
    db, ca_id = hostile_world(t)
    out = t.ok("show", ca_id, "--db", db, "--format", "html").out
    clean(out)
    p = Page(out)
    check_page(p)
    equal([p.root.one("h1").text(), p.root.one("head").all("title")[0].text()], [SHOWN, SHOWN])
    check("<img" not in out and "<script" not in out and "<!--" not in out, "it became a tag")
    check("<script>alert(1)</script>" in p.fields()["CRL"], p.fields()["CRL"])


def test_show_writes_what_it_says_elsewhere(t):
    for row in t.ok("counts", "--format", "json").json():
        p = page(t, row["ca_id"], command="show")
        check_page(p)
        md = t.ok("show", row["ca_id"], "--as-of", DAY, "--format", "md").out
        equal([e.text() for e in p.root.all("h2")],
              [re.sub(r"\\(.)", r"\1", s[3:]) for s in md.splitlines() if s.startswith("## ")])


def test_rows_are_no_page(t):
    for command in [["counts"], ["check"], ["tree"], ["leaves", "x"], ["sources"]]:
        t.fails(2, *command, "--format", "html", says=["'html'", "table|csv|json|ndjson|md", "'--format'"])


if __name__ == "__main__":
    main()
