"""counts: the contract's columns and what they say of the fictional world."""
import csv
import io
import os
import sys

sys.dont_write_bytecode = True
from harness import DAY, by_order, check, equal, main, make_index  # noqa: E402

FIRST = ("ca_id,name,subject,spki_sha256,owner,issued,unexpired,unexpired_high,revoked,valid,ca_certs,children,"
         "first_not_before,last_not_before,last_not_after,source,source_as_of,coverage")
SUBTREE = FIRST + ",subtree_issued,subtree_unexpired,subtree_valid"
LAST = (",unproven,figure_cas,figure_unexpired,figure_unexpired_high,figure_source,figure_as_of,approximate,"
        "stale_figure_as_of")
SUBTREE_LAST = ",subtree_unexpired_high,subtree_approximate"


def rows(t, *args):
    return t.ok("counts", "--as-of", DAY, "--format", "json", *args).json()


def by_nick(t, *args):
    found = {row["ca_id"]: row for row in rows(t, *args)}
    return {nick: found[t.ca(nick)] for nick in t.nicks() if t.ca(nick) in found}


def test_the_csv_header_is_the_contract_s(t):
    equal(t.ok("counts", "--format", "csv").header(), FIRST + LAST)
    equal(t.ok("counts", "--format", "csv", "--subtree").header(), SUBTREE + LAST + SUBTREE_LAST)


def test_json_keys_are_the_csv_columns_in_the_same_order(t):
    equal(",".join(rows(t)[0]), FIRST + LAST)
    equal(",".join(rows(t, "--subtree")[0]), SUBTREE + LAST + SUBTREE_LAST)


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


def test_a_root_that_others_cross_certify_keeps_its_owner(t):
    """CCADB lists a cross-certificate under the owner of the root above, often without who runs its subject."""
    with open(t.path("ccadb", "AllCertificateRecordsCSVFormatV5.2026-05-30.csv"), encoding="utf-8", newline="") as f:
        table = csv.DictReader(f)
        records, columns = list(table), table.fieldnames
    roots = {r["Certificate Name"]: r["CA Owner"] for r in records if r["Certificate Record Type"] == "Root Certificate"}
    crossed = {r["Certificate Name"] for r in records if r["Subordinate CA Owner"] and r["Certificate Name"] in roots}
    check(crossed, "the world has roots that others cross-certify")
    for r in records:
        r["Subordinate CA Owner"] = ""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows(records)
    later = t.write("blank/AllCertificateRecordsCSVFormatV5.2026-05-31.csv", out.getvalue())
    db = make_index(t.canopy, t.world, t.dir, ["ccadb", later], "blank.db")
    owners = {(r["name"], r["owner"]) for r in t.ok("counts", "--as-of", DAY, "--format", "json", "--db", db).json()}
    for name in crossed:
        check((name, roots[name]) in owners, name)


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


SUMS = ["cas", "issued", "unexpired", "unexpired_high", "revoked", "valid", "ca_certs", "first_not_before",
        "last_not_before", "last_not_after", "coverage", "cas_counted"]
KEYS = {"owner": ["owner"], "root": FIRST.split(",")[:5], "program": ["program", "purpose", "store_date", "anchors"]}
AFTER = {"owner": [], "root": [], "program": ["trusted", "cas_unevaluated"]}
BY_LAST = ["cas_by_figure", "approximate"]


def summed(found):
    """What a row of --by says of these rows of counts."""
    known = [r for r in found if r["coverage"] != "none"]
    dated = [r for r in known if r["issued"]]
    total = {key: sum(r[key] for r in known) if known else None for key in ["issued", "unexpired", "unexpired_high"]}
    return dict(total, cas=len(found), cas_counted=len(known), ca_certs=sum(r["ca_certs"] for r in found),
                revoked=None, valid=None, coverage="partial" if known else "none",
                first_not_before=min((r["first_not_before"] for r in dated), default=None),
                last_not_before=max((r["last_not_before"] for r in dated), default=None),
                last_not_after=max((r["last_not_after"] for r in dated), default=None))


def test_by_has_the_documented_columns_in_every_format(t):
    for by, keys in KEYS.items():
        wanted = keys + SUMS + AFTER[by] + BY_LAST
        equal(t.ok("counts", "--by", by, "--format", "csv").header().split(","), wanted)
        for row in rows(t, "--by", by):
            equal(list(row), wanted)
    equal(rows(t, "--by", "ca"), rows(t))


