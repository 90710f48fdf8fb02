"""The forecast in words for a terminal."""

from collections.abc import Sequence

from ...data.rows.plain_text import counted
from ..setup.run_setup import Setup
from .frozen_parts import SECONDS, FrozenParts, frozen_parts
from .outlook import Judged, Outlook, outlook_of

SHOWN = 10
"""Examples or pairs that a list shows."""
LONGEST = 100
"""Characters of an example's text that are shown."""
PARTS = {"labeled": "labelled", "unlabeled": "unlabelled"}


def forecast(setup: Setup, *, notes: Sequence[str] = (), seconds: float = SECONDS) -> str:
    """The forecast of a run as blocks of lines; its pretrained model reads samples of the data in less than a minute.

    Args:
        setup: of the run.
        notes: further lines of its head.
        seconds: time in which the samples are read.
    """
    frozen = frozen_parts(setup, seconds=seconds)
    return describe_outlook(setup, frozen, outlook_of(frozen, setup.class_names), notes=notes)


def describe_outlook(setup: Setup, frozen: FrozenParts, outlook: Outlook, *, notes: Sequence[str] = ()) -> str:
    """The forecast as blocks of lines.

    Args:
        setup: of the run.
        frozen: the samples that were read.
        outlook: what they say.
        notes: further lines of the head.
    """
    blocks = [
        [
            f"forecast: frozen features of {setup.pretrained.title}, before any training",
            *_read(setup, frozen, outlook, notes),
        ],
        _scores(setup, frozen, outlook),
        _confused(outlook),
        _disputed(outlook),
        _copies(frozen, outlook),
        _distant(outlook),
    ]
    return "\n\n".join("\n".join(block) for block in blocks)


def _read(setup: Setup, frozen: FrozenParts, outlook: Outlook, notes: Sequence[str]) -> list[str]:
    counts = (f"{part.examples:,} of {part.total:,} {PARTS.get(name, name)}" for name, part in frozen.parts.items())
    sampled = any(part.examples < part.total for part in frozen.parts.values())
    lines = [f"{setup.unit_name} that were read in {frozen.seconds:.0f} s: {', '.join(counts)}"]
    lines += ["more were not read, so that the forecast takes less than a minute"] * sampled
    lines += [f"features: {frozen.source}", *([] if outlook.naming is None else [outlook.naming])]
    return [f"  {line}" for line in (*lines, *notes)]


def _scores(setup: Setup, frozen: FrozenParts, outlook: Outlook) -> list[str]:
    lines = [] if outlook.held_out is None else _held_out(outlook.held_out)
    if outlook.held_out is None:
        wanted = "two sentences with two tags" if frozen.of_words else "two classes with two labels each"
        lines.append(f"no cross-validation: it needs {wanted}")
    if outlook.pool is not None:
        probe, spread = (100 * outlook.pool.scores(of)[0] for of in (outlook.pool.probed, outlook.pool.spread))
        count, what = frozen.parts["unlabeled"].examples, "tags" if frozen.of_words else "classes"
        lines.append(
            f"on the {count:,} unlabelled {setup.unit_name}, whose {what} are in the data: probe {probe:.1f}, "
            f"propagation {spread:.1f}"
        )
    elif "unlabeled" not in frozen.parts:
        lines.append(f"no unlabelled {setup.unit_name}: propagation has only the hidden examples to spread over")
    return ["F1 of the entities in %" if frozen.of_words else "accuracy in %", *(f"  {line}" for line in lines)]


def _held_out(found: Judged) -> list[str]:
    probe, spread = ([100 * value for value in found.scores(of)] for of in (found.probed, found.spread))
    changes = [after - before for before, after in zip(probe, spread, strict=True)]
    folds = f"labels hidden in {len(probe)} folds"
    return [
        f"{folds}, probe on the other labels: {_spread(probe)}",
        f"{folds}, propagation from the other labels: {_spread(spread)}",
        f"propagation changes the score of a fold by {_spread(changes, sign='+')} points",
    ]


def _spread(values: Sequence[float], sign: str = "") -> str:
    mean = sum(values) / len(values)
    return f"{mean:{sign}.1f} ({min(values):{sign}.1f} to {max(values):{sign}.1f})"


def _confused(outlook: Outlook) -> list[str]:
    judged = sum(len(found.labels) for found in outlook.judged)
    if not outlook.confused:
        return [f"classes that will be confused: none of {judged:,} examples was predicted as another class"]
    lines = (f"{first} / {second}: {count}" for first, second, count in outlook.confused)
    return _listed(f"classes that will be confused, by the number of {judged:,} predictions", list(lines))


def _disputed(outlook: Outlook) -> list[str]:
    lines = [f"{_short(name)}: given {given}, predicted {other}" for name, given, other in outlook.disputed]
    return _listed("labels that are likely wrong, the surest first", lines)


def _copies(frozen: FrozenParts, outlook: Outlook) -> list[str]:
    if not {"dev", "test"} & frozen.parts.keys():
        return ["near duplicates between training and scored parts: there is no dev or test part"]
    lines = [f"{cosine:.3f}  {_short(first)}  =  {_short(second)}" for first, second, cosine in outlook.copies]
    return _listed("near duplicates between training and scored parts, by the cosine of their features", lines)


def _distant(outlook: Outlook) -> list[str]:
    return _listed("far from all other examples", [_short(name) for name in outlook.distant])


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    """A title with the first lines below it, and how many there are."""
    if not lines:
        return [f"{title}: none"]
    shown = counted(len(lines), "case") + (f", {SHOWN} shown" if len(lines) > SHOWN else "")
    return [f"{title} ({shown})", *(f"  {line}" for line in lines[:SHOWN])]


def _short(name: str) -> str:
    text = " ".join(name.split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
