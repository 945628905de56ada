"""The command `python -m imgmagic.recordings`: check and tidy recordings folders, for a course's own CI."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from imgmagic.display.sanitize import shorten, strip_control
from imgmagic.domain.wording import count_noun
from imgmagic.errors import ImgmagicError
from imgmagic.recordings import checks
from imgmagic.recordings.folder import RecordedLine

_Outcome = tuple[Iterable[str], int]  # lines to print, exit status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0 when all is well, 1 for problems, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        lines, status = ACTIONS[options.command](options.folder)
        printed = [harmless_line(line) for line in lines]
    except ImgmagicError as error:
        printed, status = [harmless_line(str(error))], 1
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.writelines(f"{line.encode(encoding, 'replace').decode(encoding)}\n" for line in printed)
    return status


def harmless_line(line: str) -> str:
    """Return a line of output without control characters: prompts and faults quote what others wrote."""
    return " ".join(strip_control(line).splitlines())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m imgmagic.recordings", description="Check and tidy recordings.")
    parser.add_argument("command", choices=tuple(ACTIONS), help="; ".join(_HELP))
    parser.add_argument("folder", type=Path, help="the folder that holds recordings.jsonl")
    return parser


def _verify(folder: Path) -> _Outcome:
    problems = checks.verify(folder)
    return problems or (f"{folder}: {checks.size(folder)}; all is well",), int(bool(problems))


def _trim(folder: Path) -> _Outcome:
    names = checks.unused(folder)
    if not names:
        return ("nothing is unused",), 0
    return (*_blob_names(names), f"trim would set {count_noun(len(names), 'unused file')} aside; trim-now does"), 0


def _trim_now(folder: Path) -> _Outcome:
    names = checks.trim(folder)
    told = (
        f"{count_noun(len(names), 'unused file')} set aside in {checks.BACKUP}/; delete-trimmed deletes them for good"
    )
    return (*_blob_names(names), told if names else "nothing is unused"), 0


def _delete_trimmed(folder: Path) -> _Outcome:
    names = checks.delete_backup(folder)
    return (*(f"deleted {checks.BACKUP}/{name}" for name in names), f"{count_noun(len(names), 'file')} deleted"), 0


def _blob_names(names: Iterable[str]) -> Iterable[str]:
    return (f"blobs/{name}" for name in names)


def _describe(line: RecordedLine) -> str:
    recording = line.recording
    prompt = shorten(recording.request.prompt)
    return f"{line.number}  {recording.recorded_at:%Y-%m-%d}  {recording.model}  take {recording.take}  {prompt}"


ACTIONS: Mapping[str, Callable[[Path], _Outcome]] = {
    "verify": _verify,
    "list": lambda folder: (map(_describe, checks.listing(folder)), 0),
    "unused": lambda folder: (_blob_names(checks.unused(folder)), 0),
    "trim": _trim,
    "trim-now": _trim_now,
    "delete-trimmed": _delete_trimmed,
    "size": lambda folder: ((str(checks.size(folder)),), 0),
}
_HELP = (
    "verify: one line per problem, exit status 1 if there is any",
    "list: what is recorded",
    "unused: what trim would remove",
    "trim: show the pictures that no recording needs",
    "trim-now: set them aside in the folder trimmed",
    "delete-trimmed: delete what was set aside",
    "size: how big the folder is",
)

if __name__ == "__main__":
    sys.exit(main())
