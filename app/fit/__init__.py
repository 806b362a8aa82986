"""What a model will need on this machine: hardware, memory plan, verdict, speed."""
