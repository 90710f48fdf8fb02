"""Labelled and unlabelled data as one loader."""
