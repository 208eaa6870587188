"""The safety gate: the first thing that reads a message and the last thing that may fail."""
