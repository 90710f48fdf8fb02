"""What a run keeps for its page: pseudo-labels of its last model, with the labelled examples that are like them."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from datasets import Dataset
from in_process import recipe, runner
from matplotlib.figure import Figure
from PIL import Image
from small_data import columns, paint, sentences
from transformers import ViTConfig, ViTForImageClassification

from hf_selftuning.data.sampling_order import evenly_spread
from hf_selftuning.experiment.setup.page_view import ReadRows
from hf_selftuning.experiment.texts.text_view import LONGEST, TextView
from hf_selftuning.experiment.words.word_view import WordView, words_of
from hf_selftuning.report.page.run_facts import RunFacts


@pytest.fixture
def with_pages(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a recipe with its page; the pictures of `curves.png` stay empty, and those of the page are drawn."""
    drawn = Figure.savefig

    def draw(figure: Figure, to: Any, **given: Any) -> None:
        to.touch() if isinstance(to, Path) else drawn(figure, to, **given)

    def run(name: str, out: Path, **flags: Any) -> RunFacts:
        go = runner(recipe(name), monkeypatch, out, **{"report": True, "compare_fine_tuning": False, **flags})
        monkeypatch.setattr(Figure, "savefig", draw)
        return RunFacts.load(go())

    return run


def test_a_run_on_images_shows_each_pseudo_label_as_a_small_picture(with_pages: Any, tmp_path: Path) -> None:
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    ViTForImageClassification(ViTConfig(image_size=32, patch_size=16, **sizes)).save_pretrained(tmp_path / "vit")
    data = {"data_dir": paint(tmp_path / "train", 4), "test_dir": paint(tmp_path / "test", 2)}
    model = {"model_name_or_path": tmp_path / "vit", "image_size": 32}
    facts = with_pages("run_image_classification", tmp_path / "run", labels_per_class=2, **data, **model)
    assert (facts.kind, facts.classes, facts.known) == ("images", ["blue", "green", "red"], True)
    assert (facts.pool, facts.labeled, facts.things) == ([6, 6], [6, 6], 6)
    assert sorted(place for place, *_ in facts.guesses) == [*range(6)]
    assert sum(entry["count"] for entry in facts.gallery) == 6
    assert np.array(facts.counts)[:, 2].tolist() == [2, 2, 2]
    assert sum(count for *_, count in facts.confusions) == 6
    picture = base64.b64decode(facts.examples["pool"]["0"]["image"].partition(",")[2])
    assert max(Image.open(io.BytesIO(picture)).size) == 96
    page = (tmp_path / "run" / "report.html").read_text()
    assert page.count('<use href="#picture') >= 12
    shown = {example["image"] for part in facts.examples.values() for example in part.values()}
    assert page.count("data:image/jpeg") == len(shown)
    assert facts.command.startswith("recipe.py --output_dir")


def test_a_run_on_words_shows_entities_in_their_sentences(with_pages: Any, words_model: Path, tmp_path: Path) -> None:
    sizes = {"train": 24, "test": 9}
    files = {f"{name}_file": columns(tmp_path / f"{name}.conll", size) for name, size in sizes.items()}
    quick = {"max_steps": 30, "learning_rate": 3e-2, "methods": "fixmatch"}
    facts = with_pages("run_ner", tmp_path / "run", model_name_or_path=words_model, label_ratio=0.5, **files, **quick)
    assert set(facts.classes) == {"no entity", "PER", "LOC", "ORG"}
    assert (facts.pool, facts.labeled) == ([12, 12], [12, 12])
    assert facts.things > 0
    one = facts.gallery[0]["surest"][0]
    words = facts.examples["pool"][str(one["example"])]["words"]
    assert words in [given for given, _ in sentences(24)]
    assert 0 <= one["span"][0] < one["span"][1] <= len(words)
    assert "<mark>" in (tmp_path / "run" / "report.html").read_text()
    expected = sum(tag != "O" for _, tags in sentences(9) for tag in tags)
    assert np.array(facts.counts)[:, 2].sum() == expected


def test_a_run_on_words_is_calibrated_on_dev_sentences_of_several_windows(
    with_pages: Any, words_model: Path, tmp_path: Path
) -> None:
    files = {f"{name}_file": columns(tmp_path / f"{name}.conll", 12) for name in ("train", "validation")}
    long = files["validation_file"]
    long.write_text(long.read_text().replace("\n\n", "\n", 6))  # the first is a sentence of seven
    (tmp_path / "more.txt").write_text("Anna visited Oslo .\nBen left Rome .\n")
    files |= {"unlabeled_file": tmp_path / "more.txt", "model_name_or_path": words_model, "max_length": 12}
    quick = {"max_steps": 30, "learning_rate": 3e-2, "methods": "fixmatch", "label_ratio": 1.0}
    facts = with_pages("run_ner", tmp_path / "run", **files, **quick)
    assert (facts.known, facts.calibrated_on) == (False, "dev")
    assert sum(count for *_, count in facts.calibration) > 0


