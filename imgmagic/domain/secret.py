"""Secrets: values that stay hidden wherever an object is inspected, and are revealed only on request."""

import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn


class Secret:
    """Hold a key so that no repr, log, pickle, format or inspector shows it; only `reveal` gives it out, at the wire.

    The key is in a closure, because debuggers and rich tracebacks print an object's attributes.
    """

    __slots__ = ("_reveal",)

    def __init__(self, value: str) -> None:
        self._reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """Return the key itself."""
        return self._reveal()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        message = "a key is not pickled"
        raise TypeError(message)


class HiddenMapping(Mapping[str, str]):
    """A mapping of names to texts that shows neither; a view of what it was made from.

    The environment and a provider's headers contain keys, among other things.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values: Callable[[], Mapping[str, str]] = lambda: values

    def reveal(self) -> Mapping[str, str]:
        """Return the mapping itself."""
        return self._values()

    def __getitem__(self, name: str) -> str:
        return self._values()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def __repr__(self) -> str:
        return f"HiddenMapping({len(self)} entries)"

    def __reduce__(self) -> NoReturn:
        message = "the environment and headers are not pickled, as they may hold keys"
        raise TypeError(message)
