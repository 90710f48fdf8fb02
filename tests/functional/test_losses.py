"""The losses against equation (2) of the paper written slowly, values to check by hand, and gradients."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hf_selftuning.functional import losses as module
from hf_selftuning.functional.losses import REDUCTIONS, log_sum, mean_log, pseudo_group_contrast

NONE_FILLED = torch.zeros(2, 1, dtype=torch.bool)


def slow_contrast(
    queries: Tensor,
    keys: Tensor,
    labels: Tensor,
    queue: Tensor,
    filled: Tensor,
    temperature: float,
    *,
    reduction: str = "mean_log",
    group: bool = True,
) -> Tensor:
    """Equation (2), one exponential at a time; empty slots are not there at all."""
    losses = []
    for query, key, label in zip(queries.tolist(), keys.tolist(), labels.tolist(), strict=True):

        def score(other: list[float], query: list[float] = query) -> float:
            return math.exp(sum(a * b for a, b in zip(query, other, strict=True)) / temperature)

        positives, negatives = [score(key)], []
        for c in range(queue.shape[0]):
            for j in range(queue.shape[1]):
                if filled[c, j]:
                    (positives if c == label and group else negatives).append(score(queue[c, j].tolist()))
        total = sum(positives) + sum(negatives)
        if reduction == "mean_log":
            losses.append(-sum(math.log(p / total) for p in positives) / len(positives))
        else:
            losses.append(-math.log(sum(positives) / total))
    return torch.tensor(losses, dtype=torch.float64)


def random_case(
    seed: int, *, rows: int = 5, classes: int = 3, size: int = 4, dim: int = 6, share: float = 0.6
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Unit vectors in float64, and a queue of which a share is filled."""
    generator = torch.Generator().manual_seed(seed)

    def units(*shape: int) -> Tensor:
        return F.normalize(torch.randn(*shape, generator=generator, dtype=torch.float64), dim=-1)

    labels = torch.randint(classes, (rows,), generator=generator)
    filled = torch.rand(classes, size, generator=generator) < share
    return units(rows, dim), units(rows, dim), labels, units(classes, size, dim), filled


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 6),
    classes=st.integers(2, 4),
    size=st.integers(1, 4),
    dim=st.integers(1, 5),
    share=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
    temperature=st.sampled_from([0.07, 0.2, 1.0]),
    reduction=st.sampled_from(sorted(REDUCTIONS)),
    group=st.booleans(),
)
def test_the_loss_is_equation_two_whatever_is_filled(
    seed: int,
    rows: int,
    classes: int,
    size: int,
    dim: int,
    share: float,
    temperature: float,
    reduction: str,
    group: bool,
) -> None:
    case = random_case(seed, rows=rows, classes=classes, size=size, dim=dim, share=share)
    fast = pseudo_group_contrast(*case, temperature=temperature, reduction=REDUCTIONS[reduction], group=group)
    torch.testing.assert_close(fast, slow_contrast(*case, temperature, reduction=reduction, group=group))


def test_two_classes_of_one_key_each_give_a_value_to_check_by_hand() -> None:
    right, up = [1.0, 0.0], [0.0, 1.0]
    losses = pseudo_group_contrast(
        queries=torch.tensor([right, right]),
        keys=torch.tensor([right, right]),
        labels=torch.tensor([0, 1]),
        queue=torch.tensor([[right], [up]]),
        filled=torch.tensor([[True], [True]]),
        temperature=1.0,
    )
    # Scores: own key 1, class 0 has 1, class 1 has 0; all together e + e + 1.
    total = math.log(2 * math.e + 1)
    torch.testing.assert_close(losses, torch.tensor([total - 1, total - 0.5]))


def test_log_sum_gives_a_value_to_check_by_hand() -> None:
    right, up = [1.0, 0.0], [0.0, 1.0]
    losses = pseudo_group_contrast(
        queries=torch.tensor([right, right]),
        keys=torch.tensor([right, right]),
        labels=torch.tensor([0, 1]),
        queue=torch.tensor([[right], [up]]),
        filled=torch.tensor([[True], [True]]),
        temperature=1.0,
        reduction=log_sum,
    )
    total = 2 * math.e + 1
    torch.testing.assert_close(losses, torch.tensor([math.log(total / (2 * math.e)), math.log(total / (math.e + 1))]))


def test_the_temperature_divides_the_scores() -> None:
    case = (
        torch.tensor([[1.0]]),
        torch.tensor([[1.0]]),
        torch.tensor([0]),
        torch.tensor([[[1.0]], [[-1.0]]]),
        torch.tensor([[False], [True]]),
    )
    # Own key +1, the other class's key -1: log(1 + exp(-2 / temperature)).
    for temperature in (1.0, 0.5):
        losses = pseudo_group_contrast(*case, temperature=temperature)
        torch.testing.assert_close(losses, torch.tensor([math.log1p(math.exp(-2 / temperature))]))


