"""Tests of ``app.files``: they need no Qt."""
