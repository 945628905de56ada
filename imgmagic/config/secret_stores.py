"""Secret stores of hosted notebooks: where Colab and Kaggle keep a user's keys, looked up by the variable's name.

Each look asks the host's own server, and Colab may ask the user, so what was found is kept, and what was not is asked
for again only after a while. Nothing is imported but what the notebook's host brings along.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from imgmagic.domain.secret import Secret

_AGAIN_S: Final = 30.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """Hold what a look into a store gave: the key and the store's name, or why it gave none."""

    key: Secret | None = None
    place: str = ""
    fault: str = ""


_NOTHING: Final = Look()


class SecretStores:
    """Look into the store of the notebook's host, wherever there is one.

    Args:
        environ: the environment, in which Kaggle leaves a mark.
        modules: what is loaded, in which Colab leaves one.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        modules: Mapping[str, ModuleType] = sys.modules,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # Asked through a function: an environment that an object holds shows every key in it.
        self._is_on_kaggle: Callable[[], bool] = lambda: "KAGGLE_KERNEL_RUN_TYPE" in environ
        self._modules = modules
        self._clock = clock
        self._looks: dict[str, tuple[float, Look]] = {}

    def look(self, variable: str) -> Look:
        """Return what the host's store holds under the name of `variable`."""
        looked_at, look = self._looks.get(variable, (-_AGAIN_S, _NOTHING))
        if look.key is None and self._clock() - looked_at >= _AGAIN_S:
            look = self._look(variable)
            self._looks[variable] = self._clock(), look
        return look

    def _look(self, variable: str) -> Look:
        if "google.colab" in self._modules:
            return _look_in_colab(self._modules, variable)
        return _look_on_kaggle(variable) if self._is_on_kaggle() else _NOTHING


def _look_in_colab(modules: Mapping[str, ModuleType], variable: str) -> Look:
    userdata = modules.get("google.colab.userdata") or importlib.import_module("google.colab.userdata")
    try:
        return _look_at(userdata.get(variable), "Colab's secrets")
    except userdata.SecretNotFoundError:
        return _NOTHING
    except userdata.NotebookAccessError:
        return Look(fault=f"Colab's secret {variable} is not open to this notebook: switch its access on (key symbol)")
    except userdata.TimeoutException:
        return Look(fault=f"Colab did not answer when it was asked for the secret {variable}: run the cell again")


def _look_on_kaggle(variable: str) -> Look:
    try:
        secrets = importlib.import_module("kaggle_secrets")
        return _look_at(secrets.UserSecretsClient().get_secret(variable), "Kaggle's secrets")
    except ImportError:
        return _NOTHING
    except Exception as error:  # noqa: BLE001 - its client raises classes of its own, of urllib and of the standard library
        return _kaggle_fault(variable, type(error).__name__)


def _kaggle_fault(variable: str, kind: str) -> Look:
    """Return what to do; Kaggle says of a secret that does not exist, too, that it is not attached."""
    if kind in ("BackendError", "NotFoundError", "ValueError"):
        return Look(fault=f"Kaggle's secret {variable} is not attached to this notebook: see Add-ons, Secrets")
    if kind == "CredentialError":
        return Look(fault=f"Kaggle gave no access to the secret {variable}: sign in, and verify your phone number")
    return Look(fault=f"Kaggle could not be asked for the secret {variable}: switch the notebook's internet on")


def _look_at(text: object, place: str) -> Look:
    return Look(key=Secret(text.strip()), place=place) if isinstance(text, str) and text.strip() else _NOTHING
