"""Whatever file is given to a saved model, it gives an answer for each input, or one sentence that names the file."""

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import tiny
from any_contents import TEXTS, WORDS
from fuzzing import Files, any_files, for_minutes, refused
from hypothesis import strategies as st
from PIL import Image
from trained import save_classifier, save_tagger

from hf_selftuning.experiment.images.image_answers import Classifier
from hf_selftuning.experiment.saved_models.predictions import classify, classify_texts
from hf_selftuning.experiment.texts.text_answers import TextClassifier
from hf_selftuning.experiment.words.answer_formats import FORMATS
from hf_selftuning.experiment.words.tagger import Tagger

TABLES = [".txt", ".conll", ".tsv", ".csv", ".json", ".jsonl", ".parquet", ""]
PICTURES = [".jpg", ".png", ".txt", ".tif", ""]
Check = Callable[[Path], None]


def image_bytes(kind: str, mode: str) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (9, 7)).save(stream, format=kind)
    return stream.getvalue()


WHOLE = [image_bytes(*kind) for kind in (("PNG", "RGBA"), ("JPEG", "L"), ("TIFF", "F"), ("GIF", "P"), ("BMP", "1"))]
IMAGES = st.builds(
    lambda data, place, byte: data[: place % len(data)] + byte + data[place % len(data) + 1 :],
    st.one_of(st.sampled_from(WHOLE), st.binary(max_size=60)).filter(bool),
    st.integers(0, 2000),
    st.binary(max_size=3),
)


def words_check(folder: Path) -> Check:
    tagger = Tagger(save_tagger(folder / "words") / "model", device="cpu")

    def check(path: Path) -> None:
        try:
            answers = [*tagger.answers(path)]
        except ValueError as error:
            refused(error, [str(path)])
            return
        assert answers
        for answer in answers:
            assert answer.words
            assert all(answer.text[word.start : word.end] == word.text for word in answer.words)
        for write in FORMATS.values():
            try:
                assert "".join(write(iter(answers), "model")).encode()
            except ValueError as error:  # a column file holds no word with a line break
                refused(error, [str(path)])

    return check


def texts_check(folder: Path) -> Check:
    tiny.text_bert().save_pretrained(folder / "texts")
    tiny.tokenizer().save_pretrained(folder / "texts")
    classifier = TextClassifier(str(folder / "texts"), device="cpu")

    def check(path: Path) -> None:
        try:
            answers = [*classify_texts(classifier, [str(path)], top=2)]
        except ValueError as error:
            refused(error, [str(path)])
            return
        assert answers
        assert all(answer.text.strip() and answer.label in tiny.TAGS and 0 <= answer.score <= 1 for answer in answers)
        assert all(json.dumps(answer.text, ensure_ascii=False).encode() for answer in answers)

    return check


def images_check(folder: Path) -> Check:
    classifier = Classifier(str(save_classifier(folder / "images")), device="cpu")

    def check(path: Path) -> None:
        try:
            [answer] = classify(classifier, [str(path)], top=1)
        except ValueError as error:
            refused(error, [str(path)])
            return
        assert answer.label == "LABEL_1" or str(path) in answer.error

    return check


KINDS: dict[str, tuple[Callable[[Path], Check], Files, list[str]]] = {
    "words": (words_check, WORDS, TABLES),
    "texts": (texts_check, TEXTS, TABLES),
    "images": (images_check, IMAGES, PICTURES),
}


def runner(folder: Path, kind: str) -> Callable[[int], None]:
    make, contents, suffixes = KINDS[kind]
    return partial(any_files, make(folder), folder, contents, suffixes)


@pytest.mark.parametrize("kind", KINDS)
def test_any_file_gets_answers_or_a_sentence(tmp_path: Path, kind: str) -> None:
    runner(tmp_path, kind)(50)


@pytest.mark.slow
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", KINDS)
def test_any_file_for_long_gets_answers_or_a_sentence(tmp_path: Path, kind: str) -> None:
    for_minutes(runner(tmp_path, kind), 200, "files")
