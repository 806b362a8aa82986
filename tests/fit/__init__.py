"""Tests of the fit check."""
