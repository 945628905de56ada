"""What each front end gives to a widget's script, to play it in a page; the documentation shows the same rows."""

from dataclasses import dataclass
from typing import Final

from imgmagic.notebook.shell import FRONT_ENDS


@dataclass(frozen=True, kw_only=True)
class Played:
    """One front end as a widget's script finds it.

    Args:
        kernel: the widget manager's kernel object: "works", "refuses", or "" where there is none.
        server: the Jupyter server's REST API beside the page, likewise.
        stops_by: what an interrupt of a cell that waits goes through, "" where the front end's own button must do.
    """

    name: str
    front_end: str
    kernel: str = ""
    server: str = ""
    stops_by: str = ""

    @property
    def hint(self) -> str:
        """Return what the bar says where Stop cannot."""
        return next(each.interrupt for each in FRONT_ENDS if each.name == self.front_end)


PLAYED: Final = (
    Played(
        name="JupyterLab, JupyterHub, Binder", front_end="Jupyter", kernel="works", server="works", stops_by="kernel"
    ),
    Played(name="Notebook 7", front_end="Jupyter", kernel="works", server="works", stops_by="kernel"),
    Played(name="a page with the server's API alone", front_end="Jupyter", server="works", stops_by="server"),
    Played(
        name="a manager whose kernel refuses", front_end="Jupyter", kernel="refuses", server="works", stops_by="server"
    ),
    Played(name="a page that lost its server", front_end="Jupyter", kernel="refuses", server="refuses"),
    Played(name="VS Code, with its proxy of the kernel", front_end="VS Code", kernel="works", stops_by="kernel"),
    Played(name="VS Code, without it", front_end="VS Code"),
    Played(name="Colab", front_end="Colab"),
    Played(name="Kaggle", front_end="Kaggle"),
    Played(name="JupyterLite", front_end="JupyterLite", kernel="refuses"),
)
