"""Builders of the model files that tests run on; ``python -m tests.models build tiny --to DIR`` makes one by hand."""

from tests.models.build import Builder, starter_path

__all__ = ["Builder", "starter_path"]
