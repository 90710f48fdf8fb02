"""Texts of one class each: the gate for data, and word pieces."""
