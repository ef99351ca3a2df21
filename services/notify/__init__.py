"""Owns notifications, what it must know of a conversation, and the local mailbox.

Hears feedback.* and triage.*.
Says notify.*.
"""
