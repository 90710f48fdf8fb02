"""The classes of image files by a trained model, with one photograph in memory at a time."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image
from transformers import AutoConfig, pipeline

from ...data.images.pixels.image_input import channels_of
from ...data.images.pixels.image_opening import open_image
from ...data.images.pixels.image_processors import image_input_of
from ...data.images.pixels.pixel_ranges import PixelRanges


@dataclass(frozen=True)
class ImageAnswer:
    """The classes of one image, or why it has none.

    Args:
        source: its path.
        classes: the most probable classes and their probabilities, the most probable first.
        error: why the image cannot be opened; empty if it can.
    """

    source: str
    classes: tuple[tuple[str, float], ...] = ()
    error: str = ""


class Classifier:
    """A trained model that classifies image files.

    Args:
        source: folder or Hub id of the model.
        batch_size: number of images in a forward pass.
        device: such as `cpu` or `cuda:0`; None takes the first accelerator, else the CPU.
    """

    def __init__(self, source: str, *, batch_size: int = 16, device: str | int | None = None) -> None:
        config = AutoConfig.from_pretrained(source)
        # The pipeline gives every network three channels; what a network of one channel is shown is made here.
        grey = image_input_of(config, source).processor if channels_of(config) == "L" else None
        # Without a word on trust, transformers would ask on the terminal whether to run the class that grey replaces.
        given: dict[str, Any] = {} if grey is None else {"image_processor": grey, "trust_remote_code": False}
        self._ask: Any = pipeline("image-classification", model=source, device=device, batch_size=batch_size, **given)
        self._ranges = PixelRanges.of_config(self._ask.model.config)

    def answers(self, paths: Iterable[str], *, top: int = 1) -> Iterator[ImageAnswer]:
        """An answer for each path, in their order; a file that cannot be opened has an error in its answer.

        The pipeline turns each image into pixel values before it asks for the next one.

        Args:
            paths: image files.
            top: number of classes for each image.
        """
        opened: deque[ImageAnswer] = deque()
        for classes in self._ask(self._images(paths, opened), top_k=top):
            while opened[0].error:
                yield opened.popleft()
            yield replace(
                opened.popleft(), classes=tuple((found["label"], float(found["score"])) for found in classes)
            )
        yield from opened

    def _images(self, paths: Iterable[str], opened: deque[ImageAnswer]) -> Iterator[Image.Image]:
        """The images that can be opened; all paths are noted down, because the pipeline reads a batch ahead."""
        for path in paths:
            try:
                image = open_image(path, ranges=self._ranges)
            except ValueError as error:
                opened.append(ImageAnswer(path, error=str(error)))
            else:
                opened.append(ImageAnswer(path))
                yield image
                del image  # before the next one is opened
