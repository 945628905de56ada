"""The page's types: TypeScript declarations made from the messages' Structs, so that both languages have one schema."""

import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from imgmagic.notebook.panel import from_page, shown, to_page

DECLARATIONS = Path(__file__).parent.parent / "imgmagic" / "notebook" / "panel" / "page" / "messages.d.ts"
_HEAD = "// Made from from_page.py, shown.py and to_page.py by `make page`; do not edit.\n"
_NAMES = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def declarations() -> str:
    """Return the declarations of every message, and of what stands in messages."""
    unions = {"FromPage": typing.get_args(from_page.Message), "ToPage": typing.get_args(to_page.Answer)}
    blocks = [_interface(each) for module in (from_page, shown, to_page) for each in _structs_in(module)]
    blocks += [f"export type {name} =\n{_union(members)};\n" for name, members in unions.items()]
    return "\n".join([_HEAD, *blocks])


def _structs_in(module: types.ModuleType) -> Iterator[type[msgspec.Struct]]:
    for each in vars(module).values():
        is_struct = isinstance(each, type) and issubclass(each, msgspec.Struct) and each.__module__ == module.__name__
        if is_struct and not each.__name__.startswith("_") and each is not to_page.ToPage:
            yield each


def _interface(struct: type[msgspec.Struct]) -> str:
    """Return one Struct; the page may leave out what it sends where that has a default."""
    tag = struct.__struct_config__.tag
    lines = [] if tag is None else [f'  kind: "{tag}";']
    hints = typing.get_type_hints(struct)
    for each in msgspec.structs.fields(struct):
        sent_by_page = tag is not None and struct.__module__ == from_page.__name__
        mark = "?" if sent_by_page and not each.required else ""
        lines.append(f"  {each.name}{mark}: {_type(hints[each.name])};")
    return f"export interface {_name(struct)} {{\n" + "\n".join(lines) + "\n}\n"


def _name(struct: type[msgspec.Struct]) -> str:
    """Return a Struct's name; what the page asks is told apart from what it is answered."""
    asked = struct.__module__ == from_page.__name__ and struct.__struct_config__.tag is not None
    return f"Ask{struct.__name__}" if asked else struct.__name__


def _union(members: Sequence[type]) -> str:
    return "\n".join(f"  | {_name(each)}" for each in members)


def _type(hint: object) -> str:
    """Return a Python type as TypeScript's."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and arguments[-1] is Ellipsis:
        origin = list
    if origin is not None:
        return _GENERIC[origin](arguments)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _name(hint)
    return _NAMES[typing.cast("type", hint)]


def _alternatives(arguments: Sequence[object]) -> str:
    return " | ".join(map(_type, arguments))


_GENERIC: Mapping[object, Callable[[Sequence[typing.Any]], str]] = {
    typing.Union: _alternatives,
    types.UnionType: _alternatives,
    typing.Literal: lambda values: " | ".join(f'"{each}"' for each in values),
    tuple: lambda parts: f"[{', '.join(map(_type, parts))}]",
    list: lambda parts: f"Array<{_type(parts[0])}>",
    dict: lambda parts: f"Record<string, {_type(parts[1])}>",
}


if __name__ == "__main__":
    sys.stdout.write(declarations())
