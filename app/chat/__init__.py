"""Talking to a loaded model: what a person can do in a conversation, on top of an engine and a store."""
