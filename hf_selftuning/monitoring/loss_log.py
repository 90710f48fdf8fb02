"""Ledger: sums up loss terms and figures between two lines of the log, without waiting for the device."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..core.task import Count
from ..distributed import gather_rows, rank, sum_over_ranks, world_size
from ..functional.health_figures import REDUCTIONS, ratio


class Ledger:
    """Running sums of loss terms and figures. Each line of the log needs one collective operation over all ranks."""

    def __init__(self) -> None:
        self._terms: dict[str, Tensor] = {}
        self._figures: dict[str, Count] = {}
        self._bad: dict[str, Tensor] = {}
        self._since = 0

    def restart(self, step: int) -> None:
        """Empty all sums; `step` optimizer steps are finished."""
        self._terms, self._figures, self._bad, self._since = {}, {}, {}, step

    def record(self, terms: Mapping[str, Tensor], figures: Mapping[str, Count], *, share: float, step: int) -> None:
        """Add one micro-batch.

        Args:
            terms: loss terms by name.
            figures: numerators and denominators by name; of shape (c,) for names in `REDUCTIONS`, scalars otherwise.
            share: weight of the micro-batch in its optimizer step, 1 / number of its micro-batches.
            step: number of the current optimizer step, counted from 1.

        Raises:
            FloatingPointError: a term is not finite. On a CPU it is raised here; on other devices with the next line
                of the log, because a check here would wait for the device.
        """
        for name, value in terms.items():
            value = value.detach().float()
            self._terms[name] = self._terms.get(name, 0) + share * value
            # The first step with a bad value, or infinity. It stays a tensor: to read it would wait for the device.
            bad = torch.where(torch.isfinite(value), torch.inf, float(step))
            self._bad[name] = torch.minimum(self._bad.get(name, bad), bad)
        for name, (numerator, denominator) in figures.items():
            above, below = self._figures.get(name, (0, 0))
            self._figures[name] = (above + numerator, below + denominator)
        if all(value.device.type == "cpu" for value in terms.values()):
            self.stop_if_not_finite()

    def stop_if_not_finite(self) -> None:
        """Raise if a recorded term was NaN or infinite.

        Raises:
            FloatingPointError: names the term and the first step at which it was not finite.
        """
        for name, step in self._bad.items():
            if torch.isfinite(step):
                raise FloatingPointError(
                    f"loss_{name} was not finite at step {int(step)}, so training stopped before a checkpoint was "
                    "written; lower learning_rate, set max_grad_norm, use bf16 instead of fp16, or check the inputs "
                    "for broken values."
                )

    def read(self, step: int) -> dict[str, float]:
        """Means over all steps and ranks since the last call; then the sums are emptied.

        Args:
            step: number of finished optimizer steps.

        Returns:
            Each term as `loss_<name>`, their sum as `loss`, and each finite figure under its own name.
        """
        self.stop_if_not_finite()
        steps = max(step - self._since, 1) * world_size()
        # Every rank needs the same order. Of words, most are outside of entities, so figures on entities come first.
        figures = sorted(self._figures, key=lambda name: (not name.endswith("_entities"), name))
        parts = [value / steps for value in self._terms.values()]
        parts += [part for name in figures for part in self._figures[name]]
        if not parts:
            return {}
        total = sum_over_ranks(torch.cat([part.reshape(-1).to(torch.float32) for part in parts])).cpu().double()
        pieces = iter(total.split([part.numel() for part in parts]))
        logs = {f"loss_{name}": next(pieces).item() for name in self._terms}
        if logs:
            logs["loss"] = math.fsum(logs.values())
        values = {name: REDUCTIONS.get(name, ratio)(next(pieces), next(pieces)).item() for name in figures}
        logs |= {name: value for name, value in values.items() if math.isfinite(value)}
        self.restart(step)
        return logs

    def state(self) -> dict[str, Tensor]:
        """The sums since the last line of the log, for a checkpoint between two lines; one row for each rank."""
        parts = {f"term.{name}": value for name, value in self._terms.items()}
        for name, (above, below) in self._figures.items():
            parts |= {f"above.{name}": above, f"below.{name}": below}
        rows = {name: gather_rows(value[None]) for name, value in parts.items()}
        return rows | {"since": torch.full((world_size(),), self._since)}

    def load(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        """Restore the sums of a checkpoint; those of a run with another number of ranks are ignored."""
        if "since" not in state or len(state["since"]) != world_size():
            return
        own = (name for name in state if name == "since" or name.startswith(("term.", "above.", "below.")))
        mine = {name: state[name][rank()].to(device) for name in own}
        self.restart(int(mine["since"]))
        for name, value in mine.items():
            if name.startswith("term."):
                self._terms[name.removeprefix("term.")] = value
            if name.startswith("above."):
                self._figures[name.removeprefix("above.")] = (value, mine["below." + name.removeprefix("above.")])
