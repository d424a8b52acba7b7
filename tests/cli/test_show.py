"""show: what is said of one CA or certificate."""
import re
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402


def show(t, ref, *args):
    return t.ok("show", ref, "--as-of", DAY, "--format", "json", *args).json()


def trust(answer, program="mozilla", purpose="tls"):
    found, = [x for x in answer["trust"] if (x["program"], x["purpose"]) == (program, purpose)]
    return found


def verdicts(answer, **which):
    return sorted(p["verdict"] for p in trust(answer, **which)["paths"])


def test_sums_below_a_ca_that_nobody_counts_are_lower_bounds(t):
    rows = t.ok("counts", "--subtree", "--as-of", DAY, "--format", "json").json()
    seen = set()
    for row in rows:
        line = re.search(r"^  subtree +(.*) issued, (.*) unexpired", t.ok("show", row["ca_id"], "--as-of", DAY).out, re.M)
        issued, unexpired = line[1], line[2]
        if row["subtree_unexpired"] is not None:
            least = row["subtree_unexpired_high"] is None
            seen.add(least)
            equal((issued.startswith("≥"), unexpired.startswith("≥")), (least, least), row["name"])
    equal(seen, {False, True})


def test_the_keys_begin_with_those_of_counts(t):
    header = t.ok("counts", "--subtree", "--format", "csv").header().split(",")
    row, = t.ok("counts", "--subtree", "--as-of", DAY, "--format", "json", "Cedar TLS CA").json()
    answer = show(t, "Cedar TLS CA")
    for key in header:
        equal(answer[key], row[key], key)


def test_certificates_say_dates_key_and_constraints(t):
    cert, = show(t, "Alder TLS CA 1")["certificates"]
    equal(cert["sha256"], t.cert("alder-tls-1"))
    equal(cert["sha1"], t.facts["sha1.alder-tls-1"])
    equal((cert["not_before"], cert["not_after"]), ("2020-06-15T00:00:00Z", "2030-06-14T23:59:59Z"))
    equal((cert["path_len"], cert["key"], cert["valid_on_day"]), (0, "EC P-256", True))
    check("serverAuth" in cert["eku"], cert["eku"])
    check("keyCertSign" in cert["key_usage"], cert["key_usage"])
    equal(cert["issuer_ca_ids"], [t.ca("alder-policy")])


def test_a_certificate_s_fingerprint_shows_only_it(t):
    answer = show(t, t.cert("birch-root-x-alder"))
    equal([c["sha256"] for c in answer["certificates"]], [t.cert("birch-root-x-alder")])
    equal([p["ca_id"] for p in answer["parents"]], [t.ca("alder-root")])
    for path in trust(answer)["paths"]:
        equal(path["certs"][0], t.cert("birch-root-x-alder"))
    equal(len(show(t, "Birch Root R1")["certificates"]), 2)


def test_parents_and_children_are_named(t):
    answer = show(t, "Cedar Shared CA")
    equal({p["ca_id"]: p["cert_sha256"] for p in answer["parents"]},
          {t.ca("cedar-root"): [t.cert("cedar-shared-by-cedar")], t.ca("alder-root"): [t.cert("cedar-shared-by-alder")]})
    equal(show(t, "Alder Root CA")["parents"], [], "it signed itself")
    equal({c["ca_id"] for c in show(t, "Alder Policy CA")["child_cas"]}, {t.ca("alder-tls-1"), t.ca("alder-tls-2")})


def test_trust_says_by_which_path(t):
    found = trust(show(t, "Alder TLS CA 1"))
    equal((found["acceptance"], found["store_date"]), ("all", "2026-05-15"))
    equal(found["via"], [t.cert("alder-tls-1"), t.cert("alder-policy"), t.cert("alder-root")])
    equal(verdicts(show(t, "Cedar Shared CA")), ["trusted", "trusted"])


def test_trust_says_why_not(t):
    equal(verdicts(show(t, "Birch CA below an expired CA")), ["expired", "expired"])
    equal(trust(show(t, "Alder E-Mail CA"))["acceptance"], "none")
    equal(trust(show(t, "Alder E-Mail CA"), purpose="email")["acceptance"], "all")
    for name in ["Alder CA below pathLen 0", "Alder CA without keyCertSign", "Birch SHA-1 CA", "Yew Campus CA"]:
        answer = show(t, name)
        equal(trust(answer)["acceptance"], "none", name)
        check("trusted" not in verdicts(answer), name)


