"""A bucket: files under an fsspec address such as `s3://bucket/prefix`; loaded only when an address is given.

Object stores write a key whole or not at all by themselves. They have no second names for one object: a name for people
is a copy that the server makes of its own, while the caller goes on.
"""

import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import fsspec

from imgmagic.domain.forks import tell_after_fork
from imgmagic.domain.safe_name import is_relative_name
from imgmagic.domain.shown_address import HiddenAddress, hidden_parts, without_secrets
from imgmagic.errors import SettingsError
from imgmagic.redaction import redact
from imgmagic.store.images.draft import Draft

_FOREIGN = (
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"),
)


_BUCKET_WITH_USER = re.compile(r"s3a?://[^/]*@")


class Bucket:
    """Keep files under one fsspec address, by relative names."""

    def __init__(self, url: str) -> None:
        self._url = HiddenAddress(url.rstrip("/"))
        if _BUCKET_WITH_USER.match(url):
            raise SettingsError(
                "the image store's address contains a user name or password, which buckets do not take.",
                remedy="Take it out, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            )
        self._open()
        tell_after_fork(self)

    def _open(self) -> None:
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="imgmagic-bucket")  # one: in the order asked
        refusal = self._refusal_to_open()
        if refusal is not None:  # raised here, as the library's frames hold the password of the address
            raise refusal

    def _refusal_to_open(self) -> SettingsError | OSError | None:
        """Open the address, and return what to raise where that fails."""
        try:
            # Listings are never cached: other kernels write here too.
            self._files, self._root = fsspec.core.url_to_fs(
                self._url, use_listings_cache=False, skip_instance_cache=True
            )
        except (ImportError, ValueError) as error:
            return SettingsError(
                f"the image store {without_secrets(self._url)} cannot be opened: "
                f"{redact(str(error), *hidden_parts(self._url))}",
                remedy='For s3:// run: pip install "jupyter-imgmagic[s3]".',
            )
        except OSError as error:
            return OSError(error.errno, redact(error.strerror or type(error).__name__, *hidden_parts(self._url)))
        return None

    def after_fork(self) -> None:
        """Leave thread and connections to the parent, and have others."""
        self._open()

    def location(self, name: str) -> str:
        """Return the address of `name`."""
        return f"{without_secrets(self._url)}/{name}"

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

    def draft(self, data: bytes) -> Draft:
        """Return what writes `data` once its name is known: a key is needed from the first byte on."""
        return _BucketDraft(self, data)

    def sweep(self) -> None:
        """Do nothing: what was not written whole is not there."""

    def close(self) -> None:
        """Wait for the copies that are still to be made."""
        self._beside.shutdown()

    def name(self, existing: str, names: Sequence[str]) -> str:
        """Let the server copy `existing` to the last of `names`, which no other picture has, and return that name."""
        # Not waited for: the copy is for people who browse the bucket, and a cell should not stand still for it.
        self._beside.submit(self._copy, existing, names[-1])
        return names[-1]

    def remove(self, name: str) -> None:
        """Remove `name`, after the copies that are still to be made; one that is not there is not a fault."""
        # Behind the copies, or a copy that is still to come would bring back what was just removed.
        self._beside.submit(self._remove, name).result()

    def find(self, stem: str) -> tuple[str, ...]:
        """Return the names that begin with `stem`."""
        with _as_os_errors():
            found: list[str] = self._files.glob(self._key(stem) + "*")
        before = len(self._root.rstrip("/")) + 1
        return tuple(sorted(key[before:] for key in found))

    def _copy(self, existing: str, name: str) -> None:
        # Without the copy the picture is just as safe, and found by its hash, so a failure stops nobody.
        with contextlib.suppress(OSError), _as_os_errors():
            self._files.cp_file(self._key(existing), self._key(name))

    def _remove(self, name: str) -> None:
        with _as_os_errors(), contextlib.suppress(FileNotFoundError):
            self._files.rm_file(self._key(name))

    def _key(self, name: str) -> str:
        if not is_relative_name(name.rstrip("/")):
            raise FileNotFoundError(f"{name} is not a name in a bucket")
        return f"{self._root}/{name}"


class _BucketDraft:
    def __init__(self, bucket: Bucket, data: bytes) -> None:
        self._bucket = bucket
        self._data = data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def commit(self, name: str) -> None:
        self._bucket.write(name, self._data)


@contextlib.contextmanager
def _as_os_errors() -> Iterator[None]:
    """Turn what the libraries below raise into an OSError, where they do not do so themselves."""
    try:
        yield
    except _foreign_errors() as error:
        message = f"{type(error).__name__}: {error}"
        raise OSError(0, message) from error


def _foreign_errors() -> tuple[type[Exception], ...]:
    """Return the base errors of those libraries that are loaded: s3fs and gcsfs let some of them through."""
    loaded = ((sys.modules.get(module), name) for module, name in _FOREIGN)
    return tuple(getattr(module, name) for module, name in loaded if module is not None)
