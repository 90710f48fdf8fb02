"""Teachers see the unlabelled data once; what is on disk equals what they would say at each step."""

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
import tiny
import torch

from hf_selftuning import METHODS, Method, SelfTuning
from hf_selftuning.data.words.legal_order import legal_order
from hf_selftuning.functional.decoding import legal_marginals
from hf_selftuning.functional.losses import soft_cross_entropy
from hf_selftuning.methods import Generation
from hf_selftuning.modules.teacher import load_teacher
from hf_selftuning.streams.order import PairSampler
from hf_selftuning.training.teachers import FOLDER

KINDS = pytest.mark.parametrize("kind", [tiny.WORDS, tiny.IMAGES], ids=["words", "images"])


def teachers(folder: Path, kind: tiny.Kind, count: int = 2) -> list[str]:
    """Folders of networks whose heads differ."""
    found = []
    for number in range(count):
        model = kind.model()
        torch.manual_seed(100 + number)
        torch.nn.init.normal_(model.classifier.weight)
        model.save_pretrained(folder / f"teacher_{number}")
        found.append(str(folder / f"teacher_{number}"))
    return found


def still(kind: tiny.Kind, size: int, seed: int) -> Any:
    """Data without chance: its images have no noise."""
    return kind.data(size, seed) if kind is tiny.WORDS else tiny.images(size, seed, noise=0.0)


def generation(folder: Path, kind: tiny.Kind, methods: list[Method], **given: Any) -> Any:
    args = tiny.arguments(folder, use_cpu=True, **given)
    pool = {"unlabeled_dataset": still(kind, 22, 1)}
    return tiny.trainer(kind, args, model=kind.model(dropout=0.0), methods=methods, **pool)


def files(trainer: Any) -> list[Path]:
    return sorted((Path(trainer.args.output_dir) / FOLDER).glob("*.safetensors"))


@KINDS
@pytest.mark.parametrize("power", [0.0, 2.0])
def test_the_loss_equals_that_of_teachers_that_run_at_each_step(tmp_path: Path, kind: tiny.Kind, power: float) -> None:
    folders = teachers(tmp_path, kind)
    method = Generation(teachers=";".join(folders), weight=0.5, agreement_power=power, legal_tags=False)
    trainer = generation(tmp_path, kind, [method])
    batch = tiny.first_step(trainer)
    inputs, rows = batch["unlabeled"]["views"]["weak.0"], batch["unlabeled"].get("rows")
    models = [load_teacher(folder, 3).eval() for folder in folders]
    with torch.no_grad():
        said = [trainer.task.select(model(**inputs).logits, rows).softmax(1) for model in models]
        ours = trainer.task.select(trainer.model(**inputs).logits, rows)
    mean = sum(said) / 2
    agreed = sum((one.argmax(1) == mean.argmax(1)).float() for one in said) / 2
    assert 0 < agreed.mean() < 1
    expected = 0.5 * (soft_cross_entropy(ours, mean) * agreed**power).mean()
    torch.testing.assert_close(trainer.training_module(batch)[0]["generation"], expected, rtol=2e-3, atol=1e-4)


@KINDS
def test_a_resumed_run_reads_the_files_and_ends_as_the_whole_one(tmp_path: Path, kind: tiny.Kind) -> None:
    text = ";".join(teachers(tmp_path, kind))
    saving = {"save_strategy": "steps", "save_steps": 2, "max_steps": 4}

    def methods() -> list[Method]:
        contrast = SelfTuning.from_preset("generation", projector_dim=8)
        return [Generation(teachers=text), contrast]

    whole = generation(tmp_path / "run", kind, methods(), **saving)
    whole.train()
    assert len(files(whole)) == 2
    times = [path.stat().st_mtime_ns for path in files(whole)]
    again = generation(tmp_path / "run", kind, methods(), **saving)
    again.train(resume_from_checkpoint=str(tmp_path / "run" / "checkpoint-2"))
    assert [path.stat().st_mtime_ns for path in files(again)] == times
    tiny.assert_same(tiny.everything(again), tiny.everything(whole))
    assert all(line["loss_generation"] > 0 and line["loss_pgc_unlabeled"] > 0 for line in tiny.lines(whole, 1))


