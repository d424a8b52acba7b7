"""scenario: what is kept under a name, as text, and where --scenario finds it."""
import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402
from test_review import open_folder, run_as_user  # noqa: E402

COLUMNS = ["name", "program", "purpose", "marks", "exempts", "saved_at", "assumes", "revocation", "place"]
ALDER = "Alder Root CA=remove"
CUT = ["--mark", ALDER, "--mark", "Birch Root R1=distrust-after@2026-01-01", "--exempt", "Alder Policy CA"]


def own(t, name="own.db"):
    """An index of this test alone."""
    return shutil.copy(t.db, os.path.join(t.dir, name))


def rows(t, db, *args):
    return t.ok("scenario", "list", "--db", db, "--format", "json", "-q", *args).json()


def names(t, db, *args):
    return [row["name"] for row in rows(t, db, *args)]


def save(t, db, name, *args):
    t.ok("scenario", "save", name, "--db", db, "-q", *args)


def show(t, db, name):
    return t.ok("scenario", "show", name, "--db", db).out


def impact(t, db, *args):
    """All but the words that asked for it."""
    answer = t.ok("impact", "--db", db, "--as-of", DAY, "--format", "json", *args).json()
    del answer["command"]
    return answer


def settings(text):
    """Its lines without comments and what REFs name."""
    return [s for s in text.splitlines() if s and not s.startswith(("#", "ref "))]


def pem_of(t, nick):
    """A CA certificate of the world's CCADB reports, as PEM."""
    import base64
    import hashlib
    for name in sorted(os.listdir(t.path("ccadb"))):
        with open(t.path("ccadb", name), encoding="utf-8", errors="replace") as f:
            for pem in re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", f.read(), re.S):
                der = base64.b64decode(pem)
                if hashlib.sha256(der).hexdigest() == t.cert(nick):
                    return "-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(der).decode()
    raise AssertionError(nick)


def test_what_is_saved_is_listed_shown_and_deleted(t):
    db = own(t)
    r = t.run("scenario", "save", "cut", "--db", db, *CUT, "--program", "mozilla", "--purpose", "email",
              "--revocation", "all", "--assume", "Yew University Root")
    equal((r.code, r.out), (0, ""), r.err)
    equal(r.err, "canopy: scenario 'cut' is saved: 2 marks, 1 exempt, 1 assumed\n")
    equal(settings(show(t, db, "cut")), ["program mozilla", "purpose email", "revocation all", "mark " + CUT[1],
                                         "mark " + CUT[3], "exempt Alder Policy CA", "assume Yew University Root"])
    row, = rows(t, db)
    equal(list(row), COLUMNS)
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row.pop("saved_at")))
    equal(row, {"name": "cut", "program": "mozilla", "purpose": "email", "marks": 2, "exempts": 1, "assumes": 1,
                "revocation": "all", "place": "index"})
    equal(t.run("scenario", "delete", "cut", "--db", db).err, "canopy: scenario 'cut' is deleted\n")
    equal(rows(t, db), [])


def test_the_list_comes_in_every_format(t):
    db = own(t)
    for name in ["two, \"quoted\"", "a", "=1+1"]:
        save(t, db, name, *CUT)
    by_name = sorted(names(t, db))
    equal(names(t, db), by_name)
    args = ["scenario", "list", "--db", db, "--format"]
    got = t.ok(*args, "csv")
    equal(got.header(), ",".join(COLUMNS))
    equal([r["name"] for r in got.csv()], by_name)
    equal([r["name"] for r in t.ok(*args, "ndjson").ndjson()], by_name)
    for form in ["table", "md"]:
        check('two, "quoted"' in t.ok(*args, form).out, form)


def test_a_saved_scenario_says_the_same_as_options(t):
    db = own(t)
    args = [*CUT, "--purpose", "email", "--revocation", "all", "--assume", "Yew University Root"]
    save(t, db, "cut", *args)
    asked = impact(t, db, *args)
    check(asked["total"]["lost"] > 0)
    equal(impact(t, db, "--scenario", "cut"), asked)
    path = t.write("shown.txt", show(t, db, "cut"))
    equal(impact(t, db, "--scenario", path), asked)
    equal(impact(t, db, "--scenario", "cut", "--purpose", "tls"), impact(t, db, *args, "--purpose", "tls"))
    ref = t.ca("alder-tls-1")
    equal(t.ok("leaves", ref, "--db", db, "--as-of", DAY, "--scenario", "cut", "--purpose", "tls").out,
          t.ok("leaves", ref, "--db", db, "--as-of", DAY, *args, "--purpose", "tls").out)


