"""Papers, presets and settings of the methods, read from their source without importing it."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..core.method_text import split_copies, split_joined, split_stages
from ..core.spelling import did_you_mean
from .flag import field_arguments, field_metadata
from .source import PACKAGE, ClassSource, FieldSource, read_module


@dataclass(frozen=True)
class SettingFacts:
    """The default of a setting, and the sentence that says what it is."""

    default: Any
    help: str


@dataclass(frozen=True)
class MethodFacts:
    """Facts about a method, as its class defines them.

    Args:
        presets: name of the preset -> the settings that it changes.
        settings: all settings in the order of the class, `preset` among them.
    """

    title: str
    paper: str
    presets: Mapping[str, Mapping[str, Any]]
    needs_unlabeled: bool
    needs_source: bool
    settings: Mapping[str, SettingFacts]


@lru_cache(maxsize=1)
def method_facts() -> dict[str, MethodFacts]:
    """Every method by its name on the command line.

    Raises:
        ValueError: the registry names a class whose source is not found.
    """
    module = read_module(f"{PACKAGE}.methods")
    registry = module.constants["METHODS"]
    assert isinstance(registry, ast.Dict)
    facts = {}
    for key, value in zip(registry.keys, registry.values, strict=True):
        assert isinstance(key, ast.Constant)
        found = module.find_class(ast.unparse(value))
        if found is None:
            raise ValueError(f"The source of the method {key.value!r} was not found; import its class by `from`.")
        facts[str(key.value)] = _facts(found)
    return facts


def _facts(found: ClassSource) -> MethodFacts:
    return MethodFacts(
        title=found.variable("title"),
        paper=found.variable("paper"),
        presets=found.variable("presets"),
        needs_unlabeled=found.variable("needs_unlabeled"),
        needs_source=found.variable("needs_source"),
        settings={name: _setting(definitions[0]) for name, definitions in found.fields().items()},
    )


def _setting(field: FieldSource) -> SettingFacts:
    """In `setting(default, text)`, `choice(default, options, text)` and the like, the text is the last argument."""
    match field.value:
        case ast.Call(args=[default, *_, text]):
            return SettingFacts(field.owner.evaluate(default), field.owner.evaluate(text))
    return SettingFacts(field_arguments(field).get("default"), field_metadata(field).get("help", ""))


def stage_names() -> list[str]:
    """Rows and stages that are no methods, such as `fine_tuning`."""
    plan = read_module(f"{PACKAGE}.experiment.stages.plan")
    return [plan.constant(name) for name in ("FINE_TUNING", "TAPT", "SAME_TIME")]


def check_methods(texts: Iterable[str], *, joined: bool) -> None:
    """Refuse a method, a preset or a setting that does not exist.

    Args:
        texts: `name` or `name:setting=value,setting=value`.
        joined: whether a text may join several of these by `+`, name stages with `then` between, and the number of
            models of a stage, as in `fine_tuning*3`.

    Raises:
        ValueError: something is unknown; the message suggests what is known.
    """
    stages = [stage for text in texts for stage in (split_stages(text) if joined else [text])]
    parts = [part for stage in stages for part in (split_joined(stage) if joined else [stage])]
    for part in parts:
        name, _, rest = part.partition(":")
        name = split_copies(name.strip())[0] if joined else name
        if name not in stage_names():
            _check_settings(known_method(name, besides=stage_names()), name, rest)


def known_method(name: str, *, besides: Sequence[str] = ()) -> MethodFacts:
    """The method of that name.

    Args:
        name: as a command line writes it.
        besides: further names to suggest for a misspelled one.

    Raises:
        ValueError: there is no such method.
    """
    known = method_facts()
    if name not in known:
        near = did_you_mean(name, [*known, *besides])
        others = "." if near else f"; there are {', '.join(known)}."
        raise ValueError(f"There is no method {name!r}{others}{near}")
    return known[name]


def _check_settings(method: MethodFacts, name: str, rest: str) -> None:
    # Besides the settings of its method, a stage has its own number of steps, its learning rate and its start.
    of_stage = read_module(f"{PACKAGE}.experiment.stages.stage_text")
    known = [*method.settings, *of_stage.constant("CHANGES"), of_stage.constant("RESTART")]
    for part in filter(None, rest.split(",")):
        setting, _, value = part.partition("=")
        if setting.strip() not in known:
            near = did_you_mean(setting.strip(), known)
            raise ValueError(f"{name} has no setting {setting!r}.{near} `hf-selftuning methods {name}` lists them.")
        if setting.strip() == "preset" and value.strip() not in method.presets:
            raise ValueError(f"{name} has no preset {value!r}; it has {', '.join(method.presets)}.")
