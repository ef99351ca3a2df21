"""Bytes become text whatever they claim to be: the label is believed unless the bytes prove it wrong."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from .decode_guess import guess

BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WIDER: Final = {
    "ascii": "cp1252", "us-ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "iso_8859-1": "cp1252", "ansi": "cp1252",
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "gb_2312-80": "gb18030", "euc-cn": "gb18030",
    "x-euc-cn": "gb18030", "cn-gb": "gb18030", "chinese": "gb18030", "cp936": "gb18030", "csgb2312": "gb18030",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "ks-c-5601-1987": "cp949", "euc-kr": "cp949",
    "korean": "cp949", "x-windows-949": "cp949", "big5": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932",
    "iso-2022-jp": "iso2022_jp_ext", "iso2022jp": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "x-euc-jp": "euc_jp", "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859_8", "iso-8859-8-e": "iso8859_8", "iso-8859-6-i": "iso8859_6", "iso-8859-6-e": "iso8859_6",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "x-mac-ce": "mac_latin2",
    "dos-862": "cp862", "visual": "iso8859_8", "logical": "iso8859_8", "koi8": "koi8_r", "koi": "koi8_r",
}  # fmt: skip
"""Labels (lower case) that stand for less than the programs that use them write; as browsers read them (WHATWG)."""

KNOWN: Final = re.compile(
    r"utf[_-]?(?:7|8|16|32)(?:[_-]?[lb]e)?|us-ascii|windows-?\d{3,4}|iso[_-]?8859[_-]?\d{1,2}|cp[_-]?\d{3,5}"
    r"|koi8-[rut]|iso-2022-\w+|gb\d+|big5|shift_jis|euc-\w\w"
)
MARK: Final = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u06d6-\u06ed\u0730-\u074a\u07eb-\u07f3"
    "\u0816-\u082d\u0859-\u085b\u08d3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe20-\ufe2f]"
)
MARKS: Final = re.compile(f"({MARK}{{30}}){MARK}+")
"""More marks on one letter than any language has; normalising takes the square of their number (UAX 15, 13)."""
SEVEN_BITS: Final = ("iso2022", "utf-7", "hz")
CHANCE: Final = 12
"""Bytes beyond one a letter, as of six Chinese ones, that are not UTF-8 by chance."""
NO_HINT: Final = {"", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
"""What any bytes can be, which therefore says nothing of them."""
NO_TEXT: Final = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
"""Codecs of Python that are no charsets of mails; some take quadratic time."""
SINGLE: Final = re.compile(r"cp\d+$|iso8859|latin|koi8|mac")


def text(content: bytes, label: str = "", hints: Iterable[str] = ()) -> str:
    """The bytes as text: by their byte order mark, else as labelled, else as the rest of the mail is written."""
    for mark, codec in BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(codec, "replace")
    if content.isascii() and b"\x1b" not in content and b"+" not in content and b"~" not in content:
        return _plain(content, label)
    codec = charset(label)
    read = _strictly(content, codec) if codec else None
    return read if read is not None else _guessed(content, codec, hints)


def _plain(content: bytes, label: str) -> str:
    codec = charset(label)
    if codec and codec.startswith(("utf-16", "utf-32", "cp037", "cp500", "cp1140")):  # the few that ASCII bytes are not
        return _strictly(content, codec) or content.decode("ascii")
    return content.decode("ascii")


def _strictly(content: bytes, codec: str) -> str | None:
    """The text if the bytes can be that; a label of another set on what is UTF-8 is a known lie."""
    with suppress(ValueError):
        read = content.decode("utf-8")
        if not content.isascii() and (SINGLE.match(codec) or len(content) - len(read) >= CHANCE):
            return read
    with suppress(LookupError, ValueError):
        return content.decode(codec)
    return None


def _guessed(content: bytes, codec: str, hints: Iterable[str]) -> str:
    if content.isascii() and b"\x1b$" in content:
        return content.decode("iso2022_jp_ext", "replace")
    with suppress(ValueError):
        return content.decode("utf-8")
    if _utf8(content):
        return content.decode("utf-8", "replace")
    if codec and codec != "utf-8" and not codec.startswith(SEVEN_BITS):
        return content.decode(codec, "replace")
    for hint in (codec for label in hints if (codec := charset(label)) not in NO_HINT):
        with suppress(ValueError):
            return content.decode(hint)
    return content.decode(charset(guess(content)), "replace")


def _utf8(content: bytes) -> bool:
    """Whether this is UTF-8, a few bytes that were cut or mangled aside."""
    if content.isascii():
        return True
    read = content.decode("utf-8", "replace")
    broken = read.count("\ufffd")
    return broken * 4 < sum(char > "\x7f" for char in read[:20_000]) - min(broken, 20_000)


def charset(label: str) -> str:
    """Python's name of the charset, or "" for one nobody knows."""
    name = label.strip("\"' \t\r\n;").lower()
    name = WIDER.get(name, name)
    for candidate in (name, name.replace("_", "-"), *KNOWN.findall(name)[:1]):
        candidate = WIDER.get(candidate, candidate)
        try:
            info = codecs.lookup(re.sub(r"^windows-?", "cp", candidate))
        except (LookupError, ValueError):
            continue
        if info._is_text_encoding and info.name not in NO_TEXT:
            return WIDER.get(info.name, info.name)
    return ""


def clean(words: str) -> str:
    """NFC with LF, without control characters and lone surrogates, so that every store can keep it."""
    lines = re.sub(r"\r{1,2}\n|\r", "\n", words)
    plain = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", lines)
    if plain.isascii():
        return plain
    return unicodedata.normalize("NFC", MARKS.sub(r"\1", plain.encode("utf-8", "replace").decode()))


def line(words: str, longest: int) -> str:
    """One line of at most so many characters, white space folded."""
    return " ".join(clean(words[: longest * 8]).split())[:longest].strip()
