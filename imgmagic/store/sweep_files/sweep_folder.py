"""A sweep as a folder: every original under a name that carries its axis values, and the table of them all."""

from collections.abc import Iterator
from pathlib import Path

from imgmagic.domain.sweep import Sweep, SweptCell
from imgmagic.errors import StoreError
from imgmagic.store.images.atomic_files import write_file
from imgmagic.store.images.copies import save_copies
from imgmagic.store.images.destination import read_destination
from imgmagic.store.images.image_store import ImageStore, slug
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.sweep_files.sweep_table import TableRow, table_csv, table_rows

_TABLE = "sweep.csv"


def check_folder(folder: str | Path) -> Path:
    """Return the folder that a sweep is to be saved into; it may be there or not.

    Raises:
        StoreError: it is a file, or looks like one, as a sweep has many pictures; or no folder can have this name.
    """
    target = read_destination(folder, what="the folder")
    if target.is_file() or (not target.is_dir() and target.suffix.lower() in _PICTURES):
        raise StoreError(
            f"nothing was saved: a sweep needs a folder, and {target} is a file or looks like one.",
            remedy="Name a folder.",
        )
    return target


_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg", ".avif"})


def save_sweep(sweep: Sweep, folder: str | Path, images: ImageStore, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write every original into a folder, with the table beside them, and return where the pictures are.

    Raises:
        StoreError: the folder is a file, a file already exists and `overwrite` is not set, or the system refused.
    """
    target = check_folder(folder)
    with as_store_error(f"the folder {target} was not made", "Save elsewhere."):
        target.mkdir(parents=True, exist_ok=True)
    saved = tuple(path for cell in sweep.cells for path in _save_cell(cell, target, overwrite=overwrite))
    rows = [_with_name(row, saved) for row in table_rows(sweep, images)]
    with as_store_error(f"the table {target / _TABLE} was not written", "Save elsewhere."):
        write_file(target / _TABLE, table_csv(rows), overwrite=True)
    return saved


def _save_cell(cell: SweptCell, folder: Path, *, overwrite: bool) -> Iterator[Path]:
    generation = cell.generation
    if generation is None or not len(generation.images):
        return
    name = f"{cell.cell.number:03d}-{slug(cell.cell.title)}"
    for number in range(len(generation.images)):  # one at a time: an original is read when it is written
        take = f"-{number + 1}" if len(generation.images) > 1 else ""
        yield from save_copies((generation.images[number],), folder / f"{name}{take}", title=name, overwrite=overwrite)


def _with_name(row: TableRow, saved: tuple[Path, ...]) -> TableRow:
    """Return a row whose path is the file's name in this folder."""
    start = f"{row['cell']:03d}-"
    names = [path.name for path in saved if path.name.startswith(start)]
    take = row["take"]
    return {**row, "path": names[take - 1] if isinstance(take, int) and len(names) >= take else None}
