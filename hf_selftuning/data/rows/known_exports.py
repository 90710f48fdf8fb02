"""JSON of programs that is recognised and not read, each with its name and what to write instead."""

from collections.abc import Mapping
from typing import Any

from .file_text import FilePath

ROWS = 'write JSON lines instead, such as {"text": "In Oslo", "label": "travel"} for classes'
SPANS = '{"text": "In Oslo", "spans": [{"start": 3, "end": 7, "label": "LOC"}]} for entities'
CHAT = f"a chat, and its classes are answers among other messages; {ROWS}, with the user's message and the last answer"
LABELBOX = f"an export of Labelbox; {ROWS}, and {SPANS} (Labelbox counts the last character as the end)"
OUTLINES = (
    "boxes or outlines in images, and a classifier learns one class for each image; write a table with the columns "
    "image,label if each image has one class"
)
QUESTIONS = f"questions and answers, which are neither classes nor entities; {ROWS}, or {SPANS}"

KNOWN = {
    ("data_row", "projects"): LABELBOX,
    ("Labeled Data", "Label"): LABELBOX,
    ("metadata.projectKind", "assets.documents"): (
        f"a project of Azure AI Language, whose texts are in other files; {ROWS}, and {SPANS} (end = offset + length)"
    ),
    ("document", "tokens.entityLabel"): "an export of UBIAI with relations; export it for spaCy, or as IOB",
    ("source", "*-metadata"): f"a manifest of Amazon SageMaker; {ROWS}, and {SPANS}",
    ("intents", "entities", "language"): f"a data set of Snips NLU; {ROWS}, and {SPANS} (its slots)",
    ("messages.role",): CHAT,
    ("conversations.from",): CHAT,
    ("conversations.role",): CHAT,
    ("chosen", "rejected"): f"pairs of answers of which one is preferred; {ROWS}",
    ("images.file_name", "annotations.image_id"): f"annotations of COCO: {OUTLINES}",
    ("shapes", "imagePath"): f"annotations of LabelMe: {OUTLINES}",
    ("_via_img_metadata",): f"a project of the VGG annotator: {OUTLINES}",
    ("paragraphs.cats.label",): f"training data of spaCy 2 with classes; {ROWS}",
    ("paragraphs.qas",): QUESTIONS,
    ("context", "question", "answers"): QUESTIONS,
    ("annotatable", "anncomplete"): f"annotations of tagtog, whose texts are in other files; {ROWS}, and {SPANS}",
    ("%FEATURE_STRUCTURES",): "a document of INCEpTION (UIMA CAS JSON); export it as CoNLL 2002",
}
"""What a row is, and the way out, by keys that it has. A dot leads into an object, or the first item of a list."""


def check_export(value: Any, path: FilePath) -> None:
    """Refuse a row, or the lone object of a file, that is of such a kind.

    Raises:
        ValueError: it is; the message says of which, and what to do.
    """
    kind = next((kind for keys, kind in KNOWN.items() if all(_has(value, key) for key in keys)), None)
    if kind is not None:
        raise ValueError(f"The file {path} holds {kind}.")


def _has(value: Any, path: str) -> bool:
    key, _, rest = path.partition(".")
    value = value[0] if isinstance(value, list) and value else value
    if key.startswith("*") and isinstance(value, Mapping):
        return any(str(name).endswith(key[1:]) for name in value)
    return isinstance(value, Mapping) and key in value and (not rest or _has(value[key], rest))
