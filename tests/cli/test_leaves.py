"""leaves: the leaves of a CA, and those that a scenario loses."""
import base64
import os
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402

COLUMNS = ["serial", "not_before", "not_after", "first_sct", "names", "where", "kind", "eku", "precert", "final",
           "unexpired", "ca_id", "ca_name", "revoked", "revoked_at", "revocation_reason"]


def leaves(t, *args):
    return t.ok("leaves", "-q", "--as-of", DAY, "--format", "json", *args).json()


def test_rows_have_the_documented_keys(t):
    equal(list(leaves(t, "Cedar TLS CA")[0]), COLUMNS)
    equal(t.ok("leaves", "Cedar TLS CA", "--format", "csv").header(), ",".join(COLUMNS))


def test_all_leaves_of_a_ca_and_the_unexpired_ones(t):
    for nick in ["alder-tls-1", "cedar-tls", "birch-issuing-1", "elm-city"]:
        found = leaves(t, t.ca(nick))
        equal(len(found), int(t.facts["issued." + nick]), nick)
        equal(sum(l["unexpired"] for l in found), int(t.facts["unexpired." + nick]), nick)
        equal(len(leaves(t, t.ca(nick), "--unexpired")), int(t.facts["unexpired." + nick]), nick)


def test_serials_are_those_of_the_world(t):
    serials = {l["serial"] for l in leaves(t, t.ca("cedar-shared"))}
    wanted = {value for key, value in t.facts.items() if key.startswith("serial.cedar-shared")}
    equal(serials, wanted)


def test_they_come_by_not_before_then_serial(t):
    found = leaves(t, t.ca("alder-tls-1"))
    key = [(l["not_before"], l["serial"]) for l in found]
    equal(key, sorted(key))


def test_a_precertificate_and_its_certificate_are_one_leaf(t):
    serial = t.facts["serial.pair"]
    found = [l for l in leaves(t, "owner:Alder Trust Services (fictional)") if l["serial"] == serial]
    equal([(l["precert"], l["final"]) for l in found], [(True, True)])


def test_a_leaf_tells_each_file_that_gave_a_certificate_of_it(t):
    precert, final = [open(t.path("leaves", name), "rb").read() for name in ("pair.precert.der", "pair.der")]
    pem = "-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(final).decode()
    files = [t.write("b.der", precert), t.write("a.der", final), t.write("c.pem", pem)]
    t.db = os.path.join(t.dir, "c.db")
    t.ok("import", "--quiet", t.path("ccadb"), *files)
    found = leaves(t, "owner:Alder Trust Services (fictional)")
    equal([(l["serial"], l["where"]) for l in found], [(t.facts["serial.pair"], "; ".join(sorted(files)))])


def test_what_a_scenario_loses_is_what_impact_counts(t):
    mark = "Alder Root CA=remove"
    lost = leaves(t, "--mark", mark)
    answer = t.ok("impact", "--as-of", DAY, "--format", "json", "--mark", mark).json()
    equal(len(lost), answer["total"]["lost"])
    for row in answer["cas"]:
        equal(sum(l["ca_id"] == row["ca_id"] for l in lost), row["lost"] or 0, row["name"])


def test_lost_is_what_marks_ask_for(t):
    args = ["leaves", "-q", "--as-of", DAY, "--format", "ndjson", "--mark", "Alder Root CA=remove"]
    equal(t.ok(*args, "--lost").out, t.ok(*args).out)
    t.fails(2, "leaves", "--lost", "Alder TLS CA 1", says=["'--lost' needs '--mark'"])


def test_cas_that_nobody_counts_are_told_beside_the_list(t):
    cas = t.ok("impact", "--as-of", DAY, "--format", "json", "--mark", "Alder Root CA=remove").json()["cas"]
    changed = [c for c in cas if c["before"] != c["after"]]
    none = [c for c in changed if c["coverage"] == "none"]
    for more in [], ["--by", "domain"]:
        r = t.run("leaves", "--lost", "--as-of", DAY, "--mark", "Alder Root CA=remove", *more)
        equal(r.code, 0)
        check("canopy: no source counts %d of these %d CAs: their leaves are not listed\n" % (len(none), len(changed)) in r.err, r.err)
    r = t.run("leaves", none[0]["ca_id"], "--format", "csv")
    equal((r.code, len(r.csv()), r.err), (0, 0, "canopy: no source counts this CA: which leaves it has is not known\n"))
    counted = [c["ca_id"] for c in changed if c["coverage"] != "none"]
    equal(t.ok("leaves", counted[0]).err, "")


def test_a_ref_restricts_what_a_scenario_loses(t):
    lost = leaves(t, "Alder TLS CA 2", "--mark", "Alder Root CA=remove")
    equal({l["ca_id"] for l in lost}, {t.ca("alder-tls-2")})
    equal(leaves(t, "Birch Issuing CA 1", "--mark", "Alder Root CA=remove"), [])


def test_a_date_rule_is_judged_to_the_second(t):
    lost = {l["serial"] for l in leaves(t, "--mark", t.ca("alder-root") + "=distrust-after@2025-12-31")}
    for leaf in leaves(t, t.ca("alder-tls-2"), "--unexpired"):
        if "tls" in leaf["eku"]:
            equal(leaf["serial"] in lost, leaf["not_before"] > "2025-12-31T23:59:59Z", leaf["names"])


def test_no_output_holds_a_hostile_character(t):
    for form in ["table", "csv", "ndjson", "md", "json"]:
        clean(t.ok("leaves", "-q", "owner:Ginkgo Research (fictional)", "--format", form).out)


def test_something_must_be_asked(t):
    t.fails(2, "leaves", says="REF")
    t.fails(2, "leaves", "Cedar TLS CA", "--exempt", "Cedar TLS CA", says="--mark")
    t.fails(2, "leaves", "Cedar TLS CA", "--purpose", "tls", says="--mark")


if __name__ == "__main__":
    main()
