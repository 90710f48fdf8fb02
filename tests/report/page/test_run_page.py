"""The page of a run: what it says, that nothing in the data becomes markup, and its size with very many classes."""

import dataclasses
import json
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from pages_of_runs import facts, guesses, keys, words_facts, write_run

from hf_selftuning.experiment.command.command_text import command_line
from hf_selftuning.monitoring.label_changes import LabelChanges
from hf_selftuning.report.page.gallery import SHOWN, Shelf, gallery, to_label_next
from hf_selftuning.report.page.guesses import Guesses, Labelled, coverage, reliability
from hf_selftuning.report.page.page_tables import disagreements
from hf_selftuning.report.page.run_facts import RunFacts
from hf_selftuning.report.page.run_page import write_page


def written(folder: Path, *runs: Path) -> str:
    write_page(runs or [folder], folder / "page.html")
    return (folder / "page.html").read_text()


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are empty: drawing them takes longer than the rest of a page."""
    monkeypatch.setattr(Figure, "savefig", lambda figure, to, **_: to.write("<svg></svg>"))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_reliability_compares_confidence_with_the_share_that_is_right() -> None:
    sure, right = np.array([0.95, 0.91, 0.55, 1.0]), np.array([True, False, True, True])
    assert reliability(sure, right) == [(0.55, 1.0, 1), (pytest.approx(2.86 / 3), pytest.approx(2 / 3), 3)]


def test_coverage_counts_what_is_at_least_as_sure() -> None:
    sure, right = np.array([0.2, 0.6, 0.9, 0.9]), np.array([False, False, True, True])
    assert coverage(sure, right, [0.0, 0.6, 0.95]) == [
        (0.0, 1.0, 0.5),
        (0.6, 0.75, pytest.approx(2 / 3)),
        (0.95, 0, None),
    ]
    assert coverage(sure, None, [0.9]) == [(0.9, 0.5, None)]


def shelf(**changes: Any) -> Shelf:
    return Shelf(
        {part: lambda place, part=part: {"text": f"{part} {place}"} for part in ("pool", "labeled")}, **changes
    )


def test_the_gallery_has_the_surest_and_the_most_disputed_with_what_speaks_for_each_class() -> None:
    found = gallery(guesses(40), keys(), ["cat", "dog"], shelf())
    (cats, dogs), margins = found, guesses(40).margins
    assert cats["count"] + dogs["count"] == 40
    members = [place for place in range(40) if guesses(40).classes[place] == 0]
    in_order = sorted(members, key=lambda place: -margins[place])
    assert [one["example"] for one in cats["surest"]] == in_order[:SHOWN]
    assert [one["example"] for one in cats["disputed"]] == in_order[::-1][:SHOWN]
    assert (cats["surest"][0]["because"]["class"], cats["surest"][0]["against"]) == (0, None)
    assert cats["disputed"][0]["against"]["class"] == 1


def changed_labels() -> LabelChanges:
    """Example 3 was a dog until step 240, and example 5 until step 30; the others never changed."""
    changes = LabelChanges(40)
    for step, labels in ((10, [1, 1, 0]), (30, [1, 0, 0]), (240, [0, 0, 0])):
        changes.note(torch.tensor([3, 5, 7]), torch.tensor(labels), step)
    changes.settle()
    return changes


@pytest.mark.parametrize(("steps", "shown"), [(300, [3]), (479, [3]), (480, []), (59, [3, 5])])
def test_the_gallery_has_the_examples_that_changed_in_the_second_half_of_the_steps(
    steps: int, shown: list[int]
) -> None:
    found = Guesses(np.tile([0.9, 0.1], (40, 1)), np.ones((40, 2)), np.arange(40))
    (cats,) = gallery(found, keys(), ["cat", "dog"], shelf(), changed_labels(), steps=steps)
    of_all = {3: [1, 0, 240], 5: [1, 0, 30]}
    assert [(one["example"], one["change"]) for one in cats["changed"]] == [(place, of_all[place]) for place in shown]


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_what_a_pseudo_label_was_before(tmp_path: Path) -> None:
    all_texts = {part: {str(place): {"text": "a"} for place in range(40)} for part in ("pool", "labeled")}
    shown = gallery(guesses(40), keys(), ["cat", "dog"], shelf(), changed_labels(), steps=300)
    recorded = facts(gallery=shown, changed=[38, 2, 1, 300], examples=all_texts)
    page = words_of(written(write_run(tmp_path / "run", recorded)))
    assert "Changed late, in the second half of the steps" in page
    assert "in training it changed from dog to cat at step 240" in page
    assert "at step 30" not in page
    assert "38 got pseudo-labels in the 300 steps of the training. 2 of them changed their class at least once" in page
    assert "and 1 in the second half of the steps; only these late changes are shown below" in page
    assert "recorded" not in page


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_where_changes_are_not_recorded(tmp_path: Path) -> None:
    spans = {part: {str(place): {"words": ["a"]} for place in range(40)} for part in ("pool", "labeled")}
    words = facts(kind="words", unit_name="sentences", examples=spans)
    pages = [words_of(written(write_run(tmp_path / one.kind, one))) for one in (words, facts())]
    said = "Pseudo-labels that changed during training are recorded for images and texts only, because a sentence has"
    assert [said in page for page in pages] == [True, False]
    assert "It is not recorded which pseudo-labels changed during training." in pages[1]


def test_the_nearest_labelled_example_has_the_greatest_cosine_of_its_class() -> None:
    labelled = Labelled(np.array([[1.0, 0], [0.6, 0.8], [0, 5]]), np.array([0, 0, 1]), np.array([7, 8, 9]))
    assert labelled.nearest(np.array([0.0, 2.0]), 0) == (1, pytest.approx(0.8))
    assert labelled.nearest(np.array([0.0, 2.0]), 2) is None


def test_each_example_is_named_once_to_be_labelled_next_and_the_least_certain_comes_first() -> None:
    probabilities = np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4], [0.55, 0.45]])
    found = Guesses(probabilities, np.ones((4, 2)), np.array([3, 4, 4, 5]))
    assert [one["example"] for one in to_label_next(found, keys(), shelf())] == [4, 5, 3]


@pytest.mark.parametrize(("classes", "most"), [(24, SHOWN), (50, 1)])
def test_more_classes_show_fewer_pseudo_labels_each(classes: int, most: int) -> None:
    members = np.repeat(np.arange(classes), 8)
    found = Guesses(np.eye(classes)[members] * 0.9 + 0.1 / classes, np.eye(classes)[members], np.arange(len(members)))
    labelled = Labelled(np.eye(classes), np.arange(classes), np.arange(classes))
    shown = gallery(found, labelled, [str(label) for label in range(classes)], shelf())
    assert [entry["class"] for entry in shown] == list(range(classes))
    assert all(len(entry["surest"]) == len(entry["disputed"]) == most for entry in shown)


def test_a_full_shelf_takes_no_further_class() -> None:
    full = shelf(left=30)
    assert len(gallery(guesses(40), keys(), ["cat", "dog"], full)) == 1


@pytest.mark.usefixtures("undrawn")
def test_the_page_says_the_score_with_its_interval_and_the_command(tmp_path: Path) -> None:
    page = words_of(written(write_run(tmp_path / "birds")))
    assert "Accuracy 75.00 % on test (95 % interval 60.00 to 88.00, 100 texts)." in page
    assert "+5.00 (-1.00 to +11.00)" in page
    assert "hf-selftuning train text --train_file mine.csv" in page
    assert re.search("taken for cat, as this one is “ labelled [0-3] ”", page)
    assert "It read 40 of 900 unlabelled and 4 of 4 labelled texts, evenly spread" in page


def test_nothing_in_the_data_becomes_markup(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script>\" onload='x' &amp; </style>"
    plain = facts()
    shown = {part: {place: {"text": bad} for place in places} for part, places in plain.examples.items()}
    evil = dataclasses.replace(
        plain, classes=[bad, "dog"], examples=shown, command=bad, histories={bad: [{"step": 1, "loss": 1.0}]}
    )
    page = written(write_run(tmp_path / "run", evil))
    assert "<script" not in page
    assert "onload='x'" not in re.sub(r">[^<]*<", "><", page)
    assert page.count("</style>") == 1
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    page = written(write_run(tmp_path / "run"))
    places = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", page)
    assert places
    assert all(place.startswith(("#", "data:")) for place in places)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert {place[1:] for place in places if place.startswith("#")} <= {*ids}


@pytest.mark.usefixtures("undrawn")
def test_an_entity_is_marked_in_its_sentence(tmp_path: Path) -> None:
    page = written(write_run(tmp_path / "run", words_facts(12, words=4)))
    sentences = {*re.findall(r"“<span>(.*?)</span>”", page)}
    long = "x" * 90
    assert f"<mark>word0</mark> word1 word2 {long}" in sentences
    assert f"word0 <mark>word1 word2</mark> {long}" in sentences
    ends = [end for end in re.findall(r"</mark>(.*?)</span>", page) if not end.strip()]
    assert {*ends} <= {""}


@pytest.mark.usefixtures("undrawn")
def test_a_score_that_was_entered_later_is_shown_without_the_old_interval(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    results = json.loads((folder / "results.json").read_text())
    results["rows"][-1]["test_accuracy"] = 0.8
    (folder / "results.json").write_text(json.dumps(results))
    assert "Accuracy 80.00 % on test." in words_of(written(folder))


@pytest.mark.usefixtures("undrawn")
def test_runs_side_by_side_show_where_they_disagree(tmp_path: Path) -> None:
    other = facts(guesses(40, turned=True))
    folders = [write_run(tmp_path / "first"), write_run(tmp_path / "second", other)]
    page = words_of(written(tmp_path, *folders))
    assert "The runs disagree on 40 of 40 texts of the unlabelled data" in page
    assert "first: cat" in page
    assert "second: dog" in page


@pytest.mark.usefixtures("undrawn")
def test_runs_with_other_classes_are_not_compared_example_by_example(tmp_path: Path) -> None:
    other = dataclasses.replace(facts(), classes=["cat", "fox"])
    page = written(tmp_path, write_run(tmp_path / "first"), write_run(tmp_path / "second", other))
    assert "their pseudo-labels cannot be compared" in page


def test_an_entity_that_only_one_run_finds_is_a_disagreement() -> None:
    names, words = ["no entity", "PER", "LOC"], {"pool": {"4": {"words": ["Anna", "saw", "Oslo"]}}}
    given = dataclasses.replace(facts(), kind="words", classes=names, examples=words)
    first = dataclasses.replace(given, guesses=[[4, 1, 0.9, 0, 1], [4, 2, 0.8, 2, 3]])
    second = dataclasses.replace(given, guesses=[[4, 1, 0.7, 0, 1]])
    found = disagreements([("first", first, {}), ("second", second, {})])
    assert (found["count"], found["of"]) == (1, 2)
    assert found["items"][0]["span"] == (2, 3)
    assert found["items"][0]["said"] == [("first", "LOC", 0.8), ("second", "no entity", None)]
    assert disagreements([("first", first, {"split_hash": "a"}), ("second", second, {})])["same"] is False


@pytest.mark.usefixtures("undrawn")
def test_what_cannot_be_a_page_is_refused(tmp_path: Path) -> None:
    run, words = write_run(tmp_path / "run"), write_run(tmp_path / "words", dataclasses.replace(facts(), kind="words"))
    (tmp_path / "empty").mkdir()
    old = write_run(tmp_path / "old")
    (old / "report.json").write_text(json.dumps({"version": 0}))
    for folders, message in [
        ([tmp_path / "empty"], "holds no report.json, which the page is made from; give the folder of a run"),
        ([old], "has the form 0, and this version of the library reads the form 1"),
        ([run, words], "The runs are on texts and words; give runs on one kind of data"),
        ([run, run], "A run is named twice"),
        ([run] * 5, "5 runs do not fit side by side; give at most 4"),
    ]:
        with pytest.raises(ValueError, match=message):
            written(tmp_path, *folders)


@pytest.mark.parametrize(("classes", "members"), [(10_000, 1), (2, 10_000)])
def test_very_many_classes_or_members_stay_small_and_fast(classes: int, members: int, tmp_path: Path) -> None:
    size = max(1000, members)
    labels = np.arange(size) % (classes if members == 1 else 1)
    probabilities = np.full((size, classes), 0.5 / classes, np.float32)
    probabilities[np.arange(size), labels] += 0.5
    many = Guesses(probabilities, np.ones((size, 8), np.float32), np.arange(size))
    begun = time.process_time()
    names = [f"class {number}" for number in range(classes)]
    every = [[number, (number + 1) % classes, 1] for number in range(classes)]
    found = facts(many, names=names, counts=[[1, 2, 2]] * classes, confusions=every)
    page = written(write_run(tmp_path / "run", found))
    assert time.process_time() - begun < 2
    assert len(page.encode()) + (tmp_path / "run" / "report.json").stat().st_size < 5_000_000
    assert "more are not shown" in page or classes == 2


def test_facts_are_read_as_they_were_written(tmp_path: Path) -> None:
    kept = facts()
    kept.save(tmp_path)
    assert json.loads(json.dumps(dataclasses.asdict(RunFacts.load(tmp_path)))) == json.loads(
        json.dumps(dataclasses.asdict(kept))
    )


def test_the_command_hides_what_is_secret_and_can_be_run_again() -> None:
    words = ["--hub_token", "hf_abc", "--train_file", "my file.csv", "--hub-token=hf_abc", "--max_steps", "3"]
    text = command_line("hf-selftuning train ner", words)
    assert text == "hf-selftuning train ner --hub_token *** --train_file 'my file.csv' --hub-token=*** --max_steps 3"
