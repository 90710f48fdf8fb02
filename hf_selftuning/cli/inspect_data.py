"""Read data as a run would, and print what was read; then the forecast, what the pretrained model makes of it."""

import argparse
from pathlib import Path
from typing import Any

from .data_kind import OTHER_TASKS, image_source, is_texts
from .described import Described


def run(arguments: argparse.Namespace) -> int:
    """Print what is read of the data, and the forecast unless `--forecast False` leaves it out.

    Raises:
        ValueError: the data cannot be read; or `--forecast` asked for a forecast that they do not allow.
    """
    from datasets import disable_progress_bars  # it takes a second, and `--help` does not need it

    disable_progress_bars()  # bars of files that are read at once would stand between the lines
    found = _described(arguments)
    print(found.text, flush=True)  # the forecast takes most of a minute
    if found.has_model and arguments.forecast is not False:
        from .inspect_forecast import forecast  # it imports the Trainer, which takes seconds

        print(f"\n{forecast(arguments, found.model)}")
    return 0


def _described(arguments: argparse.Namespace) -> Described:
    if is_texts(arguments.data, arguments.task):
        from .inspect_texts import describe  # it imports torch and transformers, which takes seconds

        return describe(arguments)
    source = image_source(arguments.data, arguments.task)
    return _of_words(arguments) if source is None else _of_images(arguments, source)


def _of_words(arguments: argparse.Namespace) -> Described:
    from .inspect_words import as_texts, describe  # likewise

    try:
        return describe(arguments)
    except ValueError as error:
        if arguments.task is None:
            error.add_note(OTHER_TASKS + as_texts(arguments, error))
        raise


def _of_images(arguments: argparse.Namespace, source: dict[str, Any]) -> Described:
    from ..data.images.folders.folder_reading import read_folder
    from ..data.images.sources.image_inspection import describe_images, describe_unlabeled_images
    from ..data.images.sources.load_images import load_images

    model = arguments.model_name_or_path
    folder = read_folder(arguments.data) if Path(arguments.data).is_dir() else None
    if folder is not None and folder.images and not (folder.filled or folder.tables):
        return Described(describe_unlabeled_images(folder), model)
    given = {
        name: getattr(arguments, name)
        for name in ("test_dir", "unlabeled_dir", "image_column_name", "label_column_name", "class_names")
    }
    given["dataset_config"] = arguments.dataset_config_name
    # A run splits off a test part and refuses copies. Here all images are described, and copies are doubts.
    data = load_images(**source, **given, test_share=0, allow_duplicates=True, skip_broken=True)
    return Described(describe_images(data), model)