def test_without_the_group_the_queue_of_the_own_class_is_negative() -> None:
    one = torch.ones(1, 1)
    queue, filled = torch.ones(2, 1, 1), torch.tensor([[True], [False]])
    both = [
        pseudo_group_contrast(one, one, torch.tensor([0]), queue, filled, temperature=1.0, group=group, reduction=how)
        for group in (True, False)
        for how in (mean_log, log_sum)
    ]
    # Two equal scores. Grouped: each has probability 1/2, together 1. Own key alone: 1/2 either way.
    half = math.log(2)
    torch.testing.assert_close(torch.cat(both), torch.tensor([half, 0.0, half, half]))


@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS.keys())
def test_an_empty_queue_leaves_nothing_to_learn(reduction: object) -> None:
    queries, keys, labels, queue, filled = random_case(0)
    queries = queries.float().requires_grad_()
    losses = pseudo_group_contrast(
        queries, keys.float(), labels, queue.float(), torch.zeros_like(filled), reduction=reduction
    )
    losses.sum().backward()
    torch.testing.assert_close(losses, torch.zeros(5))
    torch.testing.assert_close(queries.grad, torch.zeros(5, 6))


@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS.keys())
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_what_an_empty_slot_holds_never_matters(reduction: object, share: float) -> None:
    queries, keys, labels, queue, filled = (t.float() if t.is_floating_point() else t for t in random_case(1))
    filled = filled & (share > 0)
    results = []
    for garbage in (0.0, 1.0, -1e18, 1e18):
        q = queries.clone().requires_grad_()
        dirty = torch.where(filled[..., None], queue, garbage)
        losses = pseudo_group_contrast(q, keys, labels, dirty, filled, reduction=reduction)
        losses.sum().backward()
        results.append((losses.detach(), q.grad))
    for losses, gradient in results[1:]:
        torch.testing.assert_close(losses, results[0][0], rtol=0, atol=0)
        torch.testing.assert_close(gradient, results[0][1], rtol=0, atol=0)


def test_an_empty_slot_is_no_negative_even_of_a_row_far_from_its_own_key() -> None:
    one = torch.ones(1, 1)
    # The own key's score is -1 / 0.001: any finite stand-in for an empty slot must lie far below.
    loss = pseudo_group_contrast(one, -one, torch.tensor([0]), torch.zeros(2, 1, 1), NONE_FILLED, temperature=0.001)
    torch.testing.assert_close(loss, torch.zeros(1))


@pytest.mark.parametrize("group", [True, False])
@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS.keys())
def test_gradients_of_queries_and_keys_are_those_of_the_value(reduction: object, group: bool) -> None:
    queries, keys, labels, queue, filled = random_case(2, rows=3, dim=3)

    def loss(q: Tensor, k: Tensor) -> Tensor:
        return pseudo_group_contrast(q, k, labels, queue, filled, temperature=0.5, reduction=reduction, group=group)

    assert torch.autograd.gradcheck(loss, (queries.requires_grad_(), keys.requires_grad_()))


def positive_scores_and_gradient(reduction: object) -> tuple[Tensor, Tensor]:
    """Probabilities of five positives, the last a false one, and dL/ds of each; a hundred negatives at 0.05."""
    temperature = 0.07
    similarity = torch.tensor([0.8, 0.7, 0.75, 0.72, 0.1], dtype=torch.float64, requires_grad=True)
    scores = similarity / temperature
    negatives = torch.full((100,), 0.05 / temperature, dtype=torch.float64)
    total = torch.logsumexp(torch.cat([scores, negatives]), 0)
    filled = torch.ones(1, 4, dtype=torch.bool)
    reduction(scores[:1], scores[None, 1:], filled, total[None]).sum().backward()
    return (scores - total).exp().detach(), similarity.grad


def test_mean_log_pulls_each_positive_by_its_probability_less_an_equal_share() -> None:
    probabilities, gradient = positive_scores_and_gradient(mean_log)
    torch.testing.assert_close(gradient, (probabilities - 1 / 5) / 0.07)
    assert gradient.argmin() == 4, "the least similar positive, a false one, is pulled hardest"
    assert gradient[0] > 0, "and the most similar one is pushed away"


