"""Reference pages that are generated: each from the table, the parser or the class tree that the code itself uses."""

import argparse
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

import imgmagic
from imgmagic import errors
from imgmagic.config.settings_table import SETTINGS, FolderMay, Setting
from imgmagic.errors import ImgmagicError
from imgmagic.notebook.commands import COMMANDS
from imgmagic.notebook.commands.manual import IMAGINE_MANUAL
from imgmagic.notebook.line.arguments import imagine_parser
from imgmagic.store.history import schema
from imgmagic.wire.dialects import DIALECTS
from tests.support.front_ends import PLAYED
from tools import parameters
from tools.parameters import table

_FOLDER: Final[Mapping[FolderMay, str]] = {
    FolderMay.SET: "yes",
    FolderMay.LOWER: "only lower",
    FolderMay.ASK: "after `%imgmagic trust`",
    FolderMay.SET_WITHIN: "inside the folder",
}
# What to do next, class by class; the message of each error says it for the case at hand.
NEXT_STEPS: Final[Mapping[str, str]] = {
    "ImgmagicError": "Catch it to catch every error of imgmagic.",
    "RequestInvalid": "Change the options that the message lists, or send them anyway with `--no-check`.",
    "SettingsError": "Correct the setting, key or address that the message names; `%imgmagic providers` shows them.",
    "BudgetExceeded": "Raise the limit with `%imgmagic budget`, or ask for fewer, smaller or cheaper pictures.",
    "ApiError": "Read the server's words in the message; give its request id to the server's support.",
    "RequestRefused": "Change what the server names; the parameters page says what each server takes.",
    "PictureRefused": "Send PNG, JPEG or WebP within the server's size, as many as it takes.",
    "MaskRefused": "Make the mask as large as the first picture, with some of it transparent.",
    "AuthenticationFailed": "Set the right key in the variable that the message names, and restart the kernel.",
    "PermissionDenied": "Use another key, project or model; some models need a verified organization.",
    "ModelNotFound": "Choose one of `%imgmagic models`.",
    "RateLimited": "Wait as long as the message says; a sweep waits automatically.",
    "QuotaExhausted": "Add credit at the provider; waiting does not help.",
    "ContentRefused": "Change the prompt or the picture.",
    "WebPageReceived": "Check the base URL and the proxy: a web page answered instead of the API.",
    "ConnectionFailed": "Try again; `may_be_billed` and the message say whether it may have been billed.",
    "HostUnreachable": "Check name, port, network and proxy, and that the server is running.",
    "TlsFailed": "Check the certificate, or `SSL_CERT_FILE` if your company has its own.",
    "ResponseTimeout": "Allow more with `--timeout`; the server may have drawn, and billed, the picture.",
    "ProtocolError": "Check that the address is an image API; report it to the server's makers.",
    "DownloadFailed": "Fetch the picture again soon: the server's address for it expires.",
    "RecordingMiss": "Record the call with `%imgmagic record`, or use the prompt and options that were recorded.",
    "RecordingDamaged": "Run `python -m imgmagic.recordings verify FOLDER`, and get the folder from its source again.",
    "StoreError": "Free space in IMGMAGIC_HOME, or allow access to it; `data` still has the picture's bytes.",
}
_OWN_VARIABLES: Final[Mapping[str, str]] = {
    "IMGMAGIC_HOME": "folder of the history, the images and config.toml; by default the platform's folder",
    "IMGMAGIC_TRUST": "folders whose settings are obeyed without asking, for where nobody can be asked",
    "IMGMAGIC_SIMULATOR_PACE": "seconds that the simulator takes per picture, 0 to 600; by default 2",
    "SSL_CERT_FILE": "certificates to trust instead of the usual ones",
    "SSL_CERT_DIR": "a folder of certificates to trust instead of the usual ones",
    "HTTPS_PROXY": "the proxy for https addresses",
    "HTTP_PROXY": "the proxy for http addresses",
    "ALL_PROXY": "the proxy for both",
    "NO_PROXY": "hosts that are asked without a proxy",
}


