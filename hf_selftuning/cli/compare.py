"""Compare methods, label budgets and seeds in one table."""


def run(arguments: list[str]) -> int:
    """Train the cells that are missing, and write tables and figures.

    Args:
        arguments: the flags of the comparison.

    Raises:
        ValueError: flags or data cannot be used.
    """
    # Imported here, because torch and transformers take seconds to import, and other commands do not need them.
    from ..comparison.run_grid import compare

    compare(arguments)
    return 0
