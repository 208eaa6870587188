"""A patient-facing FAQ bot for ketamine therapy."""
