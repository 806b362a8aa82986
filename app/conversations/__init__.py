"""Conversations: messages made of parts, the tree of turns, their storage and export."""