def test_a_run_on_texts_without_true_classes_of_the_pool_is_calibrated_on_dev(with_pages: Any, tmp_path: Path) -> None:
    tiny.text_bert().save_pretrained(tmp_path / "bert")
    tiny.tokenizer().save_pretrained(tmp_path / "bert")
    texts = [f"w{5 + 15 * (place % 3) + place % 15} w{6 + 15 * (place % 3)} w{place + 7}" for place in range(30)]
    rows = [f"{text},{'abc'[place % 3]}" for place, text in enumerate(texts)]
    for name, part in (("train", rows[:12]), ("validation", rows[12:21]), ("test", rows[21:])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label", *part]))
    (tmp_path / "more.txt").write_text("w5 w6 w9\nw20 w21 w8\n<b>w7</b> w35 w36\n")
    files = {f"{name}_file": tmp_path / f"{name}.csv" for name in ("train", "validation", "test")}
    files |= {"unlabeled_file": tmp_path / "more.txt", "model_name_or_path": tmp_path / "bert", "max_length": 12}
    facts = with_pages("run_text_classification", tmp_path / "run", **files)
    assert (facts.pool, facts.labeled, facts.known, facts.calibrated_on) == ([3, 3], [12, 12], False, "dev")
    assert sum(count for *_, count in facts.calibration) == 9
    assert facts.examples["pool"]["2"] == {"text": "<b>w7</b> w35 w36"}
    assert "&lt;b&gt;w7" in (tmp_path / "run" / "report.html").read_text()


def test_words_of_windows_are_joined_and_hidden_ones_left_out() -> None:
    part = Dataset.from_dict({"tokens": [list("abcd"), list("ef")], "ner_tags": [[1, 0, -100, 1], [0, 1]]})
    encoded = Dataset.from_dict({"sentence": [0, 0, 1], "answered": [[0, 2], [2, 4], [0, 2]], "input_ids": [[1]] * 3})
    assert words_of(np.array([0, 0, 1, 2, 2]), part, encoded) == {0: {0: 0, 1: 1, 3: 2}, 1: {0: 3, 1: 4}}
    assert words_of(np.array([2, 0, 0]), part, encoded) == {0: {0: 1, 1: 2}}  # row 2 lacks a word


def test_an_entity_has_the_probability_of_its_type_at_its_first_word() -> None:
    view = WordView(["O", "B-PER", "I-PER", "B-LOC"])
    part = encoded = Dataset.from_dict({"tokens": [["Anna", "Berg", "saw", "Oslo"]]})
    probabilities = np.array([[0.1, 0.6, 0.2, 0.1], [0.1, 0.2, 0.6, 0.1], [0.9, 0.1, 0, 0], [0.3, 0, 0, 0.7]])
    found = view.guesses(ReadRows(probabilities, np.eye(4), np.array([1, 2, 0, 0]), np.zeros(4, int)), part, encoded)
    assert view.classes == ["no entity", "PER", "LOC"]
    assert found.spans is not None
    assert found.spans.tolist() == [[0, 2], [3, 4]]
    np.testing.assert_allclose(found.probabilities, [[0.1, 0.8, 0.1], [0.3, 0, 0.7]])
    assert found.labels is not None
    assert found.labels.tolist() == [1, 0]


def test_a_long_text_is_cut_and_a_pair_has_a_line_between() -> None:
    view = TextView(["a"], ["text", "pair"])
    assert view.shown({"text": "short", "pair": "x" * 999}) == {"text": f"short | {'x' * LONGEST} …"}


def test_a_sample_is_spread_evenly() -> None:
    assert evenly_spread(5, 9) == [0, 1, 2, 3, 4]
    assert evenly_spread(1001, 5) == [0, 250, 500, 750, 1000]
    assert len(set(evenly_spread(123_456, 1000))) == 1000


def test_an_example_counts_for_its_true_and_its_predicted_class() -> None:
    counts, confusions = TextView(["a", "b", "c"], ["text"]).counts([0, 0, 1, 2], [0, 1, 1, 0])
    assert counts.tolist() == [[1, 2, 2], [1, 1, 2], [0, 1, 0]]
    assert sorted(confusions) == [(0, 0, 1), (0, 2, 1), (1, 0, 1), (1, 1, 1)]
    assert json.dumps(confusions)
