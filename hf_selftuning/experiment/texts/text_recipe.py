"""Which presets a run on texts takes where its flags name none.

Chosen on training and validation queries of CLINC150, which no table scores, see docs/lab_notes.md.
"""

from collections.abc import Sequence
from dataclasses import replace

from ...data.class_names import names_as_words
from ..stages.usual import Usual

STANDARD = Usual(("texts",))
FEW = Usual(("few_texts", "texts"))
MOST_LABELS = {False: 2.0, True: 4.0}
"""Greatest number of labelled texts a class for `few`, by whether the names of the classes count: up to it the start's
labels were more often right than the network's. More were not tried with names."""


def text_recipe(
    asked: str, *, labeled: int, class_names: Sequence[str], pairs: bool = False
) -> tuple[str, Usual, tuple[str, ...]]:
    """Name of the recipe, what methods take, and a sentence for each decision.

    Args:
        asked: `few` or `standard`, or `auto` to decide by the labels.
        labeled: number of labelled texts.
        class_names: names of the classes.
        pairs: whether a text is a pair of texts.
    """
    if asked != "auto":
        return asked, FEW if asked == "few" else STANDARD, ()
    share, named = labeled / len(class_names), not pairs and names_as_words(class_names) is not None
    counted = f"There are {share:.1f} labelled texts a class."
    recipe, usual, reason = "standard", STANDARD, "Pseudo-labels come from start and network (preset texts)."
    if share <= MOST_LABELS[named]:
        recipe, usual, reason = "few", FEW, "With so few, pseudo-labels are those of the start (preset few_texts)."
    reasons = (f"{counted} {reason}",)
    if not named:
        return recipe, usual, reasons
    count = "The names of the classes count as labelled texts for the start, where that helps (name_examples=True)."
    return recipe, replace(usual, name_examples=True), (*reasons, count)
