"""Liaise: feedback that gets an answer."""
