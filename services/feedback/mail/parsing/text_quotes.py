"""Quotes in HTML become lines with ">" as in plain text, which tells them from the writer's own words."""

import re
from typing import Final

OPEN, CLOSE = "\ue000", "\ue001"
"""Marks for the way through the HTML parser; from the private use area, where nobody writes words."""
BLOCK: Final = re.compile(r"<blockquote\b[^<>]*>|</blockquote\s{0,9}>", re.I)
A_QUOTE: Final = re.compile(r"""type=["']?cite|class=["'][^"']*quote|border-left""", re.I)
DEEPEST: Final = 9


def marked(markup: str) -> str:
    """The HTML with marks where quotes begin and end; what is only indented is none."""
    if "blockquote" not in markup.lower():
        return markup
    open_blocks: list[bool] = []

    def mark(found: re.Match[str]) -> str:
        tag = found[0]
        if tag.startswith("</"):
            return (CLOSE if open_blocks and open_blocks.pop() else "") + tag
        open_blocks.append(bool(A_QUOTE.search(tag)))
        return tag + (OPEN if open_blocks[-1] else "")

    return BLOCK.sub(mark, markup.replace(OPEN, "").replace(CLOSE, ""))


def quoted(text: str) -> str:
    """The text with ">" before the lines between two marks, without the marks."""
    if OPEN not in text:
        return text.replace(CLOSE, "")
    out, depth = [], 0
    for line in text.split("\n"):
        level = min(depth + line.count(OPEN), DEEPEST)
        depth = max(0, depth + line.count(OPEN) - line.count(CLOSE))
        bare = line.replace(OPEN, "").replace(CLOSE, "")
        if level and (bare.strip() or bare == line):
            out.append(("> " * level + bare.strip()).rstrip())
        elif not level:
            out.append(bare)
    return "\n".join(out)
