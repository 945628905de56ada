"""The key filter: a kernel that logs its messages (`--debug`) leaves out those that carry a key from a panel."""

import logging
from collections.abc import Iterator, Mapping

_HIDDEN = "[a key that was typed into a panel]"
_DEEPEST = 8  # levels of a message; a key's lies at the fourth


class KeyFilter(logging.Filter):
    """Replace each argument of a log record that holds a panel's key message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: every record is logged, without keys."""
        if isinstance(record.args, Mapping):  # how logging keeps a single mapping
            record.args = (_HIDDEN,) if _holds_key(record.args) else record.args
        elif record.args:
            record.args = tuple(_HIDDEN if _holds_key(each) else each for each in record.args)
        return True


KEY_FILTER = KeyFilter()


def hide_keys(shell: object) -> None:
    """Keep keys out of the kernel's log from now on; a second time changes nothing."""
    for log in _logs(shell):
        log.addFilter(KEY_FILTER)


def stop_hiding_keys(shell: object) -> None:
    """Take the filter away."""
    for log in _logs(shell):
        log.removeFilter(KEY_FILTER)


def _logs(shell: object) -> Iterator[logging.Logger]:
    """Yield the log of a kernel; kernels other than ipykernel may not have one."""
    log = getattr(getattr(shell, "kernel", None), "log", None)
    if isinstance(log, logging.Logger | logging.LoggerAdapter):
        yield log if isinstance(log, logging.Logger) else log.logger


def _holds_key(value: object, depth: int = 0) -> bool:
    if depth > _DEEPEST:
        return False
    if isinstance(value, Mapping):
        return value.get("kind") == "key" or any(_holds_key(each, depth + 1) for each in value.values())
    return isinstance(value, list | tuple) and any(_holds_key(each, depth + 1) for each in value)
