"""What scripts change in Trainer, with methods: each row of the table in docs/drop_in.md."""

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import tiny
import torch
from safetensors.torch import load_file
from torch.utils.data import WeightedRandomSampler
from transformers import EarlyStoppingCallback, TrainingArguments, default_data_collator

from hf_selftuning import SelfTuning, SelfTuningTrainer
from hf_selftuning.modules.method_state import STATE_FILE


def at_once(kind: str = "words") -> dict[str, Any]:
    return {"methods": [SelfTuning.from_preset(kind, warmup_ratio=0.0)]}


def made(base: type[SelfTuningTrainer], args: Any, **given: Any) -> Any:
    """A trainer of a subclass, on words."""
    values = {
        "model": tiny.bert(), "train_dataset": tiny.sentences(10, 0), "unlabeled_dataset": tiny.sentences(22, 1),
        "processing_class": tiny.tokenizer(), **at_once(),
    }  # fmt: skip
    return base(**{"args": args, **values, **given})


# ---- order, loader, optimizer, step ----


class Balanced(SelfTuningTrainer):
    """Draws the first examples more often, and saves no methods' state by itself."""

    generator: torch.Generator | None = None
    drawn = 8

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return WeightedRandomSampler([9.0] * 3 + [0.1] * 7, self.drawn, generator=self.generator)

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        self.model.save_pretrained(output_dir)


def test_a_sampler_of_ones_own_orders_the_labelled_examples_and_resumes(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, save_strategy="steps", save_steps=3, max_steps=6)
    whole = made(Balanced, args)
    loader = whole.get_train_dataloader()
    orders = []
    for epoch in (0, 1, 0):
        loader.set_epoch(epoch)
        orders.append([row.tolist() for batch in loader for row in batch["labeled"]["views"]["weak.0"]["input_ids"]])
    assert orders[0] == orders[2] != orders[1]
    first = [row["input_ids"] for row in tiny.sentences(3, 0)]
    shown = [[piece for piece in row if piece] for row in orders[0]]
    assert sum(row in first for row in shown) > len(shown) / 2
    whole.train()
    # `save_model` of the script writes weights alone; the checkpoint still has the methods' state.
    assert load_file(tmp_path / "checkpoint-3" / STATE_FILE)
    resumed = made(Balanced, args)
    resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-3"))
    tiny.assert_same(tiny.everything(resumed), tiny.everything(whole))


def test_a_sampler_that_yields_no_indices_or_has_no_length_is_refused(tmp_path: Path) -> None:
    class Batches(SelfTuningTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return [[0, 1], [2, 3]]

    class Endless(SelfTuningTrainer):
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return iter(range(10))

    with pytest.raises(ValueError, match=r"a list of length 2 that yields 2 items such as \[\[0, 1\]\]; each item"):
        next(iter(made(Batches, tiny.arguments(tmp_path)).get_train_dataloader()))
    with pytest.raises(ValueError, match=r"returns a range_iterator without a length"):
        made(Endless, tiny.arguments(tmp_path)).get_train_dataloader()


class OwnStep(SelfTuningTrainer):
    """Overrides the loader and the step in a way that works."""

    def get_train_dataloader(self) -> Any:
        return super().get_train_dataloader()

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        with pytest.raises(KeyError, match="a training batch has two streams, labeled and unlabeled, and no labels"):
            inputs["labels"]
        with pytest.raises(KeyError, match="override compute_loss, which gets plain batches"):
            inputs.pop("labels")
        assert inputs.pop("labels", None) is None
        return super().training_step(model, inputs, num_items_in_batch)

    def create_optimizer(self, model: Any = None) -> Any:
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        return self.optimizer


def untrained(trainer: SelfTuningTrainer) -> int:
    """The methods' own parameters that the optimizer lacks."""
    known = {p for group in trainer.optimizer.param_groups for p in group["params"]}
    own = [p for p in trainer.training_module.methods.parameters() if p.requires_grad]
    assert own
    return sum(p not in known for p in own)


def test_a_step_and_an_optimizer_of_ones_own_train_the_methods_too(tmp_path: Path) -> None:
    trainer = made(OwnStep, tiny.arguments(tmp_path, max_steps=2))
    trainer.train()
    assert untrained(trainer) == 0
    assert [len(group["params"]) > 0 for group in trainer.optimizer.param_groups] == [True, True]
    model = tiny.bert()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    given = made(
        SelfTuningTrainer, tiny.arguments(tmp_path, max_steps=1), model=model, optimizers=(optimizer, schedule)
    )
    given.train()
    assert untrained(given) == 0
    assert len(given.optimizer.param_groups) == 1


def test_plain_batches_beside_methods_are_refused(tmp_path: Path) -> None:
    trainer = made(SelfTuningTrainer, tiny.arguments(tmp_path))
    trainer.get_train_dataloader = lambda: trainer.get_eval_dataloader(trainer.train_dataset)
    with pytest.raises(ValueError, match=r"makes plain batches, without .* that SelfTuning needs; leave it out, and"):
        trainer.train()
    plain = made(SelfTuningTrainer, tiny.arguments(tmp_path, max_steps=2), methods=[])
    plain.get_train_dataloader = lambda: plain.get_eval_dataloader(plain.train_dataset)
    plain.train()
    assert plain.state.global_step == 2


def test_a_model_that_does_not_say_its_classes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"Linear has no config.num_labels, the number of its classes; derive it"):
        SelfTuningTrainer(torch.nn.Linear(2, 2), tiny.arguments(tmp_path))


