"""The magics: read the line, and pass it to what shows a run; nothing heavy loads before a cell needs it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

import traitlets
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from traitlets.config import Config

from imgmagic.config.settings import Resolved, Settings
from imgmagic.config.settings_table import SETTINGS, Setting
from imgmagic.config.settings_table import parse as parse_setting
from imgmagic.domain.options import OPTION_BY_NAME
from imgmagic.errors import SettingsError
from imgmagic.notebook.commands.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL
from imgmagic.notebook.line.arguments import Arguments, imagine_flags, imagine_parser, parse
from imgmagic.notebook.line.cell_options import split_head
from imgmagic.notebook.line.refusals import BadSetting, UsageError
from imgmagic.notebook.line.spelling import errors_in_flags
from imgmagic.notebook.output.formatters import figure_page, sweep_page
from imgmagic.notebook.shell import Shell, has_html, is_captured, take_back
from imgmagic.notebook.warm_up import WarmUp

if TYPE_CHECKING:
    from imgmagic.domain.generation import Generation
    from imgmagic.domain.sweep import Sweep
    from imgmagic.runs.job import Job
    from imgmagic.runs.sweep_job import SweepJob
    from imgmagic.session import Session

_INPUTS = {"images", "mask", "markup"}
Drawer: TypeAlias = "Callable[[Shell, Session, Arguments, str], Generation | Job | Sweep | SweepJob | None]"
"""Draws one cell and returns what it shows."""

_Shown = TypeVar("_Shown")
_PLACE = "%config ImagineMagics"
_TRAITS = {int: traitlets.Int, float: traitlets.Float, bool: traitlets.Bool, str: traitlets.Unicode}


def _trait(setting: Setting) -> object:
    allowed = f" Allowed: {', '.join(setting.choices)}." if setting.choices else ""
    default = "" if setting.default is None else f" Default: {setting.default}."
    help_text = f"{setting.help[0].upper()}{setting.help[1:]}.{allowed}{default} Also {setting.variable}."
    return _TRAITS[setting.kind](None, allow_none=True, help=help_text).tag(config=True)


class _Chosen(Mapping[str, object]):
    """What `%config ImagineMagics` has set, for the settings."""

    def __init__(self, magics: traitlets.HasTraits) -> None:
        self._magics = magics

    def __getitem__(self, name: str) -> object:
        return getattr(self._magics, name)

    def __iter__(self) -> Iterator[str]:
        return iter(SETTINGS)

    def __len__(self) -> int:
        return len(SETTINGS)


class SessionMagics(Magics):
    """Defaults of %%imagine. A flag wins over them; they win over IMGMAGIC_ variables and settings files."""

    nest_asyncio = traitlets.Bool(
        default_value=False,
        help="Let cells call asyncio.run() and run_until_complete() inside the kernel's running loop (nest-asyncio2).",
    ).tag(config=True)
    default_session: "Callable[[], Session]"  # passed in when the extension loads
    warm_up: WarmUp
    matcher: Callable[..., object]  # completes the magics' lines
    restore_streams: Callable[[], None]  # undoes the change to the streams of a terminal
    _shown: "Generation | Job | Sweep | SweepJob | None" = None  # what this cell has shown

    @no_var_expand
    @line_cell_magic
    def imagine(  # noqa: D102 - the manual, below
        self, line: str, cell: str | None = None
    ) -> "Generation | Job | Sweep | SweepJob | None":
        self.warm_up.wait_for_request()
        with errors_in_flags():
            return self._imagine(line, cell)

    @no_var_expand
    @line_magic
    def imgmagic(self, line: str) -> None:  # noqa: D102 - the manual, below
        with errors_in_flags():
            self._run_command(line)

    def _imagine(self, line: str, cell: str | None) -> "Generation | Job | Sweep | SweepJob | None":
        magic = "%imagine" if cell is None else "%%imagine"
        head, body = split_head((cell or "").replace("\r\n", "\n"), imagine_flags())
        if cell is not None:
            line = line.rstrip().removesuffix(";")  # people put it there to hide results; a prompt keeps its own
        arguments = parse(line, magic=magic, expand=self._expand, head=head)
        if arguments.help:
            self._run_command("help")
            return None
        if cell is not None and arguments.words:
            raise UsageError(
                f"%%imagine: {arguments.words!r} is not an option. The prompt goes below this line; "
                "for a prompt on one line use %imagine."
            )
        _require_sweep(arguments)
        text = arguments.words if cell is None else body.strip("\n")
        before, after = ([f"{{{{ {name} }}}}" for name in names] for names in (arguments.inputs, arguments.suffixes))
        template = "\n".join(filter(None, [*before, text, *after]))
        self._shown = self._drawer(arguments, template)(self._shell(), self.open_session(), arguments, template)
        return self._shown

    def _run_command(self, line: str) -> None:
        self.warm_up.wait()
        from imgmagic.notebook.commands.run import run

        run(self._shell(), self.open_session(), line)

    def _drawer(self, arguments: Arguments, template: str) -> Drawer:
        """Return the function that draws a cell, once everything it needs beyond a plain request is loaded."""
        if arguments.vary or "{{" in template or _INPUTS & arguments.options.keys():
            self.warm_up.wait()
        if arguments.vary:
            from imgmagic.notebook.cell.sweep_run import run_sweep

            return run_sweep
        from imgmagic.notebook.cell.run import run

        return run

    def hide_shown(self, generation: "Generation") -> None:
        """Leave out a cell's result that is already shown above; IPython shows every other one as usual."""
        if generation is not self._shown or self._take_back(figure_page, generation):
            raise NotImplementedError  # how IPython's display formatter passes to the next
        if not has_html(self._shell()):  # a terminal has already printed the prompt of the result
            print(f"<Generation #{generation.id}, {generation.status}>")  # noqa: T201 - where results are printed

    def hide_job(self, job: "Job") -> None:
        """Leave out the job of a cell whose output continues to update: "running" would stay there forever."""
        if job is not self._shown or not has_html(self._shell()) or is_captured(self._shell()):
            raise NotImplementedError  # as above: IPython shows it

    def hide_sweep(self, sweep: "Sweep") -> None:
        """Leave out a sweep that is already shown above its cell's result."""
        if sweep is not self._shown or self._take_back(sweep_page, sweep):
            raise NotImplementedError  # as above: IPython shows it
        if not has_html(self._shell()):
            print(repr(sweep))  # noqa: T201 - where results are printed

    def hide_sweep_job(self, job: "SweepJob") -> None:
        """Leave out the job of a sweep whose output continues to update."""
        if job is not self._shown or not has_html(self._shell()) or is_captured(self._shell()):
            raise NotImplementedError  # as above: IPython shows it

    def _take_back(self, page: "Callable[[_Shown, Settings], str]", shown: "_Shown") -> bool:
        """Withdraw the page of `shown` if `%%capture` has it, so that the cell's result replaces it."""
        shell = self._shell()
        return is_captured(shell) and take_back(shell, page(shown, self.open_session().settings))

    def remember_shown(self, drawn: "Generation | Sweep") -> None:
        """Note that a generation or sweep is already shown in this cell: its figure has been displayed."""
        self._shown = drawn

    def forget_shown(self, *_: object) -> None:
        """Show the generation again in later cells."""
        self._shown = None

    def open_session(self) -> "Session":
        """Open the session, which then reads what `%config` has set."""
        session = self.default_session()
        session.settings.chosen = _Chosen(self)
        return session

    def _shell(self) -> Shell:
        return cast("Shell", self.shell)  # IPython types it as optional, but magics only run in a shell

    def update_config(self, config: Config) -> None:
        """Take values from `%config`; a bad one fails the cell and says what is allowed, instead of only logging it."""
        for name, value in config.get(type(self).__name__, {}).items():
            self._check(name, value)
        super().update_config(config)

    def _check(self, name: str, value: object) -> None:
        if name not in SETTINGS or value is None:  # None resets a choice
            return
        try:
            parsed = parse_setting(SETTINGS[name], value, _PLACE)
            if name in OPTION_BY_NAME:
                from imgmagic.runs.typed_options import require_known_defaults

                require_known_defaults({name: Resolved(value=parsed, origin=_PLACE)}, ())
        except SettingsError as error:
            raise BadSetting(str(error)) from None

    @traitlets.observe("nest_asyncio")
    def _nest_asyncio_changed(self, change: Mapping[str, object]) -> None:
        if change["new"]:
            import nest_asyncio2

            nest_asyncio2.apply()

    def _expand(self, text: str) -> str:
        if "{{" not in text:
            return text
        self.warm_up.wait()
        from imgmagic.domain.template import expand

        return expand(text, self._shell().user_ns)


SessionMagics.imagine.__doc__ = f"{IMAGINE_MANUAL}\n\n{imagine_parser().format_help()}"
SessionMagics.imgmagic.__doc__ = IMGMAGIC_MANUAL


def _with_traits(base: type[SessionMagics]) -> type[SessionMagics]:
    """Give the magics one trait per setting, so that `%config ImagineMagics` lists them all."""
    traits = {name: _trait(setting) for name, setting in SETTINGS.items()}
    # The metaclass of traits, which mypy takes for `type`.
    make = cast("Callable[..., type[SessionMagics]]", type(base))
    return magics_class(make("ImagineMagics", (base,), traits))


ImagineMagics = _with_traits(SessionMagics)


def _require_sweep(arguments: Arguments) -> None:
    """Refuse a sweep's options if nothing is varied: one picture would be paid for, which was not meant."""
    for flag, is_given in (("--zip", arguments.zipped), ("--retry", arguments.retry)):
        if is_given and not arguments.vary:
            raise UsageError(f"%%imagine: {flag} belongs to a sweep. Say what to vary: --vary NAME=VALUES.")
