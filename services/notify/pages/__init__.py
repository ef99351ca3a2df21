"""The pages of `notify`: the ledger for staff, and the local mailbox."""

from . import ledger, mailbox

__all__ = ["ledger", "mailbox"]
