"""Tool calls in the transcript, and what a person decides about them."""