def test_json_has_the_parts_and_the_text(t):
    db = own(t)
    save(t, db, "cut", *CUT)
    got = t.ok("scenario", "show", "cut", "--db", db, "--format", "json").json()
    equal(got["marks"], [{"ref": "Alder Root CA", "action": "remove", "date": None, "since": None},
                         {"ref": "Birch Root R1", "action": "distrust-after", "date": "2026-01-01", "since": None}])
    equal((got["name"], got["program"], got["purpose"], got["revocation"], got["exempt"], got["assume"], got["place"]),
          ("cut", "mozilla", "tls", "enforced", ["Alder Policy CA"], [], "index"))
    equal(got["refs"], {"Alder Root CA": t.ca("alder-root"), "Birch Root R1": t.ca("birch-root"),
                        "Alder Policy CA": t.ca("alder-policy")})
    equal(got["text"], show(t, db, "cut"))
    t.fails(2, "scenario", "show", "cut", "--db", db, "--format", "csv", says="text or json")


def test_a_name_that_is_taken_is_refused_unless_forced(t):
    db = own(t)
    save(t, db, "cut", *CUT)
    before = show(t, db, "cut")
    t.fails(2, "scenario", "save", "cut", "--db", db, "--mark", ALDER, says=["'cut'", "kept already", "--force"])
    path = t.write("cut.txt", "mark %s\n" % ALDER)
    t.fails(2, "scenario", "load", path, "--db", db, says=["'cut'", "kept already", "--force"])
    equal(show(t, db, "cut"), before)
    r = t.run("scenario", "save", "cut", "--db", db, "--mark", ALDER, "--force")
    equal((r.code, r.err), (0, "canopy: scenario 'cut' is replaced: 1 mark, 0 exempt, 0 assumed\n"))
    equal((names(t, db), "Birch" in show(t, db, "cut")), (["cut"], False))
    t.ok("scenario", "load", path, "--db", db, "--force", "-q")
    equal(settings(show(t, db, "cut")), ["mark " + ALDER])


def test_a_file_is_loaded_as_it_is(t):
    db = own(t)
    text = "# why: fictional\nmark %s\n\n  purpose\ttls  \n# the end" % ALDER
    path = t.write("some folder/of 2026.txt", text)
    t.ok("scenario", "load", path, "--db", db, "-q")
    t.ok("scenario", "load", path, "other", "--db", db, "-q")
    equal(names(t, db), ["of 2026", "other"])
    shown = show(t, db, "other")
    check(shown.startswith(text.replace("\t", " ") + "\n"), shown)
    check("\nref %s Alder Root CA\n" % t.ca("alder-root") in shown, shown)
    again = t.write("again.scenario", shown)
    t.ok("scenario", "load", again, "--db", db, "-q")
    equal(show(t, db, "again"), shown, "nothing is said twice")
    equal(impact(t, db, "--scenario", "again"), impact(t, db, "--mark", ALDER))


def test_what_is_kept_can_be_copied_and_looked_at_again(t):
    db = own(t)
    save(t, db, "cut", *CUT, "--mark", "owner:Birch Telecom, S.A. (fictional)=block", "--exempt", t.ca("alder-pl0"))
    t.ok("scenario", "load", "cut", "copy", "--db", db, "-q")
    equal(show(t, db, "copy"), show(t, db, "cut"))
    r = t.run("scenario", "load", "cut", "--db", db)
    equal((r.code, r.out), (0, ""), r.err)
    check("kept already" in r.err, r.err)
    save(t, db, "more", "--scenario", "cut", "--mark", "Cedar Root E1=block", "--purpose", "email")
    equal(len(rows(t, db)), 3)
    equal(impact(t, db, "--scenario", "more"),
          impact(t, db, "--scenario", "cut", "--mark", "Cedar Root E1=block", "--purpose", "email"))


def test_a_ref_keeps_its_meaning_when_the_index_grows(t):
    db = os.path.join(t.dir, "grows.db")
    one = t.write("one.pem", pem_of(t, "alder-roll"))
    equal(t.run("import", "--db", db, one, t.path("mozilla")).code, 0)
    save(t, db, "cut", "--mark", "Alder Rollover CA=block")
    equal(t.run("import", "--db", db, t.path("ccadb")).code, 0)
    equal(t.run("impact", "--db", db, "--mark", "Alder Rollover CA=block").code, 2, "ambiguous by now")
    answer = impact(t, db, "--scenario", "cut")
    equal(answer["marks"][0]["ref"], "Alder Rollover CA")
    equal({**answer, "marks": None}, {**impact(t, db, "--mark", t.ca("alder-roll") + "=block"), "marks": None})
    save(t, db, "more", "--scenario", "cut")
    check("ref %s Alder Rollover CA\n" % t.ca("alder-roll") in show(t, db, "more"))


