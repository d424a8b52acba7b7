"""counts: the contract's columns and what they say of the fictional world."""
import sys

sys.dont_write_bytecode = True
from harness import DAY, by_order, check, equal, main  # noqa: E402

FIRST = ("ca_id,name,subject,spki_sha256,owner,issued,unexpired,unexpired_high,revoked,valid,ca_certs,children,"
         "first_not_before,last_not_before,last_not_after,source,source_as_of,coverage")
SUBTREE = FIRST + ",subtree_issued,subtree_unexpired,subtree_valid"


def rows(t, *args):
    return t.ok("counts", "--as-of", DAY, "--format", "json", *args).json()


def by_nick(t, *args):
    found = {row["ca_id"]: row for row in rows(t, *args)}
    return {nick: found[t.ca(nick)] for nick in t.nicks() if t.ca(nick) in found}


def test_the_csv_header_is_the_contract_s(t):
    equal(t.ok("counts", "--format", "csv").header(), FIRST)
    equal(t.ok("counts", "--format", "csv", "--subtree").header(), SUBTREE)


def test_json_keys_are_the_csv_columns_in_the_same_order(t):
    equal(",".join(rows(t)[0]), FIRST)
    equal(",".join(rows(t, "--subtree")[0]), SUBTREE)


def test_every_ca_of_the_world_has_one_row(t):
    ids = [row["ca_id"] for row in rows(t)]
    equal(len(ids), len(set(ids)))
    missing = {nick for nick in t.nicks() if t.ca(nick) not in ids}
    equal(missing, {"sequoia-root"}, "its only certificate is in a store that was not imported")


def test_numbers_and_dates_are_those_of_the_world(t):
    for nick, row in by_nick(t).items():
        counted = row["coverage"] != "none"
        for key in ["issued", "unexpired"]:
            wanted = int(t.facts[key + "." + nick])
            equal(row[key], wanted if counted else None, "%s of %s" % (key, nick))
            check(counted or wanted == 0, nick)
        equal(row["unexpired_high"], row["unexpired"], nick)
        equal(row["spki_sha256"], t.facts["spki." + nick], nick)
        for key in ["first_not_before", "last_not_before", "last_not_after"]:
            equal(row[key], t.facts.get(key + "." + nick), "%s of %s" % (key, nick))


def test_children_and_certificates_are_those_of_the_world(t):
    for nick, row in by_nick(t).items():
        if nick.startswith("sequoia"):
            continue
        equal(row["children"], int(t.facts["children." + nick]), nick)
        equal(row["ca_certs"], int(t.facts["ca_certs." + nick]), nick)


def test_the_owner_is_the_subordinate_owner_where_ccadb_names_one(t):
    found = by_nick(t)
    for nick, row in found.items():
        wanted = t.facts.get("owner." + nick, "").replace("\\n", "\ufffd")
        equal(row["owner"], wanted or None, nick)
    equal(found["birch-issuing-2"]["owner"], "Hazel Hosting (fictional)")


def test_rows_come_by_unexpired_then_id_and_unknown_last(t):
    got = rows(t)
    equal([r["ca_id"] for r in got], [r["ca_id"] for r in by_order(got)])
    got = t.ok("counts", "--as-of", DAY, "--format", "csv").csv()
    equal([r["ca_id"] for r in got], [r["ca_id"] for r in by_order(got)])


def test_unknown_is_null_and_empty_and_never_0(t):
    unknown = [r for r in rows(t, "--subtree") if r["coverage"] == "none"]
    check(unknown, "the world has CAs that nobody counts")
    for row in unknown:
        for key in ["issued", "unexpired", "unexpired_high", "revoked", "valid", "first_not_before", "source"]:
            equal(row[key], None, key)
    ids = {r["ca_id"] for r in unknown}
    for row in t.ok("counts", "--as-of", DAY, "--format", "csv").csv():
        if row["ca_id"] in ids:
            equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "source_as_of"]], [""] * 4)


def test_revoked_is_empty_without_a_crl(t):
    for row in rows(t):
        equal((row["revoked"], row["valid"]), (None, None), row["name"])


