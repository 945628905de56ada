"""How the sweeps of a session save, draw and retry."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from imgmagic.domain.sweep import Sweep
from imgmagic.store.archive import Archive
from imgmagic.store.sweep_files.contact_sheet import write_contact_sheet
from imgmagic.store.sweep_files.sweep_folder import save_sweep
from imgmagic.store.sweep_files.sweep_table import to_pandas

if TYPE_CHECKING:
    import pandas


class SessionSweepTools:
    """The tools of a session's sweeps.

    Args:
        archive: where the originals are.
        retry: asks again for what is not complete.
    """

    def __init__(self, archive: Archive, *, retry: Callable[[Sweep], Sweep]) -> None:
        self._archive = archive
        self._retry = retry

    def save(self, sweep: Sweep, folder: str | Path, *, overwrite: bool = False) -> tuple[Path, ...]:
        """Write every original into a folder, and return where they are."""
        return save_sweep(sweep, folder, self._archive.images, overwrite=overwrite)

    def contact_sheet(
        self, sweep: Sweep, path: str | Path, *, title: str = "", date: str | None = None, overwrite: bool = False
    ) -> Path:
        """Write the labelled grid to a file, and return where it is."""
        return write_contact_sheet(sweep, path, title=title, date=date, overwrite=overwrite)

    def to_pandas(self, sweep: Sweep) -> "pandas.DataFrame":
        """Return a table with one row per picture."""
        return to_pandas(sweep, self._archive.images)

    def retry(self, sweep: Sweep) -> Sweep:
        """Ask for every cell that is not complete, and return the sweep as it is then."""
        return self._retry(sweep)
