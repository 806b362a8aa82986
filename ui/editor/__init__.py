"""The code editor beside the chat."""
