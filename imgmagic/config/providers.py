"""Providers: which servers are configured, where their keys are found, and what one lacks before it can be asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field

from imgmagic.config.folder_wishes import FolderWishes, is_on_this_machine, key_name_fault, needs_no_word
from imgmagic.config.pasted import PastedAddress, key_fault, read_address, read_azure_address, read_key
from imgmagic.config.provider_faults import (
    account_faults,
    address_faults,
    header_faults,
    provider_entry,
    text_table,
)
from imgmagic.config.secret_stores import Look, SecretStores
from imgmagic.config.settings import Layer, Settings
from imgmagic.config.toml_files import table_in, table_of
from imgmagic.domain.origin import SIMULATOR
from imgmagic.domain.provider import Provider, Secret, ServerKind
from imgmagic.domain.wording import closest, listed, quote_name
from imgmagic.errors import SettingsError

_AZURE = "azure"
# With no provider named, the first of these whose key is set (the contract of names); else the simulator.
PREFERENCE = ("openai", "yandex", "truefoundry", "azure", "compatible")


@dataclass(frozen=True, kw_only=True)
class KeyPlace:
    """Where a provider's key is looked for, and whether it is there; never the key."""

    variables: tuple[str, ...]
    found: str | None  # the variable or place that holds it


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """What a settings file says of a provider, and the folder whose file it is, unless it is the user's own."""

    origin: str = "the environment"
    values: Mapping[str, object] = field(default_factory=dict)
    folder: FolderWishes | None = None


