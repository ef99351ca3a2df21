"""In which charset bytes are that nobody named: by the letters they would be, where that is beyond doubt."""

import codecs
import re
from typing import Final

SAMPLE: Final = 5_000
FEW: Final = 4
"""Bytes beyond ASCII that tell nothing yet."""
WESTERN: Final = "cp1252"
SCRIPTS: Final = (
    ("cp932", re.compile("[\u3041-\u30ff]"), 0.25),
    ("euc_jp", re.compile("[\u3041-\u30ff]"), 0.25),
    ("euc_kr", re.compile("[\uac00-\ud7a3]"), 0.8),
    ("gb2312", re.compile("[\u4e00-\u9fff]"), 0.6),
    ("big5", re.compile("[\u4e00-\u9fff]"), 0.6),
)
"""Charsets of many bytes a letter, the letters that show them, and what share of all must be such letters."""
CYRILLIC: Final = ("koi8_r", "cp1251", "iso8859_5", "cp866")
SMALL: Final = re.compile("[а-яё]")
WORD: Final = re.compile(rb"[\x80-\xff]{3}")


def guess(content: bytes) -> str:
    """Python's name of the likely charset; Western where nothing else is."""
    sample = content[:SAMPLE]
    high = sum(byte > 127 for byte in sample)
    if high < FEW:
        return WESTERN
    small = {codec: len(SMALL.findall(_read(sample, codec))) for codec in CYRILLIC if WORD.search(sample)}
    likely = max(small, key=lambda codec: small[codec], default=WESTERN)
    if small.get(likely, 0) >= 0.8 * high:
        return likely
    for codec, letters, share in SCRIPTS:
        beyond = [char for char in _read(sample, codec) if char > "\x7f"]
        if beyond and len(letters.findall("".join(beyond))) >= share * len(beyond):
            return codec
    return WESTERN


def _read(sample: bytes, codec: str) -> str:
    """The sample in the charset, "" if it cannot be; a last letter that was cut is no reason."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(sample, final=len(sample) < SAMPLE)
    except ValueError:
        return ""
