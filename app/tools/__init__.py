"""The tools a model may use, one file each, and what keeps them inside one folder."""
