"""What users of timm call a network: an architecture, perhaps with a tag, or a source with a scheme in front."""

import logging
from pathlib import Path

import timm

logger = logging.getLogger(__name__)

SCHEMES = ("hf_hub:", "hf-hub:", "local-dir:", "timm:")
"""What timm's `create_model` takes in front of a Hub id or a folder."""
SHOWN = 5


def source_of(name: str | None) -> str | None:
    """The folder or Hub id of a network by any of its names; any other name as it is.

    Args:
        name: what the user named: a folder, a Hub id, one of both after a scheme of timm, or an architecture of timm,
            such as `resnet18` or `resnet18.a1_in1k`. Without a tag it has the weights that timm loads by default.

    Raises:
        ValueError: timm has no weights for the architecture.
    """
    if name is None:
        return None
    bare = next((name.removeprefix(scheme) for scheme in SCHEMES if name.startswith(scheme)), name)
    if "/" in bare or Path(bare).exists() or not timm.is_model(bare):
        return bare
    source = _hub_id(bare)
    logger.info("%s is an architecture of timm: its weights are those of %s on the Hub.", bare, source)
    return source


def _hub_id(architecture: str) -> str:
    try:
        settings = timm.get_pretrained_cfg(architecture)
    except RuntimeError:  # timm's error for a tag that it does not know
        settings = None
    if settings is not None and settings.hf_hub_id:
        return str(settings.hf_hub_id)
    known = timm.list_pretrained(architecture.partition(".")[0] + ".*")
    others = f"; timm has {', '.join(known[:SHOWN])}" if known else ""
    raise ValueError(f"timm has no weights called {architecture} on the Hub{others}; name other ones, or a folder.")
