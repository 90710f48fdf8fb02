"""What the pages say of the code is so: the method of the guide, and the tables of methods."""

import dataclasses
import re
from pathlib import Path

from hf_selftuning import METHODS, SelfTuning

ROOT = Path(__file__).parents[2]


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(), flags=re.DOTALL)


def test_the_table_of_settings_says_what_the_code_has() -> None:
    text = (ROOT / "docs" / "methods.md").read_text()
    for field in dataclasses.fields(SelfTuning):
        if field.name != "preset":
            paper = SelfTuning.presets["paper"].get(field.name, field.default)
            others = [
                str(SelfTuning.presets[name].get(field.name, "")) for name in ("images", "photos", "pool", "words")
            ]
            assert f"| `{field.name}` | {paper} | {' | '.join(others)} |" in text


def test_every_method_has_a_row() -> None:
    text = (ROOT / "docs" / "methods.md").read_text()
    for name in METHODS:
        assert f"| `{name}` |" in text
