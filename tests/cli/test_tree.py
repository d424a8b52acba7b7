"""tree: every CA opened once, several parents, cycles, dates and revocations."""
import sys

sys.dont_write_bytecode = True
from harness import DAY, check, clean, equal, main  # noqa: E402

COLUMNS = ["depth", "ca_id", "parent_ca_id", "cert_sha256", "name", "owner", "unexpired", "subtree_unexpired", "trust",
           "not_before", "not_after", "state", "revoked_by", "again", "coverage", "unevaluated", "subtree_partial", "unexpired_high",
           "subtree_unexpired_high", "approximate"]


def rows(t, *args):
    return t.ok("tree", "--as-of", DAY, "--format", "json", *args).json()


def of(t, found, nick):
    return [r for r in found if r["ca_id"] == t.ca(nick)]


def line(t, name, *args, **env):
    lines = [s for s in t.ok("tree", "--as-of", DAY, *args, **env).out.splitlines() if name in s]
    check(lines, "no line says " + name)
    return lines


def test_rows_have_the_documented_keys(t):
    found = rows(t)
    for row in found:
        equal(list(row), COLUMNS)
    equal(t.ok("tree", "--format", "csv").header(), ",".join(COLUMNS))


def test_without_a_ref_it_begins_at_mozilla_s_roots(t):
    tops = {r["ca_id"] for r in rows(t) if r["depth"] == 0}
    equal(len(tops), int(t.facts["anchors.2026-05-15.tls"]))
    check(t.ca("alder-root") in tops and t.ca("dogwood-root") not in tops)
    tops = {r["ca_id"] for r in rows(t, "--program", "mozilla", "--purpose", "email") if r["depth"] == 0}
    equal(len(tops), int(t.facts["anchors.2026-05-15.email"]))
    check(t.ca("dogwood-root") in tops)


def test_the_store_is_the_one_of_the_day(t):
    tops = {r["ca_id"] for r in t.ok("tree", "--as-of", "2024-07-01", "--format", "json").json() if r["depth"] == 0}
    check(t.ca("hemlock-root") in tops and t.ca("elm-root") not in tops)


def test_a_rule_that_is_not_evaluated_is_said(t):
    args = ["tree", "--db", t.full_db(), "--as-of", DAY]
    found = t.ok(*args, "--format", "json").json()
    row, = [r for r in of(t, found, "fir-root") if r["depth"] == 0]
    equal(row["unevaluated"], ["chrome"])
    equal({tuple(r["unevaluated"]) for r in of(t, found, "birch-root")}, {()})
    lines = [s for s in t.ok(*args).out.splitlines() if "a rule of chrome not evaluated" in s]
    check(any("Fir Root CA" in s for s in lines) and not any("Birch Root" in s for s in lines), lines)


def test_chrome_s_rules_are_those_of_the_version_asked_for(t):
    def accepts(*args):
        found = t.ok("tree", "Cedar TLS CA", "--db", t.full_db(), "--as-of", DAY, "--format", "json", *args).json()
        return found[0]["trust"]["chrome"]
    equal([accepts("--chrome-version", n) for n in ["130", "131"]], ["all", "some"])
    equal(accepts(), t.facts["chrome_ca.cedar-tls"])


def test_all_reaches_every_ca(t):
    found = rows(t, "--all")
    reached = {r["ca_id"] for r in found}
    everything = {r["ca_id"] for r in t.ok("counts", "--format", "json").json()}
    equal(reached, everything)


def test_a_ca_is_opened_once(t):
    found = rows(t, "--all")
    for ca in {r["ca_id"] for r in found}:
        equal(sum(r["ca_id"] == ca and not r["again"] for r in found), 1, ca)
    for i, row in enumerate(found):
        if row["again"]:
            after = found[i + 1]["depth"] if i + 1 < len(found) else 0
            check(after <= row["depth"], "something stands below a repeat")


def test_a_root_is_opened_at_its_own_place(t):
    birch = of(t, rows(t), "birch-root")
    equal(sorted((r["depth"], r["again"]) for r in birch), [(0, None), (1, "repeat")])


def test_a_row_names_the_certificates_between(t):
    found = rows(t)
    for row in of(t, found, "birch-root"):
        wanted = {t.cert("birch-root-x-alder")}
        if row["depth"] == 0:
            wanted.add(t.cert("birch-root"))
            equal(row["parent_ca_id"], None)
        else:
            equal(row["parent_ca_id"], t.ca("alder-root"))
        equal(set(row["cert_sha256"]), wanted)
    renewed, = of(t, found, "birch-renew")
    equal(set(renewed["cert_sha256"]), {t.cert("birch-renew-2012"), t.cert("birch-renew-2021")})
    equal(renewed["not_after"], "2031-06-30", "of the certificate that lives longest")


