"""Time each choice that was made for speed against its alternative, in turn in one process.

    OMP_NUM_THREADS=1 python -m benchmarks.choices

A ratio above 1 says that the choice is faster.
"""

import argparse
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from hf_selftuning.data.embedded import conll2003_files, efficientnet_lite0
from hf_selftuning.data.words.columns.conll import read_conll_words
from hf_selftuning.modules.ema import EmaCopy
from hf_selftuning.streams.order import Order

from .shapes import images, minilm
from .timing import Run, interleaved, median, ratio

CLASSES, BATCH, SIDE = 9, 8, 112
Pair = tuple[Run, Run]
"""The choice and its alternative."""


def training(model: nn.Module, batches: list[dict[str, torch.Tensor]]) -> Run:
    """Forward and backward of some batches, one after another."""
    model.train()

    def run() -> None:
        for inputs in batches:
            model(**inputs).logits.float().mean().backward()
        model.zero_grad()

    return run


def words(*lengths: int) -> dict[str, torch.Tensor]:
    """Sentences padded to the longest."""
    longest = max(lengths)
    mask = torch.tensor([[place < length for place in range(longest)] for length in lengths]).long()
    return {"input_ids": torch.randint(1000, 30_000, mask.shape) * mask, "attention_mask": mask}


def grouped_by_length() -> Pair:
    """Ten steps on real sentences of similar length, and ten on sentences of any length."""
    sizes = [min(len(sentence), 62) + 2 for sentence in read_conll_words(conll2003_files()["train"])]
    model = minilm(CLASSES)

    def steps(order: Order) -> list[dict[str, torch.Tensor]]:
        return [words(*(sizes[order[step * BATCH + row]] for row in range(BATCH))) for step in range(10)]

    grouped, mixed = (steps(Order(len(sizes), 0, BATCH, given)) for given in (sizes, None))
    return training(model, grouped), training(model, mixed)


def separate_words() -> Pair:
    """Labelled and unlabelled sentences, each stream padded to its own longest, and both in one forward."""
    model, short, long = minilm(CLASSES), [12] * BATCH, [30] * BATCH
    return training(model, [words(*short), words(*long)]), training(model, [words(*short, *long)])


def separate_images() -> Pair:
    """Both streams apart, as batch statistics need it, and in one forward."""
    model = efficientnet_lite0(CLASSES)
    nn.Module.to(model, memory_format=torch.channels_last)
    apart, together = [images(16, SIDE)[0] for _ in range(2)], [images(32, SIDE)[0]]
    return training(model, [dict(part) for part in apart]), training(model, [dict(part) for part in together])


def channels_last() -> Pair:
    """Convolution weights channels-last, and in PyTorch's default layout."""
    batch = [dict(images(16, SIDE)[0])]
    last, first = efficientnet_lite0(CLASSES), efficientnet_lite0(CLASSES)
    nn.Module.to(last, memory_format=torch.channels_last)
    return training(last, batch), training(first, batch)


def moving_average() -> Pair:
    """One call for all tensors, and one call for each tensor."""
    model = minilm(CLASSES)
    copied = EmaCopy(model, 0.99)

    def loop() -> None:
        with torch.no_grad():
            for mine, theirs in zip(copied.module.parameters(), model.parameters(), strict=True):
                mine.mul_(0.99).add_(theirs, alpha=0.01)

    return partial(copied.settle, 1), loop


def one_buffer() -> Pair:
    """One call over all tensors as they lie, and one over two flat buffers that hold them."""
    model = minilm(CLASSES)
    copied = EmaCopy(model, 0.99)
    mine, theirs = (torch.cat([weight.detach().flatten() for weight in of.parameters()]) for of in (copied, model))
    return partial(copied.settle, 1), partial(mine.lerp_, theirs, 0.01)


def fused_optimizer() -> Pair:
    """AdamW in one fused kernel, and in one call for each of its operations."""
    models = minilm(CLASSES), minilm(CLASSES)
    for model in models:
        for parameter in model.parameters():
            parameter.grad = torch.randn_like(parameter)
    fused = torch.optim.AdamW(models[0].parameters(), lr=1e-5, fused=True)
    return fused.step, torch.optim.AdamW(models[1].parameters(), lr=1e-5, foreach=True).step


CHOICES: dict[str, Callable[[], Pair]] = {
    "batches of like length (CoNLL, 8 sentences)": grouped_by_length,
    "streams of words apart (8 short, 8 long)": separate_words,
    "streams of images apart (16 + 16)": separate_images,
    "channels-last (EfficientNet-Lite0, 16 images)": channels_last,
    "moving average by `_foreach` (MiniLM)": moving_average,
    "moving average without a flat buffer (MiniLM)": one_buffer,
    "fused AdamW (MiniLM)": fused_optimizer,
}


def main() -> None:
    """Print one line for each choice."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=7)
    repetitions = parser.parse_args().repetitions
    print("| choice | seconds | alternative / choice |\n|---|---|---|")
    for name, make in CHOICES.items():
        torch.manual_seed(0)
        runs = dict(zip(("choice", "alternative"), make(), strict=True))
        times = interleaved(runs, repetitions=repetitions, device=torch.device("cpu"))
        print(f"| {name} | {median(times, 'choice'):.3f} | {ratio(times, 'alternative', 'choice'):.2f} |", flush=True)


if __name__ == "__main__":
    main()