def test_a_report_tells_what_the_scenario_s_words_mean(t):
    db = own(t)
    save(t, db, "cut", *CUT)
    for form in ["table", "md"]:
        out = t.ok("impact", "--db", db, "--as-of", DAY, "--scenario", "cut", "--format", form).out.replace("\\", "")
        for words, nick in [("Alder Root CA", "alder-root"), ("Alder Policy CA", "alder-policy")]:
            check("'%s' is %s" % (words, t.ca(nick)) in out, out)


def test_a_prefix_is_kept_as_the_whole_fingerprint(t):
    db = own(t)
    save(t, db, "cut", "--mark", t.cert("alder-root")[:8].upper() + "=remove", "--mark", t.cert("birch-root") + "=block")
    shown = show(t, db, "cut")
    check("ref %s %s\n" % (t.cert("alder-root"), t.cert("alder-root")[:8].upper()) in shown, shown)
    check("# a certificate of Birch Root R1" in shown and shown.count("ref ") == 1, shown)


def test_an_owner_is_always_all_that_the_index_has_of_it(t):
    db = own(t)
    save(t, db, "cut", "--mark", "owner:Birch Telecom, S.A. (fictional)=block")
    shown = show(t, db, "cut")
    check("ref " not in shown and "named:" in shown and "#   %s Birch Root R1" % t.ca("birch-root") in shown, shown)


def test_an_owner_of_one_ca_may_get_more(t):
    db = own(t)
    ones = [r["owner"] for r in t.ok("counts", "--by", "owner", "--db", db, "--format", "json").json()
            if r["cas"] == 1 and r["owner"]]
    spki, = [r["spki_sha256"] for r in t.ok("counts", "--db", db, "--format", "json").json()
             if r["ca_id"] == t.ca("alder-root")]
    save(t, db, "cut", "--mark", "owner:%s=block" % ones[0], "--exempt", "spki:" + spki)
    check("ref " not in show(t, db, "cut") and show(t, db, "cut").count(" named:\n") == 2, show(t, db, "cut"))


def test_what_a_file_says_of_a_ref_stands_above_what_fits(t):
    db = own(t)
    path = t.write("cut.txt", "ref %s the old root\nmark the old root=remove\nmark Alder Root CA=block\n"
                              "ref %s Alder Root CA\n" % (t.cert("alder-root"), t.ca("birch-root").upper()))
    answer = impact(t, db, "--scenario", path)
    equal([m["ref"] for m in answer["marks"]], ["the old root", "Alder Root CA"])
    check(t.ca("birch-issuing-1") in {c["ca_id"] for c in answer["cas"] if c["after"] == "none"})
    for line, word in [("ref Alder", "HEX"), ("ref %s x" % ("0" * 63), "HEX"), ("ref %s" % ("0" * 64), "HEX"),
                       ("ref %s x\nref %s x" % ("0" * 64, "1" * 64), "'x' names 0000")]:
        r = t.fails(3, "impact", "--db", db, "--scenario", t.write("bad.txt", line + "\n"), says=["bad.txt' line", word])
        check("line %d:" % len(line.splitlines()) in r.err, r.err)
    path = t.write("gone.txt", "ref %s gone\nmark gone=block\n" % ("12" * 32))
    t.fails(2, "impact", "--db", db, "--scenario", path, says=["'gone'", "12" * 32])


def test_scenarios_stay_whatever_becomes_of_the_rest(t):
    db = own(t)
    save(t, db, "cut", *CUT)
    shown, listed = show(t, db, "cut"), rows(t, db)
    for args in [["import", t.path("ccadb"), t.path("mozilla")], ["index", "--rebuild"], ["index", "--compact"]]:
        equal(t.run(*args, "--db", db).code, 0, args)
        equal((show(t, db, "cut"), rows(t, db)), (shown, listed), args)


def test_they_are_no_part_of_what_was_indexed(t):
    db = own(t)
    before = t.ok("index", "--db", db, "--format", "json").json()[0]["sha256"]
    save(t, db, "cut", *CUT)
    equal(t.ok("index", "--db", db, "--format", "json").json()[0]["sha256"], before)


