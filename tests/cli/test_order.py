"""The same files give the same answers, in whatever order they came and whatever stood in their place before."""
import hashlib
import os
import random
import sqlite3
import sys

sys.dont_write_bytecode = True
from crlcase import CA, extension, name, pem, revoked  # noqa: E402
from ctlog import tlv  # noqa: E402
from harness import DAY, check, equal, main  # noqa: E402

REPORT = "AllCertificatePEMsCSVFormat_NotBeforeYear_2020.csv"
BASIC = extension(0x13, tlv(0x30, b"\1\1\xff"), True)
CT_SIGNING = extension(0x25, tlv(0x30, bytes.fromhex("060a2b06010401d679020404")))
POISON = tlv(0x30, bytes.fromhex("060a2b06010401d679020403"), b"\1\1\xff", tlv(4, b"\5\0"))


def report(*certs):
    rows = ['%s,"%s"\n' % (hashlib.sha256(cert).hexdigest(), pem(cert).decode()) for cert in certs]
    return "SHA-256 Fingerprint,X.509 Certificate (PEM)\n" + "".join(rows)


def printable(cn):
    return tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403"), tlv(19, cn.encode()))))


def ca_cert(issuer, subject, spki, *extensions, serial=b"\x11", before="200101000000", after="400101000000"):
    return issuer.certificate(serial, subject, spki, list(extensions), before, after)


def exports(t, db, refs):
    """What an index answers; of the leaves of unknown issuer `sources` tells."""
    said = {}
    asked = [("counts", "--subtree"), ("counts", "--by", "owner"), ("tree",), ("check",), *[("leaves", ref) for ref in refs]]
    for args in asked:
        run = t.run(*args, "--db", db, "--as-of", DAY, "--format", "csv")
        check(run.code in (0, 1, 2), run.err)  # 2: a REF that names nothing in this index
        said[args] = (run.code, run.out)
    with sqlite3.connect(db) as c:
        said["unknown"] = c.execute("SELECT count(*) FROM certificate WHERE class = 3").fetchall()
    return said


def put(t, db, steps):
    """Each step is one import; a part of it is the name of a file and its content."""
    if os.path.exists(db):
        os.unlink(db)
    for step in steps:
        paths = [t.write(os.path.join("files", part), data) for part, data in step]
        equal(t.run("import", "--quiet", "--db", db, *paths).code, 0)


def same_in_every_order(t, files, before, refs, orders=16):
    """`before` stood in the place of some of the files earlier; it comes before that file, at any time."""
    reference, other = os.path.join(t.dir, "reference.db"), os.path.join(t.dir, "other.db")
    put(t, reference, [list(files.items())])
    want = exports(t, reference, refs)
    dice = random.Random(5)
    for n in range(orders):
        steps = [[part] for part in files.items()]
        dice.shuffle(steps)
        for part, data in before:
            last = steps.index([(part, files[part])])
            steps.insert(dice.randrange(last + 1) if n % 2 else last, [(part, data)])
        if n % 2 == 0:  # the last word on them comes last
            for part, _ in before:
                steps.append(steps.pop(steps.index([(part, files[part])])))
        put(t, other, steps)
        got = exports(t, other, refs)
        order = [part for step in steps for part, _ in step]
        for what in want:
            equal(got[what], want[what], "%s after %s" % (what, order))
        t.ok("index", "--rebuild", "--quiet", "--db", other)
        equal(exports(t, other, refs), want, "rebuilt after %s" % order)
    return want


def world_by_word(t):
    """A CA by CCADB's word alone, another of the same key and name, otherwise written, and leaves of both."""
    root, ca = CA(t.dir, "Word Root"), CA(t.dir, "Word CA")
    alone = ca_cert(root, ca.name, ca.spki)
    leaves = [pem(ca.leaf(bytes([i]))) for i in (0x21, 0x22)]
    crl = ca.crl(revoked(b"\x21"))
    ca.name = printable("Word CA")
    twin = ca_cert(root, ca.name, ca.spki, BASIC, serial=b"\x12")
    leaves.append(pem(ca.leaf(b"\x23")))
    files = {"root.pem": pem(root.cert), "alone.pem": pem(alone), "leaves.pem": b"".join(leaves), "list.crl": crl}
    return root, alone, twin, files


def issued(said):
    rows = said[("counts", "--subtree")][1].splitlines()
    at = rows[0].split(",").index("issued")
    return sorted(row.split(",")[at] for row in rows[1:])


