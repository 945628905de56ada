"""What a folder's pyproject.toml wishes that only the user may decide: where keys and data go, what may be spent."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from imgmagic.config.settings_table import SETTINGS, FolderMay
from imgmagic.domain.shown_address import host_of, without_secrets

_PROVIDERS = "providers"
# Entries that send nothing anywhere: the address is one that the user or imgmagic itself chose.
_NO_ADDRESS = frozenset({"dialect", "model", "account"})
_LOOPBACK = re.compile(r"https?://(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:/[-\w.~/]*)?", re.ASCII)
_KEY_NAME = re.compile(r"(?:.*_)?(?:[A-Z0-9]*KEY|[A-Z0-9]*TOKEN)", re.IGNORECASE)
# Words in the names of keys that draw nothing: of other services, and of what signs or locks something of the user's.
_OTHER_KEYS = frozenset({
    "ACTIONS", "AIRTABLE", "ANTHROPIC", "ASANA", "ATLASSIAN", "AUTH0", "AWS", "BINANCE", "BITBUCKET", "BOT", "CARGO",
    "CI", "CIRCLECI", "CLOUDFLARE", "CODECOV", "COINBASE", "CONDA", "CONFLUENCE", "COOKIE", "DATABASE", "DATADOG",
    "DB", "DD", "DIGITALOCEAN", "DISCORD", "DJANGO", "DOCKER", "DROPBOX", "ELASTIC", "ENCRYPTION", "FIGMA",
    "FIREBASE", "FLASK", "FLY", "GCP", "GH", "GIT", "GITEA", "GITHUB", "GITLAB", "GPG", "GRAFANA", "HEROKU", "INFURA",
    "JENKINS", "JIRA", "JPY", "JUPYTER", "JUPYTERHUB", "JWT", "KAGGLE", "KUBE", "LINEAR", "LINODE", "MAILGUN",
    "MASTER", "MONGO", "MONGODB", "MYSQL", "NETLIFY", "NGROK", "NOTION", "NPM", "NUGET", "OKTA", "PAYPAL", "PG",
    "POSTGRES", "PRIVATE", "PULUMI", "PYPI", "REDIS", "REFRESH", "RSA", "SALESFORCE", "SECRET", "SENDGRID", "SENTRY",
    "SESSION", "SHOPIFY", "SIGNING", "SLACK", "SNOWFLAKE", "SNYK", "SONAR", "SSH", "STORAGE", "STRIPE", "SUPABASE",
    "TELEGRAM", "TERRAFORM", "TF", "TRAVIS", "TRELLO", "TWILIO", "TWINE", "TWITTER", "UV", "VAULT", "VERCEL", "WANDB",
    "ZENDESK",
})  # fmt: skip
_OTHER_STARTS = ("AZURE_CLIENT", "AZURE_DEVOPS", "GOOGLE_APPLICATION")


@dataclass(frozen=True, kw_only=True)
class FolderWishes:
    """What a folder wishes that needs the user's word.

    Args:
        file: its pyproject.toml.
        effects: what would happen, by the name of the setting or `providers.NAME`; empty where nothing needs asking.
        digest: a hash of exactly these wishes; another content has another.
    """

    file: Path
    effects: Mapping[str, str]
    digest: str

    @property
    def folder(self) -> Path:
        """Return the folder that speaks."""
        return self.file.parent.resolve()


def folder_wishes(file: Path, table: Mapping[str, object]) -> FolderWishes:
    """Return what the settings of a folder wish that needs the user's word.

    Args:
        file: the pyproject.toml.
        table: its table `[tool.imgmagic]`.
    """
    wishes = {name: (effect, raw) for name, effect, raw in _wishes(file, table)}
    canonical = json.dumps({name: raw for name, (_, raw) in wishes.items()}, sort_keys=True, default=str)
    return FolderWishes(
        file=file,
        effects={name: effect for name, (effect, _) in wishes.items()},
        digest=hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def key_name_fault(variable: str) -> str | None:
    """Return why a folder may not name `variable` as the place of a key, or None."""
    name = variable.upper()
    if not _OTHER_KEYS.isdisjoint(name.split("_")) or name.startswith(tuple(f"{each}_" for each in _OTHER_STARTS)):
        return "which holds the key of another service"
    return None if _KEY_NAME.fullmatch(variable) else "which is not the name of a key"


def is_on_this_machine(base_url: str) -> bool:
    """Return whether an address is plainly one of this machine's loopback, with nothing behind its path."""
    return _LOOPBACK.fullmatch(base_url) is not None


def needs_no_word(entry: Mapping[str, object]) -> bool:
    """Return whether a provider's entry sends nothing anywhere but to a server of this machine, and no key at all."""
    if _NO_ADDRESS.issuperset(entry):
        return True
    is_bare = (_NO_ADDRESS | {"base_url"}).issuperset(entry)
    return is_bare and is_on_this_machine(str(entry["base_url"]))


def _wishes(file: Path, table: Mapping[str, object]) -> Iterator[tuple[str, str, object]]:
    for name, raw in table.items():
        setting = SETTINGS.get(name)
        if setting is None or not setting.wish or not isinstance(raw, str):
            continue
        if setting.folder_may is not FolderMay.SET_WITHIN or not _is_within(raw, file.parent):
            links = _follow_links(raw, file.parent)
            shown = ", which leads to ".join([without_secrets(raw), *links])
            yield name, setting.wish.format(shown), [raw, *links] if links else raw
    providers = table.get(_PROVIDERS)
    for name, entry in providers.items() if isinstance(providers, Mapping) else ():
        if isinstance(entry, Mapping) and not needs_no_word(entry):
            yield f"{_PROVIDERS}.{name}", _effect(name, entry), entry


def _is_within(raw: str, folder: Path) -> bool:
    """Return whether a path stays in the folder, wherever its links lead; paths are read from the working folder."""
    root = _real_path(folder)
    if root is None or raw.startswith("~"):
        return False
    return all(place is not None and place.is_relative_to(root) for place in (_real_path(raw), _real_path(root / raw)))


def _follow_links(raw: str, folder: Path) -> list[str]:
    """Return where a path leads by way of links, if by any: where these lead later is another wish."""
    if raw.startswith("~") or "://" in raw:
        return []
    roots = filter(None, (_real_path(folder), _real_path("")))
    places = {_real_path(root / raw): Path(os.path.normpath(root / raw)) for root in roots}
    return [str(place) for place, plain in places.items() if place not in {None, plain}]


def _real_path(path: str | Path) -> Path | None:
    """Return where a path leads; None for a text that no path can be. Links in a circle lead to themselves."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return None


def _effect(name: str, entry: Mapping[str, object]) -> str:
    server = host_of(str(entry["base_url"])) if entry.get("base_url") else f"the server of provider {name}"
    what = f"the key in {entry['key_env']}" if entry.get("key_env") else "your prompts"
    headers = " with headers of its own" if entry.get("headers") else ""
    return f"send {what} to {server}{headers}"
