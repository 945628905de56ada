"""The commands of %imgmagic: a table from each word to its arguments, its help, and its home.

It loads nothing that a command needs: manual and completion are made from this table when the extension loads.
"""

from collections.abc import Mapping
from dataclasses import replace

from imgmagic.domain.wording import listed
from imgmagic.notebook.commands.command import Argument, Command, amount_or_off, count, picture_name, whole_id

STATUSES = ("completed", "partial", "failed", "cancelled", "interrupted", "running")
MODES = ("mask", "markup")
KINDS = ("model", "day", "provider", "tag", "session", "sweep")


_ID = Argument(
    names=("id",), is_needed=True, settings={"metavar": "ID", "type": whole_id, "help": "its number"}, offers="ids"
)
_NAME = replace(_ID, settings={"metavar": "ID", "type": picture_name, "help": "12, or a picture such as 12.3"})
_IDS = Argument(
    names=("words",),
    is_needed=True,
    settings={"metavar": "ID", "nargs": "*", "help": "numbers, ranges such as 14-17, single pictures such as 12.3"},
    offers="ids",
)


_SWEEP_ID = replace(_ID, offers="sweeps")


_PATH = Argument(names=("path",), settings={"metavar": "PATH", "help": "a path"})


_PROVIDER = Argument(
    names=("provider",), settings={"metavar": "PROVIDER", "help": "%%imgmagic providers lists them"}, offers="providers"
)


_FILTER = (
    Argument(names=("--all",), settings={"action": "store_true", "help": "from all sessions, not only this one"}),
    Argument(names=("--search",), settings={"metavar": "TEXT", "help": "words in the prompt, the note or a tag"}),
    Argument(names=("--model",), settings={"metavar": "M", "help": "drawn by this model"}, offers="models"),
    Argument(names=("--tag",), settings={"metavar": "T", "help": "with this tag"}),
    Argument(names=("--star",), settings={"action": "store_true", "help": "with a star"}),
    Argument(
        names=("--sweep",), settings={"metavar": "N", "type": whole_id, "help": "a cell of this sweep"}, offers="sweeps"
    ),
    Argument(
        names=("--status",),
        settings={"metavar": "S", "choices": STATUSES, "help": listed(STATUSES)},
        offers=STATUSES,
    ),
)


_WHICH = "[--all] [--search TEXT] [--model M] [--tag T] [--star] [--sweep N] [--status S]"