class Providers:
    """Find providers by name, or by the keys that the environment holds.

    Args:
        kinds: the dialects by name, as far as this must know them.
        settings: where values come from.
        stored_key: provider, base URL -> key kept elsewhere (the system's keyring) for that very address, or None.
        secrets: the store of the notebook's host, asked by the names of the variables that may hold a key.
    """

    def __init__(
        self,
        kinds: Mapping[str, ServerKind],
        settings: Settings,
        *,
        stored_key: Callable[[str, str], str | None] = lambda *_: None,
        secrets: SecretStores | None = None,
    ) -> None:
        self._kinds = kinds
        self._settings = settings
        self._stored_key = stored_key
        self._secrets = secrets
        self._session_keys: MutableMapping[tuple[str, str], Secret] = {}
        self._judged: tuple[tuple[Layer, ...], Mapping[str, _Entry]] = ((), {})  # in one value, as threads share it

    def chosen(self, name: str | None = None) -> Provider:
        """Return the provider by name, or the one that the settings or the keys in the environment choose.

        Raises:
            SettingsError: no provider has this name.
        """
        named = name or self._settings.text("provider")
        return self.configured(self._find_spelling(named) if named else self.preferred())

    def _find_spelling(self, name: str) -> str:
        """Return a provider's name as it is configured, whatever the case in which it was typed."""
        names = self.names()
        # An exact name first, as two providers may differ in their capitals alone.
        return name if name in names else next((each for each in names if each.lower() == name.lower()), name)

    def check(self, provider: Provider) -> None:
        """Refuse a provider that cannot be asked.

        Raises:
            SettingsError: it has no key, base URL or account entry; it says all that is missing, and what to set where.
        """
        kind = self._kinds[provider.dialect]
        self.require_trust(provider.name)
        if kind.name == SIMULATOR and not provider.base_url:
            return
        faults = [
            *self._simulator_fault(provider),
            *self._folder_key_fault(provider.name),
            *self._key_fault(provider, kind),
            *address_faults(provider, kind, self.address(provider.name)[1]),
            *account_faults(provider, kind),
            *header_faults(provider),
        ]
        if faults:
            happened, steps = zip(*(fault.partition("; set ")[::2] for fault in faults), strict=True)
            raise SettingsError(
                f"provider {provider.name} cannot be asked: {'; '.join(happened)}.",
                remedy=" ".join(f"Set {step}." for step in steps if step),
            )

    def require_trust(self, name: str) -> None:
        """Refuse a provider that the folder's file sends somewhere, as long as the user did not allow it.

        Raises:
            SettingsError: it says where the key or the prompts would go.
        """
        entry = self._kind(name)[1]
        if entry.folder is not None:
            self._settings.trust.require(entry.folder, f"providers.{name}")

    def preferred(self) -> str:
        """Return the provider to ask when nobody named one: the first whose key is set, else the simulator."""
        return next((name for name in PREFERENCE if name in self._kinds and self.key_place(name).found), SIMULATOR)

    def names(self) -> tuple[str, ...]:
        """Return every name that `--provider` takes."""
        return tuple(dict.fromkeys([*self._own_providers(), *self._kinds]))

    def own_names(self) -> tuple[str, ...]:
        """Return the providers that the settings files name."""
        return tuple(self._own_providers())

    def configured(self, name: str) -> Provider:
        """Return the provider as configured, without checking that it is complete."""
        kind, entry = self._kind(name)
        address, place = self._address(name)
        account = {part: self._variable(v) for part, v in kind.account_env.items() if self._variable(v)}
        found = self.key_place(name)
        model = entry.values.get("model") or kind.default_model
        return Provider(
            name=name,
            dialect=kind.name,
            base_url=address.base_url,
            key=self._key(name),
            model=None if model is None else str(model),
            headers=self._table(name, entry, "headers"),
            account={**address.account, **account, **self._table(name, entry, "account")},
            origin=entry.origin,
            key_env=(found.found,) if found.found in found.variables else found.variables,
            address_from=place,
        )

    def keep_key(self, provider: str, key: str | Secret) -> None:
        """Keep a key for `provider`, at the address that it has now, in this process only."""
        kept = key if isinstance(key, Secret) else read_key(key)
        del key  # a verbose traceback shows the arguments of a frame that fails
        self._session_keys[provider, self.address(provider)[0]] = kept

    def key_place(self, provider: str) -> KeyPlace:
        """Return where the provider's key is looked for, and which place holds it."""
        variables = self._key_variables(provider)
        in_environment = next(filter(self._variable, variables), None)
        if (provider, self.address(provider)[0]) in self._session_keys:
            return KeyPlace(variables=variables, found="this session")
        if in_environment is not None:
            return KeyPlace(variables=variables, found=in_environment)
        place = next((look.place for look in self._looks(provider) if look.key is not None), None)
        stored = place is None and self._stored_key(provider, self.address(provider)[0]) is not None
        return KeyPlace(variables=variables, found=place or ("keyring" if stored else None))

    def _looks(self, name: str) -> Iterator[Look]:
        """Yield what the host's store says of each variable; a folder's file does not choose what is looked up."""
        if self._secrets is not None and self._kind(name)[1].folder is None:
            yield from map(self._secrets.look, self._key_variables(name))

    def _table(self, name: str, entry: _Entry, part: str) -> Mapping[str, str]:
        return text_table(entry.values.get(part, {}), f"providers.{name}.{part}", entry.origin)

    def _own_providers(self) -> Mapping[str, _Entry]:
        """Return the entries of the files, judged again only when a file changes: one cell asks some twenty times."""
        files = tuple(self._settings.files())
        judged, entries = self._judged
        if files != judged:
            entries = _entries(files)
            self._judged = files, entries
        return entries

    def _kind(self, name: str) -> tuple[ServerKind, _Entry]:
        entry = self._own_providers().get(name, _Entry())
        fallback = "generic" if entry.values and name not in self._kinds else name
        dialect = str(entry.values.get("dialect", fallback))
        if dialect in self._kinds:
            return self._kinds[dialect], entry
        if entry.values:
            raise SettingsError(
                f"provider {name} in {entry.origin} names {quote_name(dialect, 'a dialect')}, which does not exist."
                f"{closest(dialect, self._kinds)}",
                remedy=f"Dialects: {listed(self._kinds)}.",
            )
        names = self.names()
        raise SettingsError(
            f"no provider is called {name!r}.{closest(name, names)}",
            remedy=f"Choose {listed(names)}, or add [tool.imgmagic.providers.NAME] to pyproject.toml.",
        )

    def address(self, name: str) -> tuple[str, str]:
        """Return the base URL of a provider, empty without one, and the place where it is set."""
        address, place = self._address(name)
        return address.base_url, place

    def _address(self, name: str) -> tuple[PastedAddress, str]:
        kind, entry = self._kind(name)
        read = read_azure_address if kind.name == _AZURE else read_address
        variable = next(filter(self._variable, kind.base_url_env), None)
        if entry.values.get("base_url"):
            return read(str(entry.values["base_url"])), f"base_url in {entry.origin}"
        if variable:
            return read(self._variable(variable)), variable
        return PastedAddress(base_url=(kind.base_url or "").rstrip("/")), "built in"

    def _variable(self, name: str) -> str:
        return self._settings.environ.get(name, "").strip()

    def _key_variables(self, name: str) -> tuple[str, ...]:
        kind, entry = self._kind(name)
        own = entry.values.get("key_env")
        if own:
            return (str(own),)
        # A key goes to the server that it is for: an address of one's own needs a key_env of one's own.
        return () if "base_url" in entry.values else kind.key_env

    def _key(self, name: str) -> Secret | None:
        base_url = self.address(name)[0]
        if (name, base_url) in self._session_keys:
            return self._session_keys[name, base_url]
        named = next(filter(None, map(self._variable, self._key_variables(name))), "")
        if not named and (secret := next((look.key for look in self._looks(name) if look.key is not None), None)):
            return read_key(secret.reveal())
        found = read_key(named or self._stored_key(name, base_url) or "")
        return found if found.reveal() else None

    def _simulator_fault(self, provider: Provider) -> Iterator[str]:
        """Yield why a server is not a simulator: what it draws would count as free under every budget."""
        is_called_so = SIMULATOR in (provider.name, provider.dialect) and bool(provider.base_url)
        from_folder = self._kind(provider.name)[1].folder is not None
        if is_called_so and (from_folder or not is_on_this_machine(provider.base_url)):
            yield (
                f"the server that {provider.origin} names is not imgmagic's own simulator; give it another name and "
                "another dialect, such as openai or generic"
            )

    def _folder_key_fault(self, name: str) -> Iterator[str]:
        _, entry = self._kind(name)
        variable = str(entry.values.get("key_env", ""))
        fault = key_name_fault(variable) if entry.folder is not None and variable else None
        if fault:
            yield (
                f"key_env in {entry.origin} names {variable}, {fault}; if you mean it, write the provider into your "
                "own config.toml in IMGMAGIC_HOME"
            )

    def _key_fault(self, provider: Provider, kind: ServerKind) -> Iterator[str]:
        variables = " or ".join(self._key_variables(provider.name))
        own_variable = variables != " or ".join(kind.key_env)
        if provider.key is None and variables and (kind.key_needed or own_variable):
            yield (
                f"it has no key (looked in the environment for {variables}, and in this session's keys); set "
                f"{variables} {{key_of={provider.name}}}"
            )
            yield from filter(None, (look.fault for look in self._looks(provider.name)))
        elif provider.key is not None and (fault := key_fault(provider.key)):
            # Such a key cannot be sent, and the error of trying would show it.
            yield f"the key from {self.key_place(provider.name).found} {fault}; copy the key again"


def _entries(files: Iterable[Layer]) -> Mapping[str, _Entry]:
    """Return the entries of the files; of the user's own provider a folder chooses the model, and nothing else."""
    found: dict[str, _Entry] = {}
    for file in files:
        for name, table in table_in(file.table, "providers", file.origin).items():
            values = provider_entry(name, table_of(table, f"providers.{name}", file.origin), file.origin)
            former = found.get(name)
            if former is None:
                found[name] = _Entry(origin=file.origin, values=values, folder=file.folder)
            # The folder's file comes first, as the stronger. Where it needs the user's word, the two are different
            # servers, and the user's key must not go to the folder's address.
            elif former.folder is not None and needs_no_word(former.values):
                own = {**values, **({"model": former.values["model"]} if "model" in former.values else {})}
                found[name] = _Entry(origin=file.origin, values=own, folder=file.folder)
    return found
