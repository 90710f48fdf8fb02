"""Ledger: what is logged of the loss terms between two lines of the log, without waiting for the device."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from ..core.task import Count
from ..distributed import gather_rows, rank, sum_over_ranks, world_size
from ..functional.health_figures import REDUCTIONS, ratio


class Ledger:
    """Sums of loss terms and of figures; read once a log line, one collective for all ranks."""

    def __init__(self) -> None:
        self._terms: dict[str, Tensor] = {}
        self._figures: dict[str, Count] = {}
        self._bad: dict[str, Tensor] = {}
        self._since = 0

    def restart(self, step: int) -> None:
        """Begin anew after `step` finished optimizer steps."""
        self._terms, self._figures, self._bad, self._since = {}, {}, {}, step

    def record(self, terms: Mapping[str, Tensor], figures: Mapping[str, Count], *, share: float, step: int) -> None:
        """Add one micro-batch.

        Args:
            terms: loss terms by name.
            figures: numerators and denominators by name, (c,) each where `REDUCTIONS` knows the name.
            share: what the micro-batch counts in its optimizer step, 1 / accumulation.
            step: the optimizer step under way, counted from 1.

        Raises:
            FloatingPointError: a term is not finite (at once on a CPU, elsewhere with the next line of the log).
        """
        for name, value in terms.items():
            value = value.detach().float()
            self._terms[name] = self._terms.get(name, 0) + share * value
            bad = torch.where(torch.isfinite(value), torch.inf, float(step))
            self._bad[name] = torch.minimum(self._bad.get(name, bad), bad)
        for name, (numerator, denominator) in figures.items():
            above, below = self._figures.get(name, (0, 0))
            self._figures[name] = (above + numerator, below + denominator)
        if all(value.device.type == "cpu" for value in terms.values()):
            self.stop_if_not_finite()

    def stop_if_not_finite(self) -> None:
        """Raise if a recorded term was NaN or infinite, with its name and step."""
        for name, step in self._bad.items():
            if torch.isfinite(step):
                raise FloatingPointError(
                    f"loss_{name} was not finite at step {int(step)}, so training stopped before a checkpoint could "
                    "keep it; lower learning_rate, set max_grad_norm, use bf16 in place of fp16, or look for broken "
                    "inputs."
                )

    def read(self, step: int) -> dict[str, float]:
        """Means since the last reading: terms a step as `loss_<name>`, figures as they are named; over all ranks.

        `loss` is the sum of the terms as they are logged.
        """
        self.stop_if_not_finite()
        steps = max(step - self._since, 1) * world_size()
        figures = sorted(self._figures)
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
        """What was gathered since the last reading, a row a rank, for a checkpoint between two lines of the log."""
        parts = {f"term.{name}": value for name, value in self._terms.items()}
        for name, (above, below) in self._figures.items():
            parts |= {f"above.{name}": above, f"below.{name}": below}
        rows = {name: gather_rows(value[None]) for name, value in parts.items()}
        return rows | {"since": torch.full((world_size(),), self._since)}

    def load(self, state: Mapping[str, Tensor], device: torch.device) -> None:
        """Go on where a checkpoint was; one of another number of ranks leaves the line to begin anew."""
        if "since" not in state or len(state["since"]) != world_size():
            return
        mine = {name: values[rank()].to(device) for name, values in state.items()}
        self.restart(int(mine["since"]))
        for name, value in mine.items():
            if name.startswith("term."):
                self._terms[name.removeprefix("term.")] = value
            if name.startswith("above."):
                self._figures[name.removeprefix("above.")] = (value, mine["below." + name.removeprefix("above.")])
