"""The errors for what was typed: a line that cannot be read, and a value that `%config` must refuse."""

from IPython.core import error


class UsageError(error.UsageError):
    """A line that cannot be read. IPython prints its own UsageError to stderr, bypassing what shows a cell's errors."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class BadSetting(BaseException):
    """A value that `%config` must refuse. %config logs every Exception and continues, so this is not one."""

    def _render_traceback_(self) -> list[str]:
        return [f"SettingsError: {self}"]