def test_a_cycle_is_closed_and_not_followed(t):
    found = [r for r in rows(t, "Ginkgo Ring CA A")]
    equal([(r["depth"], r["ca_id"], r["again"]) for r in found],
          [(0, t.ca("ginkgo-ring-a"), None), (1, t.ca("ginkgo-ring-b"), None), (2, t.ca("ginkgo-ring-a"), "cycle")])


def test_states_say_expired_and_revoked(t):
    found = rows(t)
    equal(of(t, found, "birch-expired")[0]["state"], "expired")
    elm, = of(t, found, "elm-tax")
    equal((elm["state"], elm["revoked_by"]), ("revoked", ["ccadb"]))
    equal(of(t, found, "alder-policy")[0]["state"], "valid")
    early = [r for r in t.ok("tree", "--all", "--as-of", "2019-06-01", "--format", "json").json()
             if r["ca_id"] == t.ca("alder-tls-1")]
    equal(early[0]["state"], "not yet valid")


def test_trust_is_said_for_each_program_with_a_store(t):
    found = rows(t)
    for nick, wanted in [("alder-tls-1", "all"), ("cedar-tls", "some"), ("alder-email", "none")]:
        equal(of(t, found, nick)[0]["trust"]["mozilla"], wanted, nick)
    elm = of(t, found, "elm-city")[0]["trust"]
    equal((elm["mozilla"], elm["apple"]), ("all", "none"))
    cells = {r["ca_id"]: r["trust"] for r in t.ok("tree", "--as-of", DAY, "--format", "csv").csv()}
    check("mozilla=some" in cells[t.ca("cedar-tls")].split(" "), cells[t.ca("cedar-tls")])


def test_numbers_are_those_of_counts(t):
    counts = {r["ca_id"]: r for r in t.ok("counts", "--subtree", "--as-of", DAY, "--format", "json").json()}
    for row in rows(t, "--all"):
        for key in ["unexpired", "subtree_unexpired", "coverage", "owner", "name"]:
            equal(row[key], counts[row["ca_id"]][key], key)


def test_a_sum_over_cas_not_counted_to_the_end_is_a_bound(t):
    row = t.ok("tree", t.ca("alder-root"), "--as-of", DAY, "--format", "json").json()[0]
    check(row["subtree_partial"] > 0)
    first = t.ok("tree", t.ca("alder-root"), "--as-of", DAY).out.splitlines()[1].split()
    equal(first[:2], ["≥%d" % row["subtree_unexpired"], "≥%d" % row["unexpired"]])


def test_siblings_come_by_their_subtrees(t):
    tops = [(r["subtree_unexpired"], r["ca_id"]) for r in rows(t) if r["depth"] == 0]
    equal(tops, sorted(tops, key=lambda x: (-x[0], x[1])))


def test_text_says_what_the_rows_say(t):
    text = t.ok("tree", "--as-of", DAY).out
    clean(text)
    check("├─ " in text and "└─ " in text and "│  " in text)
    check("(2 certificates)" in line(t, "Birch Renewed CA")[0])
    check("expired 2020-12-31" in line(t, "Birch Expired CA")[0])
    check("revoked (ccadb), not enforced by mozilla" in line(t, "Elm Tax CA")[0])
    check("until 2030-06-14" in line(t, "Alder TLS CA 1")[0])
    check(any("⇄" in s for s in line(t, "Birch Root R1")))
    check("↻" in line(t, "Ginkgo Ring CA A", "Ginkgo Ring CA A")[1])


def test_text_is_drawn_in_ascii_where_nothing_else_is_shown(t):
    out = t.ok("tree", "--as-of", DAY, LC_ALL="C").out
    for sign in "├└│⇄↻●◐○·…":
        check(sign not in out, sign)
    check("|-- " in out and "`-- " in out and "[repeat]" in out)


def test_a_ref_may_be_a_certificate_or_an_owner(t):
    equal(rows(t, t.cert("elm-city"))[0]["ca_id"], t.ca("elm-city"))
    tops = [r for r in rows(t, "owner:Pine Legacy (fictional)") if r["depth"] == 0]
    equal(len(tops), 3)


if __name__ == "__main__":
    main()
