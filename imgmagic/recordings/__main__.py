"""The command `python -m imgmagic.recordings`: check and tidy recordings folders, for a course's own CI."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from imgmagic.errors import ImgmagicError
from imgmagic.recordings import checks
from imgmagic.recordings.folder import RecordedLine

_Outcome = tuple[Iterable[str], int]  # lines to print, exit status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 when all is well, 1 for problems, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        lines, status = COMMANDS[options.command](options.folder)
    except ImgmagicError as error:
        lines, status = (str(error),), 1
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imgmagic.recordings", description="Check and tidy recordings.")
    parser.add_argument("command", choices=tuple(COMMANDS), help="; ".join(_HELP))
    parser.add_argument("folder", type=Path, help="the folder in which recordings.jsonl stands")
    return parser


def _verify(folder: Path) -> _Outcome:
    problems = checks.verify(folder)
    return problems or (f"{folder}: {checks.size(folder)}; all is well",), int(bool(problems))


def _list(folder: Path) -> _Outcome:
    return map(_described, checks.listing(folder)), 0


def _trim(folder: Path) -> _Outcome:
    removed = checks.trim(folder)
    return (*(f"removed blobs/{name}" for name in removed), f"{len(removed)} unused files removed"), 0


def _unused(folder: Path) -> _Outcome:
    return [f"blobs/{name}" for name in checks.unused(folder)], 0


def _size(folder: Path) -> _Outcome:
    return (str(checks.size(folder)),), 0


def _described(line: RecordedLine) -> str:
    recording = line.recording
    prompt = "".join(each if each.isprintable() else " " for each in recording.request.prompt)
    return f"{line.number}  {recording.recorded_at:%Y-%m-%d}  {recording.model}  take {recording.take}  {prompt:.80}"


COMMANDS: Mapping[str, Callable[[Path], _Outcome]] = {
    "verify": _verify,
    "list": _list,
    "unused": _unused,
    "trim": _trim,
    "size": _size,
}
_HELP = (
    "verify: one line per problem, exit status 1 if there is any",
    "list: what is recorded",
    "unused: what trim would remove",
    "trim: remove pictures that no recording needs",
    "size: how big the folder is",
)

if __name__ == "__main__":
    sys.exit(main())
