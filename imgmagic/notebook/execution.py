"""An execution: one run of one cell, as the front end names both; it tells a cell that runs again from another one."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run of a cell.

    Args:
        cell: the cell's id in its notebook.
        message: the id of the message that asked for the run.
    """

    cell: str
    message: str

    def repeats(self, earlier: "Execution") -> bool:
        """Return whether this is a later run of the same cell."""
        return self.cell == earlier.cell and self.message != earlier.message


def this_execution(shell: Any) -> Execution | None:
    """Return the run that `shell` is in; None where the front end names no cells, as a terminal."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = parent.get("metadata", {}).get("cellId")
    return Execution(cell=cell, message=parent["header"]["msg_id"]) if cell else None
