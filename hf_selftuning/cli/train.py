"""Train on words or images: fine-tuning and methods from the same start, on the same labels."""

TASKS = ("ner", "images")


def run(task: str, arguments: list[str]) -> int:
    """Train, score and report, as the recipes do.

    Args:
        task: `ner` or `images`.
        arguments: the flags of the run.

    Raises:
        ValueError: there is no such task, or flags or data cannot be used.
    """
    # Imported here, because torch and transformers take seconds to import, and other commands do not need them.
    if task == "ner":
        from ..experiment.words.word_setup import train_words

        train_words(arguments)
    elif task == "images":
        from ..experiment.images.image_setup import train_images

        train_images(arguments)
    else:
        raise ValueError(f"There is no task {task!r} to train; there are {' and '.join(TASKS)}.")
    return 0
