"""A mail as bytes becomes what somebody said: who, to whom, which words and files. No network, no database."""

from .child_parser import Parser
from .decode_recipient import Recipient, recipient
from .mail import Mail, Ours
from .reading import parse, unreadable

__all__ = ["Mail", "Ours", "Parser", "Recipient", "parse", "recipient", "unreadable"]
