"""MCP: real servers, made with the protocol's own SDK, through the real child process."""
