"""What holds a command: one file per kind of sandbox, and the probe that finds the strongest that works here."""
