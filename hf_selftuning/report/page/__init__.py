"""The page of a run, report.html: its facts, its figures, and the template."""
