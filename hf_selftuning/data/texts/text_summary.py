"""What was read of a part of the texts, in one line."""

from pathlib import Path

from ..classes.class_summary import ClassSummary
from ..rows.plain_text import shown_counts


class TextSummary(ClassSummary):
    """What was read of a part of the texts."""

    @property
    def line(self) -> str:
        """All of it but the doubts, in one line."""
        path = Path(self.source)
        name = f"{path.name}/" if path.is_dir() else path.name if path.exists() else self.source
        passed = shown_counts(sorted(self.passed_over.items()))
        told = [self.facts, self.layout, passed and f"passed over: {passed}"]
        return f"{name}: {'; '.join(filter(None, told))}"
