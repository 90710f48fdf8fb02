"""Which presets a run on texts takes where its flags name none.

Chosen on intents of CLINC150 that are in no table, see docs/lab_notes.md.
"""

from ..stages.usual import Usual

STANDARD = Usual(("texts",))
FEW = Usual(("few_texts", "texts"))
MOST_LABELS = 2.0
"""Greatest number of labelled texts a class at which the start's labels are more often right than the network's."""


def text_recipe(asked: str, *, labeled: int, classes: int) -> tuple[str, Usual, tuple[str, ...]]:
    """Name of the recipe, what methods take, and a sentence for each decision.

    Args:
        asked: `few` or `standard`, or `auto` to decide by the labels.
        labeled: number of labelled texts.
        classes: number of classes.
    """
    if asked != "auto":
        return asked, FEW if asked == "few" else STANDARD, ()
    share = labeled / classes
    counted = f"There are {share:.1f} labelled texts a class."
    if share <= MOST_LABELS:
        return "few", FEW, (f"{counted} With so few, pseudo-labels are those of the start (preset few_texts).",)
    return "standard", STANDARD, (f"{counted} Pseudo-labels come from start and network (preset texts).",)
