"""Looking inside: what the model wrote for a call, and where the time of a run went."""
