"""The engine: prompts, the decode loop, its child process."""