# ---- items ----


@dataclasses.dataclass(frozen=True)
class Features:
    input_ids: list[int]
    attention_mask: list[int]
    labels: list[int]


class Seen(NamedTuple):
    pixel_values: torch.Tensor
    labels: int


class As(torch.utils.data.Dataset):
    """A dataset whose items are of another kind."""

    def __init__(self, data: Any, kind: Any) -> None:
        self.data, self.kind = data, kind

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> Any:
        return self.kind(self.data[index])


def as_features(row: Any) -> Features:
    """Padded, as the older scripts of transformers do it."""
    return Features(*([*row[name], *[fill] * (12 - len(row[name]))] for name, fill in PADDED.items()))


PADDED = {"input_ids": 0, "attention_mask": 0, "labels": -100}


class Record:
    """An object with attributes alone."""

    def __init__(self, row: Any) -> None:
        self.__dict__.update(vars(as_features(row)))


SEEN: list[int] = []


def stack(items: list[Any]) -> dict[str, torch.Tensor]:
    """A collator of pairs, which notes the classes that it sees."""
    SEEN.extend(int(item[1]) for item in items)
    return {"pixel_values": torch.stack([item[0] for item in items]), "labels": torch.tensor([i[1] for i in items])}


IMAGE_ITEMS = {
    "pair": lambda row: (row["pixel_values"], row["labels"]),
    "list": lambda row: [row["pixel_values"], row["labels"]],
    "named tuple": lambda row: Seen(row["pixel_values"], row["labels"]),
    "three parts": lambda row: (row["pixel_values"], row["labels"], "path.png"),
}


def first_batch(tmp_path: Path, data: Any, kind: Any, collator: Any) -> dict[str, torch.Tensor]:
    """The first batch of both streams, from items of a kind."""
    images = data is tiny.images
    trainer = tiny.trainer(
        tiny.IMAGES if images else tiny.WORDS, tiny.arguments(tmp_path), train_dataset=As(data(10, 0), kind),
        unlabeled_dataset=As(data(22, 1), kind), data_collator=collator, **at_once("images" if images else "words"),
    )  # fmt: skip
    batch = next(iter(trainer.get_train_dataloader()))
    assert "labels" not in batch["unlabeled"]
    found = {f"{s}.{view}.{n}": t for s in batch for view, x in batch[s]["views"].items() for n, t in x.items()}
    return {**found, "labels": batch["labeled"]["labels"]}


