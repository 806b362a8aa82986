"""GPU backends of llama.cpp for an installed package: which fits this machine, and its download, verified by hash."""
