"""Answers for words are those that were scored: the same words, pieces and windows as in training."""

import json
from pathlib import Path
from typing import Any

import pytest
import tiny
from datasets import Dataset
from kinds_of_tokenizers import SIZES, TOKENIZERS, model_of, tokenizer_of
from seqeval.metrics import f1_score
from transformers import CanineConfig, CanineForTokenClassification, CanineTokenizer, pipeline, set_seed

from hf_selftuning import SelfTuningTrainer, TokenClassification, entity_scores
from hf_selftuning.cli.main import main
from hf_selftuning.data.words.reading_record import ReadingRecord
from hf_selftuning.data.words.text_cutting import TextCutting
from hf_selftuning.experiment.saved_models.predictions import predict
from hf_selftuning.experiment.words.tagger import Tagger
from hf_selftuning.metrics import DECODINGS
from hf_selftuning.report import card

NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
HARD = ["O'Hara", "AC/DC", "U.S.", "\u200b", "3.5", "al-Rashid", "\ufe0f", "E.ON", "Yahoo!", "\u00ad", "Oslo", "$"]
RUNNING = "  Oslo   saw\tU.S.  \t AC/DC met\u00a0Anna   Oslo "
"""A sentence as text: several blanks, a tab, and a no-break space, which is part of a word."""
SENTENCES = [
    *[HARD, HARD[::-1], ["\u200b"], ["Oslo", "\u200d"], HARD * 84, ["Anna"], ["x" * 90, "saw", "Oslo"]],
    ["Oslo", "saw", "U.S.", "AC/DC", "met\u00a0Anna", "Oslo"],
]


@pytest.fixture(scope="module", params=TOKENIZERS)
def scored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, list[Any]]:
    """The folder of a model with random weights, what evaluate says of it by each decoding, and the true tags."""
    folder = tmp_path_factory.mktemp("scored")
    model, tokenizer = model_of(request.param, NAMES), tokenizer_of(request.param)
    trainer = SelfTuningTrainer(
        model,
        tiny.arguments(folder / "run"),
        methods=[],
        processing_class=tokenizer,
        task=TokenClassification(max_length=40),
        compute_metrics=entity_scores(NAMES),
    )
    trainer.save_model(str(folder / "model"))
    # A part of what the model says by each decoding is made true, so that no score is 0 or 1.
    device = str(trainer.args.device)
    said = [Tagger(folder / "model", device=device, decoding=one).tags_of(SENTENCES) for one in DECODINGS]
    # Their scores may be the same by chance: training the unigram tokenizer is not the same in every process.
    assert said[0] != said[1]
    truth = [
        [pair[number % 2][0] if number % 50 < 40 else "O" for number, pair in enumerate(zip(*both, strict=True))]
        for both in zip(*said, strict=True)
    ]
    rows = [{"tokens": words, "ner_tags": tags} for words, tags in zip(SENTENCES, truth, strict=True)]
    written = [*rows[:-1], {**rows[-1], "tokens": RUNNING}]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in written))
    f1 = {}
    for decoding in DECODINGS:
        trainer.compute_metrics = entity_scores(NAMES, decoding=decoding)
        f1[decoding] = trainer.evaluate(Dataset.from_list(rows))["eval_f1"]
    return folder, f1, truth


