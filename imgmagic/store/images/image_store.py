"""The image store: every original once, by the hash of its content; it knows nothing of the history.

originals/3f/3f9a...c2.png         the picture; the name is its SHA-256, so it is never rewritten
2026/11/22/12-a-red-fox.png        the same under a name for people: a hard link, where the disk has them; on a bucket
                                   a copy with the hash's beginning in its name, as several histories may share it
previews/3f9a...c2-512-80.webp     small pictures for notebooks; may be deleted at any time
.drafts/                           what is being written
"""

import contextlib
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from imgmagic.config.home import expand_user
from imgmagic.domain import unknown_bytes
from imgmagic.domain.generation import GeneratedImage
from imgmagic.domain.image_header import KNOWN_FORMATS
from imgmagic.domain.safe_name import is_hash
from imgmagic.domain.shown_address import without_secrets
from imgmagic.domain.source_picture import SourcePicture
from imgmagic.errors import SettingsError, StoreError
from imgmagic.store.images.draft import Draft
from imgmagic.store.images.folder import Folder
from imgmagic.store.images.previews import Preview, make_preview, read_preview
from imgmagic.store.os_errors import as_store_error
from imgmagic.store.stored_image import StoredImage

_ENDINGS = {"jpeg": "jpg"}
_SLUG_CHARS = 48
_SLUG_BYTES = 96  # encrypted disks take no more than 143 in a whole name
_ORIGINALS = "originals/"
_MOUNTED = "Check that the disk is mounted."


class _Files(Protocol):
    """What a place for files can do; `Folder` and `Bucket` do it."""

    def location(self, name: str) -> str: ...
    def path(self, name: str) -> Path | None: ...
    def size(self, name: str) -> int | None: ...
    def read(self, name: str) -> bytes: ...
    def write(self, name: str, data: bytes) -> None: ...
    def draft(self, data: bytes) -> Draft: ...
    def sweep(self) -> None: ...
    def close(self) -> None: ...
    def name(self, existing: str, names: Sequence[str]) -> str: ...
    def remove(self, name: str) -> None: ...
    def find(self, stem: str) -> tuple[str, ...]: ...


