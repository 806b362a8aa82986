"""Tests, and the builders of the models they run on."""
