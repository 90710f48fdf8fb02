"""Train on words, texts or images: fine-tuning and methods from the same start, on the same labels."""

TASKS = ("ner", "text", "images")


def run(task: str, arguments: list[str]) -> int:
    """Train, score and report, as the recipes do.

    Args:
        task: `ner`, `text` or `images`.
        arguments: the flags of the run.

    Raises:
        ValueError: there is no such task, or flags or data cannot be used.
    """
    # Imported here, because torch and transformers take seconds to import, and other commands do not need them.
    if task == "ner":
        from ..experiment.words.word_setup import train_words

        train_words(arguments)
    elif task == "text":
        from ..experiment.texts.text_setup import train_texts

        train_texts(arguments)
    elif task == "images":
        from ..experiment.images.image_setup import train_images

        train_images(arguments)
    else:
        raise ValueError(f"There is no task {task!r} to train; there are {', '.join(TASKS)}.")
    return 0
