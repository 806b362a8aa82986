"""Tests of downloads against a local hub that misbehaves."""