def test_an_index_from_before_there_were_scenarios_has_none(t):
    db = own(t)
    with sqlite3.connect(db) as old:
        old.execute("DROP TABLE scenario")
    equal(rows(t, db), [])
    t.fails(2, "scenario", "show", "cut", "--db", db, says="'cut'")
    t.fails(2, "scenario", "delete", "cut", "--db", db, says="'cut'")
    save(t, db, "cut", *CUT)
    equal(names(t, db), ["cut"])


def test_bad_names_are_refused(t):
    db = own(t)
    for name in ["", "a/b", " a", "a ", "a\x1b[31m", "a\nb", "\u202eevil", "x" * 101, b"\xff"]:
        t.fails(2, "scenario", "save", name, "--db", db, *CUT, says="name")
        clean(t.run("scenario", "save", name, "--db", db, *CUT).err)
    t.fails(2, "scenario", "load", t.write("ok.txt", "mark %s\n" % ALDER), "a/b", "--db", db, says="'a/b'")
    for name in ["x" * 100, "Schnitt – März", "-"]:
        t.ok("scenario", "save", "--db", db, "-q", *CUT, "--", name)
        check(show(t, db, name), name)
    equal(len(rows(t, db)), 3)


def test_what_names_nothing_or_several_is_not_kept(t):
    db = own(t)
    for option, ref, action in [("--mark", "No Such CA", "=block"), ("--exempt", "No Such CA", ""), ("--assume", "No Such CA", "")]:
        t.fails(2, "scenario", "save", "cut", "--db", db, "--mark", ALDER, option, ref + action, says="'No Such CA'")
    r = t.run("scenario", "save", "cut", "--db", db, "--mark", "Alder Rollover CA=block")
    equal((r.code, r.out, len(r.err.splitlines())), (2, "", 3), r.err)
    t.fails(2, "scenario", "save", "cut", "--db", db, "--mark", "Alder Root CA=frob", says="frob")
    t.fails(2, "scenario", "save", "cut", "--db", db, "--mark", ALDER, "--program", "nope", says="'nope'")
    t.fails(2, "scenario", "save", "cut", "--db", db, "--program", "mozilla", says="nothing to save")
    path = t.write("cut.txt", "mark No Such CA=block\n")
    t.fails(2, "scenario", "load", path, "--db", db, says="'No Such CA'")
    t.fails(2, "scenario", "load", t.write("empty.txt", "# nothing\n"), "--db", db, says="nothing to save")
    equal(rows(t, db), [])


def test_files_that_cannot_be_kept_are_named_with_their_line(t):
    db = own(t)
    for text, words in [("mark %s\nfrob\n" % ALDER, ["line 2", "'frob'"]),
                        ("mark %s\n# \x1b[2J\n" % ALDER, ["line 2", "printed"]),
                        (("mark %s\n# caf\u00e9\n" % ALDER).encode("latin-1"), ["line 2", "UTF-8"]),
                        ("mark %s\n# \u202e\n" % ALDER, ["line 2", "printed"]),
                        (b"mark \0\n", ["NUL"])]:
        t.fails(3, "scenario", "load", t.write("bad.txt", text), "--db", db, says=["bad.txt'"] + words)
    t.fails(3, "scenario", "load", "nowhere.txt", "--db", db, says="'nowhere.txt'")
    equal(rows(t, db), [])


def test_files_of_other_systems_are_read(t):
    db = own(t)
    path = t.write("dos.txt", b"\xef\xbb\xbf# a cut\r\nmark %s\r\n" % ALDER.encode())
    equal(impact(t, db, "--scenario", path), impact(t, db, "--mark", ALDER))
    t.ok("scenario", "load", path, "--db", db, "-q")
    equal(impact(t, db, "--scenario", "dos"), impact(t, db, "--mark", ALDER))
    shown = show(t, db, "dos")
    check(shown.startswith("# a cut\nmark") and "\r" not in shown, shown)


def test_an_unknown_name_is_told(t):
    db = own(t)
    for part in ["show", "delete"]:
        t.fails(2, "scenario", part, "nope", "--db", db, says=["'nope'", "scenario list"])
    t.fails(3, "impact", "--db", db, "--scenario", "nope", says=["'nope'", "file", "scenario"])


