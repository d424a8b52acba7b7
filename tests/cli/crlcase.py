"""Fictional CAs with keys of their own: what they sign is certificates, leaves and revocation lists of every kind. Serials are
octets, so that none is changed on the way; times are UTCTime without the Z."""
import base64
import hashlib
import os
import subprocess

from ctlog import elements, tlv

ECDSA = tlv(0x30, bytes.fromhex("06082a8648ce3d040302"))
DUMMY = b"\0fictional"
USERS, CAS, ATTRIBUTES = 0x81, 0x82, 0x85


def oid(*last):
    return bytes([6, 3, 0x55, 0x1D, *last])


def extension(number, value, critical=False):
    return tlv(0x30, oid(number), b"\1\1\xff" if critical else b"", tlv(4, value))


def name(cn):
    return tlv(0x30, tlv(0x31, tlv(0x30, bytes.fromhex("0603550403"), tlv(12, cn.encode()))))


def time(text):
    return tlv(0x17, text.encode() + b"Z")


def point(url=None, *flags, indirect=False, reasons=False):
    """issuingDistributionPoint; a list for some reasons has the two first of them."""
    parts = [tlv(0xA0, tlv(0xA0, tlv(0x86, url.encode())))] if url else []
    parts += [tlv(flag, b"\xff") for flag in flags if flag != ATTRIBUTES]
    parts += [tlv(0x83, b"\5\x60")] if reasons else []
    parts += [tlv(0x84, b"\xff")] if indirect else []
    parts += [tlv(ATTRIBUTES, b"\xff")] if ATTRIBUTES in flags else []
    return extension(0x1C, tlv(0x30, *parts), True)


def delta(base):
    return extension(0x1B, tlv(2, bytes([base])), True)


def reason(number):
    return extension(0x15, tlv(10, bytes([number])))


def issuer(cn):
    return extension(0x1D, tlv(0x30, tlv(0xA4, name(cn))), True)


def revoked(serial, when="260510000000", *extensions):
    return tlv(0x30, tlv(2, serial), time(when), tlv(0x30, *extensions) if extensions else b"")


def pem(der, kind="CERTIFICATE"):
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (kind.encode(), base64.encodebytes(der), kind.encode())


class CA:
    """One name and one key, self-signed or under another one."""
    made = 0

    def __init__(self, folder, cn, parent=None, serial=b"\1", key_of=None, crl_urls=()):
        CA.made += 1
        self.cn, self.name = cn, name(cn)
        self.key = key_of.key if key_of else os.path.join(folder, "key%d" % CA.made)
        if not key_of:
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        self.spki = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")
        self.keyid = hashlib.sha1(next(elements(next(elements(self.spki))[2]))[1] + self.spki).digest()
        self.id = hashlib.sha256(self.name + self.spki).hexdigest()
        signer = parent or self
        more = [extension(0x13, tlv(0x30, b"\1\1\xff"), True), extension(0x0F, b"\3\2\1\6", True),
                extension(0x0E, tlv(4, self.keyid)), extension(0x23, tlv(0x30, tlv(0x80, signer.keyid)))] + points(crl_urls)
        self.cert = signer.certificate(serial, self.name, self.spki, more, "200101000000", "400101000000")

    def sign(self, tbs, good=True):
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=tbs, capture_output=True, check=True).stdout
        return tlv(0x30, tbs, ECDSA, tlv(3, b"\0" + (signature if good else signature[:-1] + bytes([signature[-1] ^ 1]))))

    def certificate(self, serial, subject, spki, extensions, before, after):
        return self.sign(tlv(0x30, tlv(0xA0, b"\2\1\2"), tlv(2, serial), ECDSA, self.name, tlv(0x30, time(before), time(after)),
                             subject, spki, tlv(0xA3, tlv(0x30, *extensions))))

    def leaf(self, serial, before="260501000000", after="260901000000", crl_urls=()):
        eku = extension(0x25, tlv(0x30, bytes.fromhex("06082b06010505070301")))
        san = extension(0x11, tlv(0x30, tlv(0x82, b"h%s.example" % serial.hex().encode())))
        return self.certificate(serial, tlv(0x30), self.spki, [san, eku] + points(crl_urls), before, after)

    def crl(self, *entries, at="260528000000", until="260604000000", number=5, more=(), aki=True, v1=False, good=True, signer=None):
        """aki: whose key the list names; signer: whose it is."""
        named = [] if not aki else [extension(0x23, tlv(0x30, tlv(0x80, (self if aki is True else aki).keyid)))]
        exts = [] if v1 else [tlv(0xA0, tlv(0x30, *named, extension(0x14, tlv(2, bytes([number]))), *more))]
        return (signer or self).sign(tlv(0x30, b"" if v1 else b"\2\1\1", ECDSA, self.name, time(at), time(until) if until else b"",
                                         tlv(0x30, *entries) if entries else b"", *exts), good)

    def unsigned(self, crl):
        tbs, alg, _ = [whole for _, whole, _ in elements(next(elements(crl))[2])]
        return tlv(0x30, tbs, alg, tlv(3, b"\0"))


def points(urls):
    inside = [tlv(0x30, tlv(0xA0, tlv(0xA0, tlv(0x86, url.encode())))) for url in urls]
    return [extension(0x1F, tlv(0x30, *inside))] if inside else []


def openssl(*args):
    return subprocess.run(["openssl", *args], capture_output=True, check=True).stdout
