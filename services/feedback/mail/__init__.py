"""Receiving mail over SMTP: one mail becomes exactly one feedback."""
