"""Tests of the tools, their workspace and the checkpoints."""
