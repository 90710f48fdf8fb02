"""The terms of a method in a step, as its warm-up and its ramp allow."""

from collections.abc import Mapping

from torch import Tensor

from .method import Method
from .method_checks import SUPERVISED, check_terms
from .step import Step


def terms_of(method: Method, step: Step, others: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A method's terms: none during its warm-up, scaled during its ramp. No name may be one of `others`."""
    if method.steps_since_warmup(step.progress) < 0:
        return {}
    step.method = type(method).__name__
    terms = method.terms(step)
    check_terms(method, terms, others)
    if method.ramp_ratio:
        share = method.ramped(step.progress)
        terms = {name: value if name == SUPERVISED else share * value for name, value in terms.items()}
    return terms
