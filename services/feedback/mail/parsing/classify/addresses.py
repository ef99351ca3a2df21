"""E-mail addresses in fields and in prose."""

import re
from collections.abc import Iterable
from typing import Final

# The look-behind begins only where a word begins: without it a long word without "@" costs its length squared.
_ADDRESS: Final = re.compile(
    r"(?<![^\s<>()\[\],;:\"'|])[^\s<>()\[\],;:\"'|@]{1,128}@(?:\[[0-9a-fA-F.:]{3,45}\]|[^\s<>()\[\],;:\"'|@/*]{1,253})"
)


def addresses_in(text: str) -> list[str]:
    """All addresses in their order, without what prose puts behind them."""
    if "@" not in text:
        return []
    return [found for found in (match.rstrip(".!?*=") for match in _ADDRESS.findall(text)) if not found.endswith("@")]


def distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each once, upper and lower case being the same, as first written."""
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.lower(), address)
    return tuple(found.values())


def without_addresses(text: str) -> str:
    """The text with a gap where each address was."""
    return _ADDRESS.sub(" ", text)
