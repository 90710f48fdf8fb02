"""The encoder by which `inspect` counts the lengths of words and texts: the one that `train` would take."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from ..experiment.command.command_end import sentence_of
from ..experiment.command.flags import ModelArguments
from ..experiment.pretrained.model_choice import EMBEDDED
from ..experiment.setup.language_run import language_model
from .described import Described


@dataclass(frozen=True)
class Encoder:
    """What of a pretrained encoder serves a description of data.

    Args:
        name: as `--model_name_or_path` takes it; None if no encoder can be had.
        tokenizer: None likewise.
        max_length: pieces that a run reads at once.
        line: names the encoder, or says why there is none.
    """

    name: str | None
    tokenizer: PreTrainedTokenizerBase | None
    max_length: int
    line: str

    @property
    def length(self) -> dict[str, Any]:
        """The arguments of a description that count what is beyond the length."""
        return {"tokenizer": self.tokenizer, "max_length": self.max_length}

    def described(self, text: str) -> Described:
        """A description whose last line names the encoder."""
        return Described(f"{text}\n\n{self.line}", self.name, has_model=self.tokenizer is not None)


def encoder_of(
    arguments: argparse.Namespace, tokenizer_of: Callable[[str], PreTrainedTokenizerBase], max_length: int
) -> Encoder:
    """The encoder that the flags name, else the default one; no encoder is an error only if a flag asks for it.

    Args:
        arguments: flags of `inspect`.
        tokenizer_of: loads the tokenizer of a folder or a Hub id.
        max_length: pieces that a run reads at once without `--max_length`.

    Raises:
        ValueError: the named encoder cannot be had, or none for `--forecast`.
    """
    named, length = arguments.model_name_or_path, arguments.max_length or max_length
    try:
        pretrained, source = language_model(ModelArguments(named))
        tokenizer = tokenizer_of(source)
    except Exception as error:  # a download fails in many ways, and the description needs none
        if named is not None or arguments.forecast:
            raise
        missing = f"Lengths in word pieces and the forecast are left out: {sentence_of(error)}"
        return Encoder(None, None, length, missing)
    line = f"Word pieces are those of {pretrained.title}, the model of the forecast."
    return Encoder(pretrained.source or EMBEDDED, tokenizer, length, line)