def test_a_file_comes_before_the_index_and_that_before_what_is_shipped(t):
    db = own(t)
    shipped = os.path.dirname(t.write("shipped/cut.txt", "mark Fir Root CA=remove\n"))

    def marks():
        r = t.run("impact", "--db", db, "--scenario", "cut", "--format", "json", CANOPY_SCENARIOS=shipped)
        return [m["ref"] for m in r.json()["marks"]]
    equal(marks(), ["Fir Root CA"])
    row, = t.ok("scenario", "list", "--all", "--db", db, "--format", "json", CANOPY_SCENARIOS=shipped).json()
    equal((row["name"], row["place"], row["saved_at"]), ("cut", "shipped", None))
    t.fails(2, "scenario", "delete", "cut", "--db", db, says="comes with canopy", CANOPY_SCENARIOS=shipped)
    t.ok("scenario", "load", "cut", "kept", "--db", db, "-q", CANOPY_SCENARIOS=shipped)
    save(t, db, "cut", "--mark", "Birch Root R1=remove")
    equal(marks(), ["Birch Root R1"])
    listed = t.ok("scenario", "list", "--all", "--db", db, "--format", "json", CANOPY_SCENARIOS=shipped).json()
    equal([(r["name"], r["place"]) for r in listed], [("cut", "index"), ("kept", "index")])
    t.write("cut", "mark %s\n" % ALDER)
    equal(marks(), ["Alder Root CA"])
    os.remove(os.path.join(t.dir, "cut"))
    os.mkdir(os.path.join(t.dir, "cut"))
    equal(marks(), ["Birch Root R1"], "a folder is no file")


def test_what_is_shipped_is_told_without_an_index(t):
    gone = os.path.join(t.dir, "gone.db")
    text = "# why\nprogram mozilla\nmark Fir Root CA=remove\nexempt Nobody\n"
    shipped = os.path.dirname(t.write("shipped/old.txt", text))
    told = "canopy: there is no index at '%s': only what comes with canopy is known\n" % gone

    r = t.run("scenario", "list", "--all", "--db", gone, "--format", "json", CANOPY_SCENARIOS=shipped)
    equal((r.code, r.err), (0, told))
    equal(r.json(), [{"name": "old", "program": "mozilla", "purpose": "tls", "marks": 1, "exempts": 1,
                      "saved_at": None, "assumes": 0, "revocation": "enforced", "place": "shipped"}])
    r = t.run("scenario", "show", "old", "--db", gone, CANOPY_SCENARIOS=shipped)
    equal((r.code, r.out, r.err), (0, text, told))
    shown = t.ok("scenario", "show", "old", "--db", gone, "-q", "--format", "json", CANOPY_SCENARIOS=shipped).json()
    equal(([m["ref"] for m in shown["marks"]], shown["exempt"], shown["refs"]), (["Fir Root CA"], ["Nobody"], {}))

    r = t.run("scenario", "show", "other", "--db", gone, "-q", CANOPY_SCENARIOS=shipped)
    equal((r.code, r.out), (5, ""))
    equal(r.err, "canopy: no scenario that comes with canopy is named 'other', and there is no index at '%s'\n" % gone)
    for args in [["list"], ["save", "x", *CUT], ["load", "old"], ["delete", "old"]]:
        t.fails(5, "scenario", *args, "--db", gone, says="there is no index", CANOPY_SCENARIOS=shipped)
    check(not os.path.exists(gone))
    broken = t.write("broken.db", "no index at all")
    t.fails(5, "scenario", "show", "old", "--db", broken, says="broken.db", CANOPY_SCENARIOS=shipped)


def test_what_is_shipped_is_not_what_is_kept(t):
    db = own(t)
    r = t.run("scenario", "list", "--db", db, "--format", "csv")
    equal((r.code, r.out), (0, ",".join(COLUMNS) + "\n"))
    check("--all" in r.err, r.err)
    check(len(names(t, db, "--all")) >= 10)
    equal(t.run("scenario", "list", "--all", "--db", db, "--format", "json", CANOPY_SCENARIOS="nowhere").json(), [])


def test_bad_usage_is_told(t):
    db = own(t)
    for args, words in [([], "needs"), (["lst"], ["'scenario lst'", "'list'"]), (["frobnicate"], "list, show, save"),
                        (["list", "x"], "no operand"), (["show"], "one NAME"), (["save"], "one NAME"),
                        (["save", "a", "b"], "one NAME"), (["load"], "NAME|FILE"), (["delete"], "one NAME"),
                        (["list", "--mark", ALDER], "--mark"), (["show", "x", "--force"], "--force"),
                        (["delete", "x", "--all"], "--all"), (["load", "x", "--program", "chrome"], "--program"),
                        (["save", "x", "--format", "csv"], "--format")]:
        t.fails(2, "scenario", *args, "--db", db, says=words)
    t.fails(5, "scenario", "list", "--db", "nowhere.db", says="nowhere.db")
    t.fails(5, "scenario", "save", "x", "--db", "nowhere.db", *CUT, says="nowhere.db")


