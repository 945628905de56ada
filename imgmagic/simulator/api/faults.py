"""Faults that a prompt asks for in words, so that they work with any client.

A prompt with `[simulate: NAME]` makes the simulator misbehave; what is in brackets is not drawn. NAME is one of

    moderation · quota · 401 · 403 · 404 · 429 · 500 · 503      an error of that kind instead of a picture
    page                                                        502 with a proxy's HTML page
    moderation in stream · error in stream                      an error event after the partial images
    cut                                                         hangs up in the middle, after the first partial image
    slow · hang                                                 takes 10 seconds; never answers
    empty · fewer                                               a success without pictures; one partial image at most

and may be followed by ` once`: then only the first such request fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from imgmagic.simulator.api.refusals import Refusal

# No part of the pattern can match what the part before it gave back, so the time is linear in the prompt's length.
_ASKED: Final = re.compile(r"\[simulate:([^\[\]]*+)\]", re.IGNORECASE)
# Bodies and headers as seen from real servers, so that they exercise a client's own handling.
_SAFETY: Final = "Your request was rejected by the safety system. If you believe this is an error, contact us."
_MODERATION: Final = Refusal(
    message=_SAFETY,
    type="image_generation_user_error",
    code="moderation_blocked",
    more={"moderation_details": {"moderation_stage": "input", "categories": ["violence"]}},
)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Hold how a request goes wrong.

    Args:
        refusal: answered at once instead of a picture, or in the stream if `in_stream` is set.
        is_flat: the error event in the stream has no `error` object.
        is_cut: the connection closes in the middle of the reply.
        is_hung: the server never answers.
        is_empty: the reply is a success without pictures.
        page: an HTML page, as from a proxy in between.
        fewest_partials: at most this many partial images are sent.
        slowed_s: the picture takes at least this long.
    """

    refusal: Refusal | None = None
    in_stream: bool = False
    is_flat: bool = False
    is_cut: bool = False
    is_hung: bool = False
    is_empty: bool = False
    page: str = ""
    fewest_partials: int = 3
    slowed_s: float = 0.0


_BROKEN: Final = Refusal(
    status=500,
    message="The server had an error while processing your request. Sorry about that!",
    type="server_error",
)
_FAILED: Final = Refusal(
    message="Image generation failed.", type="image_generation_server_error", code="image_generation_failed"
)

FAULTS: Final[Mapping[str, Fault]] = {
    "moderation": Fault(refusal=_MODERATION),
    "moderation in stream": Fault(refusal=_MODERATION, in_stream=True),
    "error in stream": Fault(refusal=_FAILED, in_stream=True, is_flat=True),
    "429": Fault(
        refusal=Refusal(
            status=429,
            message="Rate limit reached for images per min: Limit 5, Used 5. Please try again in 50ms.",
            type="requests",
            code="rate_limit_exceeded",
            headers={
                "retry-after-ms": "50",
                "x-ratelimit-limit-requests": "5",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "50ms",
            },
        )
    ),
    "quota": Fault(
        refusal=Refusal(
            status=429,
            message="You exceeded your current quota, please check your plan and billing details.",
            type="insufficient_quota",
            code="insufficient_quota",
        )
    ),
    "401": Fault(
        refusal=Refusal(status=401, message="Incorrect API key provided.", code="invalid_api_key"),
    ),
    "403": Fault(
        refusal=Refusal(status=403, message="Your organization must be verified to use the model `gpt-image-2`."),
    ),
    "404": Fault(
        refusal=Refusal(status=404, message="The model does not exist.", code="model_not_found", param="model"),
    ),
    "500": Fault(refusal=_BROKEN),
    "503": Fault(refusal=Refusal(status=503, message="The server is overloaded.", type="server_error")),
    "page": Fault(page="<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"),
    "cut": Fault(is_cut=True),
    "slow": Fault(slowed_s=10.0),
    "hang": Fault(is_hung=True),
    "empty": Fault(is_empty=True),
    "fewer": Fault(fewest_partials=1),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Hold what a prompt asks for: the words to draw, and the name of a fault."""

    words: str
    name: str | None = None
    is_once: bool = False


def read_fault(prompt: str) -> Asked:
    """Split the fault from the words.

    >>> read_fault("a cat [simulate: 429 once]")
    Asked(words='a cat', name='429', is_once=True)
    """
    found = _ASKED.search(prompt)
    if not found:
        return Asked(words=prompt)
    name = found[1].strip().lower()
    words = " ".join(part.strip() for part in _ASKED.sub("\n", prompt).split("\n")).strip()
    return Asked(words=words, name=name.removesuffix(" once").rstrip(), is_once=name.endswith(" once"))


def unknown_fault(name: str) -> Fault:
    """Return the refusal of a fault that is not in the table."""
    listed = ", ".join(FAULTS)
    return Fault(
        refusal=Refusal(
            message=f"[simulate: {name}] is not a fault of the simulator. Use one of {listed}.", param="prompt"
        )
    )
