"""Tests of ``app.infill``: they need no Qt."""
