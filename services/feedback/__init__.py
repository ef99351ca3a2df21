"""TAKES IT IN.

Owns feedback, the API's clients, mails in quarantine, and its own copy of the units.
Hears triage.* (what the submitter sees on the tracking page), directory.* (the units).
Says feedback.*
"""
