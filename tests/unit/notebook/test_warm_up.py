"""What the warm-up loads for a plain request: what it needs, and nothing that only other cells and outputs use."""

import json
import subprocess
import sys

LOAD = """
import json, sys
from imgmagic.notebook.warm_up import WarmUp
warm_up = WarmUp()
warm_up.wait_for_request()
asked = sorted(sys.modules)
warm_up.wait()
print(json.dumps([asked, sorted(sys.modules)]))
"""
# By what loads them: outputs and panels, templates, edits and previews, tables, sweeps, commands, other databases, and
# the command line of the HTTP library.
OTHERS = {
    *("ipywidgets", "anywidget", "jinja2", "PIL", "wcwidth", "imgmagic.runs.sweeps", "imgmagic.notebook.commands.run"),
    *("imgmagic.simulator.service", "sqlalchemy.dialects.postgresql", "click", "rich"),
}


INTERRUPTED = """
import _imp
_imp.acquire_lock()  # as an interrupt leaves it that comes between this and the code that gives it back
import imgmagic
imgmagic.Usage
from imgmagic.notebook.warm_up import WarmUp
_imp.acquire_lock()
WarmUp().wait_for_request()
_imp.acquire_lock()
WarmUp().wait()
"""


def test_an_interrupted_import_stops_no_later_one() -> None:
    """What an interrupt in the first second leaves with the main thread does not keep the others from loading."""
    subprocess.run([sys.executable, "-c", INTERRUPTED], check=True, timeout=60)


def test_a_plain_request_waits_only_for_what_it_needs() -> None:
    """A cell that is run at once does not wait for libraries of other cells; they are loaded after it."""
    output = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True).stdout
    asked, loaded = map(set, json.loads(output))

    assert {"sqlalchemy", "httpcore", "anyio._backends._asyncio", "imgmagic.notebook.cell.run"} <= asked
    assert not asked & OTHERS
    assert {"ipywidgets", "jinja2", "PIL", "imgmagic.runs.sweeps", "imgmagic.notebook.commands.run"} <= loaded
