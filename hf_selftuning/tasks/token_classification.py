"""Token classification: a row is the first piece of a word; views differ by dropout, or by masked words."""

from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from transformers import DataCollatorForTokenClassification, PreTrainedTokenizerBase

from ..core.task import IGNORED, Count, Example, Join, Task, Use
from ..data.class_names import check_class_names, model_class_names, placeholder
from ..data.piece_lengths import piece_lengths
from ..data.piece_limits import PieceLimits
from ..data.raw_columns import ONLY_DATASETS, raw_columns
from ..data.words.legal_order import legal_order
from ..data.words.reading_record import ReadingRecord
from ..data.words.tables.table_columns import LABEL_COLUMNS
from ..data.words.window_joining import JOINING, WindowJoin, sentence_count, without_joining
from ..data.words.word_encoding import encode_words
from ..data.words.word_pieces import LONGEST, NONE, usable_positions
from ..functional.decoding import legal_marginals, padded


class TokenClassification(Task):
    """Any `AutoModelForTokenClassification`.

    Rows are the positions whose label is not -100, as is usual where labels are aligned with word pieces.
    A weak view is the sentence itself; two weak views differ by dropout. A strong view masks whole words, so that
    row i stays row i.

    With a tokenizer, the trainer encodes a dataset of `tokens` and `ner_tags` (or `tags`) by `encode_words`. Tags are
    the model's class indices or the names of its classes. A sentence that is longer than the model reads becomes
    several windows, and what the model says of them is joined before it is scored.

    Args:
        mask_probability: share of the words that a strong view masks.
        outside: index of the tag of words outside any entity, for the audit; None finds `O` in the model's labels.
        max_length: word pieces of a window when the trainer encodes sentences; None takes as many as the model reads.
    """

    kind: ClassVar[str] = "words"
    pipeline: ClassVar[str | None] = "token-classification"
    score: ClassVar[str] = "f1"

    def __init__(
        self, mask_probability: float = 0.15, outside: int | None = None, *, max_length: int | None = None
    ) -> None:
        self.mask_probability, self.outside, self.max_length = mask_probability, outside, max_length
        self._tokenizer: PreTrainedTokenizerBase | None = None
        self._class_names: list[str] | None = None
        self._positions = LONGEST
        self._shortened: int | None = None
        self._encodes = False
        self._limits = PieceLimits()
        self.mask_token_id: int | None = None
        self.special_ids = torch.tensor([], dtype=torch.long)

    def bind(self, model: Any, processing_class: Any) -> None:
        """Read the mask token from the tokenizer, and the outside tag from the model's labels."""
        self.mask_token_id = getattr(processing_class, "mask_token_id", None)
        unknown = getattr(processing_class, "unk_token_id", None)
        # An unknown piece is special to the tokenizer, but it is part of a word.
        special = [i for i in getattr(processing_class, "all_special_ids", []) if i != unknown]
        self.special_ids = torch.tensor(special, dtype=torch.long)
        if self.outside is None:
            self.outside = (model.config.label2id or {}).get("O")
        self._tokenizer = processing_class if isinstance(processing_class, PreTrainedTokenizerBase) else None
        self._class_names = model_class_names(model.config)
        self._positions = usable_positions(model) or LONGEST
        if self.max_length is not None:
            ReadingRecord(self.max_length, ReadingRecord.of(model.config).cutting).keep(model.config)
        self._shortened, self._encodes = getattr(model.config, "downsampling_rate", None), False
        self._limits = PieceLimits.of(model)

    def collator(self, processing_class: Any) -> Callable[[list[Any]], Mapping[str, Any]] | None:
        """Pads sentences and their labels."""
        if processing_class is None:
            return None
        if self._shortened is not None:
            return partial(_pad_beyond, processing_class, self._shortened, self._positions)
        return DataCollatorForTokenClassification(processing_class)

    def encode(self, dataset: Any, use: Use) -> Any:
        """Encode words as word pieces. True tags of an unlabelled set are read only for the audit.

        An evaluated set without tags gets no labels either, because placeholders must not be scored.
        """
        self._encodes, columns, tokenizer = True, raw_columns(dataset), self._tokenizer
        if tokenizer is None or "tokens" not in columns or "input_ids" in columns:
            return dataset
        tags = None if use == "unlabeled" else self._tag_column(dataset, columns, use)
        encoded = encode_words(
            dataset,
            tokenizer,
            max_length=self.max_length or min(self._positions, tokenizer.model_max_length),
            tags=tags,
            class_names=self._class_names,
        )
        return encoded.remove_columns("labels") if use == "evaluated" and tags is None else encoded

    def join(self, dataset: Any) -> Join | None:
        """Joins the windows of a sentence."""
        return WindowJoin.of(dataset)

    def plain(self, dataset: Any) -> Any:
        """Without the columns by which windows are joined."""
        return without_joining(dataset)

    def size(self, dataset: Any) -> int:
        """How many sentences."""
        return sentence_count(dataset)

    def _tag_column(self, dataset: Any, columns: list[str], use: Use) -> str | None:
        """The column of tags; None if an evaluated set has none."""
        name = next((name for name in LABEL_COLUMNS if name in columns), None)
        if name is not None:
            check_class_names(name, (dataset.features or {}).get(name), self._class_names)
        elif use != "evaluated":
            wanting = "train_dataset" if use == "labeled" else "audit_pseudo_labels=True"
            raise ValueError(
                f"{wanting} needs a tag for each word, and the sentences have only {', '.join(columns)}; name the "
                f"column of tags {LABEL_COLUMNS[0]!r}, by dataset.rename_column."
            )
        return name

    def lengths(self, dataset: Any) -> np.ndarray:
        """Word pieces of each sentence."""
        return piece_lengths(dataset)

    def changes(self, kind: str) -> bool:
        """A strong view masks words."""
        return kind == "strong"

    def view(self, example: Example, name: str) -> Example:
        """The sentence, with words masked in a strong view."""
        if "labels" not in example:
            return self._raw(example, strong=name.startswith("strong"))
        view = self._masked(example) if name.startswith("strong") else example
        return {name: view[name] for name in view if name not in JOINING}

    def _raw(self, example: Example, *, strong: bool) -> Example:
        """A sentence without pieces, which the user's own collator makes."""
        columns, raw = ", ".join(example), "tokens" in example and "input_ids" not in example
        if raw and self._encodes and self._tokenizer is not None:
            raise ValueError(f"A sentence has the columns {columns} and no `labels`; {ONLY_DATASETS}.")
        if not raw or self._encodes:
            raise ValueError(
                f"A tokenised sentence has the columns {columns} and no `labels`, which show where its "
                "words begin; give a dataset of `tokens` and the tokenizer as processing_class=, or tokenise "
                "unlabelled sentences with 0 at the first piece of each word and -100 elsewhere."
            )
        if strong:
            raise ValueError(
                "A strong view masks word pieces, and the data_collator makes them afterwards; tokenise the dataset "
                "(map or set_transform), or take weak views."
            )
        return dict(example)

    def _masked(self, example: Example) -> Example:
        if self.mask_token_id is None:
            raise ValueError(
                "A strong view masks words, and no tokenizer with a mask token was given; pass it as "
                "processing_class=, or take weak views."
            )
        ids = torch.as_tensor(example["input_ids"]).clone()
        starts = torch.as_tensor(example["labels"]) != IGNORED
        if "word_ids" in example:  # the words that a window does not answer have no label
            word_ids = torch.as_tensor(example["word_ids"])
            starts = word_ids != torch.cat([word_ids.new_tensor([NONE]), word_ids[:-1]])
            starts &= word_ids != NONE
        # Number of the word of each piece (l,), counted from 1; 0 for a piece that belongs to no word.
        words = starts.cumsum(0) * ~torch.isin(ids, self.special_ids)
        chosen = torch.rand(int(starts.sum()) + 1) < self.mask_probability
        chosen[0] = False
        ids[chosen[words]] = self.mask_token_id
        return {**example, "input_ids": ids.tolist()}

    def blind(self, example: Example) -> Example:
        """Every label of a word becomes a placeholder, and only shows where the word begins."""
        if "labels" in example:
            labels = torch.as_tensor(example["labels"])
            return {**example, "labels": torch.where(labels == IGNORED, IGNORED, 0).tolist()}
        if "tokens" not in example or "input_ids" in example:
            return example
        # The user's own collator makes the labels of the pieces from a tag for each word.
        names = [name for name in LABEL_COLUMNS if name in example] or LABEL_COLUMNS
        tag = placeholder(next(iter(example.get(names[0], ())), None), self._class_names)
        return {**example, **{name: [tag] * len(example["tokens"]) for name in names}}

    def truth(self, example: Example) -> Tensor:
        """The words' tags."""
        labels = torch.as_tensor(example["labels"])
        return labels[labels != IGNORED]

    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """Labels of the rows, and the rows' positions in the flattened batch (b * l,)."""
        inputs = dict(batch)
        self._limits.check(inputs)
        labels = inputs.pop("labels").flatten()
        # The batch is still on the host here; on a device, nonzero would make the host wait for the number of rows.
        rows = (labels != IGNORED).nonzero().squeeze(1)
        return inputs, labels[rows], rows

    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """The rows (n, d) of a model output (b, l, d)."""
        assert rows is not None
        return values.flatten(0, 1).index_select(0, rows)

    def legal(self, probabilities: Tensor, examples: Tensor) -> Tensor:
        """The probabilities of the tags over all legal sequences: an I-PER needs a B-PER or I-PER before it."""
        if self._class_names is None:
            return probabilities
        lengths = examples.unique_consecutive(return_counts=True)[1]
        sentences, words = padded(probabilities.split(lengths.tolist()))
        return legal_marginals(sentences, words, legal_order(self._class_names))[words]

    def audit(self, pseudo_labels: Tensor, used: Tensor, truth: Tensor) -> dict[str, Count]:
        """Precision on the words that are labelled as entities, accuracy over true entities, accuracy over all words.

        Most words lie outside of entities and are right, so the last figure says little and comes last.
        """
        if self.outside is None:
            return super().audit(pseudo_labels, used, truth)
        right = used & (pseudo_labels == truth)
        found, there = used & (pseudo_labels != self.outside), used & (truth != self.outside)
        return {
            "pseudo_label_precision_entities": ((found & right).sum(), found.sum()),
            "pseudo_label_accuracy_entities": ((there & right).sum(), there.sum()),
            **super().audit(pseudo_labels, used, truth),
        }


def _pad_beyond(tokenizer: Any, rate: int, positions: int, rows: list[Any]) -> Mapping[str, Any]:
    """Pads to more than the longest sentence, for CANINE.

    CANINE shortens its input by `rate`, leaves out what the last `rate` places give, and looks at the places behind
    each character. Where these are words, or lie behind the end, answers depend on which sentences share a batch. One
    block of padding stands in for what is left out, one for what the last character sees.
    """
    longest = max(len(row["input_ids"]) for row in rows)
    size = min(rate * (-(-longest // rate) + 2), positions)
    return DataCollatorForTokenClassification(tokenizer, padding="max_length", max_length=size)(rows)
