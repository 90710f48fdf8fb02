"""BSS: numpy's smallest singular values of the features, squared."""

from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from hf_selftuning.functional.losses import smallest_singular_values
from hf_selftuning.methods import BSS


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
@pytest.mark.parametrize("count", [1, 2])
def test_they_are_the_smallest_of_numpy(shape: tuple[int, int], count: int) -> None:
    matrix = torch.randn(*shape, generator=torch.Generator().manual_seed(0))
    expected = np.sort(np.linalg.svd(matrix.numpy(), compute_uv=False))[:count]
    np.testing.assert_allclose(np.sort(smallest_singular_values(matrix, count).numpy()), expected, rtol=1e-4)


def test_they_are_computed_in_float32_under_autocast() -> None:
    matrix = torch.randn(6, 4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = smallest_singular_values(matrix.bfloat16(), 1)
    assert found.dtype == torch.float32


def test_a_step_shrinks_those_of_its_features(tmp_path: Path) -> None:
    trainer = tiny.trainer(
        tiny.IMAGES,
        tiny.arguments(tmp_path, use_cpu=True),
        model=tiny.vit(dropout=0.0),
        methods=[BSS(weight=0.5, count=2)],
    )
    batch = tiny.first_step(trainer)
    module = trainer.training_module
    features = module.read(module.student, batch["labeled"]["views"]["weak.0"], None).features
    values = np.linalg.svd(features.detach().numpy(), compute_uv=False)
    assert tiny.first_terms(trainer)["bss"].item() == pytest.approx(0.5 * (np.sort(values)[:2] ** 2).sum(), rel=1e-3)


def test_no_singular_value_is_refused() -> None:
    with pytest.raises(ValueError, match="count=0, which must be positive; the default is 1"):
        BSS(count=0)
