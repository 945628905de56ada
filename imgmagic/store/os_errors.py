"""What the system refuses, in words."""

import contextlib
import errno
import sys
from collections.abc import Iterator

from imgmagic.errors import StoreError

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would exceed the allowed size",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "the folder does not exist",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOTDIR: "there is a file where a folder is needed",
}


def describe_os_error(error: OSError | UnicodeError) -> str:
    """Say in a few words why the system refused."""
    if isinstance(error, UnicodeError):
        return f"file names here allow only characters of the encoding {sys.getfilesystemencoding()}"
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


@contextlib.contextmanager
def as_store_error(what: str, remedy: str) -> Iterator[None]:
    """Turn what the system refuses into a StoreError: what was not done, why, and the way out."""
    try:
        yield
    except (OSError, UnicodeError) as error:
        raise StoreError(f"{what}: {describe_os_error(error)}.", remedy=remedy) from error
