"""show: what is said of one CA or certificate."""
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


if __name__ == "__main__":
    main()
