"""Tests of the GGUF header reader."""
