"""Tag the words of files with a trained model, and print the answers or write them for another program."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tabulate import tabulate

from ..data.words.load_words import WordColumns
from ..experiment.words.answer_formats import FORMATS
from ..experiment.words.tagger import Tagger
from ..experiment.words.word_answers import SentenceAnswer
from ..files import replacing


def answer_words(given: argparse.Namespace, source: str) -> int:
    """Write the answers for all files that can be read; the status is 1 if one of them cannot.

    Args:
        given: the flags.
        source: folder or Hub id of the model.

    Raises:
        ValueError: a flag would have no effect.
    """
    if given.json and given.format not in (None, "json"):
        raise ValueError(f"--json and --format {given.format} ask for two formats; give one of the two.")
    if given.top != 1:
        raise ValueError("--top is for models that classify, and this one tags words; leave it out.")
    tagger = Tagger(source, batch_size=given.batch_size, device=given.device, decoding=given.decoding)
    failed: list[str] = []
    answers = _answers(tagger, given, failed)
    form = given.format or ("json" if given.json else None)
    pieces = iter([_table(answers)]) if form is None else FORMATS[form](answers, Path(given.model).resolve().name)
    if given.output is None:
        sys.stdout.writelines(pieces)
    else:
        with replacing(Path(given.output)) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)
    if failed:
        print(f"hf-selftuning predict: {len(failed)} of {len(given.inputs)} files gave no answers.", file=sys.stderr)
    return 1 if failed else 0


def _answers(tagger: Tagger, given: argparse.Namespace, failed: list[str]) -> Iterator[SentenceAnswer]:
    columns = WordColumns(text=(given.text_column_name or [None])[0], sentence_ends=given.sentence_ends)
    for file in given.inputs:
        try:
            if Path(file).is_dir():
                raise ValueError(f"{file} is a folder, and this model tags words in files; give {Path(file) / '*'}.")
            yield from tagger.answers(file, columns)
        except (ValueError, OSError) as error:
            print(f"hf-selftuning predict: {error}", file=sys.stderr)
            failed.append(file)


def _table(answers: Iterator[SentenceAnswer]) -> str:
    rows = [
        (answer.source, found.label, f"{found.score:.3f}", found.start, found.end, found.text)
        for answer in answers
        for found in answer.entities
    ]
    columns = ["input", "label", "score", "start", "end", "words"]
    return (tabulate(rows, headers=columns, disable_numparse=True) if rows else "nothing found") + "\n"
