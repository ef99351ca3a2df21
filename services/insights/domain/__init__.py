"""What the figures mean: journeys, windows of time, measures over them, and the sentences on top of the page."""
