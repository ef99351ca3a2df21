"""What the writer of a mail wrote now: without the mail it answers, its headers, signatures and phones' advertising."""

from .reply import visible_text

__all__ = ["visible_text"]
