"""Who trains a cell: a lease that several processes and machines agree on through a file in the cell's folder."""

from pathlib import Path

from filelock import LeaseSettingsMismatch, SoftFileLease, Timeout

REFRESH = 15.0
"""Seconds between two refreshes of a lease; a third of the lease's duration if that is shorter."""


class ClaimLostError(RuntimeError):
    """Another process has taken the cell over, because this one stopped refreshing its lease."""


class Claim:
    """The right to train a cell. A thread refreshes it while it is held.

    If the owner ran on this machine and has ended, its claim is free at once. A claim that was not refreshed for
    `stale_after` seconds can be taken over; the process that wants it measures this time by its own clock.

    Args:
        folder: of the cell.
        stale_after: seconds; the same for all processes of a comparison.
    """

    def __init__(self, folder: Path, *, stale_after: float) -> None:
        self.folder, self.path = folder, folder / "claim.lock"
        # Not local to a thread: the thread that refreshes the lease must be able to report its loss to the trainer.
        self._lease = SoftFileLease(
            self.path,
            lease_duration=stale_after,
            heartbeat_interval=min(REFRESH, stale_after / 3),
            thread_local=False,
        )

    def take(self) -> bool:
        """Take the cell if it is free, and return whether it was.

        Raises:
            ValueError: its owner has another `stale_after`.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lease.acquire(blocking=False)
        except Timeout:
            return False
        except LeaseSettingsMismatch as error:
            raise ValueError(
                f"Another process trains in {self.folder} with another --stale_minutes; give all processes of a "
                "comparison the same value."
            ) from error
        return True

    @property
    def is_taken(self) -> bool:
        """Whether any process holds the cell."""
        return self.path.exists()

    def check(self) -> None:
        """Check that the cell still belongs to this process.

        Raises:
            ClaimLostError: another process has taken the cell over.
        """
        if self._lease.compromise is not None:
            raise ClaimLostError(f"{self.folder} was taken over by another process.")

    def release(self) -> None:
        """Let other processes take the cell; a claim that was lost stays with its new owner."""
        self._lease.release()