def test_a_date_rule_is_said_with_its_last_second(t):
    found = trust(show(t, "Cedar TLS CA"))
    equal(found["acceptance"], "some")
    equal(found["paths"][0]["not_before_to"], "2025-11-30T23:59:59Z")
    text = t.ok("show", "Cedar TLS CA", "--as-of", DAY).out
    check("notBefore up to 2025-11-30T23:59:59Z" in text, text)


def test_a_revocation_that_nobody_enforces_is_said(t):
    answer = show(t, "Elm Tax CA")
    equal([r["source"] for r in answer["certificates"][0]["revoked_by"]], ["ccadb"])
    check("revoked by ccadb, not enforced" in t.ok("show", "Elm Tax CA", "--as-of", DAY).out)


def full(t, ref, *args):
    return t.ok("show", ref, "--db", t.full_db(), "--as-of", DAY, *args)


def test_each_revocation_says_by_whom_since_when_and_who_enforces_it(t):
    cert, = full(t, "Birch SHA-1 CA", "--format", "json").json()["certificates"]
    found = {r["source"]: r for r in cert["revoked_by"]}
    equal(set(found), {"crl", "onecrl", "crlset"})
    equal((found["crl"]["from"], found["crl"]["enforced_by"]), ("2026-05-01T12:00:00Z", []))
    equal((found["onecrl"]["from"], found["onecrl"]["enforced_by"]), ("2026-05-25T00:00:00Z", ["mozilla tls"]))
    equal((found["crlset"]["from"], found["crlset"]["enforced_by"]), (None, ["chrome tls"]))
    equal([(r["lifted"], r["holds_on_day"]) for r in found.values()], [(None, True)] * 3)
    out = full(t, "Birch SHA-1 CA").out
    for words in ["by crl since 2026-05-01T12:00:00Z; not enforced by any program here",
                  "by onecrl since 2026-05-25T00:00:00Z; enforced by mozilla tls\n",
                  "by crlset; enforced by chrome tls\n"]:
        check(words in out, words + " is missing")


def test_a_path_tells_the_revocation_that_counts_before_those_that_do_not(t):
    out, at = full(t, "Birch SHA-1 CA").out, t.cert("birch-sha1")[:12]
    said = {"mozilla": "%s revoked by onecrl, enforced; %s revoked by crl, not enforced; %s revoked by crlset, not enforced" % (at, at, at),
            "chrome": "%s revoked by crlset, enforced; %s revoked by crl, not enforced; %s revoked by onecrl, not enforced" % (at, at, at)}
    for program, words in said.items():
        section = re.search(r"(?m)^%s tls: .*\n((?: .*\n)*)" % program, out)
        check(section and words in section[1], "%s: %s\n%s" % (program, words, out))


def test_a_revocation_that_does_not_hold_on_the_day_says_so(t):
    args = ["show", "Birch SHA-1 CA", "--db", t.full_db(), "--as-of", "2026-04-01"]
    rows = t.ok(*args, "--format", "json").json()["certificates"][0]["revoked_by"]
    equal({r["source"]: r["holds_on_day"] for r in rows}["crl"], False)
    check("by crl since 2026-05-01T12:00:00Z, not on this day" in t.ok(*args).out)


def test_the_rules_on_an_anchor_are_told(t):
    found = trust(full(t, "Fir Root CA", "--format", "json").json(), purpose="email")["anchors"]
    equal([(a["cert_sha256"], a["not_before_to"]) for a in found], [(t.cert("fir-root"), "2025-06-30T23:59:59Z")])
    out = full(t, "Fir Root CA").out
    check("anchor %s: leaves with notBefore up to 2025-06-30T23:59:59Z" % t.cert("fir-root")[:12] in out, out)
    check("anchor %s: no date limits" % t.cert("fir-root")[:12] in out, out)
    # alternatives are told one by one
    found = trust(full(t, "Elm Government Root 2055", "--format", "json").json(), program="chrome")["anchors"]
    equal(len(found), 2)
    equal(trust(full(t, "Fir TLS CA", "--format", "json").json())["anchors"], [], "it is no anchor")


