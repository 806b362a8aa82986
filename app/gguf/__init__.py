"""GGUF files from the outside: a bounded header reader over files and HTTP ranges, and shadow files."""
