"""Pages: whole HTML files from a template, in which every text is escaped and without control characters."""

from importlib.resources import files

import jinja2
from markupsafe import Markup

from imgmagic.display.sanitize import strip_control


def render_page(package: str, name: str, **values: object) -> str:
    """Return the page that a template file of a package makes of these values; only `Markup` is taken as it is."""
    source = files(package).joinpath(name).read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=True, finalize=_finalize).from_string(source).render(values)


def _finalize(value: object) -> object:
    return strip_control(value) if isinstance(value, str) and not isinstance(value, Markup) else value