def test_items_that_are_no_dictionaries_make_the_same_batches(tmp_path: Path) -> None:
    usual = first_batch(tmp_path, tiny.images, dict, default_data_collator)
    assert len(usual) == 5
    for name, kind in IMAGE_ITEMS.items():
        SEEN.clear()
        tiny.assert_same(first_batch(tmp_path, tiny.images, kind, stack), usual)
        assert (SEEN.count(0) > len(SEEN) / 2) == (name != "three parts"), "the class of an unlabelled image is 0"
    usual = first_batch(tmp_path, tiny.sentences, lambda row: vars(as_features(row)), default_data_collator)
    for kind in (as_features, Record):
        tiny.assert_same(first_batch(tmp_path, tiny.sentences, kind, default_data_collator), usual)


@pytest.mark.parametrize("kind", [torch.tensor, np.array])
def test_pairs_of_pieces_and_a_class_are_texts(tmp_path: Path, kind: Any) -> None:
    def collate(items: list[Any]) -> dict[str, torch.Tensor]:
        ids = [torch.as_tensor(pieces) for pieces, _ in items]
        labels = torch.stack([torch.as_tensor(label) for _, label in items])
        return {"input_ids": torch.nn.utils.rnn.pad_sequence(ids, batch_first=True), "labels": labels}

    def data(size: int, seed: int) -> As:
        return As(tiny.texts(size, seed), lambda row: (kind(row["input_ids"]), kind(row["labels"])))

    given = {"train_dataset": data(10, 0), "unlabeled_dataset": data(22, 1), "data_collator": collate}
    trainer = tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path), **given)
    usual = tiny.trainer(tiny.TEXTS, tiny.arguments(tmp_path))
    found, wanted = (next(iter(one.get_train_dataloader()))["labeled"]["labels"] for one in (trainer, usual))
    assert found.tolist() == wanted.tolist()


def as_batch(items: list[Any]) -> Any:
    """A collator of tuples of three parts."""
    rows = [{"input_ids": item[0], "attention_mask": item[1], "labels": item[2]} for item in items]
    return default_data_collator([vars(as_features(row)) for row in rows])


def test_a_view_that_must_change_items_without_names_is_refused(tmp_path: Path) -> None:
    data = As(tiny.sentences(10, 0), lambda row: (row["input_ids"], row["attention_mask"], row["labels"]))
    args = tiny.arguments(tmp_path, labeled_view="strong")
    with pytest.raises(ValueError, match=r"The view .* changes an example, and .* tuples of 3 parts, which have no"):
        tiny.trained(tiny.WORDS, args, train_dataset=data, data_collator=as_batch)


# ---- the log, the card, the arguments ----


def test_tokens_samples_and_both_losses_are_in_the_log(tmp_path: Path) -> None:
    args = tiny.arguments(
        tmp_path, max_steps=-1, num_train_epochs=1, include_num_input_tokens_seen="non_padding",
        train_sampling_strategy="random",
    )  # fmt: skip
    method = SelfTuning.from_preset("words", warmup_ratio=0.5)
    trainer = made(SelfTuningTrainer, args, methods=[method])
    lines = trainer.train() and tiny.lines(trainer)
    # The ramp after the warm-up of three steps begins at 0.
    assert [line["methods_loss"] == 0 for line in lines] == [True] * 4 + [False] * 2
    for line in lines:
        assert line["loss"] == pytest.approx(line["loss_supervised"] + line["methods_loss"], rel=1e-6)
    batches = list(trainer.get_train_dataloader())
    seen = sum(int(part["views"]["weak.0"]["attention_mask"].sum()) for batch in batches for part in batch.values())
    assert trainer.state.num_input_tokens_seen == seen
    last = trainer.state.log_history[-1]
    # Six steps of four labelled examples, although there are ten of them: those that repeat count too.
    assert last["train_samples_per_second"] == pytest.approx(4 * last["train_steps_per_second"], rel=0.02)