def api() -> str:
    """Return the page of the Python API: every public name with its signature and docstring."""
    parts = ["# Python API\n", "Everything that `import imgmagic` offers. Anything else may change between versions.\n"]
    for name in imgmagic.__all__:
        parts += [f"## `{name}`\n", _documented(name)]
    return "\n".join(parts)


def _documented(name: str) -> str:
    home = imgmagic._HOMES[name]
    shown = getattr(imgmagic, name)
    if not inspect.isroutine(shown) and not inspect.isclass(shown):
        return (
            f"```{{eval-rst}}\n.. autoclass:: {type(shown).__module__}.{type(shown).__qualname__}\n   :members:\n```\n"
        )
    kind = "autoclass" if inspect.isclass(shown) else "autofunction"
    members = "\n   :members:" if inspect.isclass(shown) else ""
    return f"```{{eval-rst}}\n.. {kind}:: {home}.{name}{members}\n```\n"


def magics() -> str:
    """Return the page of the magics: every option of %%imagine and every command of %imgmagic."""
    parts = ["# Magics\n", "## `%%imagine` and `%imagine`\n", f"```text\n{IMAGINE_MANUAL}\n```\n"]
    for group in imagine_parser()._action_groups:
        rows = [_option_row(action) for action in group._group_actions if action.help != argparse.SUPPRESS]
        if rows:
            parts += [f"### {(group.title or '').capitalize()}\n", table(["option", "meaning"], rows)]
    parts += ["## `%imgmagic`\n"]
    for word, command in COMMANDS.items():
        usage = f"%imgmagic {word} {command.usage}".strip()
        parts += [f"### `{word}`\n", f"```text\n{usage}\n```\n", f"{_sentence(command.help)}\n"]
        rows = [(f"`{', '.join(each.names)}`", _plain(each.settings.get("help", ""))) for each in command.arguments]
        parts += [table(["argument", "meaning"], rows)] if rows else []
    return "\n".join(parts)


def _option_row(action: argparse.Action) -> Sequence[str]:
    value = f" {action.metavar}" if action.metavar else ""
    return f"`{', '.join(action.option_strings)}{value}`", _plain(action.help or "")


def _plain(text: str) -> str:
    """Return argparse's text as Markdown: names of magics and variables as code, nothing as HTML."""
    text = text.replace("%%", "%").replace("<", "&lt;").replace("{", "&#123;").replace("*", "\\*")
    return re.sub(r"(?<!`)(%{1,2}\w+(?: \w+)?|--[\w-]+|IMGMAGIC_\w+)", r"`\1`", text)


def _sentence(text: str) -> str:
    return _plain(text[:1].upper() + text[1:]) + "."


def settings() -> str:
    """Return the page of the settings."""
    rows = [
        (
            f"`{each.name}`",
            _plain(each.help),
            _default(each),
            _allowed(each),
            f"`{each.variable}`",
            _FOLDER[each.folder_may],
        )
        for each in SETTINGS.values()
    ]
    heads = ["setting", "meaning", "default", "allowed", "variable", "a folder may set it"]
    return "\n".join(["# Settings\n", _SETTINGS_TEXT, table(heads, rows)])


_SETTINGS_TEXT: Final = """\
Settings come from, the strongest first: a flag of the cell, `%config ImagineMagics.NAME = VALUE`, the setting's
environment variable, `[tool.imgmagic]` in a folder's `pyproject.toml`, or `config.toml` in `IMGMAGIC_HOME`. Files and
variables are read when they are needed, so a change takes effect in the next cell. A key is never a setting.

A folder's voice is its `pyproject.toml`; everything else is the user's. The last column says what a folder may do; the
security page says why.
"""


def _default(setting: Setting) -> str:
    return "unset" if setting.default is None else f"`{setting.default}`"


