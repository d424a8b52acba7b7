"""What was wrong once: each test is about one mistake that must not come back."""
import contextlib
import datetime
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from crlcase import CA, extension, pem, revoked  # noqa: E402
from ctlog import tlv  # noqa: E402
from harness import DAY, Result, check, equal, main  # noqa: E402

REPORT = "AllCertificatePEMsCSVFormat_NotBeforeYear_%d.csv"
RECORDS = "AllCertificateRecordsCSVFormatV5.2026-05-30.csv"
NOBODY = 65534


def fresh(t, name="new.db"):
    return os.path.join(t.dir, name)


def content(path):
    with open(path, "rb") as f:
        return f.read()


def query(db, text):
    with contextlib.closing(sqlite3.connect(db)) as c:
        return c.execute(text).fetchall()


def everything(db):
    with contextlib.closing(sqlite3.connect(db)) as c:
        return list(c.iterdump())


def certificates(db):
    return {row[0] for row in query(db, "SELECT hex(sha256) FROM certificate")}


def certificates_of(t, year):
    db = fresh(t, "of-%d.db" % year)
    equal(t.run("import", "--db", db, t.path("ccadb", REPORT % year)).code, 0)
    return certificates(db)


def revoked_by_crl(db):
    return sorted(query(db, "SELECT hex(c.sha256), r.since, r.until FROM revocation r"
                            " JOIN certificate c ON c.id = r.certificate WHERE r.source = 1"))


def problems(t, db):
    return t.ok("sources", "--problems", "--db", db, "--format", "json").json()


@contextlib.contextmanager
def open_folder(t):
    """A folder that every user can reach, with the program in it; at the end its owner can write it again."""
    folder = tempfile.mkdtemp(prefix="canopy-review-")
    try:
        os.chmod(folder, 0o755)
        shutil.copy(t.canopy, os.path.join(folder, "canopy"))
        yield folder
    finally:
        for top, folders, _ in os.walk(folder):
            for name in folders:
                os.chmod(os.path.join(top, name), 0o755)
        shutil.rmtree(folder)


