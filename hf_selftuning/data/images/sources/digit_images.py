"""The handwritten digits of scikit-learn as images."""

import io

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from ...carving import carve_test_part
from ..readings.image_data import ImageData, labeled_images
from ..readings.image_summary import ImageSummary

DIGITS = "digits"
DIGITS_TEST_SHARE = 1 / 3
BRIGHTEST_DIGIT = 16


def from_digits() -> ImageData:
    """The 1,797 handwritten digits of scikit-learn, 8 x 8 pixels; a third of each is kept for testing."""
    digits = load_digits()
    images = [{"bytes": _png(pixels), "path": None} for pixels in digits.images]
    names = [str(name) for name in digits.target_names]
    train, test = carve_test_part(labeled_images(images, digits.target.tolist(), names), DIGITS_TEST_SHARE)
    counts = {part: np.bincount(dataset["label"]).tolist() for part, dataset in (("train", train), ("test", test))}
    summaries = [
        ImageSummary(
            part=part,
            source=f"{DIGITS} {part}",
            one="image",
            examples=sum(each),
            classes=dict(zip(names, each, strict=True)),
        )
        for part, each in counts.items()
    ]
    return ImageData(DIGITS, train, None, test, names, summaries=tuple(summaries))


def _png(pixels: np.ndarray) -> bytes:
    grey = np.round(pixels * (255 / BRIGHTEST_DIGIT)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(stream, format="PNG")
    return stream.getvalue()