class ImageStore:
    """Keep originals in a folder, or under an fsspec address such as `s3://bucket/prefix`."""

    def __init__(self, location: str | Path) -> None:
        shown = without_secrets(str(location))
        with as_store_error(f"the image store {shown} cannot be opened", "Check that it exists and can be reached."):
            self._files = _files(str(location))

    def plan(self, image: GeneratedImage, *, generation_id: int | None, title: str, at: datetime) -> StoredImage:
        """Say where `image` will be, without writing anything.

        Args:
            image: the picture and its place in its generation.
            generation_id: the generation's number in the history, for the dated name.
            title: a text for the dated name, such as the prompt; made safe here.
            at: when the generation was made; its date is the folder.
        """
        sha256 = hashlib.sha256(image.data).hexdigest()
        number = sha256[:8] if generation_id is None else str(generation_id)
        return _to_stored(image, sha256, _dated_name(image, number=number, title=title, at=at))

    @contextlib.contextmanager
    def draft(self, data: bytes) -> Iterator[Draft]:
        """Send the bytes of a picture on their way to the disk, and let the block say where they will be."""
        with self._refusals_told(), self._files.draft(data) as draft:
            yield draft

    def save(self, image: GeneratedImage, planned: StoredImage, draft: Draft | None = None) -> StoredImage:
        """Keep the original of `image` where it was planned; when it returns, the picture is on the disk, whole.

        Its name for people is an extra: where the disk refuses it, the original's own serves.

        Args:
            image: the picture.
            planned: where it will be.
            draft: its bytes on their way, if they are.

        Raises:
            StoreError: it could not be written; nothing half-written stays.
        """
        original = _original_name(planned.sha256, image.format)
        with self._refusals_told():
            # The same name is the same content, unless someone cut the file short.
            if self._files.size(original) != len(image.data):
                if draft is None:
                    self._files.write(original, image.data)
                else:
                    draft.commit(original)
            return replace(planned, name=self._give_name(original, planned))

    def keep_source(self, picture: SourcePicture) -> SourcePicture:
        """Keep a picture that a request starts from, by its hash, and return it as one that is read from here.

        Raises:
            StoreError: it could not be written; nothing half-written stays.
        """
        original = _original_name(picture.sha256, picture.format)
        with self._refusals_told():
            if self._files.size(original) != picture.size_bytes:
                self._files.write(original, picture.data)
        return replace(picture, load=partial(self.load, picture.sha256))

    def load(self, sha256: str) -> bytes:
        """Return the original with this hash.

        Raises:
            StoreError: it is not there, or its bytes have changed.
        """
        with as_store_error(
            f"the picture {sha256[:12]} cannot be read from {self._files.location('')}",
            _MOUNTED,
        ):
            found = self._find(sha256)
            data = self._files.read(found[0]) if found else None
        if data is None:
            raise StoreError(f"the picture {sha256[:12]} is not in the image store.", remedy="Generate it again.")
        # Checked at each reading: a picture that was edited in place, or that a disk gives back damaged, would
        # otherwise be exported or sent to a server as what was drawn.
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreError(
                f"the picture {found[0]} has changed since it was saved.", remedy="Restore it from a backup."
            )
        return data

    def holds(self, sha256: str) -> bool:
        """Return whether the original with this hash is there."""
        with as_store_error(f"the image store {self._files.location('')} cannot be read", _MOUNTED):
            return bool(self._find(sha256))

    def original_name(self, stored: StoredImage) -> str:
        """Return the name of an original in the store, which every picture has."""
        return _original_name(stored.sha256, stored.format)

    def path(self, name: str) -> Path | None:
        """Return the path of what a StoredImage calls `name`; None on a bucket."""
        return self._files.path(name)

    def location(self, name: str) -> str:
        """Return where `name` is: a path or an address."""
        return self._files.location(name)

    def preview(self, sha256: str, *, longest_side: int, quality: int) -> Preview:
        """Return a small picture of an original, made once."""
        # Everything that changes the bytes is in the name, so a preview is never out of date.
        name = f"previews/{sha256}-{longest_side}-{quality}"
        with contextlib.suppress(OSError, StoreError):  # a cache: whatever is wrong with it, it is made again
            return read_preview(self._files.read(name))
        preview = make_preview(self.load(sha256), longest_side=longest_side, quality=quality)
        with contextlib.suppress(OSError):
            self._files.write(name, preview.data)
        return preview

    def unname(self, stored: StoredImage) -> None:
        """Take a picture's name for people away, and leave the original, which other records have too."""
        if stored.name and not stored.name.startswith(_ORIGINALS):
            with as_store_error(f"{self._files.location(stored.name)} was not removed", "Remove it by hand."):
                self._files.remove(stored.name)

    def remove(self, sha256: str, name: str) -> None:
        """Remove an original, its name for people and its previews: what `forget` asks for, and nothing else does."""
        with as_store_error(f"the picture {sha256[:12]} was not removed", "Remove it by hand."):
            if name and not name.startswith(_ORIGINALS):
                self._files.remove(name)
            self.remove_original(sha256)

    def remove_original(self, sha256: str) -> None:
        """Remove an original that has no name for people, with its previews."""
        with as_store_error(f"the picture {sha256[:12]} was not removed", "Remove it by hand."):
            for each in (*self._find(sha256), *self._find(sha256, previews=True)):
                self._files.remove(each)

    def sweep(self) -> None:
        """Remove what killed kernels left half-written."""
        self._files.sweep()

    def close(self) -> None:
        """Wait for what is being written, and end the threads that write."""
        self._files.close()

    def _find(self, sha256: str, *, previews: bool = False) -> tuple[str, ...]:
        """Return the names of an original, or of its previews; what is not a hash has none."""
        if not is_hash(sha256):
            return ()
        return self._files.find(f"previews/{sha256}-" if previews else _original_stem(sha256))

    def _refusals_told(self) -> AbstractContextManager[None]:
        return as_store_error(
            f"the picture was not saved to {self._files.location('')}",
            "It is kept in memory: save it elsewhere with generation.save('picture').",
        )

    def _give_name(self, original: str, planned: StoredImage) -> str:
        """Give the original its name for people; a name taken by another picture is told apart by the hash."""
        stem, _, ending = planned.name.rpartition(".")
        return self._files.name(original, (planned.name, f"{stem}-{planned.sha256[:8]}.{ending}"))


def ending(picture_format: str) -> str:
    """Return how the name of a file of this format ends, without the dot; what is not a picture's becomes `bin`.

    A history or a recording of others may call a picture what it likes, and a desktop opens a file by its ending.
    """
    return _ENDINGS.get(picture_format, picture_format) if picture_format in KNOWN_FORMATS else unknown_bytes.FORMAT


def slug(text: str) -> str:
    """Return `text` as part of a file's name: letters and digits of any script, joined by hyphens, not long."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text[:400]).replace("_", " "))
    short = "-".join(words).casefold()[:_SLUG_CHARS].encode()[:_SLUG_BYTES].decode(errors="ignore")
    return short.strip("-") or "image"


def _dated_name(image: GeneratedImage, *, number: str, title: str, at: datetime) -> str:
    which = f"-{image.index + 1}" if image.index else ""
    return f"{at:%Y/%m/%d}/{number}-{slug(title)}{which}.{ending(image.format)}"


def _original_stem(sha256: str) -> str:
    return f"{_ORIGINALS}{sha256[:2]}/{sha256}"


def _original_name(sha256: str, picture_format: str) -> str:
    return f"{_original_stem(sha256)}.{ending(picture_format)}"


def _files(location: str) -> _Files:
    if "://" not in location:
        return Folder(expand_user(location, what="the image store"))
    try:
        from imgmagic.store.images.bucket import Bucket
    except ImportError as error:  # fsspec comes with the extra
        raise SettingsError(
            f"the image store {without_secrets(location)} cannot be opened: {error}.",
            remedy='Run: pip install "jupyter-imgmagic[s3]".',
        ) from error
    return Bucket(location)


def _to_stored(image: GeneratedImage, sha256: str, name: str) -> StoredImage:
    return StoredImage(
        sha256=sha256,
        name=name,
        format=image.format,
        width=image.width,
        height=image.height,
        index=image.index,
        revised_prompt=image.revised_prompt,
    )