def _allowed(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(f"`{choice}`" for choice in setting.choices)
    bounds = [f"{word} {bound:g}" for word, bound in (("from", setting.low), ("to", setting.high)) if bound is not None]
    return " ".join([{str: "text", int: "whole number", float: "number", bool: "true, false"}[setting.kind], *bounds])


def error_tree() -> Iterator[type[ImgmagicError]]:
    """Yield every error class, each after the one that it belongs to."""

    def below(kind: type[ImgmagicError]) -> Iterator[type[ImgmagicError]]:
        yield kind
        for each in kind.__subclasses__():
            if each.__module__ == errors.__name__:
                yield from below(each)

    return below(ImgmagicError)


def error_page() -> str:
    """Return the page of the errors: what each means, what to do next, and whether it can have cost something."""
    rows = [
        (
            f"`{kind.__name__}`",
            f"`{kind.__base__.__name__}`",
            _plain(_first_line(kind)),
            _plain(NEXT_STEPS[kind.__name__]),
        )
        for kind in error_tree()
        if kind.__base__ is not None
    ]
    return "\n".join(["# Errors\n", _ERRORS_TEXT, table(["error", "is a", "what happened", "what to do next"], rows)])


_ERRORS_TEXT: Final = """\
Every error of imgmagic says in one short message what happened, to which request, and what to do next. No message
contains a key or the bytes of a picture. In a notebook it is shown without a traceback, and the cell fails, so Run All
stops. `may_be_billed` is false only if nothing can have been drawn. The classes are in `imgmagic.errors`.
"""


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n")[0].replace("\n", " ")


def environment() -> str:
    """Return the page of the environment variables: our own, those of the settings, and those of every provider."""
    own = [(f"`{name}`", _plain(text)) for name, text in _OWN_VARIABLES.items()]
    of_settings = [(f"`{each.variable}`", f"setting `{each.name}`: {_plain(each.help)}") for each in SETTINGS.values()]
    parts = ["# Environment variables\n", "Variables are read when they are needed, not when the kernel starts.\n"]
    parts += ["## imgmagic and its connections\n", table(["variable", "meaning"], own)]
    parts += ["## Settings\n", table(["variable", "meaning"], of_settings)]
    parts += ["## Keys and addresses of providers\n", table(["provider", "key", "address", "more"], _provider_rows())]
    return "\n".join(parts)


def _provider_rows() -> Iterator[Sequence[str]]:
    for dialect in DIALECTS.values():
        key, address = (" or ".join(f"`{name}`" for name in names) for names in (dialect.key_env, dialect.base_url_env))
        more = ", ".join(f"`{name}`" for name in dialect.account_env.values())
        if key or address or more:
            yield f"`{dialect.name}`", key, address, more


def history_schema() -> str:
    """Return the page of the history's tables."""
    parts = ["# The history's tables\n", _SCHEMA_TEXT]
    for each in schema._METADATA.sorted_tables:
        rows = [
            (f"`{column.name}`", str(column.type).lower(), "yes" if column.nullable else "no", _points_to(column))
            for column in each.columns
        ]
        parts += [f"## `{each.name}`\n", table(["column", "type", "may be empty", "points to"], rows)]
    return "\n".join(parts)


_SCHEMA_TEXT: Final = """\
The history is a SQLite file in `IMGMAGIC_HOME`, or a PostgreSQL database under `history_url`. Read it with other
programs if you like, but write it only through imgmagic. Money is in whole billionths of a US dollar. Times are ISO
texts in UTC.
"""


def _points_to(column: "sa.Column[object]") -> str:
    return ", ".join(f"`{key.target_fullname}`" for key in column.foreign_keys)


def front_ends() -> str:
    """Return the page of what stops a run in each front end, from the rows that the tests play."""
    ways = {"kernel": "the kernel's connection", "server": "the Jupyter server's API"}
    rows = [(each.name, ways.get(each.stops_by, f"the bar says: {each.hint}"), "yes") for each in PLAYED]
    return "\n".join(["# Stop in each front end\n", _FRONT_ENDS_TEXT, table(_FRONT_END_HEADS, rows)])


_FRONT_END_HEADS: Final = ("front end", "Stop of a waiting cell uses", "Stop of a background run")
_FRONT_ENDS_TEXT: Final = """\
The project's tests play each row in a browser page, with what that front end gives to a widget's script. VS Code,
Colab, Kaggle and JupyterLite are only played like this; JupyterLab, Notebook 7 and marimo are tested themselves.
[A separate page](../how-to/front-ends.md) explains how to use each.
"""


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api": api,
    "magics": magics,
    "settings": settings,
    "errors": error_page,
    "environment": environment,
    "front-ends": front_ends,
    "history-schema": history_schema,
    "parameters": parameters.render,
}