@pytest.mark.parametrize("decoding", DECODINGS)
def test_what_predict_writes_has_the_score_that_evaluate_said(
    scored: Any, decoding: str, capsys: pytest.CaptureFixture
) -> None:
    folder, by_decoding, truth = scored
    f1 = by_decoding[decoding]
    assert 0.01 < f1 < 0.95
    command = ["predict", str(folder / "model"), str(folder / "test.jsonl"), "--json", "--device", "cpu"]
    assert main([*command, "--decoding", decoding]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [[word["text"] for word in line["words"]] for line in lines] == SENTENCES
    assert lines[-1]["text"] == RUNNING
    assert f1_score(truth, [[word["tag"] for word in line["words"]] for line in lines]) == pytest.approx(f1)
    for line in lines:
        for word in (*line["words"], *line["entities"]):
            assert line["text"][word["start"] : word["end"]] == word["text"]


def test_the_call_on_the_card_gives_the_tags_that_were_scored(scored: Any) -> None:
    folder, *_ = scored
    own = Tagger(folder / "model", device="cpu")
    if not own.tokenizer.is_fast:
        pytest.skip("The pipeline of transformers takes words only with a fast tokenizer.")
    words = [word for word in HARD if word.isprintable()][:6]  # a word without a piece has no answer of the pipeline
    code = card.WORDS_USE.partition("\n")[2]
    printed: list[Any] = []
    given = {"ask": pipeline("token-classification", str(folder / "model"), device="cpu"), "words": words}
    exec(code, {**given, "print": lambda *items: printed.append(items)})
    assert printed == [(word, tag) for word, (tag, _) in zip(words, own.tags_of([words])[0], strict=True)]


@pytest.mark.slow  # its tokenizer has a million pieces
def test_the_answers_of_canine_are_the_same_in_every_batch(tmp_path: Path) -> None:
    sizes = {**SIZES, "max_position_embeddings": 64, "local_transformer_stride": 8, "initializer_range": 0.8}
    set_seed(1)
    model = CanineForTokenClassification(CanineConfig(**sizes, id2label=dict(enumerate(NAMES))))
    model.save_pretrained(tmp_path)
    CanineTokenizer().save_pretrained(tmp_path)
    own = Tagger(tmp_path, device="cpu")
    # Each length up to five blocks of four characters, so that each end of a block is the end of a sentence.
    sentences = [["a", "b" * size] for size in range(1, 21)] + [["Anna", "saw", "Oslo"], HARD]
    alone = [answer for words in sentences for answer in own.tags_of([words])[0]]
    together = [answer for words in own.tags_of(sentences) for answer in words]
    assert [tag for tag, _ in alone] == [tag for tag, _ in together]
    assert [score for _, score in alone] == pytest.approx([score for _, score in together], abs=1e-3)


def tagger(folder: Path, cutting: TextCutting | None = None) -> Tagger:
    """A model with random weights that read words in some way."""
    model = model_of("WordPiece", NAMES)
    if cutting is not None:
        ReadingRecord(12, cutting).keep(model.config)
    model.save_pretrained(folder)
    tokenizer_of("WordPiece").save_pretrained(folder)
    return Tagger(folder, device="cpu")


@pytest.mark.parametrize(
    ("cutting", "words"),
    [
        (None, [["Kari", "met\u00a0Kari", "in", "Oslo."], ["Kari,Omar", "(E.ON)"]]),
        (
            TextCutting(True),
            [["Kari", "met", "Kari", "in", "Oslo", "."], ["Kari", ",", "Omar", "(", "E", ".", "ON", ")"]],
        ),
    ],
)
def test_text_is_cut_as_in_training_and_every_word_has_its_place(
    tmp_path: Path, cutting: TextCutting | None, words: list[list[str]]
) -> None:
    lines = ["  Kari   met\u00a0Kari\tin Oslo. ", "", "Kari,Omar (E.ON)"]
    (tmp_path / "raw.txt").write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    first, second = tagger(tmp_path / "model", cutting).answers(tmp_path / "raw.txt")
    assert [[word.text for word in answer.words] for answer in (first, second)] == words
    assert [first.text, second.text] == [lines[0], lines[2]]
    for answer in (first, second):
        assert all(answer.text[word.start : word.end] == word.text for word in answer.words)
        starts = [word.start for word in answer.words]
        assert starts == sorted(set(starts))


def test_a_model_of_characters_reads_a_short_line_by_characters(tmp_path: Path) -> None:
    (tmp_path / "raw.txt").write_text("小王去了\n")
    for by_characters, words in ((None, ["小王去了"]), (True, ["小", "王", "去", "了"])):
        [answer] = tagger(tmp_path / "model", TextCutting(False, by_characters)).answers(tmp_path / "raw.txt")
        assert [word.text for word in answer.words] == words


def test_words_of_tools_keep_the_places_that_their_text_gives_them(tmp_path: Path) -> None:
    tokens = [
        {"text": "a", "start": 4, "end": 5},
        {"text": "\n", "start": 5, "end": 6},
        {"text": "c", "start": 8, "end": 9},
    ]
    rows = [{"text": "a b a\n  c", "tokens": tokens}, {"text": "Anna  saw", "tokens": ["Anna", "saw"]}]
    rows.append({"text": "another text", "tokens": ["Anna", "saw"]})
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = [*tagger(tmp_path / "model").answers(tmp_path / "rows.jsonl")]
    assert [(answer.text, [word.start for word in answer.words]) for answer in found] == [
        ("a b a\n  c", [4, 8]),
        ("Anna  saw", [0, 6]),
        ("Anna saw", [0, 5]),
    ]


def test_a_word_that_is_a_no_break_space_has_its_place_in_running_text(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text\n\u00a0  Anna\n", encoding="utf-8")
    [answer] = tagger(tmp_path / "model").answers(tmp_path / "rows.csv")
    assert (answer.text, [word.start for word in answer.words]) == ("\u00a0  Anna", [0, 3])


def test_entities_have_their_places(tmp_path: Path) -> None:
    (tmp_path / "raw.txt").write_text("  Anna saw   Oslo\n" * 3)
    (tmp_path / "more.txt").write_text("E.ON\n")
    tagger(tmp_path / "model")
    found = [*predict(tmp_path / "model", [tmp_path / "raw.txt", tmp_path / "more.txt"], device="cpu")]
    assert found
    for item in found:
        text = "E.ON" if item.source.startswith(str(tmp_path / "more.txt")) else "  Anna saw   Oslo"
        assert text[item.start : item.end] == item.text


def test_a_file_that_cannot_be_read_leaves_the_answers_for_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "raw.txt").write_text("Anna saw Oslo\n")
    (tmp_path / "empty.txt").write_text("")
    tagger(tmp_path / "model")
    files = [str(tmp_path / name) for name in ("empty.txt", "none.txt", "raw.txt")]
    assert main(["predict", str(tmp_path / "model"), *files, "--format", "conll", "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert [line.split("\t")[0] for line in said.out.splitlines()] == ["Anna", "saw", "Oslo", ""]
    assert "empty.txt holds no sentence" in said.err
    assert "none.txt does not exist" in said.err
    assert "2 of 3 files gave no answers" in said.err
