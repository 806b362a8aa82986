"""The slim region at the left: the conversations."""