def test_a_rule_that_is_not_evaluated_is_said(t):
    root, below = [trust(full(t, name, "--format", "json").json(), program="chrome")
                   for name in ["Fir Root CA", t.ca("fir-tls")]]
    equal((root["unevaluated"], below["unevaluated"]), (True, True))
    equal((root["anchors"][0]["unevaluated"], root["anchors"][0]["note"]), (True, "not evaluated: fictional_rule"))
    equal(trust(full(t, "Birch Root R1", "--format", "json").json(), program="chrome")["unevaluated"], False)
    for form in ["table", "md"]:
        out = full(t, "Fir Root CA", "--format", form).out
        check("not evaluated and was taken as met" in out and "rule" in out, form)
    check("not evaluated and was taken as met" in full(t, t.ca("fir-tls")).out)


def test_chrome_s_rules_are_those_of_the_version_asked_for(t):
    out = {n: full(t, "Cedar Root E1", "--program", "chrome", "--chrome-version", n) for n in ["130", "131"]}
    check("for Chrome 130)" in out["130"].out and "notBefore up to" not in out["130"].out, out["130"].out)
    check("for Chrome 131)" in out["131"].out and "notBefore up to" in out["131"].out, out["131"].out)
    found = trust(full(t, "Cedar Root E1", "--chrome-version", "131", "--format", "json").json(), program="chrome")
    equal(found["chrome_version"], 131)


def test_program_and_purpose_narrow_the_answer(t):
    asked = [(x["program"], x["purpose"]) for x in show(t, "Elm City CA")["trust"]]
    equal([x for x in asked if x[0] == "mozilla"], [("mozilla", "tls"), ("mozilla", "email")])
    check(len(asked) > 2)
    found = show(t, "Elm City CA", "--purpose", "email", "--program", "mozilla")["trust"]
    equal([(x["program"], x["purpose"]) for x in found], [("mozilla", "email")])


def test_text_and_markdown_hold_no_hostile_character(t):
    for nick in [n for n in t.nicks() if n.startswith("hostile")]:
        for form in ["table", "md"]:
            clean(t.ok("show", t.ca(nick), "--format", form).out)


def test_markdown_cannot_be_broken_out_of(t):
    out = t.ok("show", t.ca("hostile-formula"), "--format", "md").out
    check(out.startswith("# =HYPERLINK"), out[:80])
    check("<" not in out.replace("\\<", ""), "unescaped <")


def test_exactly_one_ca_is_shown(t):
    r = t.run("show", "owner:Dogwood Mail (fictional)")
    equal((r.code, r.out), (2, ""))
    equal(len(r.err.splitlines()), 3, r.err)
    check(t.ca("dogwood-root") in r.err and t.ca("dogwood-mail") in r.err)


def test_a_ca_of_unknown_owner_is_nobodys_by_its_name_but_is_told_of(t):
    for what, more in (("owner:Sequoia Steelworks", "; 1 CA of unknown owner has it in name or subject"), ("owner:nobody", "")):
        r = t.run("show", what)
        equal((r.code, r.out, r.err.splitlines()[0]), (2, "", "canopy: '%s' names no owner in this index%s" % (what, more)))


def test_text_in_lower_case_is_found_in_capitals_and_with_a_capital_only_as_written(t):
    want = t.ok("show", "Cedar TLS CA", "--as-of", DAY).out
    for text in ["cedar tls ca", "Cedar TLS CA", "edar tls", "edar TLS"]:
        equal(t.ok("show", text, "--as-of", DAY).out, want, text)
    for text in ["cedar TLS ca", "CEDAR TLS CA", "Cedar tls"]:
        t.fails(2, "show", text, "--as-of", DAY, says=["'%s'" % text, "names no CA"])
    t.fails(2, "show", "owner:CEDAR", "--as-of", DAY, says="names no owner")
    check("Text in lower case is found in capitals, too" in " ".join(t.ok("help").out.split()))


def test_formats_of_rows_are_refused_with_those_that_there_are(t):
    for name in ["csv", "ndjson"]:
        t.fails(2, "show", "Cedar TLS CA", "--format", name, says=["'%s'" % name, "table|json|md|html", "'--format'"])
        t.fails(2, "show", "no such CA", "--format", name, says="table|json|md|html")


if __name__ == "__main__":
    main()