def test_by_owner_sums_the_cas_of_each_owner(t):
    everything = rows(t)
    found = rows(t, "--by", "owner")
    equal({r["owner"] for r in found}, {r["owner"] for r in everything})
    for row in found:
        equal({k: row[k] for k in SUMS}, summed([r for r in everything if r["owner"] == row["owner"]]), row["owner"])
    check(any(0 < r["cas_counted"] < r["cas"] for r in found), "an owner of whom some CAs are not counted")
    equal([r["unexpired"] for r in found], sorted([r["unexpired"] for r in found], reverse=True))


def test_by_owner_with_a_program_sums_what_it_accepts(t):
    accepted = rows(t, "--program", "mozilla", "--purpose", "email")
    found = rows(t, "--by", "owner", "--program", "mozilla", "--purpose", "email")
    for row in found:
        equal({k: row[k] for k in SUMS}, summed([r for r in accepted if r["owner"] == row["owner"]]), row["owner"])
    equal(sum(r["cas"] for r in found), len(accepted))


def test_an_owner_of_whom_nothing_is_counted_has_no_numbers(t):
    db = os.path.join(t.dir, "uncounted.db")
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("mozilla")).code, 0)
    for by in ["owner", "root", "program"]:
        found = rows(t, "--by", by, "--db", db)
        check(found, by)
        for row in found:
            equal([row[k] for k in ["issued", "unexpired", "unexpired_high", "first_not_before", "cas_counted"]],
                  [None, None, None, None, 0], by)
            equal((row["coverage"], row.get("trusted")), ("none", None))
            check(row["cas"] > 0 and row["ca_certs"] > 0, row)
        table = t.ok("counts", "--as-of", DAY, "--by", by, "--db", db, "--format", "table").out
        check("≤" not in table and "≥" not in table, table)


def test_by_root_sums_the_subtree_of_each_anchor(t):
    found = {r["ca_id"]: r for r in rows(t, "--by", "root")}
    equal(len(found), int(t.facts["anchors.2026-05-15.tls"]))
    subtree = by_nick(t, "--subtree")
    for nick, row in subtree.items():
        root = found.get(row["ca_id"])
        if root:
            equal((root["issued"], root["unexpired"]), (row["subtree_issued"], row["subtree_unexpired"]), nick)
    birch = ["birch-root", "birch-inter", "birch-issuing-1", "birch-issuing-2", "birch-sha1", "birch-renew",
             "cedar-key-b", "undisclosed-ca"]
    equal({k: found[t.ca("birch-root")][k] for k in SUMS}, summed([subtree[n] for n in birch]))
    equal([r["ca_id"] for r in rows(t, "--by", "root")], [r["ca_id"] for r in by_order(list(found.values()))])


def test_by_root_takes_the_program_and_the_refs(t):
    equal(len(rows(t, "--by", "root", "--purpose", "email")), int(t.facts["anchors.2026-05-15.email"]))
    microsoft = rows(t, "--by", "root", "--program", "microsoft")
    check(microsoft and {r["ca_id"] for r in microsoft} != {r["ca_id"] for r in rows(t, "--by", "root")})
    equal([r["ca_id"] for r in rows(t, "--by", "root", "Birch Root R1", "Cedar TLS CA")], [t.ca("birch-root")])


def test_by_root_without_a_store_begins_at_every_top(t):
    db = os.path.join(t.dir, "plain.db")
    equal(t.run("import", "--db", db, t.path("ccadb", "AllCertificatePEMsCSVFormat_NotBeforeYear_2015.csv"),
                t.path("ccadb", "AllCertificatePEMsCSVFormat_NotBeforeYear_2020.csv")).code, 0)
    tops = t.ok("tree", "--all", "--db", db, "--as-of", DAY, "--format", "json").json()
    equal({r["ca_id"] for r in rows(t, "--by", "root", "--db", db)}, {r["ca_id"] for r in tops if r["depth"] == 0})


def test_by_program_tells_of_every_program_and_purpose(t):
    found = {(r["program"], r["purpose"]): r for r in rows(t, "--by", "program")}
    for (program, purpose), row in found.items():
        accepted = rows(t, "--program", program, "--purpose", purpose)
        equal({k: row[k] for k in SUMS}, summed(accepted), program)
        answer = t.ok("impact", "--as-of", DAY, "--program", program, "--purpose", purpose, "--format", "json").json()
        equal((row["trusted"], row["store_date"]), (answer["total"]["trusted"], answer["store_date"]), program)
    for purpose in ["tls", "email"]:
        equal(found["mozilla", purpose]["anchors"], int(t.facts["anchors.2026-05-15." + purpose]))
    check({"mozilla", "apple", "microsoft"} <= {program for program, _ in found})
    check(("chrome", "email") not in found, "chrome has no store for it")
    check(all(0 < r["trusted"] < r["unexpired"] for r in found.values()))
    one, = rows(t, "--by", "program", "--program", "apple", "--purpose", "tls")
    equal(one, found["apple", "tls"])


