"""An execution: one run of one cell, as the front end identifies both; it tells whether a cell runs again."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run of a cell.

    Args:
        cell: the cell's id in its notebook.
        message: the id of the message that asked for the run.
        asked: when the page asked for it, by its own clock, in ISO 8601.
    """

    cell: str
    message: str
    asked: str = ""

    def repeats(self, earlier: "Execution") -> bool:
        """Return whether this is a later run of the same cell."""
        return self.cell == earlier.cell and self.message != earlier.message


def this_execution(shell: object) -> Execution | None:
    """Return the run that `shell` is in; None if the front end does not identify cells, as in a terminal."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else None
    metadata, header = ((parent or {}).get(part) or {} for part in ("metadata", "header"))
    cell, message = metadata.get("cellId"), header.get("msg_id")
    if not cell or not message:
        return None
    asked = header.get("date", "")  # jupyter_client has parsed it
    return Execution(
        cell=cell,
        message=message,
        asked=asked.isoformat() if isinstance(asked, datetime) else str(asked),
    )