def test_log_sum_lets_a_false_positive_go() -> None:
    probabilities, gradient = positive_scores_and_gradient(log_sum)
    torch.testing.assert_close(gradient, (probabilities - probabilities / probabilities.sum()) / 0.07)
    assert (gradient <= 0).all(), "every positive is pulled"
    assert gradient[4].abs() < 1e-3 * gradient[0].abs(), "the false one hardly"


def test_with_full_queues_it_is_the_published_divergence_plus_a_constant() -> None:
    queries, keys, labels, queue, _ = random_case(3, share=1.0)
    classes, size, _ = queue.shape
    divergences = []
    for query, key, label in zip(queries, keys, labels, strict=True):
        negatives = torch.cat([queue[c] for c in range(classes) if c != label])
        logits = torch.cat([key[None], queue[label], negatives]) @ query / 0.07
        target = torch.zeros_like(logits)
        target[: size + 1] = 1 / (size + 1)
        divergences.append(F.kl_div(logits.log_softmax(0), target, reduction="sum"))
    losses = pseudo_group_contrast(queries, keys, labels, queue, torch.ones(classes, size, dtype=torch.bool))
    torch.testing.assert_close(losses - math.log(size + 1), torch.stack(divergences))


@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS.keys())
def test_under_autocast_it_is_computed_in_float32(reduction: object) -> None:
    case = [t.float() if t.is_floating_point() else t for t in random_case(4)]
    with torch.autocast("cpu", torch.bfloat16):
        mixed = pseudo_group_contrast(*case, reduction=reduction)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, pseudo_group_contrast(*case, reduction=reduction), rtol=0, atol=0)


def test_queries_in_bfloat16_give_a_float32_loss_close_to_the_exact_one() -> None:
    queries, keys, labels, queue, filled = random_case(5)
    loss = pseudo_group_contrast(queries.bfloat16(), keys.bfloat16(), labels, queue.float(), filled, temperature=0.5)
    assert loss.dtype == torch.float32
    exact = slow_contrast(queries, keys, labels, queue, filled, 0.5)
    torch.testing.assert_close(loss, exact.float(), rtol=0.02, atol=0.02)


def test_a_float64_call_stays_float64() -> None:
    assert pseudo_group_contrast(*random_case(6)).dtype == torch.float64


def test_no_rows_make_no_losses() -> None:
    empty = torch.zeros(0, 2)
    losses = pseudo_group_contrast(
        empty, empty, torch.zeros(0, dtype=torch.long), torch.zeros(2, 1, 2), NONE_FILLED, reduction=log_sum
    )
    assert losses.shape == (0,)


@pytest.mark.parametrize("chunk", [1, 40, 60], ids=["a class at a time", "two", "three and a rest"])
@pytest.mark.parametrize("reduction", REDUCTIONS.values(), ids=REDUCTIONS.keys())
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_in_chunks_of_classes_losses_and_gradients_are_those_at_once(
    chunk: int, reduction: object, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries, keys, labels, queue, filled = random_case(7, rows=5, classes=7, size=4, share=share)
    filled[3] = False  # a chunk of empty slots alone
    results = []
    for scores in (10_000, chunk):
        monkeypatch.setattr(module, "CHUNK_SCORES", scores)
        q, k = queries.clone().requires_grad_(), keys.clone().requires_grad_()
        losses = pseudo_group_contrast(q, k, labels, queue, filled, reduction=reduction)
        losses.square().sum().backward()
        results.append((losses.detach(), q.grad, k.grad))
    for in_chunks, at_once in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(in_chunks, at_once)


LARGE = """
import re, torch
from torch.nn.functional import normalize
from hf_selftuning.functional.losses import pseudo_group_contrast

torch.set_num_threads(1)
# Not getrusage, whose peak begins at that of the process that started this one.
def mib(name): return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 2**10

def step(classes, rows=512):
    queue = normalize(torch.randn(classes, 32, 128), dim=-1)
    queries = normalize(torch.randn(rows, 128), dim=1).requires_grad_()
    labels = torch.randint(classes, (rows,))
    pseudo_group_contrast(queries, queries.detach(), labels, queue, torch.ones(classes, 32).bool()).sum().backward()
    assert queries.grad.isfinite().all()

step(2, rows=2)  # what the first step loads is no growth
before = mib("VmRSS")  # not the peak so far: an import may have needed more than it kept
step(10_000)
print(mib("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the system does not tell the peak of a process")
def test_ten_thousand_classes_with_512_rows_need_less_than_two_gigabytes() -> None:
    # A process of its own, for the peak of a process never falls. The scores at once would be 0.6 GiB, held thrice.
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert 160 < float(done.stdout) < 700, "MiB: the queue itself is 156, a chunk of scores 64"