def test_by_program_counts_what_is_accepted_by_a_rule_not_evaluated(t):
    found = {(r["program"], r["purpose"]): r for r in rows(t, "--by", "program", "--db", t.full_db())}
    check(found["chrome", "tls"]["cas_unevaluated"] > 0)
    equal(found["mozilla", "tls"]["cas_unevaluated"], 0)


def test_revoked_leaves_are_counted_where_a_crl_of_the_ca_was_read(t):
    found = {r["ca_id"]: r for r in rows(t, "--subtree", "--db", t.full_db())}
    told = {t.ca(key[len("revoked_leaves."):]): int(n) for key, n in t.facts.items() if key.startswith("revoked_leaves.")}
    check(sum(told.values()) > 0)
    for ca_id, r in found.items():
        if ca_id in told and r["unexpired"] is not None:
            equal((r["revoked"], r["valid"]), (told[ca_id], r["unexpired"] - told[ca_id]), r["name"])
        else:
            equal((r["revoked"], r["valid"]), (None, None), r["name"])
    equal(found[t.ca("alder-tls-1")]["subtree_valid"], found[t.ca("alder-tls-1")]["valid"])
    equal(found[t.ca("alder-root")]["subtree_valid"], None, "CAs below it have no CRL")
    shown = t.ok("show", t.ca("alder-tls-1"), "--as-of", DAY, "--format", "json", "--db", t.full_db()).json()
    equal((shown["revoked"], shown["valid"]), (found[t.ca("alder-tls-1")]["revoked"], found[t.ca("alder-tls-1")]["valid"]))


def test_ndjson_has_one_object_a_line(t):
    equal(t.ok("counts", "--as-of", DAY, "--format", "ndjson").ndjson(), rows(t))


def test_a_table_groups_thousands_and_shows_a_dash_for_unknown(t):
    out = t.ok("counts", "--as-of", DAY).out
    check("Birch Root R1" in out and "–" in out)
    equal({len(line) - len(line.rstrip()) for line in out.splitlines()}, {0}, "blanks at the end")


def lost(t, program, purpose, *marks):
    args = [a for m in marks for a in ("--mark", m)]
    r = t.ok("impact", "--program", program, "--purpose", purpose, "--as-of", DAY, "--format", "json", *args, "--quiet").json()
    return r["total"]["lost"], sum(1 for c in r["cas"] if c["before"] != c["after"] or c["lost"])


def test_only_here_is_what_impact_says_of_each_ca(t):
    for program, purpose in ("mozilla", "tls"), ("chrome", "tls"), ("mozilla", "email"):
        found = rows(t, "--only-here", "--program", program, "--purpose", purpose)
        check(len(found) > 5 and any(r["only_here"] for r in found), program)
        for row in found:
            wanted, cas = lost(t, program, purpose, row["ca_id"] + "=revoke")
            known = row["only_here"] is not None
            equal((row["only_here"] if known else 0, row["only_here_cas"] >= cas), (wanted, True), row["name"])
            check(row["only_here_unknown_cas"] <= row["only_here_cas"])
            check(known or row["only_here_unknown_cas"] == row["only_here_cas"] > 0, row["name"])


def test_only_here_of_what_is_not_trusted_is_nothing(t):
    trusted = {r["ca_id"] for r in rows(t, "--program", "mozilla")}
    others = [r for r in rows(t, "--only-here") if r["ca_id"] not in trusted]
    check(others)
    equal({(r["only_here"], r["only_here_cas"]) for r in others}, {(0, 0)})


def test_only_here_of_a_root_is_its_removal(t):
    for row in rows(t, "--by", "root", "--only-here", "--program", "mozilla"):
        wanted, _ = lost(t, "mozilla", "tls", row["ca_id"] + "=remove")
        equal(row["only_here"] or 0, wanted, row["name"])


def test_only_here_of_an_owner_is_all_of_its_cas_at_once(t):
    for row in rows(t, "--by", "owner", "--only-here", "--program", "mozilla"):
        if row["owner"]:
            cas = [r["ca_id"] for r in rows(t, "owner:" + row["owner"], "--program", "mozilla")]
            wanted, _ = lost(t, "mozilla", "tls", *[ca + "=revoke" for ca in cas])
            equal(row["only_here"] or 0, wanted, row["owner"])


def test_only_here_needs_a_program_s_store(t):
    t.fails(2, "counts", "--only-here", "--program", "nobody", says="nobody")
    t.fails(2, "counts", "--only-here", "--by", "program", says="--by program")


if __name__ == "__main__":
    main()
