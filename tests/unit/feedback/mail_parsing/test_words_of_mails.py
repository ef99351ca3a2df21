"""What a mail says comes out as it was meant, whatever the program that sent it made of it."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from services.feedback.mail.parsing import Mail, Ours, parse, tnef_rtf

OURS = Ours(address="liaise@liaise.example", authserv_id="mx.liaise.example")


def read(*lines: str | bytes, envelope_sender: str | None = None) -> Mail:
    content = b"\r\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    return parse(content, OURS, envelope_sender)


def mail(*lines: str | bytes) -> Mail:
    return read("From: Amara <amara@example.com>", "Subject: VPN", "Message-ID: <1@example.com>", *lines)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"),
        ("=?utf-8?B?R3LD?=\r\n\t=?UTF-8?q?=BC=C3=9Fe?= aus Bonn", "Grüße aus Bonn"),
        ("Re:=?iso-8859-1?Q?=DCbung?=(neu)", "Re:Übung(neu)"),
        ("=?us-ascii?Q?A / 1 / West?=", "A / 1 / West"),
        ("=?utf-8?Q?who??=", "who?"),
        ("=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?iso-2022-jp?B?GyRCJF4kXyRgGyhC?=", "まみむ"),
        ("=?gb2312?B?vKjQp7ncwO0=?=", "绩效管理"),
        ("=?ks_c_5601-1987?B?x9Gxub7u?=", "한국어"),
        ("=?unicode-1-1-utf-7?Q?+ANw-bung?=", "Übung"),
        ("=?windows-1258?Q?ti=EA=ECng?=", "tiếng"),
        ("=?unknown-8bit?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?no-such-thing?B?VEVTVA=?=", "TEST"),
        ("=?utf-8?B?not base64 at all!?=", None),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"=?koi8-r?B?8NLJ18XU?= " + "мир".encode("koi8-r"), "Привет мир"),
        ("u\u0308ber", "über"),
        ("a\tb   c", "a b c"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("=?utf-8?Q?two=0D=0Alines?=", "two lines"),
    ],
)
def test_subjects(raw: str | bytes, subject: str | None) -> None:
    line = b"Subject: " + (raw if isinstance(raw, bytes) else raw.encode())
    said = read(line, "From: a@example.com", "", "Hello").subject
    assert said == subject or (subject is None and said.isprintable())


@pytest.mark.parametrize(
    ("raw", "name", "address"),
    [
        ("Amara Okafor <amara@example.com>", "Amara Okafor", "amara@example.com"),
        ('"Okafor, Amara" <Amara@Example.com>', "Okafor, Amara", "Amara@Example.com"),
        ("Okafor, Amara <amara@example.com>", "Okafor, Amara", "amara@example.com"),
        ("amara@example.com (Amara Okafor)", "Amara Okafor", "amara@example.com"),
        ("amara@example.com", "", "amara@example.com"),
        ("<amara@example.com>", "", "amara@example.com"),
        ("'Amara' <amara@example.com>", "Amara", "amara@example.com"),
        ("=?utf-8?B?TcO8bGxlciwgQmVybmQ=?= <b@example.com>", "Müller, Bernd", "b@example.com"),
        ('"=?utf-8?Q?M=C3=BCller?=" <b@example.com>', "Müller", "b@example.com"),
        ("=?Windows-1252?Q?B=C4?= =?iso-8859-15?q?Sch=F6n?= <b@example.com>", "BÄSchön", "b@example.com"),
        ("=?utf-8?Q?B_=3Cb=40example.com=3E?=", "B", "b@example.com"),
        ("Müller <b@example.com>".encode("latin-1"), "Müller", "b@example.com"),
        ("=?utf-8?Q?M=C3=BCller_(HR),_B?= <b@example.com>", "Müller (HR), B", "b@example.com"),
        ("A <a@example.com", "A", "a@example.com"),
        ("A [mailto:a@example.com]", "A", "a@example.com"),
        ("a@example.com <>", "", "a@example.com"),
        ("MAILER-DAEMON <>", "", "MAILER-DAEMON"),
        ('A "Bee" C <a@example.com> (x)', "A Bee C", "a@example.com"),
        ("=?utf-8?Q?a=40example=2Ecom?=", "", "a@example.com"),
        ('"a@example.com"', "", "a@example.com"),
        ("(from) a@example.com", "from", "a@example.com"),
        ('"A" <a@example.com>, "B" <b@example.com>', "A", "a@example.com"),
        ("Staff: A <a@example.com>, b@example.com;", "A", "a@example.com"),
        ("undisclosed-recipients:;, A <a@example.com>", "A", "a@example.com"),
        ('"a @ b" <a@example.com>', "a @ b", "a@example.com"),
        ('"Say \\"hi\\"" <a@example.com>', "Say hi", "a@example.com"),
        ('"Broken <a@example.com>', "Broken", "a@example.com"),
        ("A <mailto:a@example.com>", "A", "a@example.com"),
        ("A <<a@example.com>>", "A", "a@example.com"),
        ("A <@relay.example,@b.example:a@example.com>", "A", "a@example.com"),
        ("A a@example.com", "A", "a@example.com"),
        ("a@example.com b@example.com", "", "a@example.com"),
        ("Pete(A wise man) <pete(his account)@silly.test(his host)>", "Pete", "pete@silly.test"),
        ('"two words"@example.com', "", '"two words"@example.com'),
        ("A <a@example.com.>", "A", "a@example.com."),
    ],
)
def test_senders(raw: str | bytes, name: str, address: str) -> None:
    line = b"From: " + (raw if isinstance(raw, bytes) else raw.encode())
    found = read(line, "Subject: s", "", "Hello")
    assert (found.from_display_name, found.from_email) == (name, address)


@pytest.mark.parametrize(
    ("fields", "envelope_sender", "address"),
    [
        (["From: nobody", "Reply-To: r@example.com"], None, "r@example.com"),
        (["Sender: s@example.com", "Return-Path: <p@example.com>"], None, "s@example.com"),
        (["Return-Path: <p@example.com>"], None, "p@example.com"),
        (["Return-Path: <>"], "e@example.com", "e@example.com"),
        (["From: root"], "", "root"),
        ([], None, ""),
    ],
)
def test_without_a_usable_from_the_next_field_names_the_sender(
    fields: list[str], envelope_sender: str | None, address: str
) -> None:
    found = read(*fields, "Subject: s", "", "Hello", envelope_sender=envelope_sender)
    assert found.from_email == address
    assert found.answer_to == (address if "@" in address else None)


@pytest.mark.parametrize(
    ("charset", "codec", "words"),
    [
        ("utf-8", "utf-8", "Grüße"),
        ("utf-8", "latin-1", "Grüße aus Köln"),
        ("iso-8859-1", "utf-8", "Grüße — schön"),
        ("us-ascii", "cp1252", "“Grüße”"),
        ("iso-8859-1", "cp1252", "“Grüße”"),
        ("gb2312", "gb18030", "龍绩效管理"),
        ("iso-2022-jp", "iso2022_jp", "かきくえこ"),
        ("shift_jis", "cp932", "①かきく"),
        ("big5", "big5hkscs", "繁體中文"),
        ("koi8-r", "koi8_r", "Привет"),
        ("utf-7", "utf-7", "Grüße"),
        ("utf-16", "utf-16", "Grüße"),
        ("windows-1250http-equivContent-Type", "cp1250", "příliš"),
        ("unicode_escape", "utf-8", "Grüße \\x41"),
        ("x-unknown", "utf-8", "Grüße"),
        ("idna", "utf-8", "xn--a Grüße"),
        ("gb2312", "utf-8", "绩效管理究竟谁错了"),
        ("iso-2022-jp", "cp932", "このメールはテスト用です"),
        ("windows-1253", "cp1253", "Καλημέρα"),
        ("iso-8859-8-i", "iso8859_8", "שלום"),
    ],
)
def test_charsets(charset: str, codec: str, words: str) -> None:
    assert mail(f"Content-Type: text/plain; charset={charset}", "", words.encode(codec)).text == words


def test_what_is_undeclared_is_in_a_charset_the_mail_names_elsewhere() -> None:
    assert mail("X-Note: x", "To: =?koi8-r?B?8NLJ18XU?= <a@b.example>", "", "Привет".encode("koi8-r")).text == "Привет"


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("gb2312", "绩效管理,究竟谁错了 (2013)"),
        ("big5", "繁體中文的郵件"),
        ("cp932", "このメールはテスト用です"),
        ("euc_jp", "このメールはテスト用です"),
        ("euc_kr", "대부분의 마찬가지로, 우리는"),
        ("koi8_r", "Привет, мир"),
        ("cp1251", "Привет, мир"),
        ("cp1252", "Größe, Übung und ähnliche Wörter — schön für süße Käfer"),
        ("cp1252", "à é è ç ê î ô û"),
        ("iso2022_jp", "このメール"),
    ],
)
def test_a_charset_nobody_named_is_told_by_its_letters(codec: str, words: str) -> None:
    assert mail("", words.encode(codec)).text == words
    assert read(b"Subject: " + words.encode(codec), "From: a@example.com", "", "Hello").subject == words


def test_html_may_name_its_charset_itself() -> None:
    page = '<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1250"></head>příliš</html>'
    assert mail("Content-Type: text/html", "", page.encode("cp1250")).text == "příliš"


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        ("quoted-printable", "Gr=C3=BC=C3=9Fe, one=\r\n line", "Grüße, one line"),
        ("quoted-printable", "100 % =) =ZZ", "100 % =) =ZZ"),
        ("quoted-printable; ", "=C3=BC", "ü"),
        ("quoted-printable", "one=  \r\n line", "one line"),
        ("base64", "R3LDvMOfZQ==", "Grüße"),
        ("base64", "R3LDvMOfZQ", "Grüße"),
        ("base64", "R3LD\r\n\r\nvMOf\r\n!ZSB2b24gbWlyISEgR3LDvMOfZSB2b24gbWlyISE=", "Grüße von mir!! Grüße von mir!!"),
        (
            "base64",
            "R3LDvMOfZSB2b24gbWlyISE=\r\n--\r\nSent through a list",
            "Grüße von mir!!\n--\r\nSent through a list",
        ),
        ("base64", "Hello, this never was base64.", "Hello, this never was base64."),
        ("x-no-such-encoding", "Grüße", "Grüße"),
        ("8-bit", "Grüße", "Grüße"),
    ],
)
def test_transfer_encodings(encoding: str, body: str, words: str) -> None:
    found = mail("Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}", "", body)
    assert found.text == words.replace("\r\n", "\n")


def multipart(kind: str, *parts: str, boundary: str = "b") -> tuple[str, ...]:
    inside = [line for part in parts for line in (f"--{boundary}", part)]
    return (
        f'Content-Type: multipart/{kind}; boundary="{boundary}"',
        "",
        "Preamble",
        *inside,
        f"--{boundary}--",
        "Epilogue",
    )


PLAIN = "Content-Type: text/plain\r\n\r\nThe VPN drops."
HTML = "Content-Type: text/html\r\n\r\n<style>p {}</style><p>The <b>VPN</b> drops &amp; drops.</p>"
EMPTY = "Content-Type: text/plain\r\n\r\n \r\n"
SIGNATURE = "Content-Type: application/pgp-signature\r\n\r\nxyz"
PICTURE = 'Content-Type: image/png; name="a.png"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo='


@pytest.mark.parametrize(
    ("lines", "words", "content_type", "names"),
    [
        (multipart("alternative", PLAIN, HTML), "The VPN drops.", "text/html", []),
        (multipart("alternative", EMPTY, HTML), "The VPN drops & drops.", "text/html", []),
        (multipart("mixed", PLAIN, PICTURE, "\r\nDaily."), "The VPN drops.\n\nDaily.", "text/plain", ["a.png"]),
        (multipart("related", HTML, PICTURE), "The VPN drops & drops.", "text/html", ["a.png"]),
        (multipart("mixed", EMPTY, PICTURE), "", "text/plain", ["a.png"]),
        (multipart("no-such-kind", PLAIN, PICTURE), "The VPN drops.", "text/plain", ["a.png"]),
        (multipart("signed", PLAIN, SIGNATURE), "The VPN drops.", "text/plain", ["signature.asc"]),
        (("Content-Type: multipart/mixed", "", "--x", PLAIN, "--x--"), "The VPN drops.", "text/plain", []),
        (("Content-Type: multipart/mixed; boundary=y", "", "Nobody cut this."), "Nobody cut this.", "text/plain", []),
        (("Content-Type: nonsense", "", "Words."), "Words.", "text/plain", []),
        (("Content-Type: text/plain; format=flowed", "", "Words."), "Words.", "text/plain", []),
        (("Content-Type: TEXT/HTML; CHARSET=UTF-8", "", "<p>Wörter.</p>"), "Wörter.", "text/html", []),
        (("Content-Type: application/pdf", "", "%PDF"), "", "text/plain", ["file.pdf"]),
    ],
)  # fmt: skip
def test_bodies(lines: tuple[str, ...], words: str, content_type: str, names: list[str]) -> None:
    found = mail(*lines)
    assert (found.text.strip(), found.content_type) == (words, content_type)
    assert [one.filename for one in found.attachments] == names


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>Thanks!</p><blockquote type=cite><p>Better?</p>IT</blockquote>", ["Thanks!", "> Better?", "> IT"]),
        ('a<blockquote class="quote">b<blockquote type=cite>c</blockquote></blockquote>e', ["a", "> b", "> > c", "e"]),
        ('<blockquote style="margin: 0 0 0 40px">indented</blockquote>', ["indented"]),
        ("</blockquote>a<blockquote type=cite>b", ["a", "> b"]),
        ("<div>a<div><div>b</div></div></div><script>x</script><!-- y --><title>z</title>", ["a", "b"]),
        ("<ul><li>a<li>b</ul><table><tr><td>c</td><td>d</td></tr></table>", ["* a", "* b", "c  d"]),
        ("a &lt;b&gt; &amp; c&nbsp;d<img src=x alt=picture>", ["a <b> & c d"]),
        ("<?xml version='1.0' encoding='utf-16'?><!DOCTYPE html><html><body>a</body></html>", ["a"]),
        ("no <b", ["no"]),
    ],
)  # fmt: skip
def test_html_reads_as_text(page: str, words: list[str]) -> None:
    text = mail("Content-Type: text/html; charset=utf-8", "", page).text
    assert [line.strip() for line in text.splitlines() if line.strip(" >")] == words


def test_a_multipart_in_a_multipart_ends_with_the_one_around_it() -> None:
    inner = 'Content-Type: multipart/alternative; boundary="b-inner"\r\n\r\n--b-inner\r\n' + PLAIN
    found = mail(*multipart("mixed", inner, PICTURE))
    assert (found.text, [one.filename for one in found.attachments]) == ("The VPN drops.", ["a.png"])


def test_a_forwarded_mail_is_a_file_named_by_its_subject_and_says_nothing_for_the_sender() -> None:
    inside = "From: b@example.com\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= a/b\r\n\r\nOther words."
    found = mail(*multipart("mixed", PLAIN, f"Content-Type: message/rfc822\r\n\r\n{inside}"))
    assert found.text == "The VPN drops."
    [file] = found.attachments
    assert (file.filename, file.content_type, file.content) == ("Grüße a-b.eml", "message/rfc822", inside.encode())


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ('filename="report.pdf"', "report.pdf"),
        ("filename=my report.pdf", "my report.pdf"),
        ("filename*=UTF-8''%C3%9Cber%20uns.pdf", "Über uns.pdf"),
        ("filename*0=\"long \"; filename*1=name.pdf", "long name.pdf"),
        ("filename*0*=iso-8859-1'de'%DCber; filename*1=.pdf", "Über.pdf"),
        ("filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ('filename="=?utf-8?Q?=C3=9Cber.pdf?="', "Über.pdf"),
        ("filename=Über.pdf", "Über.pdf"),
        (r'filename="C:\Temp\report.pdf"', "report.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="exe\u202etxt.pdf"', "exetxt.pdf"),
        ('filename=".."', "file.bin"),
        (f'filename="{"a" * 500}.pdf"', "a" * 189 + ".pdf"),
    ],
)  # fmt: skip
def test_file_names(parameters: str, name: str) -> None:
    part = f"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; {parameters}\r\n\r\nx"
    assert [one.filename for one in mail(*multipart("mixed", PLAIN, part)).attachments] == [name]


def test_files_of_one_name_are_told_apart() -> None:
    found = mail(*multipart("mixed", PICTURE, PICTURE, PICTURE))
    assert [one.filename for one in found.attachments] == ["a.png", "a1.png", "a2.png"]


def test_a_text_that_came_as_a_file_stays_one() -> None:
    file = 'Content-Type: text/plain; name="log.txt"\r\nContent-Disposition: attachment\r\n\r\nline'
    found = mail(*multipart("mixed", PLAIN, file))
    assert (found.text, [one.content for one in found.attachments]) == ("The VPN drops.", [b"line"])


def test_uuencoded_files_leave_the_text() -> None:
    found = mail("", "See the file.", "", "begin 644 log.txt", "#0V%T", "`", "end", "", "Amara")
    assert [(one.filename, one.content) for one in found.attachments] == [("log.txt", b"Cat")]
    assert found.text.split() == ["See", "the", "file.", "Amara"]


@pytest.mark.parametrize(
    "content",
    [
        b"From amara@example.com Mon Nov 23 08:00:00 2026\nFrom: a@example.com\nSubject: s\n\nHello",
        b"\n\n>From x Mon Nov\nFrom: a@example.com\nSubject: s\n\nHello",
        b"\xef\xbb\xbfFrom: a@example.com\nSubject: s\n\nHello",
        b"From: a@example.com\rSubject: s\r\rHello",
        b"From: a@example.com\r\r\nSubject: s\r\r\n\r\r\nHello",
        b"From: a@example.com\nthis line is broken\nSubject: s\n\nHello",
        b"From: a@example.com\nTo: b@example.com,\n\t\n\tc@example.com\nSubject: s\n\nHello",
        b"From: a@example.com\nSubject: s\nHello",
        b"Subject : s\nFrom : a@example.com\n\nHello",
        "From: a@example.com\nSubject: s\n\nHello".encode("utf-16"),
    ],
)  # fmt: skip
def test_odd_frames(content: bytes) -> None:
    found = parse(content, OURS)
    assert (found.from_email, found.subject.split()[0], found.text.strip()) == ("a@example.com", "s", "Hello")


def test_a_mail_of_headers_alone_is_read() -> None:
    found = read("From: a@example.com", "Subject: The VPN drops")
    assert (found.text, found.said, found.title) == ("", "The VPN drops", "The VPN drops")
    assert read("From: a@example.com").said == "[This mail had no text.]"


def test_words_nested_deeper_than_any_parser_goes_are_not_lost() -> None:
    assert mail("Content-Type: text/html", "", "<div>" * 5_000 + "The VPN drops.").text == "The VPN drops."


def test_rich_text_of_outlook_is_unpacked() -> None:
    def attribute(level: int, name: int, kind: int, data: bytes) -> bytes:
        head = bytes([level]) + name.to_bytes(2, "little") + kind.to_bytes(2, "little")
        return head + len(data).to_bytes(4, "little") + data + (sum(data) & 0xFFFF).to_bytes(2, "little")

    tnef = b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x9006, 8, b"\x00\x00\x01\x00")
    tnef += attribute(1, 0x800C, 2, b"The VPN drops.\x00")
    tnef += (
        attribute(2, 0x9002, 6, bytes(14)) + attribute(2, 0x8010, 1, b"log.txt\x00") + attribute(2, 0x800F, 6, b"Cat")
    )
    packed = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    found = mail(*multipart("mixed", EMPTY, packed + base64.b64encode(tnef).decode()))
    assert found.text.strip() == "The VPN drops."
    assert [(one.filename, one.content) for one in found.attachments] == [("log.txt", b"Cat")]
    broken = mail(*multipart("mixed", PLAIN, packed + base64.b64encode(tnef[:40] + bytes(900)).decode()))
    assert [one.filename for one in broken.attachments] == ["winmail.dat"]


@pytest.fixture(scope="module")
def signer() -> pkcs7.PKCS7SignatureBuilder:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Amara")])
    day = datetime(2026, 11, 23, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(day).not_valid_after(day + timedelta(days=1))
    signer = pkcs7.PKCS7SignatureBuilder().set_data(f"{PLAIN}\r\n{'Daily. ' * 100}".encode())
    return signer.add_signer(builder.sign(key, hashes.SHA256()), key, hashes.SHA256())


@pytest.mark.parametrize("kind", ["application/pkcs7-mime; smime-type=signed-data", "application/x-pkcs7-mime"])
def test_a_mail_signed_as_a_whole_is_read(signer: pkcs7.PKCS7SignatureBuilder, kind: str) -> None:
    der = signer.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    lines = (f"Content-Type: {kind}; name=smime.p7m", "Content-Transfer-Encoding: base64", "")
    found = mail(*lines, base64.encodebytes(der))
    assert found.text.startswith("The VPN drops.\nDaily. Daily.")
    assert [one.filename for one in found.attachments] == ["smime.p7m"]
    cut = mail(*lines, base64.encodebytes(der[:60]))
    assert [one.filename for one in cut.attachments] == ["smime.p7m"]


def test_what_was_signed_in_pieces_is_whole() -> None:
    pieces = b"".join(
        bytes([4, len(one)]) + one for one in (b"Content-Type: text/plain\r\n", b"\r\nThe VPN ", b"drops.")
    )
    inside = bytes.fromhex("308006092a864886f70d010702a0803080020101310030800609 2a864886f70d010701a0802480") + pieces
    assert mail("Content-Type: application/pkcs7-mime", "", inside + bytes(8)).text == "The VPN drops."


def test_compressed_rich_text_is_read() -> None:
    example = "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    rich = tnef_rtf.unpack(bytes.fromhex(example))  # MS-OXRTFCP, 4.1.1
    assert rich == "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert tnef_rtf.words(rich) == "hello world"
    packed_html = (
        r"{\rtf1\ansi\fromhtml1{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}\htmlrtf \par\htmlrtf0 Gr\'fc\u223?e\par \{x\}}"
    )
    assert tnef_rtf.words(packed_html) == "Grüße\n{x}"
    assert (tnef_rtf.words("no rich text"), tnef_rtf.unpack(b"short")) == ("", "")


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        (["mx.liaise.example; dmarc=pass header.from=example.com"], True),
        (["MX.liaise.example 1; dkim=pass (2048 bits) header.d=example.com; spf=fail"], True),
        (["mx.liaise.example; spf=pass smtp.mailfrom=bounce@mail.example.com"], True),
        (["mx.liaise.example; dkim=pass header.d=example.net; spf=pass smtp.mailfrom=x@example.org"], False),
        (["mx.liaise.example; dkim=pass header.d=com"], False),
        (["mx.liaise.example; dmarc=fail header.from=example.com"], False),
        (["mx.liaise.example; none"], None),
        (["evil.example; dmarc=pass header.from=example.com"], None),
        (["mx.liaise.example; dmarc=fail", "mx.liaise.example; dmarc=pass"], False),
        ([], None),
    ],
)
def test_only_what_our_own_mail_server_found_proves_a_sender(results: list[str], proven: bool | None) -> None:
    assert mail(*(f"Authentication-Results: {one}" for one in results), "", "Hello").authenticated is proven


def test_without_a_server_of_ours_nothing_is_proven() -> None:
    content = b"From: a@example.com\nAuthentication-Results: mx; dmarc=pass\n\nHello"
    assert parse(content, Ours(address="")).authenticated is None


def test_the_mails_it_answers_come_newest_first() -> None:
    found = mail("References: <a@x> <b@x>", "\t<c@x>", "In-Reply-To: <c@x>", "", "Hello")
    assert (found.message_id, found.references) == ("<1@example.com>", ("<c@x>", "<b@x>", "<a@x>"))


def test_everybody_it_was_sent_to_is_known() -> None:
    found = mail("To: IT <it@liaise.example>, x@example.com", "Cc: it@liaise.example, hr@liaise.example", "", "Hello")
    assert found.recipients == ("it@liaise.example", "x@example.com", "hr@liaise.example")


@pytest.mark.parametrize(("said", "language"), [("de-DE, en", "de"), ("fr, de;q=0.5", "de"), ("fr", "en"), ("", "en")])
def test_the_language_is_one_we_answer_in(said: str, language: str) -> None:
    assert mail(f"Accept-Language: {said}", "", "Hello").language == language


def test_the_same_mail_has_the_same_key_and_another_body_has_not() -> None:
    assert mail("", "Hello").key == mail("X-Hop: 2", "", "Hello", "").key
    assert mail("", "Hello").key != mail("", "Hello again").key
