"""export: each format read back means what the marks meant; what a format cannot say is said."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402

FORMATS = ["onecrl", "blocklist", "certdata", "constraints", "dot", "certs"]
PROGRAM = {"onecrl": "mozilla", "certdata": "mozilla", "blocklist": "chrome", "constraints": "chrome"}
CEDAR_TWINS = "Cedar Twin CA A=block"
# A quoted string of Graphviz's language: a backslash only before n, a quote or itself; no entity but the ampersand.
QUOTED = r'"(?:[^"\\&]|\\[n"\\]|&amp;)*"'
ATTRIBUTES = r" \[\w+=(?:%s|\w+|[\d.]+)(?:, \w+=(?:%s|\w+|[\d.]+))*\]" % (QUOTED, QUOTED)
DOT_LINE = re.compile(r'  (?:c\d+(?: -> c\d+)?%s|label=%s|\w+=[\w"#-]+|node%s|edge%s);' % (
    ATTRIBUTES, QUOTED, ATTRIBUTES, ATTRIBUTES))


def marks(*texts):
    return [part for text in texts for part in ("--mark", text)]


def export(t, form, *args, db=None, day=DAY, code=0):
    r = t.run("export", form, "--db", db or t.full_db(), "--as-of", day, *args)
    equal(r.code, code, r.err)
    return r


def accepted(t, db, program, *args, day=DAY):
    """What the program accepts of each CA, and of how many leaves."""
    rows = t.run("tree", "--all", "--db", db, "--as-of", day, "--format", "json", *args).json()
    total = t.run("impact", "--db", db, "--as-of", day, "--program", program, "--format", "json", *args).json()["total"]
    return {row["ca_id"]: row["trust"][program] for row in rows}, total["trusted"]


def under_marks(t, db, program, scenario, *args, day=DAY):
    """The same under a scenario."""
    answer = t.run("impact", "--db", db, "--as-of", day, "--program", program, "--format", "json", *scenario, *args).json()
    cas, _ = accepted(t, db, program, *args, day=day)
    check(answer["cas"], "the scenario changes nothing")
    cas.update((row["ca_id"], row["after"]) for row in answer["cas"])
    return cas, answer["total"]["trusted"] - answer["total"]["lost"]


def read_back(t, form, text, db, day=DAY):
    """An index that has the export as well."""
    copy = os.path.join(t.dir, "back-%s.db" % form)
    shutil.copy(db, copy)
    path = t.write("export." + form, text)
    r = t.run("import", "--quiet", "--db", copy, "--source-date", day, path)
    equal((r.code, r.err), (0, ""), form)
    return copy


def problems(t, db, name):
    return [p for p in t.run("sources", "--problems", "--db", db, "--format", "json").json() if p["from"].endswith(name)]


def same_read_back(t, form, scenario, *args, db=None, day=DAY, known=""):
    """Exports, imports, compares; `known`: what stderr says of what is left out, none of it a difference."""
    db = db or t.full_db()
    r = export(t, form, *scenario, *args, db=db, day=day)
    check("read back" not in r.err, r.err)
    equal([line for line in r.err.splitlines() if not known or known not in line], [], "stderr")
    clean(r.out)
    copy = read_back(t, form, r.out, db, day)
    equal(problems(t, copy, "export." + form), [], "problems")
    wanted = under_marks(t, db, PROGRAM[form], scenario, *args, day=day)
    got = accepted(t, copy, PROGRAM[form], *args, day=day)
    equal({ca: (got[0][ca], wanted[0][ca]) for ca in wanted[0] if got[0][ca] != wanted[0][ca]}, {}, "acceptance")
    equal(got[1], wanted[1], "accepted leaves")
    return r


# ---- read back, the same ----

def test_onecrl_read_back_means_the_same(t):
    same_read_back(t, "onecrl", marks("Alder Root CA=remove"))
    same_read_back(t, "onecrl", marks(t.cert("cedar-shared-by-alder") + "=revoke"))
    same_read_back(t, "onecrl", marks("Birch Intermediate G2=block", "Alder Root CA=remove"),
                   known="is said of the names of that key")


def test_onecrl_has_a_record_for_each_name_of_a_key(t):
    r = export(t, "onecrl", *marks(CEDAR_TWINS, t.cert("elm-city") + "=revoke"))
    records = json.loads(r.out)["data"]
    equal([sorted(rec)[:3] for rec in records], [["details", "enabled", "pubKeyHash"]] * 2 + [
        ["details", "enabled", "issuerName"]])
    equal({rec["details"]["name"] for rec in records[:2]}, {"Cedar Twin CA A", "Cedar Twin CA B"})
    equal(len({rec["pubKeyHash"] for rec in records[:2]}), 1)
    certificate, = [row for row in t.run("show", t.cert("elm-city"), "--format", "json").json()["certificates"]
                    if row["sha256"] == t.cert("elm-city")]
    equal(base64.b64decode(records[2]["serialNumber"]).hex(), certificate["serial"])


def test_a_list_adds_to_the_one_that_is_indexed(t):
    r = export(t, "onecrl", *marks("Alder Root CA=remove"))
    equal(json.loads(r.out)["adds_to"], "2026-05-25")
    copy = read_back(t, "onecrl", r.out, t.full_db())
    for nick in ["elm-tax", "alder-root"]:
        rows = t.run("show", t.cert(nick), "--db", copy, "--as-of", DAY, "--format", "json").json()["certificates"]
        revoked, = [row["revoked_by"] for row in rows if row["sha256"] == t.cert(nick)]
        check("onecrl" in json.dumps(revoked), nick)
    # without any indexed it is a list of its own
    r = export(t, "onecrl", *marks("Alder Root CA=remove"), db=t.db)
    check("adds_to" not in json.loads(r.out))
    same_read_back(t, "onecrl", marks("Alder Root CA=remove"), db=t.db)


def test_the_list_of_the_day_asked_for_is_added_to(t):
    r = export(t, "onecrl", *marks("Alder Root CA=remove"), day="2025-06-01")
    equal(json.loads(r.out)["adds_to"], "2025-01-10")
    same_read_back(t, "onecrl", marks("Alder Root CA=remove"), day="2025-06-01")


def test_blocklist_read_back_means_the_same(t):
    same_read_back(t, "blocklist", marks(CEDAR_TWINS))
    same_read_back(t, "blocklist", marks("Birch Intermediate G2=block", "Alder Root CA=remove"))
    same_read_back(t, "blocklist", marks(t.cert("elm-city") + "=revoke"))


def test_blocklist_names_keys_in_hex(t):
    out = export(t, "blocklist", *marks(CEDAR_TWINS)).out
    keys = [line for line in out.splitlines() if not line.startswith("#")]
    spki = t.run("show", t.ca("cedar-key-a"), "--format", "json").json()["spki_sha256"]
    equal([line.split("  # ")[0] for line in keys], [spki])
    check(out.startswith("# blocked SPKIs") and "\n# adds to 2026-01-15\n" in out, out)


def test_certdata_read_back_means_the_same(t):
    same_read_back(t, "certdata", marks("Alder Root CA=remove"))
    same_read_back(t, "certdata", marks("Cedar Root E1=distrust-after@2025-06-01", "Alder Root CA=remove"))
    same_read_back(t, "certdata", marks(t.cert("cedar-shared-by-alder") + "=revoke", "Birch Intermediate G2=block"),
                   known="is said of the certificates of that key")
    same_read_back(t, "certdata", marks("Alder Root CA=distrust-after@2055-06-01"))
    same_read_back(t, "certdata", marks("Fir Root CA=remove"), "--purpose", "email")
    same_read_back(t, "certdata", marks("Alder Root CA=distrust-after@2025-09-01"), "--purpose", "email")


def test_certdata_leaves_the_other_purpose_alone(t):
    for purpose, other in [("tls", "email"), ("email", "tls")]:
        scenario = marks("Alder Root CA=remove", "Birch Root R1=distrust-after@2024-01-01")
        r = export(t, "certdata", *scenario, "--purpose", purpose)
        copy = read_back(t, "certdata", r.out, t.full_db())
        equal(accepted(t, copy, "mozilla", "--purpose", other), accepted(t, t.full_db(), "mozilla", "--purpose", other), other)
        check(accepted(t, copy, "mozilla", "--purpose", purpose) != accepted(t, t.full_db(), "mozilla", "--purpose", purpose))


def test_certdata_without_marks_is_the_store_as_it_is(t):
    r = export(t, "certdata")
    equal(r.err, "")
    check("changed by the marks" not in r.out)
    copy = read_back(t, "certdata", r.out, t.full_db())
    for purpose in ["tls", "email"]:
        equal(accepted(t, copy, "mozilla", "--purpose", purpose), accepted(t, t.full_db(), "mozilla", "--purpose", purpose))


def der_items(der):
    """Contents and whole bytes of the elements in der."""
    at, items = 0, []
    while at < len(der):
        n, head = der[at + 1], 2
        if n & 0x80:
            head += n & 0x7f
            n = int.from_bytes(der[at + 2:at + head], "big")
        items.append((der[at + head:at + head + n], der[at:at + head + n]))
        at += head + n
    return items


def octal(name, data):
    return "%s MULTILINE_OCTAL\n%s\nEND\n" % (name, "".join("\\%03o" % b for b in data))


def objects(text):
    """Certificates and trust levels, by issuer and serial number."""
    certs, trust = {}, {}
    for part in text.split("\nCKA_CLASS CK_OBJECT_CLASS ")[1:]:
        octets = {name: bytes(int(o, 8) for o in re.findall(r"\\([0-7]{3})", value))
                  for name, value in re.findall(r"^(CKA_\w+) MULTILINE_OCTAL\n(.*?)^END$", part, re.M | re.S)}
        key = octets.get("CKA_ISSUER"), octets.get("CKA_SERIAL_NUMBER")
        if part.startswith("CKO_CERTIFICATE"):
            certs[key] = octets["CKA_VALUE"]
        elif "TRUST" in part.split("\n")[0]:
            trust[key] = re.findall(r"^CKA_TRUST_(?:SERVER_AUTH|EMAIL_PROTECTION) CK_TRUST (\w+)$", part, re.M)
    return certs, trust


def test_certdata_keeps_what_is_trusted_for_nothing_or_distrusted(t):
    with open(t.path("mozilla", "certdata.2026-05-15.txt"), encoding="utf-8") as f:
        text = f.read()
    certs, trust = objects(text)
    levels = {"must verify": ["CKT_NSS_MUST_VERIFY_TRUST"] * 2, "not": ["CKT_NSS_NOT_TRUSTED"] * 2}
    check(all(any(trust[k] == level for k in certs) for level in levels.values()), "the world has one of both")
    with open(t.path("leaves", "eku-server.der"), "rb") as f:
        leaf = f.read()
    fields = der_items(der_items(der_items(leaf)[0][0])[0][0])
    serial, issuer = fields[1][1], fields[3][1]
    root = next(k for k in certs if trust[k] != levels["must verify"])[0]
    distrust = "".join("CKA_TRUST_%s CK_TRUST CKT_NSS_NOT_TRUSTED\n" % p for p in ["SERVER_AUTH", "EMAIL_PROTECTION"])
    # a leaf that is distrusted, and what some root issued under a number that nobody has seen
    text += "\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 \"Fictional leaf\"\n"
    text += octal("CKA_ISSUER", issuer) + octal("CKA_SERIAL_NUMBER", serial) + octal("CKA_VALUE", leaf)
    for name, number in [(issuer, serial), (root, b"\x02\x02\x77\x01")]:
        text += "\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_LABEL UTF8 \"Fictional distrust\"\n"
        text += octal("CKA_ISSUER", name) + octal("CKA_SERIAL_NUMBER", number) + distrust
    db = os.path.join(t.dir, "held.db")
    r = t.run("import", "--quiet", "--db", db, "--source-date", "2026-05-15", t.write("certdata.txt", text))
    equal((r.code, r.err), (0, ""))
    r = export(t, "certdata", db=db)
    equal((r.err, objects(r.out)), ("", objects(text)))
    again = os.path.join(t.dir, "again.db")
    equal(t.run("import", "--quiet", "--db", again, "--source-date", "2026-05-15", t.write("certdata.txt", r.out)).code, 0)
    equal(problems(t, again, "certdata.txt"), [])
    equal(export(t, "certdata", db=again).out, r.out, "exported once more")


def test_certdata_leaves_out_distrust_by_a_name_that_is_not_indexed(t):
    with open(t.path("mozilla", "certdata.2026-05-15.txt"), encoding="utf-8") as f:
        text = f.read()
    name = b"0\x0f1\r0\x0b\x06\x03U\x04\x03\x0c\x04None"
    more = "\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_LABEL UTF8 \"Fictional distrust\"\n" + octal("CKA_ISSUER", name)
    more += octal("CKA_SERIAL_NUMBER", b"\x02\x01\x05") + "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_NOT_TRUSTED\n"
    db = os.path.join(t.dir, "nameless.db")
    equal(t.run("import", "--quiet", "--db", db, "--source-date", "2026-05-15", t.write("certdata.txt", text + more)).code, 0)
    out = export(t, "certdata", db=db).out
    equal(objects(out), objects(text))
    check("distrust whose issuer the index does not know is left out" in out, out[:600])


def test_certdata_marks_what_changes_and_puts_it_first(t):
    out = export(t, "certdata", *marks("Cedar Root E1=distrust-after@2025-06-01")).out
    objects = re.findall(r"^# (.*)\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE$", out, re.M)
    equal(objects[0], "Cedar Root E1: changed by the marks")
    equal(len([o for o in objects if "changed" in o]), 1)
    date = re.search(r"CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL\n(.*)\nEND", out)[1]
    equal(bytes(int(o, 8) for o in date.split("\\")[1:]), b"250601235959Z")


def test_constraints_read_back_mean_the_same(t):
    for version in [[], ["--chrome-version", "139"], ["--chrome-version", "130"]]:
        for mark in ["Birch Root R1=remove", "Alder Root CA=sct-not-after@2025-09-30", "Elm Government Root 2055=remove",
                     "Cedar Root E1=distrust-after@2025-06-01"]:
            same_read_back(t, "constraints", marks(mark), *version)


def test_constraints_stand_in_every_set_of_the_anchor(t):
    out = export(t, "constraints", *marks("Alder Root CA=sct-not-after@2025-09-30")).out
    alder = out.split("# Alder Root CA: changed by the marks\n")[1].split("\n}\n")[0]
    equal(re.findall(r"sct_not_after_sec: (\d+)", alder), ["1759276799"] * 2)
    equal((alder.count("constraints {"), alder.count("_version")), (2, 2))
    # an earlier limit that stands already stays
    out = export(t, "constraints", *marks("Alder Root CA=sct-not-after@2026-03-31")).out
    alder = out.split("# Alder Root CA: changed by the marks\n")[1].split("\n}\n")[0]
    equal(re.findall(r"sct_not_after_sec: (\d+)", alder), ["1761955199", "1775001599"])


def test_anchors_below_others_are_additional_certificates(t):
    mail = t.cert("dogwood-mail")
    out = export(t, "constraints", *marks(t.cert("hemlock-old") + "=remove", mail + "=sct-not-after@2026-02-01")).out
    element, = [e for e in out.split("\n\n") if 'sha256_hex: "%s"' % mail in e]
    check("additional_certs {" in element and "tls_trust_anchor: true" in element and "sct_not_after_sec" in element, element)
    check('sha256_hex: "%s"' % t.cert("hemlock-old") not in out)
    same_read_back(t, "constraints", marks(t.cert("hemlock-old") + "=remove", mail + "=sct-not-after@2026-02-01"))


def test_of_the_stores_of_one_day_the_exported_one_is_the_newer(t):
    same_read_back(t, "constraints", marks("Birch Root R1=remove"), day="2026-05-20")
    same_read_back(t, "certdata", marks("Birch Root R1=remove"), day="2026-05-15")


def test_a_rule_that_is_not_evaluated_stays_as_a_comment(t):
    out = export(t, "constraints", *marks("Birch Root R1=remove")).out
    check("# not evaluated, left out: fictional_rule" in out, out)


def test_an_assumed_anchor_is_one_in_the_store(t):
    for form in ["certdata", "constraints"]:
        scenario = ["--assume", "Yew University Root"]
        before = t.run("impact", "--db", t.full_db(), "--as-of", DAY, "--program", PROGRAM[form], "--format", "json", *scenario)
        r = export(t, form, *scenario)
        equal(r.err, "")
        copy = read_back(t, form, r.out, t.full_db())
        cas, leaves = accepted(t, copy, PROGRAM[form])
        equal(leaves, before.json()["total"]["trusted"])
        equal(cas[t.ca("yew-issuing")], "all")


# ---- what cannot be said ----

def test_what_a_format_cannot_say_is_told(t):
    for form, scenario, says in [
            ("onecrl", "Cedar Root E1=distrust-after@2025-06-01", "OneCRL knows no dates"),
            ("onecrl", ["Alder Policy CA=remove", "--assume", "Alder Policy CA"], "would reject it below other anchors, too"),
            ("blocklist", "Cedar Root E1=sct-not-after@2025-06-01", "knows no dates"),
            ("blocklist", t.cert("cedar-shared-by-cedar") + "=revoke", "a certificate that is not marked, too"),
            ("certdata", "Cedar Root E1=sct-not-after@2025-06-01", "NSS judges no SCTs"),
            ("certdata", "Alder Policy CA=distrust-after@2025-06-01", "of anchors alone"),
            ("constraints", "Alder Policy CA=sct-not-after@2025-06-01", "on anchors alone"),
            ("constraints", "Alder Policy CA=block", "'canopy export blocklist' does, by key")]:
        scenario, *more = scenario if isinstance(scenario, list) else [scenario]
        r = export(t, form, *marks(scenario), *more, code=1)
        equal(r.out, "", form)
        lines = r.err.splitlines()
        equal(len(lines), 2, r.err)
        check("'%s' is not said in" % scenario in lines[0] and says in lines[0], lines[0])
        check("there is nothing to say in" in lines[1], lines[1])
        equal(export(t, form, *marks(scenario), *more, "--quiet", code=1).err, "")


def test_what_can_be_said_is_said_beside_it(t):
    r = export(t, "onecrl", *marks("Alder Root CA=remove", "Cedar Root E1=distrust-after@2025-06-01"))
    equal(len(json.loads(r.out)["data"]), 1)
    check("'Cedar Root E1=distrust-after@2025-06-01' is not said in OneCRL" in r.err, r.err)


def test_how_many_cas_come_out_otherwise_is_what_an_import_shows(t):
    for form, scenario in [("onecrl", marks("Alder Root CA=remove", "Cedar Root E1=distrust-after@2025-06-01")),
                           ("onecrl", marks("Alder Root CA=remove") + ["--exempt", "Alder Policy CA"]),
                           ("certdata", marks("Alder Root CA=block") + ["--exempt", "Alder Policy CA"]),
                           ("constraints", marks("Alder Root CA=remove", "Birch Intermediate G2=block"))]:
        r = export(t, form, *scenario)
        told = int(re.search(r"read back, (\d+) CAs? (?:is|are) accepted otherwise", r.err)[1])
        equal("no path can be exempt" in r.err, "--exempt" in scenario)
        copy = read_back(t, form, r.out, t.full_db())
        wanted, got = under_marks(t, t.full_db(), PROGRAM[form], scenario), accepted(t, copy, PROGRAM[form])
        apart = [ca for ca in wanted[0] if wanted[0][ca] != got[0][ca]]
        # some and some may be others
        check(wanted != got and len(apart) <= told, (form, told, len(apart)))
        if "=distrust-after" not in scenario[-1]:
            equal(len(apart), told, form)


def test_that_revocations_are_not_looked_at_is_told(t):
    scenario = marks("Alder Root CA=remove") + ["--revocation", "none"]
    check("for revocations are not looked at: " in export(t, "onecrl", *scenario).err)
    answer = t.run("impact", "--db", t.full_db(), "--as-of", DAY, "--format", "json", *scenario).json()
    r = export(t, "certdata", *scenario)
    equal(r.err, "")
    copy = read_back(t, "certdata", r.out, t.full_db())
    back = t.run("impact", "--db", copy, "--as-of", DAY, "--format", "json", "--revocation", "none").json()
    equal(back["total"]["trusted"], answer["total"]["trusted"] - answer["total"]["lost"])


def test_a_mark_that_adds_nothing_is_told(t):
    r = export(t, "onecrl", *marks("Yew University Root=remove"), code=1)
    check("'Yew University Root=remove' adds nothing" in r.err, r.err)
    equal(r.out, "")


def test_a_format_is_asked_of_its_program(t):
    r = export(t, "certdata", *marks("Alder Root CA=remove"), "--program", "chrome")
    check("certdata.txt is of mozilla, which is asked instead of chrome" in r.err, r.err)
    equal(r.out, export(t, "certdata", *marks("Alder Root CA=remove")).out)
    path = t.write("cut.txt", "program apple\nmark Alder Root CA=remove\n")
    check("asked instead of apple" in export(t, "constraints", "--scenario", path).err)
    equal(export(t, "constraints", *marks("Alder Root CA=remove")).err, "")


def test_bad_usage_is_told(t):
    t.fails(2, "export", says="FORMAT")
    t.fails(2, "export", "onecrl", "dot", says="'dot'")
    t.fails(2, "export", "frob", says=["'frob'"] + FORMATS)
    t.fails(2, "export", "onecrl", "--purpose", "email", says=["tls", "email"])
    db = os.path.join(t.dir, "mozilla.db")
    equal(t.run("import", "--db", db, t.path("mozilla")).code, 0)
    t.fails(2, "export", "constraints", "--db", db, *marks("Alder Root CA=remove"), says=["no store", "'chrome'"])
    t.fails(2, "export", "dot", "--mark", "Alder Root CA=frob", says="frob")
    t.fails(5, "export", "dot", "--db", "nowhere.db", says="nowhere.db")


def test_help_names_every_format(t):
    out = t.ok("export", "--help").out
    for form in FORMATS:
        check(re.search("^ *%s " % form, out, re.M), form)


def test_the_same_question_gives_the_same_bytes(t):
    for form in FORMATS:
        args = marks("Alder Root CA=remove")
        equal(export(t, form, *args).out, export(t, form, *args).out, form)


# ---- graph ----

def dot_lines(t, *args, **more):
    out = export(t, "dot", *args, **more).out
    clean(out)
    lines = out.splitlines()
    equal((lines[1], lines[-1]), ("digraph canopy {", "}"))
    legend = lines.index("  subgraph cluster_legend {")
    for line in lines[2:legend]:
        check(DOT_LINE.fullmatch(line), line)
    return lines[2:legend]


def node_of(lines, ca_id):
    line, = [s for s in lines if re.match(r"  c\d+ \[", s) and ca_id[:12] in s]
    return line


def test_the_graph_tells_marked_lost_and_kept_apart(t):
    lines = dot_lines(t, *marks("Alder Root CA=remove"))
    alder, birch, shared = [node_of(lines, t.ca(nick)) for nick in ["alder-root", "birch-issuing-1", "cedar-shared"]]
    for node, words in [(alder, ["anchor", "marked: remove", "lost", "peripheries=2"]),
                        (birch, ["kept by another path"]), (shared, ["accepts fewer leaves"]),
                        (node_of(lines, t.ca("alder-tls-1")), ["lost: ≥ "])]:
        for word in words:
            check(word in node, (word, node))
    for nick, wanted in [("birch-inter", True), ("cedar-shared-by-cedar", True), ("cedar-shared-by-alder", False),
                         ("birch-root-x-alder", False)]:
        arrow, = [s for s in lines if "->" in s and t.cert(nick) in s]
        equal('label="stays"' in arrow, wanted, nick)


def test_what_is_not_known_is_said_on_the_node(t):
    lines = dot_lines(t, *marks("Fir Root CA=block"), "--program", "chrome")
    check("a rule is not evaluated" in node_of(lines, t.ca("fir-root")))
    lines = dot_lines(t, *marks("Yew University Root=remove"))
    check("not trusted before" in node_of(lines, t.ca("yew-root")))


def test_marked_certificates_are_arrows_that_say_so(t):
    lines = dot_lines(t, *marks(t.cert("cedar-shared-by-alder") + "=revoke"))
    arrow, = [s for s in lines if "->" in s and t.cert("cedar-shared-by-alder") in s]
    check("style=dashed" in arrow and 'label="revoke"' in arrow, arrow)


def test_hostile_names_stay_in_their_quotes(t):
    nicks = [nick for nick in t.nicks() if nick.startswith("hostile")]
    lines = dot_lines(t, *[part for nick in nicks for part in marks(t.ca(nick) + "=block")])
    nodes = [node_of(lines, t.ca(nick)) for nick in nicks]
    equal(len(nodes), len(nicks))
    check(any('\\"' in node for node in nodes), "no name with a quote")
    equal([node for node in nodes if len(node.split('", ')[0]) > 600], [], "a name that is not cut")


def test_a_mark_is_quoted_in_the_title(t):
    lines = dot_lines(t, *marks('=HYPERLINK("http://evil.example","+1")=revoke'))
    check(any('=HYPERLINK(\\"http' in s for s in lines if s.startswith("  label=")))


def test_graphviz_draws_it(t):
    if not shutil.which("dot"):
        print("# skipped: no graphviz here")
        return
    hostile = [part for nick in t.nicks() if nick.startswith("hostile") for part in marks(t.ca(nick) + "=block")]
    out = export(t, "dot", *marks("Alder Root CA=remove"), *hostile).out
    r = subprocess.run(["dot", "-Tsvg"], input=out.encode(), capture_output=True)
    equal((r.returncode, r.stderr), (0, b""))
    svg = r.stdout.decode()
    check("Alder Root CA" in svg and "<script" not in svg)


# ---- certificates ----

def blocks(text):
    """(subject, ca_id, sha256, why) of each."""
    found = re.findall(r"^# subject: (.*)\n# ca_id: (\w{64})\n# sha256: (\w{64})\n# why: (.*)\n-----BEGIN CERTIFICATE-----\n"
                       r"(?:[A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----$", text, re.M)
    equal(len(found), text.count("-----BEGIN"))
    return found


def test_certificates_say_what_they_are_and_why(t):
    out = export(t, "certs", *marks("Alder Root CA=remove", t.cert("cedar-shared-by-alder") + "=revoke")).out
    clean(out)
    why = {sha256: why for _, _, sha256, why in blocks(out)}
    equal(why[t.cert("alder-root")], "marked (remove); lost (before all, after none)")
    equal(why[t.cert("cedar-shared-by-alder")], "marked (revoke); accepts fewer leaves (before all, after some)")
    equal(why[t.cert("alder-tls-1")], "lost (before all, after none)")
    equal(why[t.cert("birch-inter")], "kept by another path (before all, after all)")
    check(t.cert("birch-renew-2021") in why and t.cert("fir-root") not in why)
    check(t.cert("birch-renew-2012") not in why, "an expired certificate of an affected CA")


def test_certificates_are_read_by_openssl_and_by_import(t):
    scenario = marks("Alder Root CA=remove", *[t.ca(n) + "=block" for n in t.nicks() if n.startswith("hostile")])
    out = export(t, "certs", *scenario).out
    wanted = {sha256: ca for _, ca, sha256, _ in blocks(out)}
    path = t.write("cut.pem", out)
    r = subprocess.run(["openssl", "storeutl", "-noout", "-certs", path], capture_output=True, text=True)
    equal(r.returncode, 0, r.stderr)
    check("Total found: %d" % len(wanted) in r.stdout, r.stdout[-200:])
    own = os.path.join(t.dir, "own.db")
    equal(t.run("import", "--quiet", "--db", own, path).code, 0)
    equal(problems(t, own, "cut.pem"), [])
    rows = t.run("counts", "--db", own, "--as-of", DAY, "--format", "json").json()
    equal({row["ca_id"] for row in rows}, set(wanted.values()))


def test_the_certificates_of_changed_cas_are_all_there(t):
    scenario = marks("Alder Root CA=remove")
    answer = t.run("impact", "--db", t.full_db(), "--as-of", DAY, "--format", "json", *scenario).json()
    equal({ca for _, ca, _, _ in blocks(export(t, "certs", *scenario).out)}, {row["ca_id"] for row in answer["cas"]})


def test_marked_certificates_revoked_one_by_one_mean_the_same(t):
    scenario = marks(CEDAR_TWINS, "Birch Intermediate G2=block", t.cert("elm-city") + "=revoke")
    out = export(t, "certs", *scenario).out
    each = marks(*[sha256 + "=revoke" for _, _, sha256, why in blocks(out) if why.startswith("marked")])
    equal(under_marks(t, t.full_db(), "mozilla", each), under_marks(t, t.full_db(), "mozilla", scenario))


def test_without_an_affected_certificate_there_is_no_file(t):
    r = export(t, "certs", code=1)
    equal(r.out, "")
    check("no CA certificate is affected" in r.err, r.err)


# ---- a CA that would break out ----

def hostile_index(t, *parts):
    """An index whose only CA, of the store `cut`, has these subject parts."""
    key, pem, db = [os.path.join(t.dir, name) for name in ["key.pem", "ca.pem", "own.db"]]
    subject = "".join("/" + part for part in parts)
    r = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8",
                        "-keyout", key, "-out", pem, "-days", "3000", "-subj", subject], capture_output=True, text=True)
    equal(r.returncode, 0, r.stderr)
    r = t.run("import", "--quiet", "--db", db, "--store", "cut", pem)
    equal((r.code, r.err), (0, ""))
    return db, t.run("counts", "--db", db, "--format", "json").json()[0]["ca_id"]


def test_a_name_like_a_block_begins_none(t):
    db, ca = hostile_index(t, "O=fictional", *["OU=%d %s" % (n, "x" * 60) for n in range(4)],
                           "OU=-----BEGIN CERTIFICATE-----", "CN=-----BEGIN CERTIFICATE-----")
    args = ["certs", "--db", db, "--program", "cut", "--mark", ca + "=remove"]
    out = t.ok("export", *args).out
    equal(len(blocks(out)), 1)
    check(max(map(len, out.encode().split(b"\n"))) < 254, "a line that OpenSSL reads in pieces")
    path = t.write("cut.pem", out)
    own = os.path.join(t.dir, "again.db")
    equal(t.run("import", "--quiet", "--db", own, path).code, 0)
    equal(problems(t, own, "cut.pem"), [])
    r = subprocess.run(["openssl", "storeutl", "-noout", "-certs", path], capture_output=True, text=True)
    check("Total found: 1" in r.stdout, r.stdout + r.stderr)


def test_a_name_like_graphviz_stays_a_name(t):
    name = 'a"];b->c[label="&#27;&lt;\\\\'
    db, ca = hostile_index(t, "O=fictional", "CN=" + name.replace("/", "\\/"))
    lines = dot_lines(t, "--program", "cut", "--mark", ca + "=remove", db=db, day="2100-01-01")
    text = [s for s in lines if re.match(r"  c\d+ \[", s)]
    equal(len(text), 1)
    if shutil.which("dot"):
        out = export(t, "dot", "--program", "cut", "--mark", ca + "=remove", db=db).out
        r = subprocess.run(["dot", "-Tplain"], input=out.encode(), capture_output=True)
        equal((r.returncode, r.stderr), (0, b""))
        nodes = [s for s in r.stdout.decode().splitlines() if s.startswith("node ") and not s.startswith("node l")]
        equal(len(nodes), 1, "one CA, one node")


# ---- real data ----

CAMERFIRMA = marks(*[prefix + "=block" for prefix in ["04F1BEC3", "063E4AFA", "0C258A12", "C1D80CE4", "13633543", "EF3CB417"]])
ISRG_X1 = "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6"


def real_index(t, day, *parts):
    data = os.environ.get("CANOPY_DATA") or os.path.join(os.path.dirname(__file__), "../../../shared/data")
    if not os.path.isdir(data):
        print("# skipped: the folder with real data is missing")
        return None
    db = os.path.join(t.dir, "real.db")
    r = t.run("import", "--quiet", "--db", db, "--source-date", day, *[os.path.join(data, p) for p in ("ccadb",) + parts])
    equal(r.code, 0, r.err)
    return db


def test_real_marks_read_back_by_mozilla(t):
    db = real_index(t, "2021-01-24", "mozilla-history/certdata.2021-01-24.txt", "onecrl/onecrl.json")
    if not db:
        return
    for form, known in [("onecrl", "is said of the names"), ("certdata", "is said of the certificates")]:
        same_read_back(t, form, CAMERFIRMA, db=db, day="2021-01-25", known=known)
    same_read_back(t, "certdata", marks("136335439334A7698016A0D324DE72284E079D7B5220BB8FBD747816EEBEBACA=distrust-after@2020-06-01"),
                   db=db, day="2021-01-25")
    lost = t.run("impact", "--db", db, "--as-of", "2021-01-25", "--format", "json", *CAMERFIRMA).json()["cas"]
    listed = {ca for _, ca, _, why in blocks(export(t, "certs", *CAMERFIRMA, db=db, day="2021-01-25").out) if "lost" in why}
    check(len(lost) >= 10)
    equal(listed, {row["ca_id"] for row in lost})
    lines = dot_lines(t, *CAMERFIRMA, db=db, day="2021-01-25")
    for row in lost:
        check("lost" in node_of(lines, row["ca_id"]), row["name"])


def test_real_marks_read_back_by_chrome(t):
    db = real_index(t, "2026-03-01", "chrome/root_store.derived.textproto", "chrome/root_store.derived.certs", "onecrl/crl-set")
    if not db:
        return
    day = "2026-03-02"
    same_read_back(t, "blocklist", marks(ISRG_X1 + "=block"), db=db, day=day)
    for action in ["remove", "sct-not-after@2025-12-31", "distrust-after@2025-12-31"]:
        same_read_back(t, "constraints", marks(ISRG_X1 + "=" + action), db=db, day=day,
                       known="constraints stand on anchors alone" if "@" in action else "")


if __name__ == "__main__":
    main()
