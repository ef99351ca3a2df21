"""DECIDES.

Owns cases, units and the people who answer for them.
Hears feedback.* and notify.*.
Says triage.* and directory.*.
"""
