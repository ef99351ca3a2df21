"""What a case and a unit are and which moves they allow; pure."""

from .account import Account
from .by_submitter import REPLIED, correct, join, reply, withdraw
from .case import Case, Change
from .directory import Answering, First, RuleBroken, Unit, answering, check_registry
from .opening import open_case
from .outcomes import CATALOGUE, Declined, Done, Duplicate, Outcome, Reason, Withdrawn, WordsMissing
from .parts import Entry, IllegalMove, Mail, Rating, Staff
from .query import DUE, NEWEST, OLDEST, Page, Query, untold

__all__ = [
    "CATALOGUE",
    "DUE",
    "NEWEST",
    "OLDEST",
    "REPLIED",
    "Account",
    "Answering",
    "Case",
    "Change",
    "Declined",
    "Done",
    "Duplicate",
    "Entry",
    "First",
    "IllegalMove",
    "Mail",
    "Outcome",
    "Page",
    "Query",
    "Rating",
    "Reason",
    "RuleBroken",
    "Staff",
    "Unit",
    "Withdrawn",
    "WordsMissing",
    "answering",
    "check_registry",
    "correct",
    "join",
    "open_case",
    "reply",
    "untold",
    "withdraw",
]