def test_a_leaf_counts_on_its_first_and_last_day(t):
    # made so in the world: one leaf begins, another ends on that day
    before, on, after = (sum(r["unexpired"] or 0 for r in t.ok("counts", "--format", "json", "--as-of", d).json())
                         for d in ["1990-01-01", DAY, "2099-01-01"])
    equal((before, after), (0, 0))
    equal(on, int(t.facts["total.unexpired"]) - int(t.facts.get("unexpired.sequoia-root", 0)))


def test_issued_does_not_depend_on_the_day(t):
    issued = [{r["ca_id"]: r["issued"] for r in t.ok("counts", "--format", "json", "--as-of", d).json()}
              for d in ["2020-01-01", DAY]]
    equal(issued[0], issued[1])


def test_a_subtree_counts_each_ca_once(t):
    found = by_nick(t, "--subtree")
    own = {nick: row["unexpired"] or 0 for nick, row in found.items()}
    # two CAs that certify each other: each has both below it
    ring = own["ginkgo-ring-a"] + own["ginkgo-ring-b"]
    equal(found["ginkgo-ring-a"]["subtree_unexpired"], ring)
    equal(found["ginkgo-ring-b"]["subtree_unexpired"], ring)
    # an expired CA is not walked through
    equal(found["birch-expired"]["subtree_unexpired"], own["birch-expired"] + own["birch-expired-child"])
    birch = ["birch-root", "birch-inter", "birch-issuing-1", "birch-issuing-2", "birch-sha1", "birch-renew",
             "cedar-key-b", "undisclosed-ca"]
    equal(found["birch-root"]["subtree_unexpired"], sum(own[n] for n in birch))
    equal(found["birch-root"]["subtree_issued"], sum(found[n]["issued"] or 0 for n in birch))
    equal(found["birch-root"]["subtree_valid"], None)


def test_a_revoked_ca_is_not_below(t):
    found = by_nick(t, "--subtree")
    below = ["elm-root", "elm-ministry", "elm-city", "elm-aki"]  # elm-tax is revoked by CCADB
    equal(found["elm-root"]["subtree_unexpired"], sum(found[n]["unexpired"] or 0 for n in below))


def test_a_sum_over_nothing_counted_is_unknown(t):
    for row in rows(t, "--subtree"):
        if row["coverage"] == "none" and row["children"] == 0:
            equal((row["subtree_issued"], row["subtree_unexpired"]), (None, None), row["name"])


def test_operands_restrict_the_rows(t):
    got = rows(t, "Cedar TLS CA", t.ca("alder-tls-1"), t.cert("alder-tls-2"))
    equal({r["ca_id"] for r in got}, {t.ca("cedar-tls"), t.ca("alder-tls-1"), t.ca("alder-tls-2")})
    got = rows(t, "owner:Dogwood Mail (fictional)")
    equal({r["ca_id"] for r in got}, {t.ca("dogwood-root"), t.ca("dogwood-mail")})
    got = rows(t, "spki:" + t.facts["spki.cedar-key-a"])
    equal({r["ca_id"] for r in got}, {t.ca("cedar-key-a"), t.ca("cedar-key-b")})


def test_a_program_restricts_the_rows_and_not_the_numbers(t):
    everything = by_nick(t)
    tls = by_nick(t, "--program", "mozilla")
    mail = by_nick(t, "--program", "mozilla", "--purpose", "email")
    check("alder-tls-1" in tls and "alder-email" not in tls)
    check("alder-email" in mail and "alder-tls-1" not in mail)
    check("yew-root" not in tls and "thorn-root" not in tls)
    equal(tls["cedar-tls"], everything["cedar-tls"])


def test_ndjson_has_one_object_a_line(t):
    equal(t.ok("counts", "--as-of", DAY, "--format", "ndjson").ndjson(), rows(t))


def test_a_table_groups_thousands_and_shows_a_dash_for_unknown(t):
    out = t.ok("counts", "--as-of", DAY).out
    check("Birch Root R1" in out and "–" in out)
    equal({len(line) - len(line.rstrip()) for line in out.splitlines()}, {0}, "blanks at the end")


if __name__ == "__main__":
    main()