@KINDS
def test_teachers_are_asked_only_about_examples_that_the_training_reads(
    tmp_path: Path, kind: tiny.Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = ";".join(teachers(tmp_path, kind))

    def trained(name: str) -> Any:
        trainer = generation(tmp_path / name, kind, [Generation(teachers=text)], max_steps=2)
        trainer.train()
        return trainer

    few = trained("few")
    read = 2 * few.args.per_device_train_batch_size * few.args.unlabeled_batch_ratio
    answered = [place for place in range(22) if len(few.soft_labels[place])]
    assert 0 < len(answered) == read < 22
    assert len(few.soft_labels) == 22
    monkeypatch.setattr(PairSampler, "drawn", lambda *_: None)
    everything = trained("all")
    assert all(len(everything.soft_labels[place]) for place in range(22))
    assert [line["loss"] for line in tiny.lines(few, 1)] == pytest.approx(
        [line["loss"] for line in tiny.lines(everything, 1)], rel=1e-4
    )


def test_other_weights_or_other_data_are_seen_anew(tmp_path: Path) -> None:
    kind = tiny.WORDS
    (folder,) = teachers(tmp_path, kind, 1)
    first = generation(tmp_path / "run", kind, [Generation(teachers=folder)])
    kept = first._soft_labels()
    teachers(tmp_path / "other", kind, 2)
    other = str(tmp_path / "other" / "teacher_1")
    generation(tmp_path / "run", kind, [Generation(teachers=other)])._soft_labels()
    assert len(files(first)) == 2
    changed = generation(tmp_path / "run", kind, [Generation(teachers=folder)])
    changed.unlabeled_dataset = still(kind, 22, 5)
    changed._soft_labels()
    assert len(files(first)) == 3
    assert len(kept) == 22
    assert kept.seconds > 0


def test_the_rows_of_an_example_are_its_words_whatever_batch_it_was_in(tmp_path: Path) -> None:
    folders = teachers(tmp_path, tiny.WORDS)
    inside = dict(enumerate(["O", "B-PER", "I-PER"]))
    model = tiny.WORDS.model(dropout=0.0)
    model.config.id2label, model.config.label2id = inside, {name: tag for tag, name in inside.items()}
    trainer = tiny.trainer(
        tiny.WORDS,
        tiny.arguments(tmp_path, use_cpu=True, per_device_eval_batch_size=5),
        model=model,
        methods=[Generation(teachers=";".join(folders))],
        unlabeled_dataset=still(tiny.WORDS, 22, 1),
    )
    kept = pickle.loads(pickle.dumps(trainer._soft_labels()))
    model = load_teacher(folders[1], 3).eval()
    for place in (0, 7, 21):
        row = trainer.unlabeled_dataset[place]
        words = torch.tensor(row["labels"]) != -100
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([row["input_ids"]])).logits[0, words]
        free, whole = logits.softmax(1)[None], torch.ones(1, len(logits), dtype=torch.bool)
        said = legal_marginals(free, whole, legal_order(list(inside.values())))[0]
        assert (said - free[0]).abs().max() > 0.01
        assert kept[place].dtype == torch.float16
        torch.testing.assert_close(kept[place][:, 1].float(), said, atol=1e-3, rtol=1e-3)


def test_legal_tags_are_kept_beside_free_ones(tmp_path: Path) -> None:
    (folder,) = teachers(tmp_path, tiny.WORDS, 1)
    for legal in (True, False, True):
        trainer = generation(tmp_path / "run", tiny.WORDS, [Generation(teachers=folder, legal_tags=legal)])
        trainer._soft_labels()
    assert len(files(trainer)) == 2
    (folder,) = teachers(tmp_path / "images", tiny.IMAGES, 1)
    pictures = [
        generation(tmp_path / str(legal), tiny.IMAGES, [Generation(teachers=folder, legal_tags=legal)])._soft_labels()
        for legal in (True, False)
    ]
    assert all(torch.equal(one, other) for one, other in zip(*pictures, strict=True))


def test_labels_of_the_unlabelled_data_do_not_change_what_is_kept(tmp_path: Path) -> None:
    (folder,) = teachers(tmp_path, tiny.WORDS, 1)
    true = still(tiny.WORDS, 22, 1)
    hidden = [[-100 if tag == -100 else 0 for tag in row] for row in true["labels"]]
    blind = true.remove_columns("labels").add_column("labels", hidden)
    for data in (true, blind):
        trainer = generation(tmp_path / "run", tiny.WORDS, [Generation(teachers=folder)])
        trainer.unlabeled_dataset = data
        trainer._soft_labels()
    assert len(files(trainer)) == 1


def test_what_cannot_be_taught_is_refused(tmp_path: Path) -> None:
    first, second = teachers(tmp_path, tiny.WORDS)
    alone = generation(tmp_path, tiny.WORDS, [SelfTuning.from_preset("generation")])
    with pytest.raises(ValueError, match=r"SelfTuning reads what teachers say .* and no method names teachers"):
        tiny.first_terms(alone)
    stream = generation(tmp_path, tiny.WORDS, [Generation(teachers=first)])
    stream.unlabeled_dataset = stream.unlabeled_dataset.to_iterable_dataset()
    with pytest.raises(ValueError, match=r"unlabeled_dataset is a stream without a length; .* or take distillation"):
        stream._soft_labels()
    other = copy.copy(Generation(teachers=second))
    both = generation(tmp_path, tiny.WORDS, [Generation(teachers=first)])
    both.methods.append(other)
    with pytest.raises(ValueError, match=r"Two methods name different teachers, .*teacher_0 and .*teacher_1; give"):
        both._soft_labels()


def test_only_generation_has_teachers_that_see_the_data_once() -> None:
    assert [name for name, method in METHODS.items() if method.settings_from_stage("classifiers")] == ["generation"]
