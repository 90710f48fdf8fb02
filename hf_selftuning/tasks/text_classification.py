"""Text classification: a row is a text or a pair of texts; views differ by dropout, by lost words, or by wording."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from inspect import signature
from typing import Any, ClassVar

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor
from transformers import DataCollatorWithPadding, PreTrainedTokenizerBase

from ..core.task import LABEL_COLUMNS, Example, Task, Use
from ..data.class_names import check_class_names, class_indices, model_class_names, names_as_words, placeholder
from ..data.piece_lengths import piece_lengths
from ..data.piece_limits import PieceLimits
from ..data.raw_columns import ONLY_DATASETS, raw_columns
from ..data.texts.text_columns import known_columns
from ..data.texts.text_encoding import AUGMENTED, encode_texts
from ..data.texts.word_damage import WordDamage
from ..data.words.word_pieces import LONGEST, usable_positions


class TextClassification(Task):
    """Any `AutoModelForSequenceClassification` with one class for each text.

    A weak view is the text itself; two weak views differ by dropout. A strong view is another wording of the text, if
    the data have one (`augmented_columns`); else words are masked and cut out. Without a mask piece, as GPT-2 has
    none, the words to mask are cut out too.

    With a tokenizer, the trainer encodes a dataset of texts and `label` by `encode_texts`. Labels are the model's
    class indices or the names of its classes. The end of a text that is longer than the model reads is cut off.

    Args:
        mask_probability: share of the words that a strong view masks.
        cut_probability: share of the words that a strong view leaves out.
        text_columns: the column of the texts, or the two columns of a pair; None finds `text`, `sentence`,
            `sentence1` with `sentence2`, `premise` with `hypothesis`, and other usual names.
        label_column: column of the classes.
        augmented_columns: columns of other wordings of the text, such as back-translations; each holds a text or a
            list of texts.
        max_length: word pieces when the trainer encodes texts; None takes as many as the model reads.
    """

    kind: ClassVar[str] = "texts"
    pipeline: ClassVar[str | None] = "text-classification"

    def __init__(
        self,
        mask_probability: float = 0.15,
        cut_probability: float = 0.1,
        *,
        text_columns: str | Sequence[str] | None = None,
        label_column: str = "label",
        augmented_columns: str | Sequence[str] = (),
        max_length: int | None = None,
    ) -> None:
        for name, value in (("mask_probability", mask_probability), ("cut_probability", cut_probability)):
            if not 0 <= value < 1:
                raise ValueError(f"{name}={value} is no share of the words; give 0 or more, and less than 1.")
        self.mask_probability, self.cut_probability = mask_probability, cut_probability
        self.text_columns = (text_columns,) if isinstance(text_columns, str) else text_columns
        self.augmented_columns = (augmented_columns,) if isinstance(augmented_columns, str) else augmented_columns
        self.label_column, self.max_length = label_column, max_length
        self._tokenizer: PreTrainedTokenizerBase | None = None
        self._damage: WordDamage | None = None
        self._class_names: list[str] | None = None
        self._positions = LONGEST
        self._reads_last, self._takes_positions, self._encodes = False, False, False
        self._shortened: int | None = None
        self._labeled_texts: tuple[str, ...] = ()
        self._limits = PieceLimits()

    def bind(self, model: Any, processing_class: Any) -> None:
        """Read the pieces of the tokenizer, the model's classes, and which piece stands for the text."""
        self._tokenizer = processing_class if isinstance(processing_class, PreTrainedTokenizerBase) else None
        if self._tokenizer is not None:
            self._damage = WordDamage(self._tokenizer, self.mask_probability, self.cut_probability)
        self._class_names = model_class_names(model.config)
        self._positions = usable_positions(model) or LONGEST
        # Decoders call their classifier `score`. They apply it to every piece, and take what it says of the last one.
        self._reads_last = hasattr(model, "score")
        self._takes_positions = "position_ids" in signature(model.forward).parameters
        self._shortened, self._encodes = getattr(model.config, "downsampling_rate", None), False
        self._labeled_texts, self._limits = (), PieceLimits.of(model)

    def collator(self, processing_class: Any) -> Callable[[list[Any]], Mapping[str, Any]] | None:
        """Pads the texts of a batch: on the left for a decoder, whose last piece stands for the text."""
        if processing_class is None:
            return None
        if self._reads_last:
            return self._pad_left
        # CANINE shortens its input by this rate, and leaves out what is less than a whole block.
        return DataCollatorWithPadding(processing_class, pad_to_multiple_of=self._shortened)

    def _pad_left(self, rows: list[Any]) -> Mapping[str, Any]:
        assert self._tokenizer is not None
        side, self._tokenizer.padding_side = self._tokenizer.padding_side, "left"
        try:
            batch = DataCollatorWithPadding(self._tokenizer)(rows)
        finally:
            self._tokenizer.padding_side = side
        if self._takes_positions:
            # GPT-2 would count the padding. Its answers would then depend on which texts share a batch.
            batch["position_ids"] = (batch["attention_mask"].cumsum(-1) - 1).clamp(min=0)
        return batch

    def encode(self, dataset: Any, use: Use) -> Any:
        """Encode texts as word pieces. True classes of an unlabelled set are read only for the audit.

        An evaluated set without classes gets no labels either, because placeholders must not be scored.
        """
        self._encodes, columns = True, raw_columns(dataset)
        texts = tuple(self.text_columns or known_columns(columns) or ())
        if self._tokenizer is None or not columns or "input_ids" in columns or not texts:
            return dataset
        missing = [name for name in texts if name not in columns]
        if missing:
            raise ValueError(
                f"The texts have the columns {', '.join(columns)}, and no {missing[0]!r}; name the right ones by "
                "TextClassification(text_columns=...)."
            )
        self._check_pairs(texts, use)
        label = None if use == "unlabeled" else self._label_column(dataset, columns, use)
        encoded = encode_texts(
            dataset,
            self._tokenizer,
            max_length=self._longest(self._tokenizer),
            text_columns=texts,
            label=label,
            class_names=self._class_names,
            augmented_columns=() if use == "evaluated" else self.augmented_columns,
        )
        return encoded.remove_columns("labels") if use == "evaluated" and label is None else encoded

    def _longest(self, tokenizer: PreTrainedTokenizerBase) -> int:
        return self.max_length or min(self._positions, tokenizer.model_max_length)

    def _check_pairs(self, texts: tuple[str, ...], use: Use) -> None:
        """Refuse single texts beside pairs of texts: a model of pairs would learn from half of each."""
        if use == "labeled":
            self._labeled_texts = texts
        first = self._labeled_texts
        if first and len(first) != len(texts):
            other = "The evaluated data" if use == "evaluated" else "unlabeled_dataset"
            raise ValueError(
                f"{other} is read by {' and '.join(texts)}, and train_dataset by {' and '.join(first)}: one has pairs "
                "of texts and the other has not; name the columns alike, or by TextClassification(text_columns=...)."
            )

    def _label_column(self, dataset: Any, columns: list[str], use: Use) -> str | None:
        """The column of classes; None if an evaluated set has none."""
        name = next((name for name in (self.label_column, *LABEL_COLUMNS) if name in columns), None)
        if name is not None:
            check_class_names(name, (dataset.features or {}).get(name), self._class_names)
        elif use != "evaluated":
            wanting = "train_dataset" if use == "labeled" else "audit_pseudo_labels=True"
            raise ValueError(
                f"{wanting} needs a class for each text, and the texts have only {', '.join(columns)}; name the "
                "column of classes by TextClassification(label_column=...)."
            )
        return name

    def lengths(self, dataset: Any) -> np.ndarray:
        """Word pieces of each text."""
        return piece_lengths(dataset)

    def changes(self, kind: str) -> bool:
        """A strong view is another wording, or masks and cuts words."""
        return kind == "strong"

    def view(self, example: Example, name: str) -> Example:
        """The text, or in a strong view another wording of it, else the text with words masked and cut out."""
        if "input_ids" not in example:
            return self._raw(example, strong=name.startswith("strong"))
        plain = {key: example[key] for key in example if key != AUGMENTED}
        if not name.startswith("strong"):
            return plain
        wordings = example.get(AUGMENTED) or ()
        if len(wordings):
            chosen = wordings[int(torch.randint(len(wordings), ()))]
            return {**plain, **{key: values for key, values in chosen.items() if values is not None}}
        if self._damage is None:
            raise ValueError(
                "A strong view masks words, and no tokenizer was given; pass it as processing_class=, or take weak "
                "views."
            )
        return self._damage(plain)

    def _raw(self, example: Example, *, strong: bool) -> Example:
        """A text without pieces, which the user's own collator makes."""
        if self._encodes:
            raise ValueError(
                f"A text has the columns {', '.join(example)} and no `input_ids`; {self._advice(example)}."
            )
        if strong:
            raise ValueError(
                "A strong view masks word pieces, and the data_collator makes them afterwards; tokenise the dataset "
                "(map or set_transform), or take weak views."
            )
        return dict(example)

    def _advice(self, example: Example) -> str:
        """What to do about an example that should have pieces and has none."""
        if self._tokenizer is not None and (self.text_columns or known_columns(list(example))):
            return f"{ONLY_DATASETS}, or tokenise them yourself"
        return (
            "give the tokenizer as processing_class=, and name the column of the texts by "
            "TextClassification(text_columns=...)"
        )

    def blind(self, example: Example) -> Example:
        """Every label column gets a placeholder, so that a collator that asks for labels finds some."""
        names = {name for name in (self.label_column, *LABEL_COLUMNS) if name in example} or {"labels"}
        if names == {"labels"} and not self._encodes and "input_ids" not in example:
            names |= {"label", self.label_column}  # the user's own collator reads the name of the labelled set
        return {**example, **{name: placeholder(example.get(name), self._class_names) for name in names}}

    def truth(self, example: Example) -> Tensor:
        """The class, shape (1,)."""
        names = [name for name in (*LABEL_COLUMNS, self.label_column) if name in example]
        if not names:
            raise ValueError(
                f"audit_pseudo_labels needs true labels, and an unlabelled text has only {', '.join(example)}; name "
                "theirs with TextClassification(label_column=...), or leave the audit out."
            )
        return torch.as_tensor(class_indices(names[0], [example[names[0]]], self._class_names))

    def split(self, batch: MutableMapping[str, Any]) -> tuple[dict[str, Any], Tensor, Tensor | None]:
        """Inputs and labels; each text is a row, so there are no positions."""
        inputs = dict(batch)
        if "labels" not in inputs or len(inputs) < 2:
            raise ValueError(
                f"A batch of texts has {', '.join(inputs) or 'nothing'}, and needs `input_ids`, and `labels` that are "
                "whole numbers; give the tokenizer as processing_class=, and the columns `text` and `label`."
            )
        self._limits.check(inputs)
        attended = inputs.get("attention_mask")
        if self._reads_last and attended is not None and not bool(attended[:, -1].all()):
            raise ValueError(
                "The texts are padded on the right, and this model reads a text at its last piece; leave "
                "data_collator out, or let it pad by a tokenizer with padding_side='left'."
            )
        return inputs, inputs.pop("labels"), None

    def select(self, values: Tensor, rows: Tensor | None) -> Tensor:
        """The values of each text (n, d); of outputs (n, l, d) a decoder's last piece counts, else the first piece."""
        if values.ndim < 3:
            return values
        return values[:, -1] if self._reads_last else values[:, 0]

    def class_examples(self) -> Any | None:
        """The names of the classes as words: `card_arrival` is the text "card arrival"; None for pairs of texts."""
        texts = names_as_words(self._class_names or ())
        if self._tokenizer is None or len(self.text_columns or ()) > 1 or texts is None:
            return None
        examples = Dataset.from_dict({"text": texts, "label": list(range(len(texts)))})
        return encode_texts(examples, self._tokenizer, max_length=self._longest(self._tokenizer))

    def embedding(self, hidden: Tensor, inputs: Mapping[str, Any]) -> Tensor | None:
        """The mean (b, d) of the last hidden states (b, l, d) over the pieces of each text, without padding.

        Encoders of sentences are trained for it (Reimers and Gurevych, 2019).
        """
        attended = inputs.get("attention_mask")
        if attended is None:
            return hidden.mean(1)
        if attended.shape != hidden.shape[:2]:  # an encoder that shortens its input, such as Funnel
            return None
        weights = attended.to(hidden).unsqueeze(-1)
        return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)
