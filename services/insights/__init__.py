"""COUNTS.

Owns journeys (a projection of facts, one document per feedback), and its own copy of the units' names.
Hears feedback.*, triage.*, notify.*, directory.*.
Says nothing yet.
"""
