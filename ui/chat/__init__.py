"""The conversation on show: its transcript of widgets, and the composer below it."""
