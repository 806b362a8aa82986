"""The agent: tool calls found in what a model writes, the loop that runs them, and its record."""
