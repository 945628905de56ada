"""The command `python -m imgmagic.simulator`: serves simulated pictures to any client until Ctrl-C."""

import argparse
import sys
import threading
from collections.abc import Sequence

from imgmagic.errors import SettingsError
from imgmagic.simulator.api.personas import PERSONAS
from imgmagic.simulator.service import Simulator

_VARIABLES = {
    "openai": "OPENAI_BASE_URL",
    "yandex": "YANDEX_BASE_URL",
    "truefoundry": "TFY_BASE_URL",
    "compatible": "IMGMAGIC_BASE_URL",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        simulator = Simulator(
            options.port,
            pace_s=options.pace,
            persona=options.persona,
            limit=options.limit,
            allowed_hosts=options.allow_host,
        )
        base_url = simulator.start()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    variable = _VARIABLES[options.persona]
    sys.stdout.write(
        f"Simulated pictures at {base_url} (export {variable}={base_url}; any key will do). Ctrl-C stops.\n"
    )
    sys.stdout.flush()
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        simulator.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imgmagic.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--pace", type=float, help="seconds per picture; 0 answers at once")
    parser.add_argument("--as", dest="persona", choices=sorted(PERSONAS), default="openai", help="which server to play")
    parser.add_argument("--limit", metavar="PICTURES/TIME", help="play OpenAI's image limit, such as 5/min or 5/3s")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="answer to this name too; repeatable"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