COMMANDS: Mapping[str, Command] = {
    "history": Command(
        home="history",
        usage=f"{_WHICH} [-n N]",
        help="what was drawn in this session, newest first",
        arguments=(
            *_FILTER,
            Argument(names=("-n",), settings={"metavar": "N", "type": count, "default": 20, "help": "at most N; 20"}),
        ),
    ),
    "show": Command(
        home="history", usage="ID", help="one generation: pictures, options, usage, paths", arguments=(_NAME,)
    ),
    "fetch": Command(
        home="history", usage="ID", help="fetch pictures whose addresses did not answer", arguments=(_ID,)
    ),
    "tree": Command(
        home="edits",
        usage="ID",
        help="its family: what it started from, and what was started from it",
        arguments=(_ID,),
    ),
    "paint": Command(
        home="edits",
        usage="REF [--mode MODE] [-o NAME]",
        help="paint a mask (what may change) or a markup (drawn instructions) over a picture",
        arguments=(
            Argument(
                names=("picture",),
                settings={"metavar": "REF", "help": "12, #12.2, a file or a variable"},
                is_needed=True,
                offers="ids",
            ),
            Argument(
                names=("--mode",),
                settings={"metavar": "MODE", "choices": MODES, "default": "mask", "help": listed(MODES)},
                offers=MODES,
            ),
            Argument(
                names=("-o", "--out"),
                settings={"metavar": "NAME", "help": "bind it to a variable, for --mask or --markup"},
            ),
        ),
    ),
    "again": Command(
        home="history",
        usage="ID [options of %%imagine] [another prompt]",
        help="run a recorded call again, with changes",
        arguments=(_NAME,),
        passes_on=True,
    ),
    "sweeps": Command(
        home="sweeps",
        usage="[-n N]",
        help="the sweeps of all sessions, newest first",
        arguments=(
            Argument(names=("-n",), settings={"metavar": "N", "type": count, "default": 20, "help": "at most N; 20"}),
        ),
    ),
    "show sweep": Command(
        home="sweeps",
        usage="ID",
        help="one sweep: its labelled grid, and why cells are missing",
        arguments=(_SWEEP_ID,),
    ),
    "again sweep": Command(
        home="sweeps",
        usage="ID [options of %%imagine] [another prompt]",
        help="draw what a sweep is missing, or what your changes add; --fresh draws everything again",
        arguments=(_SWEEP_ID,),
        passes_on=True,
    ),
    "compare": Command(
        home="pictures",
        usage="ID ID...",
        help="pictures side by side, such as 12.1 12.3 15, with what differs",
        arguments=(_IDS,),
    ),
    "save": Command(
        home="pictures",
        usage="ID PATH [--overwrite]",
        help="save the originals of a generation, or one such as 12.3, to a file or into a folder",
        arguments=(
            Argument(names=("id",), is_needed=True, settings={"metavar": "ID", "help": "its number"}, offers="ids"),
            replace(_PATH, is_needed=True),
            Argument(names=("--overwrite",), settings={"action": "store_true", "help": "replace files that exist"}),
        ),
    ),
    "star": Command(
        home="marks",
        usage="ID... [--off]",
        help="mark good ones, such as 12 14-17 18.2, or remove their stars",
        arguments=(_IDS, Argument(names=("--off",), settings={"action": "store_true", "help": "remove the star"})),
    ),
    "rate": Command(
        home="marks",
        usage="ID... 0-5|off",
        help="rate pictures, such as 12.3 4; off removes the rating",
        arguments=(_IDS,),
    ),
    "tag": Command(
        home="marks",
        usage="ID... TEXT... [-t TEXT]",
        help="add tags: every word that is not a number",
        arguments=(
            _IDS,
            Argument(
                names=("-t", "--text"),
                settings={"metavar": "TEXT", "action": "append", "help": "a tag; repeatable"},
            ),
        ),
    ),
    "note": Command(
        home="marks",
        usage="ID [TEXT]",
        help="write a note; without text, remove it",
        arguments=(_IDS,),
    ),
    "stop": Command(
        home="stop",
        usage="[ID...]",
        help="stop all background runs and sweeps, or the runs with these numbers",
        arguments=(
            Argument(names=("ids",), settings={"metavar": "ID", "nargs": "*", "type": whole_id, "help": "its number"}),
        ),
    ),
    "forget": Command(
        home="history",
        usage="ID [--yes]",
        help="show what would be removed; with --yes, remove the record and its pictures for good",
        arguments=(_ID, Argument(names=("--yes",), settings={"action": "store_true", "help": "really remove it"})),
    ),
    "usage": Command(
        home="usage",
        usage="[--by KIND]",
        help="generations, tokens and cost of this session, or of all by " + listed(KINDS),
        arguments=(
            Argument(
                names=("--by",), settings={"metavar": "KIND", "choices": KINDS, "help": listed(KINDS)}, offers=KINDS
            ),
        ),
    ),
    "budget": Command(
        home="usage",
        usage="[USD|off|release ID]",
        help="show, set or remove this session's limit; give back what is held for a stopped call",
        arguments=(
            Argument(
                names=("usd",),
                settings={"metavar": "USD", "type": amount_or_off, "help": "US dollars, off, or release"},
                offers=("off", "release"),
            ),
            Argument(names=("ids",), settings={"metavar": "ID", "nargs": "*", "type": whole_id, "help": "its number"}),
        ),
    ),
    "export": Command(
        home="export",
        usage=f"PATH {_WHICH} [--title TEXT] [--date TEXT] [--overwrite]",
        help="write a contact sheet (PATH.html, .png or .pdf; with --sweep, the labelled grid), or a table "
        "with the pictures beside it (a folder, .csv or .jsonl)",
        arguments=(
            replace(_PATH, is_needed=True),
            *_FILTER,
            Argument(names=("--title",), settings={"metavar": "TEXT", "help": "the sheet's title"}),
            Argument(
                names=("--date",),
                settings={"metavar": "TEXT", "help": "the sheet's date; by default the day it was drawn"},
            ),
            Argument(names=("--overwrite",), settings={"action": "store_true", "help": "replace files that exist"}),
        ),
    ),
    "record": Command(
        home="recordings",
        usage="[PATH]",
        help="from now on ask the server, and record its replies",
        arguments=(_PATH,),
    ),
    "replay": Command(
        home="recordings",
        usage="[PATH]",
        help="from now on play recordings; ask no server",
        arguments=(_PATH,),
    ),
    "live": Command(home="recordings", help="from now on ask the server, and record nothing"),
    "recordings": Command(
        home="recordings",
        usage="[ACTION] [PATH]",
        help="which recordings are in use; list, verify or trim them, or show their size",
        arguments=(
            Argument(
                names=("action",),
                settings={
                    "metavar": "ACTION",
                    "help": "list, verify, unused, trim (shows what trim-now sets aside), delete-trimmed or size",
                },
                offers=("list", "verify", "unused", "trim", "trim-now", "delete-trimmed", "size"),
            ),
            _PATH,
        ),
    ),
    "panel": Command(home="panel", help="open a panel to try, compare and go back, by mouse or by keyboard"),
    "providers": Command(home="providers", help="the configured servers, and whether their keys were found"),
    "models": Command(
        home="providers",
        usage="[PROVIDER]",
        help="the known models of a provider",
        arguments=(_PROVIDER,),
    ),
    "key": Command(
        home="providers",
        usage="PROVIDER [--save]",
        help="ask for a key and keep it in this kernel; with --save, in the system's keyring",
        arguments=(
            replace(_PROVIDER, is_needed=True),
            Argument(names=("--save",), settings={"action": "store_true", "help": "keep it for later sessions"}),
        ),
    ),
    "trust": Command(
        home="trust",
        usage="[--off]",
        help="show what this folder's settings ask for, and allow exactly that; with --off, stop trusting it",
        arguments=(Argument(names=("--off",), settings={"action": "store_true", "help": "stop trusting it"}),),
    ),
    "help": Command(
        home="help",
        usage="[TOPIC]",
        help="this page and every option of %%imagine; or one command or option",
        arguments=(
            Argument(
                names=("topic",),
                settings={"metavar": "TOPIC", "help": "a command, or an option with its hyphens or without"},
                offers="topics",
            ),
        ),
        names_flags=True,
    ),
}
