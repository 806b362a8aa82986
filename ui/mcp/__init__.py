"""MCP servers as they are shown: their states, what is to be approved, how they are added and imported."""
