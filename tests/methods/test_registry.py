"""The table of methods, and what the package exports."""

from pathlib import Path

from hf_selftuning import METHODS, methods


def test_every_method_is_exported_by_its_class() -> None:
    classes = {method.__name__: method for method in METHODS.values()}
    assert set(methods.__all__) >= classes.keys()
    assert all(getattr(methods, name) is method for name, method in classes.items())


def test_every_file_is_in_the_table() -> None:
    files = {path.stem for path in Path(str(methods.__file__)).parent.glob("*.py")} - {"__init__"}
    assert {method.__module__.rpartition(".")[2] for method in METHODS.values()} == files == set(METHODS)
