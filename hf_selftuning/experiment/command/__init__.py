"""A run as a command: its flags, what it prints, and how it ends."""