def test_what_others_wrote_into_the_index_is_made_harmless(t):
    db = own(t)
    with sqlite3.connect(db) as other:
        other.execute("INSERT INTO scenario VALUES (?, 0, ?)", ("evil\x1b[2J", "mark \x1b]0;x\x07=block\n# \u202e\n"))
        other.execute("INSERT INTO scenario VALUES ('odd', 0, 'frob')")
    r = t.run("scenario", "list", "--db", db)
    equal(r.code, 0)
    clean(r.out + r.err)
    check("'odd'" in r.err and "frob" in r.err, r.err)
    for form in ["table", "json"]:
        clean(t.ok("scenario", "show", "evil\x1b[2J", "--db", db, "--format", form).out)
    t.fails(3, "impact", "--db", db, "--scenario", "odd", says=["scenario 'odd' line 1", "'frob'"])
    r = t.run("scenario", "delete", "evil\x1b[2J", "--db", db)
    clean(r.err)
    equal([row["name"] for row in t.run("scenario", "list", "--db", db, "--format", "csv").csv()], ["odd"])


def test_an_index_that_cannot_be_written_is_told(t):
    with open_folder(t) as folder:
        index = os.path.join(folder, "index")
        os.mkdir(index)
        db = own(t)
        save(t, db, "cut", *CUT)
        db = shutil.copy(db, os.path.join(index, "canopy.db"))
        os.chmod(db, 0o444)
        os.chmod(index, 0o555)
        for args in [["save", "other", *CUT], ["load", "cut", "other"], ["delete", "cut"]]:
            r = run_as_user(t, folder, "scenario", *args, "--db", db)
            equal((r.code, r.out, len(r.err.splitlines())), (5, "", 1), r.err)
            check(db in r.err and "read-only" in r.err, r.err)
        r = run_as_user(t, folder, "scenario", "list", "--db", db, "--format", "csv")
        equal((r.code, len(r.csv()), r.err), (0, 1, ""))


def opened_by(run):
    """The names of what it has open; what it shuts meanwhile is not, nor anything when it ends."""
    found = []
    with contextlib.suppress(OSError):
        for fd in os.listdir("/proc/%d/fd" % run.pid):
            with contextlib.suppress(OSError):
                found.append(os.path.basename(os.readlink("/proc/%d/fd/%s" % (run.pid, fd))))
    return found


def is_waiting(run):
    """Returns when the process has ended, or rests inside the index for a while."""
    last, same = None, 0
    while run.poll() is None and same < 10:
        with open("/proc/%d/stat" % run.pid) as f:
            stat = f.read().rsplit(")", 1)[1].split()
        now = stat[0], stat[11], stat[12], opened_by(run).count("own.db") > 1
        same = same + 1 if now == last and now[0] == "S" and now[3] else 0
        last = now
        time.sleep(0.01)


def test_a_name_that_another_process_is_just_giving_is_taken(t):
    db = own(t)
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO scenario VALUES ('same', 0, 'mark theirs=remove')")
    run = subprocess.Popen([t.canopy, "scenario", "save", "same", "--db", db, *CUT], env=t.env(), cwd=t.dir,
                           stderr=subprocess.PIPE, text=True)
    is_waiting(run)
    other.execute("COMMIT")
    said = run.communicate()[1]
    equal(run.returncode, 2, said)
    check("kept already" in said, said)
    equal(settings(show(t, db, "same")), ["mark theirs=remove"])
    other.close()


def test_two_at_once_both_keep_theirs_and_one_name_is_given_once(t):
    db = own(t)
    runs = [subprocess.Popen([t.canopy, "scenario", "save", name, "--db", db, *CUT], env=t.env(), cwd=t.dir,
                             stderr=subprocess.PIPE, text=True) for name in ["same", "a", "same", "b", "same", "c"]]
    said = [run.communicate()[1] for run in runs]
    equal(sorted(run.returncode for run in runs), [0, 0, 0, 0, 2, 2], said)
    equal(names(t, db), ["a", "b", "c", "same"])


if __name__ == "__main__":
    main()
