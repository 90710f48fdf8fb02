"""How a page shows images: as small pictures that it holds itself."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from ..setup.page_view import ExampleView

SIDE = 96
"""Pixels of the longer side of a small picture."""


@dataclass
class ImageView(ExampleView):
    """The view of images.

    Args:
        open_image: makes a PIL image from a value of the column `image`.
    """

    open_image: Callable[[Any], Image.Image]

    def shown(self, example: dict[str, Any]) -> dict[str, Any]:
        """A small picture as a data URI, and the name of its file."""
        path = example["image"].get("path") if isinstance(example["image"], dict) else None
        return {"image": small_picture(self.open_image(example["image"])), "name": Path(path).name if path else ""}


def small_picture(image: Image.Image) -> str:
    """An image as a data URI of a JPEG file; one that is smaller than `SIDE` is enlarged without blur."""
    factor = SIDE / max(image.size)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    small = image.convert("RGB").resize(size, Image.Resampling.NEAREST if factor > 2 else Image.Resampling.BICUBIC)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
