"""The refusals of what was typed: a line that cannot be read, and a value that `%config` must not take."""

from IPython.core import error


class UsageError(error.UsageError):
    """A line that cannot be read. IPython would print its own kind to stderr, past what shows a cell's errors."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class BadSetting(BaseException):
    """A value that `%config` must refuse. %config logs every Exception and goes on, so this is not one."""

    def _render_traceback_(self) -> list[str]:
        return [f"SettingsError: {self}"]
