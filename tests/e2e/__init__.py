"""Tests of the whole program: the real window, engine, model and storage."""
