"""The magics: read the line, and hand over to what shows a run; it loads nothing heavy before a cell needs it."""

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import traitlets
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from traitlets.config import Config

import imgmagic
from imgmagic.config.settings_table import SETTINGS, Setting
from imgmagic.config.settings_table import parse as parse_setting
from imgmagic.errors import SettingsError
from imgmagic.notebook.commands.manual import IMAGINE_MANUAL, IMGMAGIC_MANUAL
from imgmagic.notebook.line.arguments import flags, imagine_parser, parse
from imgmagic.notebook.line.cell_options import split_head

if TYPE_CHECKING:
    from imgmagic.domain.generation import Generation
    from imgmagic.runs.job import Job
    from imgmagic.session import Session

_TRAITS = {int: traitlets.Int, float: traitlets.Float, bool: traitlets.Bool, str: traitlets.Unicode}


def _trait(setting: Setting) -> Any:
    allowed = f" Allowed: {', '.join(setting.choices)}." if setting.choices else ""
    default = "" if setting.default is None else f" Default: {setting.default}."
    help_text = f"{setting.help[0].upper()}{setting.help[1:]}.{allowed}{default} Also {setting.variable}."
    return _TRAITS[setting.kind](None, allow_none=True, help=help_text).tag(config=True)


class BadSetting(BaseException):
    """A value that `%config` must refuse; %config logs exceptions and goes on, so this is none."""

    def _render_traceback_(self) -> list[str]:
        return [f"SettingsError: {self}"]


class _Chosen(Mapping[str, object]):
    """What `%config ImagineMagics` set, as the settings see it."""

    def __init__(self, magics: traitlets.HasTraits) -> None:
        self._magics = magics

    def __getitem__(self, name: str) -> object:
        return getattr(self._magics, name)

    def __iter__(self) -> Iterator[str]:
        return iter(SETTINGS)

    def __len__(self) -> int:
        return len(SETTINGS)


class _Magics(Magics):
    """Defaults of %%imagine. A flag wins over them; they win over IMGMAGIC_ variables and settings files."""

    nest_asyncio = traitlets.Bool(
        default_value=False,
        help="Let cells call asyncio.run() and run_until_complete() inside the kernel's running loop (nest-asyncio2).",
    ).tag(config=True)
    _shown: "Generation | Job | None" = None  # what this cell has shown

    @no_var_expand
    @line_cell_magic
    def imagine(self, line: str, cell: str | None = None) -> "Generation | Job | None":
        magic = "%imagine" if cell is None else "%%imagine"
        head, body = split_head((cell or "").replace("\r\n", "\n"), flags(imagine_parser()))
        arguments = parse(line, magic=magic, expand=self._expand, head=head)
        if arguments.help:
            self._help()
            return None
        if cell is not None and arguments.words:
            raise UsageError(
                f"%%imagine: {arguments.words!r} is no option. The prompt goes below this line; "
                "for a prompt on one line use %imagine."
            )
        text = arguments.words if cell is None else body.strip("\n")
        template = "\n".join(filter(None, [*(f"{{{{ {name} }}}}" for name in arguments.inputs), text]))
        run = importlib.import_module("imgmagic.notebook.cell.run").run
        self._shown = run(self.shell, self.session, arguments, template)
        return self._shown

    @no_var_expand
    @line_magic
    def imgmagic(self, line: str) -> None:
        importlib.import_module("imgmagic.notebook.commands").run(self.shell, self.session, line)

    def hide_shown(self, generation: "Generation") -> None:
        """Leave out a cell's result that stands above it already; IPython shows every other one as usual."""
        if generation is not self._shown:
            raise NotImplementedError  # how IPython's display formatter passes on to the next
        if not hasattr(self.shell, "kernel"):  # a terminal has written the prompt of the result before it asks
            print(f"<Generation #{generation.id}, {generation.status}>")  # noqa: T201 - where results are printed

    def hide_job(self, job: "Job") -> None:
        """Leave out the job of a cell whose output goes on by itself: "running" would stay there for good."""
        if job is not self._shown or not hasattr(self.shell, "kernel"):
            raise NotImplementedError  # as above: IPython shows it

    def forget_shown(self, *_: object) -> None:
        """Show the generation again in later cells."""
        self._shown = None

    @property
    def session(self) -> "Session":
        """Return the session, told what `%config` has set."""
        session = imgmagic.default_session()
        session.settings.chosen = _Chosen(self)
        return session

    def update_config(self, config: Config) -> None:
        """Take values from `%config`; a bad one fails the cell and says what is allowed, instead of only logging it."""
        for name, value in config.get(type(self).__name__, {}).items():
            self._check(name, value)
        super().update_config(config)

    def _check(self, name: str, value: object) -> None:
        if name not in SETTINGS or value is None:  # None takes a choice back
            return
        try:
            parse_setting(SETTINGS[name], value, "%config ImagineMagics")
        except SettingsError as error:
            raise BadSetting(str(error)) from None

    @traitlets.observe("nest_asyncio")
    def _nest_asyncio_changed(self, change: Mapping[str, object]) -> None:
        if change["new"]:
            importlib.import_module("nest_asyncio2").apply()

    def _expand(self, text: str) -> str:
        names = {} if self.shell is None else self.shell.user_ns
        return text if "{{" not in text else self.session.expand(text, names)

    def _help(self) -> None:
        importlib.import_module("imgmagic.notebook.commands").run(self.shell, self.session, "help")


_Magics.imagine.__doc__ = f"{IMAGINE_MANUAL}\n\n{imagine_parser().format_help()}"
_Magics.imgmagic.__doc__ = IMGMAGIC_MANUAL


def _with_traits(base: type[_Magics]) -> type[_Magics]:
    """Give the magics one trait a setting, so that `%config ImagineMagics` lists them all and none can be forgotten."""
    traits = {name: _trait(setting) for name, setting in SETTINGS.items()}
    make: Any = type(base)  # the metaclass of traits, which mypy takes for `type`
    named: type[_Magics] = magics_class(make("ImagineMagics", (base,), traits))
    return named


ImagineMagics = _with_traits(_Magics)
