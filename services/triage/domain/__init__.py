"""What a case and a unit are and which moves they allow; pure."""

from .account import Account
from .case import Case, Change
from .directory import Answering, First, RuleBroken, Unit, answering, check_registry
from .opening import open_case
from .outcomes import CATALOGUE, Declined, Done, Duplicate, Outcome, Reason, WordsMissing
from .parts import Entry, IllegalMove, Mail, Rating, Staff
from .query import DUE, NEWEST, OLDEST, Page, Query, untold

__all__ = [
    "CATALOGUE",
    "DUE",
    "NEWEST",
    "OLDEST",
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
    "WordsMissing",
    "answering",
    "check_registry",
    "open_case",
    "untold",
]
