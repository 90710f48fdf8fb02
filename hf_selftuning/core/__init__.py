"""The contracts: what a method sees, what a task does, and what is trained."""
