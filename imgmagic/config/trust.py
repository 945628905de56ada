"""Trust: which folders the user allows to say where keys and data go; remembered for exactly what was shown."""

import json
import os
import tempfile
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from imgmagic.config.folder_wishes import FolderWishes
from imgmagic.errors import SettingsError

VARIABLE = "IMGMAGIC_TRUST"
_FILE = "trusted.json"


class Trust:
    """Remember what the user allowed to which folder.

    Args:
        home: the folder of the user's own settings, where it is kept.
        environ: the environment; IMGMAGIC_TRUST names folders that are trusted without asking.
        allowed: what was allowed in this process, by folder; it counts where the home cannot be written.
    """

    def __init__(self, *, home: Path, environ: Mapping[str, str], allowed: MutableMapping[str, str]) -> None:
        self._file = home / _FILE
        self._environ = environ
        self._allowed = allowed

    def named_folders(self) -> frozenset[Path]:
        """Return the folders that IMGMAGIC_TRUST names."""
        named = filter(None, self._environ.get(VARIABLE, "").split(os.pathsep))
        return frozenset(Path(os.path.realpath(each)) for each in map(os.path.expanduser, named))

    def allows(self, wishes: FolderWishes) -> bool:
        """Return whether the user allowed exactly these wishes of this folder."""
        # By the digest of what was shown: a file that asks for something else later has to ask again.
        known = {**self._remembered(), **self._allowed}
        return known.get(str(wishes.folder)) == wishes.digest or wishes.folder in self.named_folders()

    def require(self, wishes: FolderWishes, name: str) -> None:
        """Refuse what a folder wishes, unless it needs no word or has the user's.

        Args:
            wishes: all that the folder wishes.
            name: the setting, or `providers.NAME`, that is about to be used.

        Raises:
            SettingsError: nobody allowed it; it says what would happen, and how to allow it.
        """
        if name not in wishes.effects or self.allows(wishes):
            return
        raise SettingsError(
            f"{wishes.file} would {wishes.effects[name]}, which nobody has allowed; nothing was sent.",
            remedy=f"Type %imgmagic trust to allow what this folder asks for, or name {wishes.folder} in {VARIABLE}; "
            "otherwise take the entry out of the file.",
        )

    def allow(self, wishes: FolderWishes) -> None:
        """Allow exactly these wishes of this folder, in this session and in later ones.

        Raises:
            SettingsError: it could not be written down, so that only this session knows it.
        """
        self._allowed[str(wishes.folder)] = wishes.digest
        self._write({**self._remembered(), str(wishes.folder): wishes.digest})

    def forget(self, wishes: FolderWishes) -> None:
        """Take back what was allowed to this folder.

        Raises:
            SettingsError: it could not be written down, so that only this session knows it.
        """
        self._allowed[str(wishes.folder)] = ""  # no wishes have this digest: it holds over what is written down
        self._write({folder: digest for folder, digest in self._remembered().items() if folder != str(wishes.folder)})
        del self._allowed[str(wishes.folder)]

    def _remembered(self) -> dict[str, str]:
        """Return what was written down; a file that cannot be read allows nothing."""
        try:
            found = json.loads(self._file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        entries = found.items() if isinstance(found, dict) else ()
        return {folder: digest for folder, digest in entries if isinstance(digest, str)}

    def _write(self, entries: Mapping[str, str]) -> None:
        draft: Path | None = None
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._file.parent, prefix=f".{_FILE}")  # for this user alone
            draft = Path(name)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(dict(sorted(entries.items())), file, indent=1)
            # Whole or not at all: half a file would allow nothing, and forget what was allowed.
            draft.replace(self._file)
        except OSError as error:
            if draft is not None:
                draft.unlink(missing_ok=True)
            raise SettingsError(
                f"{self._file} cannot be written ({error.strerror}), so this holds for this session only.",
                remedy=f"Name the folder in {VARIABLE} to make it last.",
            ) from error
