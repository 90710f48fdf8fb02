"""Trains tiny models with and without torch.compile, and writes their losses.

python tests/support/compiled.py FOLDER
"""

import json
import sys
from pathlib import Path

import tiny
import torch


def losses(kind: str, folder: Path, compiled: bool) -> list[float]:
    """The logged losses of four steps."""
    given = {"torch_compile": True, "torch_compile_backend": "aot_eager"} if compiled else {}
    args = tiny.arguments(folder / kind, max_steps=4, **given)
    trainer = tiny.trained(tiny.KINDS[kind], args, model=tiny.KINDS[kind].model(dropout=0.0))
    assert isinstance(trainer.model_wrapped, torch._dynamo.eval_frame.OptimizedModule) == compiled
    assert not any("_orig_mod" in name for name in trainer.model.state_dict())
    return [line["loss"] for line in tiny.lines(trainer)]


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    found = {kind: [losses(kind, folder, compiled) for compiled in (False, True)] for kind in ("bert", "timm")}
    (folder / "losses.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
