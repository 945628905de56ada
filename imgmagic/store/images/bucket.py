"""A bucket: files under an fsspec address such as `s3://bucket/prefix`; loaded only when an address is given.

Object stores write a key whole or not at all by themselves. They have no second names for one object: a name for people
is a copy that the server makes of its own, while the caller goes on.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import fsspec

from imgmagic.errors import SettingsError

_FOREIGN = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
)


class Bucket:
    """Keep files under one fsspec address, by relative names."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="imgmagic-bucket")  # one: in the order asked
        try:
            # Listings are never cached: other kernels write here too.
            self._files, self._root = fsspec.core.url_to_fs(self._url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise SettingsError(
                f"the image store {self._url} cannot be opened: {error}",
                remedy='For s3:// run: pip install "jupyter-imgmagic[s3]".',
            ) from error

    def location(self, name: str) -> str:
        """Return the address of `name`."""
        return f"{self._url}/{name}"

    def path(self, name: str) -> Path | None:
        """Return None: what is in a bucket has no path."""
        del name
        return None

    def size(self, name: str) -> int | None:
        """Return the length of `name` in bytes, or None when it is not there."""
        with _as_os_errors():
            try:
                size: int = self._files.size(self._key(name))
            except FileNotFoundError:
                return None
        return size

    def read(self, name: str) -> bytes:
        """Return the content of `name`."""
        with _as_os_errors():
            data: bytes = self._files.cat_file(self._key(name))
        return data

    def write(self, name: str, data: bytes) -> None:
        """Write `name`, whole or not at all."""
        with _as_os_errors():
            self._files.pipe_file(self._key(name), data)

    @contextlib.contextmanager
    def draft(self, data: bytes) -> Iterator[Callable[[str], None]]:
        """Give what writes `data` under a name: a key is needed from the first byte on."""
        yield partial(self.write, data=data)

    def sweep(self) -> None:
        """Do nothing: what was not written whole is not there."""

    def close(self) -> None:
        """Wait for the copies that are still to be made."""
        self._beside.shutdown()

    def name(self, existing: str, names: Sequence[str]) -> str:
        """Let the server copy `existing` to the last of `names`, which no other picture has, and return that name."""
        self._beside.submit(self._copy, existing, names[-1])
        return names[-1]

    def remove(self, name: str) -> None:
        """Remove `name`, after the copies that are still to be made; one that is not there is no fault."""
        self._beside.submit(self._remove, name).result()

    def find(self, stem: str) -> tuple[str, ...]:
        """Return the names that begin with `stem`."""
        with _as_os_errors():
            found: list[str] = self._files.glob(self._key(stem) + "*")
        before = len(self._root.rstrip("/")) + 1
        return tuple(sorted(key[before:] for key in found))

    def _copy(self, existing: str, name: str) -> None:
        # Without it the picture is as safe, and found by its hash: nothing to stop anybody for.
        with contextlib.suppress(OSError), _as_os_errors():
            self._files.cp_file(self._key(existing), self._key(name))

    def _remove(self, name: str) -> None:
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._root}/{name}"


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    """Let the libraries below speak as the system does: what they do not translate themselves becomes an OSError."""
    try:
        yield
    except _foreign_errors() as error:
        message = f"{type(error).__name__}: {error}"
        raise OSError(0, message) from error


def _foreign_errors() -> tuple[type[Exception], ...]:
    """Return the base errors of those libraries that are loaded: s3fs and gcsfs let some of them through."""
    loaded = ((sys.modules.get(module), name) for module, name in _FOREIGN)
    return tuple(getattr(module, name) for module, name in loaded if module is not None)
