"""One function per event heard and per use case; what is heard stands in HANDLERS."""

from .events import HANDLERS

__all__ = ["HANDLERS"]