def test_the_order_of_the_labelled_examples_may_be_kept_without_unlabelled_ones(tmp_path: Path) -> None:
    args = tiny.arguments(tmp_path, train_sampling_strategy="sequential")
    trainer = tiny.trainer(tiny.WORDS, args, methods="l2_sp", unlabeled_dataset=None)
    rows = [row.tolist() for batch in trainer.get_train_dataloader() for row in batch["labeled"]["labels"]]
    tags = [tag for row in tiny.sentences(10, 0)["labels"] for tag in row if tag != -100]
    assert rows[: len(tags)] == tags


def test_arguments_that_change_later_count(tmp_path: Path) -> None:
    plain = TrainingArguments(str(tmp_path), max_steps=8, report_to=[], use_cpu=True, disable_tqdm=True)
    trainer = tiny.trainer(tiny.WORDS, plain)
    plain.max_steps, plain.learning_rate = 1, 0.5
    trainer.train()
    assert (trainer.state.global_step, trainer.args.learning_rate) == (1, 0.5)


@pytest.mark.slow
def test_the_saved_arguments_load_without_this_package(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, head_lr_ratio=3.0))
    trainer.save_model(str(tmp_path / "saved"))
    code = f"""
import sys, torch
args = torch.load({str(tmp_path / "saved" / "training_args.bin")!r}, weights_only=False)
assert type(args).__name__ == "TrainingArguments" and args.per_device_train_batch_size == 4
assert not [name for name in sys.modules if name.startswith("hf_selftuning")]
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_the_saved_arguments_are_plain_and_the_trainers_stay(tmp_path: Path) -> None:
    trainer = tiny.trainer(tiny.WORDS, tiny.arguments(tmp_path, head_lr_ratio=3.0))
    own = trainer.args
    trainer.save_model(str(tmp_path / "saved"))
    saved = torch.load(tmp_path / "saved" / "training_args.bin", weights_only=False)
    assert type(saved) is TrainingArguments
    assert (saved.learning_rate, saved.head_lr_ratio) == (own.learning_rate, 3.0)
    assert trainer.args is own


# ---- no unlabelled example was used ----


def card(trainer: SelfTuningTrainer) -> str:
    trainer.create_model_card()
    return (Path(str(trainer.args.output_dir)) / "README.md").read_text()


def test_card_and_log_say_that_no_unlabelled_example_was_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    method = [SelfTuning.from_preset("words", warmup_ratio=0.5)]
    scores = iter([0.5, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    flags = {
        "eval_strategy": "steps", "eval_steps": 1, "save_strategy": "steps", "save_steps": 1,
        "load_best_model_at_end": True, "metric_for_best_model": "quality",
    }  # fmt: skip

    def trainer(out: str, **flags: Any) -> SelfTuningTrainer:
        return tiny.trainer(
            tiny.WORDS, tiny.arguments(tmp_path / out, max_steps=4, **flags), methods=method,
            compute_metrics=lambda _: {"quality": next(scores)},
        )  # fmt: skip

    best = trainer("best", **flags)
    best.train()
    words = (
        "No unlabelled example was used: the best checkpoint is that of step 2, and Self-Tuning begins after step 2"
    )
    assert words in caplog.text
    assert words in card(best)
    stopped = trainer("stopped", **{**flags, "load_best_model_at_end": True})
    stopped.add_callback(EarlyStoppingCallback(1))
    stopped.args.load_best_model_at_end = False
    stopped.train()
    text = card(stopped)
    assert "the training stopped after step 2" in text
    assert "fine-tuned for token classification on 10 labelled examples." in text
    assert "22 examples, none used" in text
    assert "semi-supervised" not in text
    caplog.clear()
    evaluated = trainer("evaluated")
    evaluated.evaluate()
    text = card(evaluated)
    assert "a model for token classification that this run only evaluated." in text
    assert "No unlabelled example was used: nothing was trained." in text
    assert "nothing was trained" in caplog.text
    used = trainer("used")
    used.train()
    assert "with Self-Tuning on 10 labelled and 22 unlabelled" in card(used)
    assert "<" not in card(used).split("## Training")[1].split("## Citation")[0]
