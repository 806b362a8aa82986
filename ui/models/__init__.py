"""Choosing and loading a model: the menu, the load settings, the progress."""