def test_a_ca_by_ccadbs_word_alone_whose_record_goes(t):
    root, alone, twin, files = world_by_word(t)
    files[REPORT] = report(root.cert)
    want = same_in_every_order(t, files, [(REPORT, report(root.cert, alone))], ["Word CA"])
    equal((issued(want), want["unknown"]), (["1"], [(3,)]), "its leaves are nobody's, its certificate is a leaf of the root")


def test_its_leaves_go_to_the_ca_whose_name_is_the_same_otherwise_written(t):
    root, alone, twin, files = world_by_word(t)
    files.update({REPORT: report(root.cert), "twin.pem": pem(twin)})
    same_in_every_order(t, files, [(REPORT, report(root.cert, alone))], ["Word CA"])


def test_a_ca_by_ccadbs_word_alone_whose_record_comes(t):
    root, alone, twin, files = world_by_word(t)
    files.update({REPORT: report(root.cert, alone), "twin.pem": pem(twin)})
    same_in_every_order(t, files, [(REPORT, report(root.cert))], [])


def signer_of_two(t):
    """A key that two roots certified for signing precertificates, one after the other, and one of them for all else as well."""
    a, b, signer = CA(t.dir, "First Root"), CA(t.dir, "Second Root"), CA(t.dir, "Precertificate Signer")
    of_a = ca_cert(a, signer.name, signer.spki, BASIC, CT_SIGNING, before="200101000000", after="230101000000")
    of_b = ca_cert(b, signer.name, signer.spki, BASIC, CT_SIGNING, before="220101000000")
    plain = ca_cert(a, signer.name, signer.spki, BASIC, serial=b"\x12")
    precerts = []
    for serial, begin in [(b"\x31", "210601"), (b"\x32", "220601"), (b"\x33", "230101"), (b"\x34", "230601")]:
        more = [extension(0x11, tlv(0x30, tlv(0x82, b"h.example"))), POISON]
        precerts.append(pem(signer.certificate(serial, name("h.example"), signer.spki, more, begin + "000000", "260901000000")))
    final = b.certificate(b"\x34", name("h.example"), signer.spki, [], "230601000000", "260901000000")
    files = {"a.pem": pem(a.cert), "b.pem": pem(b.cert), "plain.pem": pem(plain), "pre.pem": b"".join(precerts), "final.pem": pem(final)}
    return a, b, signer, of_a, of_b, files


def issued_by(said):
    rows = [row.split(",") for row in said[("counts", "--subtree")][1].splitlines()]
    return {row[1]: row[rows[0].index("issued")] for row in rows[1:]}


def test_precertificates_of_a_signer_with_several_certificates(t):
    a, b, signer, of_a, of_b, files = signer_of_two(t)
    files.update({"of-a.pem": pem(of_a), "of-b.pem": pem(of_b)})
    want = same_in_every_order(t, files, [], [a.id, b.id, signer.id])
    equal((issued_by(want), want["unknown"]), ({a.cn: "", b.cn: "1", signer.cn: "4"}, [(0,)]), "one certificate lets it sign for itself")
    del files["plain.pem"]
    want = same_in_every_order(t, files, [], [a.id, b.id, signer.id])
    equal(issued_by(want), {a.cn: "1", b.cn: "1", signer.cn: ""}, "by the day on which the leaf begins")
    equal(want["unknown"], [(2,)], "both certified the signer when these two begin")


def test_precertificates_of_a_signer_whose_certificate_goes(t):
    a, b, signer, of_a, of_b, files = signer_of_two(t)
    plain = files.pop("plain.pem")
    files[REPORT] = report(of_a)
    want = same_in_every_order(t, files, [(REPORT, report(of_a, of_b))], [a.id, b.id, signer.id])
    equal(issued_by(want), {a.cn: "3", b.cn: "1", signer.cn: "1"}, "one CA alone certified it, and not for the last")
    files.update({REPORT: report(a.cert), "plain.pem": plain})
    want = same_in_every_order(t, files, [(REPORT, report(of_a))], [a.id, b.id, signer.id])
    equal(issued_by(want), {a.cn: "", b.cn: "1", signer.cn: "4"}, "it signs for nobody else now")
    del files["plain.pem"]
    want = same_in_every_order(t, files, [(REPORT, report(of_b))], [a.id, b.id, signer.id])
    equal((issued_by(want), want["unknown"]), ({a.cn: "", b.cn: "1"}, [(4,)]), "no signer is there")


