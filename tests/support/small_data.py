"""Small files of words and images, and a tiny model for the words, as users have them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

WORDS = ["Anna", "visited", "Oslo", "with", "Ben", "from", "Acme", "in", "Rome", "."]
TAGS = ["B-PER", "O", "B-LOC", "O", "B-PER", "O", "B-ORG", "O", "B-LOC", "O"]


def sentences(size: int) -> list[tuple[list[str], list[str]]]:
    places = [[(3 * i + k) % len(WORDS) for k in range(4 + i % 5)] for i in range(size)]
    return [([WORDS[k] for k in row], [TAGS[k] for k in row]) for row in places]


def columns(path: Path, size: int, opening: str = "B") -> Path:
    rows = [
        "".join(f"{w} {t.replace('B-', opening + '-')}\n" for w, t in zip(*s, strict=True)) for s in sentences(size)
    ]
    path.write_text("\n".join(rows))
    return path


def save_words_model(folder: Path) -> Path:
    """A tiny encoder that knows the words, with its tokenizer."""
    names = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]", *(word.lower() for word in WORDS)]
    BertTokenizerFast(vocab={name: i for i, name in enumerate(names)}).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertForTokenClassification(BertConfig(vocab_size=len(names), **sizes)).save_pretrained(folder)
    return folder


COLOURS = {"blue": (30, 30, 200), "green": (30, 200, 30), "red": (200, 30, 30)}


def paint(folder: Path, size: int, modes: Sequence[str] = ("RGB",), classes: Sequence[str] = tuple(COLOURS)) -> Path:
    """Noisy images of the colour that names their folder; a folder of another name has other images."""
    generator = np.random.default_rng(list(folder.name.encode()))
    for name in classes:
        (folder / name).mkdir(parents=True)
        for i in range(size):
            pixels = np.clip(np.array(COLOURS[name]) + generator.integers(-20, 20, (36, 40, 3)), 0, 255)
            image = Image.fromarray(pixels.astype(np.uint8)).convert(modes[i % len(modes)])
            image.save(folder / name / f"{i}.png")
    return folder
