"""Pasted text: keys and addresses as people copy them, made into what is meant before anything is sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from imgmagic.domain.provider import is_header_value
from imgmagic.domain.secret import Secret
from imgmagic.domain.typed_value import without_quotes

# How keys are written in headers, in shells, in notebooks and in .env files.
_BEFORE_KEY = re.compile(
    r"""(?:export|set|%env|%set_env)\s+(?=\w+\s*=) | [A-Z_a-z][\w-]*\s*=\s*(?=[^=]) | -H\s+ |
        (?:authorization|\w*api[-_]key)\s*:\s* | [\w-]*(?:key|token)\s*:\s+ |
        (?:bearer|api-key|token)(?:\s+|%20|:\s*)""",
    re.VERBOSE | re.IGNORECASE,
)
# The value at the end of a line of code: os.environ["X"] = "abc", {"api_key": "abc"}, OpenAI(api_key="abc").
_IN_CODE = re.compile(r"""[=:]\s*(["'])([^"'\s]{8,})\1[\s\])};,]*\Z""")
_IN_BRACKETS = re.compile(r"\((.*)\)|\[(.*)\]")
_END_OF_LINE = re.compile(r"(?:\\[nrt])+\Z")  # as code spells it
_PLACEHOLDER = re.compile(r"\.\.\.|…|<.*>|\byour\b|\byour[-_]|\*{3,}|x{8,}", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:env:)?\w+|\$\{\w+\}|%\w+%")
_BLANK = re.compile(r"\s")
_BEFORE_ADDRESS = re.compile(r"(?:export\s+)?[A-Z][A-Z0-9_]*\s*=\s*(?=[\"'<]?https?:)")
# What a base URL must not end with: people paste the whole endpoint that a document names.
_ENDPOINT = re.compile(
    r"/+(?:images(?:/(?:generations|edits|variations))?|chat/completions|completions|responses|models)/*\Z"
)
# The same of Azure's older addresses, which end where the resource's own begin to have paths.
_AZURE_ENDPOINT = re.compile(r"/openai(?:/images/[^/]*)?\Z")
_AZURE_DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)(?:/.*)?\Z")


@dataclass(frozen=True, kw_only=True)
class PastedAddress:
    """A base URL as it is meant, with what its other parts say of the account."""

    base_url: str
    account: Mapping[str, str] = field(default_factory=dict)


def read_key(text: str) -> Secret:
    """Return the key in what was pasted: without quotes, the word Bearer, a variable's name and a line's end.

    >>> read_key('OPENAI_API_KEY="abc";') == read_key("Bearer abc") == Secret("abc")
    True
    """
    former = None
    while former != text:
        former = text
        text = without_quotes(_END_OF_LINE.sub("", text.strip()).rstrip(";,").rstrip())
        text = _BEFORE_KEY.sub("", text, count=1) if _BEFORE_KEY.match(text) else text
        text = found[2] if (found := _IN_CODE.search(text)) else text
        text = (found[1] or found[2] or "") if (found := _IN_BRACKETS.fullmatch(text)) else text
    return Secret(text)


def key_fault(key: Secret) -> str | None:
    """Return what is wrong with a key, without showing it, or None."""
    text = key.reveal()
    if _PLACEHOLDER.search(text):
        return "is the placeholder of an example"
    if _BLANK.search(text):
        return "contains a space"
    if _VARIABLE.fullmatch(text):
        return "is the name of a variable, not what it holds"
    if "://" in text:
        return "is an address"
    return None if is_header_value(text) else "contains an invalid character"


def read_address(text: str) -> PastedAddress:
    """Return the base URL in what was pasted: without quotes, a variable's name, and the endpoint behind it.

    A query stays, as some gateways want one; a fragment is never sent.
    """
    text = text.strip().rstrip(";,").rstrip()
    text = without_quotes(_BEFORE_ADDRESS.sub("", without_quotes(text), count=1))
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket without its pair: judged where it is used
        return PastedAddress(base_url=text)
    path = _ENDPOINT.sub("", parts.path).rstrip("/")
    return PastedAddress(base_url=urlunsplit((parts.scheme, parts.netloc, path, parts.query, "")))


def read_azure_address(text: str) -> PastedAddress:
    """Return the resource's address in the target URI that Azure's portal shows, with the deployment that it names.

    The URI's dated API version belongs to its path; the v1 path, which takes the deployment as the model, has none.
    """
    found = read_address(text)
    try:
        parts = urlsplit(found.base_url)
    except ValueError:
        return found
    deployment = _AZURE_DEPLOYMENT.search(parts.path)
    query = parse_qs(parts.query)
    other = parts.query if set(query) - {"api-version"} else ""
    path = (
        _AZURE_ENDPOINT.sub("", parts.path)
        if deployment is None
        else parts.path[: parts.path.index("/openai/deployments/")]
    )
    account = {} if deployment is None else {"deployment": unquote(deployment[1])}
    return PastedAddress(
        base_url=urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), other, "")), account=account
    )
