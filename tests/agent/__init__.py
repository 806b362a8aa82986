"""The agent loop, its policy and its record."""
