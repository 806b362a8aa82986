"""Completion at the cursor: what a model is asked, when, and what of its answer is proposed."""