def test_precertificates_of_a_ca_whose_key_others_certify_for_signing_them(t):
    """Anybody can: they stay where they are, whoever does and however often."""
    honest, mallory, other = CA(t.dir, "Honest CA"), CA(t.dir, "Mallory"), CA(t.dir, "Mallory's Other")
    forged = [ca_cert(m, honest.name, honest.spki, BASIC, CT_SIGNING) for m in (mallory, other)]
    more = [extension(0x11, tlv(0x30, tlv(0x82, b"h.example"))), POISON]
    leaf = honest.certificate(b"\x31", name("h.example"), honest.spki, more, "260101000000", "260901000000")
    files = {"ca.pem": pem(honest.cert), "leaf.pem": pem(leaf), "mallory.pem": pem(mallory.cert), "forged.pem": pem(forged[0])}
    for more in ({}, {"other.pem": pem(other.cert), "again.pem": pem(forged[1])}):
        files.update(more)
        want = same_in_every_order(t, files, [], [honest.id, mallory.id], orders=8)
        issued = issued_by(want)
        equal((issued[honest.cn], issued[mallory.cn], want["unknown"]), ("1", "", [(0,)]))
    # one whose own issuer is not indexed keeps them as well
    files["ca.pem"] = pem(ca_cert(CA(t.dir, "Unseen Root"), honest.name, honest.spki, BASIC))
    want = same_in_every_order(t, files, [], [honest.id, mallory.id], orders=8)
    equal((issued_by(want)[honest.cn], want["unknown"]), ("1", [(0,)]))


def records(*rows):
    names = ["SHA-256 Fingerprint", "CA Owner", "Subordinate CA Owner", "Certificate Name", "Certificate Record Type", "Mozilla Status",
             "Revocation Status"]
    lines = ['%s,"%s","%s",Some CA,Root Certificate,Included,\n' % (hashlib.sha256(cert).hexdigest(), *owners) for cert, *owners in rows]
    return ",".join(names) + "\n" + "".join(lines)


def two_certificates(t):
    """Of one CA and one validity."""
    ca = CA(t.dir, "Some CA")
    certs = sorted((ca_cert(ca, ca.name, ca.spki, BASIC, serial=bytes([i])) for i in (0x11, 0x12)), key=lambda c: hashlib.sha256(c).digest())
    return ca, certs, {"first.pem": pem(certs[0]), "second.pem": pem(certs[1]), "leaf.pem": pem(ca.leaf(b"\x21"))}


def owner_of(said):
    [row] = said[("counts", "--subtree")][1].splitlines()[1:]
    return row.split(",")[4]


def test_of_certificates_of_one_validity_ccadbs_own_report_names_the_owner(t):
    ca, (first, second), files = two_certificates(t)
    own, derived = "AllCertificateRecordsCSVFormatV5.2026-05-20.csv", "OtherRecords.derived.2026-05-30.csv"
    files[derived] = records((first, "Derived", ""), (second, "Derived too", ""))
    files[own] = records((second, "Told by CCADB", ""))
    equal(owner_of(same_in_every_order(t, files, [], [ca.id])), "Told by CCADB")
    del files[own]
    equal(owner_of(same_in_every_order(t, files, [], [ca.id])), "Derived", "the first fingerprint")


def test_of_two_reports_of_one_day_their_names_decide(t):
    ca, (first, _), files = two_certificates(t)
    files["BRecords.2026-05-30.csv"] = records((first, "B", ""))
    files["ARecords.2026-05-30.csv"] = records((first, "A", "A below"))
    files["CRecords.2026-05-29.csv"] = records((first, "C", "C below"))
    equal(owner_of(same_in_every_order(t, files, [], [ca.id])), "A below")


def test_of_two_figures_of_one_day_the_last_file_by_name_counts(t):
    root = CA(t.dir, "Counted Root")
    line = "ca,unexpired,issued,source,as_of\n%s,%d,,somebody,2026-05-20\n"
    files = {"root.pem": pem(root.cert), "b.csv": line % (root.id, 700), "a.csv": line % (root.id, 800), "c.csv": line % (root.id, 900)}
    want = same_in_every_order(t, files, [("c.csv", line % (root.id, 950))], [], orders=8)
    [row] = want[("counts", "--subtree")][1].splitlines()[1:]
    equal(row.split(",")[6], "900")
    db = os.path.join(t.dir, "other.db")
    put(t, db, [[(part, files[part])] for part in sorted(files, reverse=True)])
    with sqlite3.connect(db) as c:
        c.execute("UPDATE figure SET as_of = unixepoch() / 86400 - 3")
        equal(c.execute("SELECT unexpired FROM v_ca_count").fetchall(), [(900,)], "for SQL, too")


if __name__ == "__main__":
    main()
