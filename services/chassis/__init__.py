"""How things run. Knows no business word."""
