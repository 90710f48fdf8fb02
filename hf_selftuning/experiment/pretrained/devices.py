"""The device of a saved model."""

import torch


def device_of(device: str | int | None) -> torch.device:
    """The device of that name; of None the first accelerator, else the CPU."""
    if device is not None and device != -1:
        return torch.device(device)
    found = torch.accelerator.current_accelerator(check_available=True) if device is None else None
    return found or torch.device("cpu")
