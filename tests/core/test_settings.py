"""The check of settings' types, on a dataclass of the test's own."""

import dataclasses
from typing import Any

import pytest

from hf_selftuning import parse_method, setting
from hf_selftuning.core.settings import check_settings, choice, non_negative, positive, share


@dataclasses.dataclass
class Some:
    rate: float = setting(0.5, "a number")
    size: int = setting(3, "a whole number")
    least: float | None = setting(None, "a number, or none")
    group: bool = setting(True, "yes or no")
    name: str = setting("weak", "a word")
    view: str | None = choice("weak", ("weak", "strong"), "one of two words, or none")
    least_share: float | None = share(0.5, "in [0, 1], or none")
    temperature: float = positive(0.1, "above 0")
    weight: float = non_negative(1.0, "0 or more")
    several: list[int] = setting((), "not checked")  # noqa: RUF009


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rate": "hot"}, "Some has rate='hot', and it takes float"),
        ({"rate": True}, "rate=True, and it takes float"),
        ({"size": 3.5}, "size=3.5, and it takes int"),
        ({"least": "maybe"}, "least='maybe', and it takes float or none"),
        ({"group": 1}, "group=1, and it takes bool"),
        ({"name": None}, "name=None, and it takes str"),
        ({"view": "Strong"}, "Some has view='Strong', which is unknown; take weak or strong"),
        ({"least_share": 1.5}, "least_share=1.5, which is no share; it is in"),
        ({"temperature": 0}, "temperature=0, which must be positive; the default is 0.1"),
        ({"weight": -1.0}, "weight=-1.0, which must not be negative; the default is 1.0"),
    ],
)
def test_a_value_of_another_type_or_range_is_refused_by_name(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_settings(Some(**given))


def test_a_whole_number_is_a_number_and_none_may_be_allowed() -> None:
    check_settings(Some(rate=1, least=2, weight=0))
    check_settings(Some(least=None, view=None, least_share=None, several="anything"))


def test_none_is_a_word_where_a_setting_has_it_and_no_value_elsewhere() -> None:
    method = parse_method("self_tuning:preset=photos,start=none,alignment=None,threshold=none")
    assert (method.start, method.alignment, method.threshold) == ("none", "none", None)


def test_numbers_without_a_point_are_read_from_a_text() -> None:
    method = parse_method("self_tuning:temperature=2e-1,queue_size=8,threshold=None,group=false")
    settings = method.settings()
    assert [settings[name] for name in ("temperature", "queue_size", "threshold", "group")] == [0.2, 8, None, False]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("/home/me/runs/1_fine_tuning", "1_fine_tuning"),
        ("/runs/a/0;/runs/a/1", "0;1"),
        ("runs/teacher", "runs/teacher"),
        ("user/model", "user/model"),
    ],
)
def test_a_record_of_the_settings_names_no_folder_of_the_machine(given: str, shown: str) -> None:
    method = parse_method(f"generation:teachers={given}")
    assert method.recorded_settings() == {**method.settings(), "teachers": shown}
