"""The languages people are spoken to in."""

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