def drop_root():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def run_as_user(t, folder, *args):
    """Root may read and write everything, so where the tests run as root the program does not."""
    run = subprocess.run([os.path.join(folder, "canopy"), *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, env=t.env(CANOPY_DB=None, HOME=folder), cwd=folder, timeout=120,
                         preexec_fn=drop_root)
    r = Result(run)
    check("AddressSanitizer" not in r.err, r.err)
    return r


def make_authorities(n):
    """n self-signed CA certificates of one name, each with its own key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Many Keys Root (fictional)")])
    made = []
    for i in range(n):
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(i + 1).not_valid_before(datetime.datetime(2020, 1, 1))
                   .not_valid_after(datetime.datetime(2040, 1, 1))
                   .add_extension(x509.BasicConstraints(True, None), True))
        made.append(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return b"".join(made)


def make_authorities_slowly(n):
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
               "-keyout", os.devnull, "-subj", "/CN=Many Keys Root (fictional)", "-days", "30",
               "-addext", "subjectKeyIdentifier=none", "-addext", "authorityKeyIdentifier=none"]
    return b"".join(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
                    for _ in range(n))


def many_authorities():
    try:
        return 300, make_authorities(300)
    except ImportError:
        return 120, make_authorities_slowly(120)


def test_certdata_after_a_report_of_the_same_day_gives_the_anchors(t):
    day = "2026-05-30"
    for name in os.listdir(t.path("ccadb")):
        t.write("pems/" + name if "PEMs" in name else "report.csv", content(t.path("ccadb", name)))
    pems, report = os.path.join(t.dir, "pems"), os.path.join(t.dir, "report.csv")
    certdata = t.write("certdata.txt", content(t.path("mozilla", "certdata.2026-05-15.txt")))
    dbs = {name: fresh(t, name + ".db") for name in ("report", "certdata", "both")}
    for name, paths in {"report": [pems, report], "certdata": [pems, certdata], "both": [pems, report]}.items():
        equal(t.run("import", "--db", dbs[name], "--source-date", day, *paths).code, 0)
    equal(t.run("import", "--db", dbs["both"], "--source-date", day, certdata).code, 0)

    def accepted(name, purpose):
        rows = t.ok("counts", "--db", dbs[name], "--program", "mozilla", "--purpose", purpose, "--as-of", DAY,
                    "--format", "json").json()
        return {row["ca_id"] for row in rows}

    equal(accepted("certdata", "tls") != accepted("report", "tls"), True, "the report and certdata differ")
    for purpose in ("tls", "email"):
        check(accepted("both", purpose), "mozilla accepts nothing for " + purpose)
        equal(accepted("both", purpose), accepted("certdata", purpose), purpose)
    anchors = "SELECT hex(sha256), purpose, nb_hi FROM store_anchor a JOIN store_snapshot s ON s.id = a.snapshot" \
              " WHERE s.program = 'mozilla' ORDER BY 1, 2, 3"
    equal(query(dbs["both"], anchors), query(dbs["certdata"], anchors), "anchors")
    before = everything(dbs["both"])
    for paths in ([pems, report], [certdata], [certdata, report, pems]):
        r = t.run("import", "--db", dbs["both"], "--source-date", day, *paths)
        equal(r.code, 0, r.err)
        check("nothing changed" in r.err, r.err)
        equal(everything(dbs["both"]), before)


def test_reports_are_told_apart_by_name(t):
    first, other, newer = (content(t.path("ccadb", REPORT % year)) for year in (2010, 2012, 2013))
    t.write("f/ReportAAA.2024-01.csv", first)
    t.write("f/ReportBBB.2024-01.csv", other)
    both = certificates_of(t, 2010) | certificates_of(t, 2012)
    for db, calls in ((fresh(t, "folder.db"), ["f"]),
                      (fresh(t, "calls.db"), ["f/ReportAAA.2024-01.csv", "f/ReportBBB.2024-01.csv"])):
        for path in calls:
            equal(t.run("import", "--db", db, path).code, 0)
        equal(certificates(db), both, calls)
    t.write("ReportAAA.2024-02.csv", newer)
    r = t.run("import", "--db", db, "ReportAAA.2024-02.csv")
    equal(r.code, 0, r.err)
    after = certificates_of(t, 2013) | certificates_of(t, 2012)
    equal(certificates(db), after, "after the newer one")

    def parts():
        return sorted((row["part"], os.path.basename(row["from"]))
                      for row in t.ok("sources", "--db", db, "--format", "json").json())

    wanted = [("ReportAAA", "ReportAAA.2024-02.csv"), ("ReportBBB", "ReportBBB.2024-01.csv")]
    equal(parts(), wanted)
    t.write("ReportAAA.2023-12.csv", content(t.path("ccadb", REPORT % 2014)))
    r = t.run("import", "--db", db, "ReportAAA.2023-12.csv")
    equal((r.code, r.out), (0, ""))
    check(any("ReportAAA.2023-12.csv" in line and "not used" in line for line in r.err.splitlines()), r.err)
    equal((parts(), certificates(db)), (wanted, after))


def test_a_file_skipped_in_a_folder_is_refused_when_named(t):
    db, path = fresh(t), t.write("f/letter.txt", "Dear all,\n")
    t.write("f/ca.der", content(t.path("single", "one-ca.der")))
    equal(t.run("import", "--db", db, os.path.join(t.dir, "f")).code, 0)
    check(any(p["from"] == path for p in problems(t, db)), "the skipped file is not listed")
    for _ in range(2):
        t.fails(3, "import", "--db", db, path, says="letter.txt")


def test_a_read_only_index_in_a_read_only_folder_can_be_read(t):
    with open_folder(t) as folder:
        index = os.path.join(folder, "index % ?#")
        os.mkdir(index)
        db = shutil.copy(t.db, os.path.join(index, "canopy.db"))
        os.chmod(db, 0o444)
        os.chmod(index, 0o555)
        args = ["counts", "--as-of", DAY, "--format", "csv"]
        r = run_as_user(t, folder, *args, "--db", db)
        equal((r.code, r.err), (0, ""))
        equal(r.out, t.ok(*args).out)
        equal(os.listdir(index), ["canopy.db"])


def test_many_keys_of_one_name_each_sign_themselves(t):
    try:
        n, pem = many_authorities()
    except FileNotFoundError:
        print("# nothing here makes certificates")
        return
    db = fresh(t)
    r = t.run("import", "--db", db, t.write("many.pem", pem))
    equal((r.code, r.out), (0, ""), r.err)
    equal(len(t.ok("counts", "--db", db, "--format", "json").json()), n)
    equal(query(db, "SELECT count(*), count(DISTINCT sha256), count(DISTINCT ca_id), sum(issuer_ca_id = ca_id)"
                    " FROM v_ca_certificate"), [(n, n, n, n)])


def test_a_report_without_a_row_is_refused(t):
    db = fresh(t)
    pems, records = (content(t.path("ccadb", name)) for name in (REPORT % 2010, RECORDS))
    for name, data in (("Pems", pems), ("Records", records)):
        equal(t.run("import", "--db", db, t.write(name + ".2024-01.csv", data)).code, 0)
    before = everything(db)
    for name, data in (("Pems", pems), ("Records", records)):
        empty = name + ".2024-02.csv"
        t.write(empty, data.split(b"\n", 1)[0] + b"\n")
        t.fails(3, "import", "--db", db, empty, says=empty)
        equal(everything(db), before, name)
    held = certificates(db)
    os.mkdir(os.path.join(t.dir, "f"))
    shutil.copy(os.path.join(t.dir, "Pems.2024-02.csv"), os.path.join(t.dir, "f"))
    equal(t.run("import", "--db", db, "f").code, 0)
    equal(certificates(db), held, "from a folder")
    check(any(p["from"].endswith("Pems.2024-02.csv") for p in problems(t, db)), "the empty report is not listed")


def test_a_leaf_as_ref_is_told_with_its_ca(t):
    leaf, issuer = t.facts["leaf.rsa-leaf"], t.ca("birch-issuing-2")
    for text in (leaf, leaf.upper()):
        t.fails(2, "show", text, says=["is a leaf of 'Hazel Web CA (by Birch)'", issuer])


def test_a_report_is_no_store(t):
    db = shutil.copy(t.db, fresh(t))
    before = everything(db)
    t.write("x.csv", content(t.path("ccadb", REPORT % 2010)))
    t.fails(3, "import", "--db", db, "--store", "mine", "x.csv", says="'x.csv'")
    equal(everything(db), before)
    equal(t.run("counts", "--db", db, "--program", "mine").code, 2)


def test_a_forged_crl_does_not_displace_a_verified_one(t):
    db = fresh(t)
    genuine = content(t.path("crl", "birch-root.crl"))
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("crl", "birch-root.crl")).code, 0)
    before = revoked_by_crl(db)
    check(before, "the CRL revokes nothing")
    equal(genuine.count(b"260528"), 1)
    t.write("forged.crl", genuine.replace(b"260528", b"260529"))
    for _ in range(2):
        r = t.run("import", "--db", db, "forged.crl")
        equal(revoked_by_crl(db), before)
        equal((r.code, r.out), (0, ""))
        check(any("forged.crl" in line and "not used" in line for line in r.err.splitlines()), r.err)


def test_a_crl_that_no_key_verifies_is_a_problem(t):
    db = fresh(t)
    equal(t.run("import", "--db", db, t.path("ccadb"), t.path("crl", "birch-root.crl"),
                t.path("crl", "vanished-root.crl")).code, 0)
    found = [p for p in problems(t, db) if "CRL" in p["what"]]
    equal([os.path.basename(p["from"]) for p in found], ["vanished-root.crl"])


def test_a_fifo_is_refused_and_not_waited_for(t):
    path, db = os.path.join(t.dir, "pipe.pem"), fresh(t)
    os.mkfifo(path)
    t.fails(3, "import", "--db", db, path, says="pipe.pem")
    r = t.run("import", "--db", db, path, t.path("single"))
    equal((r.code, r.out), (3, ""))
    check("pipe.pem" in r.err, r.err)
    equal(len(certificates(db)), 1)


def test_an_unreadable_folder_is_told_after_the_others(t):
    with open_folder(t) as folder:
        given, own = os.path.join(folder, "given"), os.path.join(folder, "own")
        for path in (own, given, os.path.join(given, "closed")):
            os.mkdir(path)
        os.chmod(own, 0o777)
        pem = REPORT % 2010
        for name in ("a.csv", "closed/b.csv", "z.csv"):
            source = t.path("single", "one-ca.der") if name == "z.csv" else t.path("ccadb", pem)
            shutil.copy(source, os.path.join(given, name))
        os.chmod(os.path.join(given, "closed"), 0)
        db = os.path.join(own, "new.db")
        r = run_as_user(t, folder, "import", "--db", db, given)
        equal((r.code, r.out), (3, ""), r.err)
        check("closed'" in r.err, r.err)
        alone = fresh(t, "alone.db")
        equal(t.run("import", "--db", alone, t.path("single"), t.path("ccadb", pem)).code, 0)
        equal(certificates(db), certificates(alone))


def test_leaves_and_crls_belong_to_the_ca_of_that_very_name_whatever_came_first(t):
    root = CA(t.dir, "Twin Root")
    printable = tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403"), tlv(19, b"Twin Root"))))
    files = {"utf8": pem(root.cert), "leaves": b"".join(pem(root.leaf(bytes([i]))) for i in (0x21, 0x22)), "crl": root.crl(revoked(b"\x21"))}
    utf8_id, root.name = root.id, printable
    basic = [extension(0x13, tlv(0x30, b"\1\1\xff"), True)]
    files["printable"] = pem(root.certificate(b"\3", printable, root.spki, basic, "200101000000", "400101000000"))
    files["leaves"] += b"".join(pem(root.leaf(bytes([i]))) for i in (0x21, 0x22, 0x23))
    files["crl2"] = root.crl(revoked(b"\x22"), revoked(b"\x23"))
    path = {name: t.write("twin-" + name, data) for name, data in files.items()}
    for i, order in enumerate([("utf8 printable leaves crl crl2",), ("printable leaves crl crl2", "utf8"), ("utf8 leaves crl crl2", "printable"),
                               ("crl2 leaves crl", "printable", "utf8"), ("crl", "printable crl2", "leaves utf8")]):
        db = fresh(t, "twins-%d.db" % i)
        for step in order:
            equal(t.run("import", "--quiet", "--db", db, *[path[name] for name in step.split()]).code, 0)
        rows = t.ok("counts", "--db", db, "--as-of", DAY, "--format", "json").json()
        equal([(r["ca_id"] == utf8_id, r["issued"], r["unexpired"], r["revoked"]) for r in rows], [(False, 3, 3, 2), (True, 2, 2, 1)], order)
        equal(t.run("check", "--db", db, "--as-of", DAY, "--kind", "duplicate-serial").code, 0, order)
    # an index whose leaves and lists were placed otherwise, as by an earlier canopy
    with contextlib.closing(sqlite3.connect(db)) as c:
        c.execute("UPDATE leaf_certificate SET ca = (SELECT min(id) FROM ca)")
        c.execute("UPDATE crl SET ca = (SELECT min(id) FROM ca)")
        c.commit()
    t.ok("index", "--rebuild", "--quiet", "--db", db)
    equal(t.ok("counts", "--db", db, "--as-of", DAY, "--format", "json").json(), rows)


def test_leaves_of_a_ca_that_went_go_to_the_one_whose_name_is_the_same_otherwise_written(t):
    root, other, db = CA(t.dir, "Twin Root"), CA(t.dir, "Another Root"), fresh(t)
    leaf, csv = root.leaf(b"\x24"), os.path.join(t.dir, REPORT % 2020)
    root.name = tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403"), tlv(19, b"Twin Root"))))
    basic = [extension(0x13, tlv(0x30, b"\1\1\xff"), True)]
    printable = root.certificate(b"\3", root.name, root.spki, basic, "200101000000", "400101000000")
    paths = [t.write("twin.pem", pem(printable)), t.write("leaf.pem", pem(leaf)), csv]
    for cert in [root.cert, other.cert]:
        row = '%s,"%s"\n' % (hashlib.sha256(cert).hexdigest(), pem(cert).decode())
        t.write(csv, "SHA-256 Fingerprint,X.509 Certificate (PEM)\n" + row)
        equal(t.run("import", "--quiet", "--db", db, *paths).code, 0)
        rows = {r["ca_id"]: r["issued"] for r in t.ok("counts", "--db", db, "--as-of", DAY, "--format", "json").json()}
        equal(sorted(rows.values(), key=str), [1, None])
        equal(rows.get(root.id), 1 if cert == root.cert else None)
    equal(rows[hashlib.sha256(root.name + root.spki).hexdigest()], 1, "the other has none any more")


def test_a_precertificate_signed_for_a_ca_is_the_leaf_of_that_ca(t):
    root, signer = CA(t.dir, "Fictional Root"), CA(t.dir, "Fictional Precertificate Signer")
    basic, san = extension(0x13, tlv(0x30, b"\1\1\xff"), True), extension(0x11, tlv(0x30, tlv(0x82, b"h.example")))
    ct_signing = extension(0x25, tlv(0x30, bytes.fromhex("060a2b06010401d679020404")))
    poison = tlv(0x30, bytes.fromhex("060a2b06010401d679020403"), b"\1\1\xff", tlv(4, b"\5\0"))
    files = {"root": root.cert, "signer": root.certificate(b"\2", signer.name, signer.spki, [basic, ct_signing], "200101000000", "400101000000")}
    for name, ca, more in [("pre", signer, [poison]), ("final", root, []), ("below", signer, [])]:
        serial = b"\x44" if name == "below" else b"\x33"
        files[name] = ca.certificate(serial, tlv(0x30), signer.spki, [san] + more, "260501000000", "260901000000")
    path = {name: t.write(name + ".pem", pem(der)) for name, der in files.items()}
    for i, order in enumerate(["root signer pre final below", "pre below", "signer pre"]):
        db = fresh(t, "signed-for-%d.db" % i)
        for step in [order.split(), [name for name in path if name not in order.split()]]:
            if step:
                equal(t.run("import", "--quiet", "--db", db, *[path[name] for name in step]).code, 0)
        rows = t.ok("counts", "--db", db, "--as-of", DAY, "--format", "json").json()
        equal({r["name"]: r["issued"] for r in rows}, {root.cn: 1, signer.cn: 1}, order)
        [leaf] = t.ok("leaves", root.id, "--db", db, "--as-of", DAY, "--format", "json").json()
        equal((leaf["serial"], leaf["precert"], leaf["final"]), ("33", True, True), order)


if __name__ == "__main__":
    main()
