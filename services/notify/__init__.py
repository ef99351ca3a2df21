"""TELLS.

Owns notifications, what it must know of a conversation, and the local mailbox.
Hears feedback.* (who spoke up), triage.* (questions and outcomes).
Says notify.*
"""
