"""Tests of what works without a screen."""
