"""Error kinds: which of our errors a server's report is, by its code, its words and its status; pure.

Gateways keep the code and rewrite the status, or keep the words and rewrite both, so the more specific source decides:
a refusal of the prompt, then the code, then the words, then the status.
"""

import re
from collections.abc import Mapping

from imgmagic.errors import (
    ApiError,
    AuthenticationFailed,
    ContentRefused,
    MaskRefused,
    ModelNotFound,
    PermissionDenied,
    PictureRefused,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    WebPageReceived,
)
from imgmagic.wire.error_report import ErrorReport, ReportFormat
from imgmagic.wire.rate_headers import read_rate_text

_BY_CODE: Mapping[str, type[ApiError]] = {
    **dict.fromkeys(
        ("moderation_blocked", "content_policy_violation", "contentfilter", "content_filter"),
        ContentRefused,
    ),
    **dict.fromkeys(
        (
            "insufficient_quota",
            "insufficient_credits",
            "insufficient_balance",
            "insufficient_funds",
            "billing_hard_limit_reached",
            "billing_not_active",
            "budget_exceeded",
            "project_spend_limit_exceeded",
            "organization_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "payment_required",
            "accountoverdueerror",  # Ark
            "arrearage",  # Alibaba
        ),
        QuotaExhausted,
    ),
    **dict.fromkeys(("model_not_found", "deploymentnotfound"), ModelNotFound),
    **dict.fromkeys(("invalid_api_key", "unauthenticated"), AuthenticationFailed),
    # OpenAI, edits: a mask without alpha or of another size; a file that is not read as a picture, or a wrong field.
    "invalid_mask_image_format": MaskRefused,
    **dict.fromkeys(("invalid_image_file", "duplicate_parameter"), PictureRefused),
}
# Vaguer than the words beside them: several servers use these for an empty account.
_BY_LOOSE_CODE: Mapping[str, type[ApiError]] = dict.fromkeys(
    ("rate_limit_exceeded", "rate_limit_error", "resource_exhausted", "throttling_error", "too_many_requests"),
    RateLimited,
)


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_REFUSED = _any_of(
    "safety system",
    "safety_violations=",
    "violates? (?:the|our) (?:terms of use|usage polic|content polic)",
    "content[ _]policy",
    "content management policy",
    "moderation_blocked",
    r"(?:blocked|rejected|flagged|refused) by (?:the |our |its )?(?:moderation|safety|content filter)",
    r"\bnsfw\b",
    r"\b(?:inappropriate|sensitive|prohibited) (?:content|information|words?)\b",
    r"\bnew_sensitive\b",  # MiniMax
    r"\b(?:request|content) moderated\b",  # Black Forest Labs
)
# Ark and Alibaba name what was inspected: the text or the picture, input or output.
_REFUSED_CODE = _any_of("sensitivecontent", "datainspection", "content_?moderat")
# Each gateway has its own words: a means of payment, and in the same clause that it is used up.
_MONEY = (
    r"\b(?:credits?|balance|funds|budget|spend(?:ing)?|billing|insufficient quota|free tier"
    r"|(?:current|daily|weekly|monthly|call volume) quota|(?:usage|credit|key) (?:hard )?limits?)\b"
)
_USED_UP = (
    r"\b(?:exceed(?:ed|s)|exhausted|reached|hit|insufficient|not enough|too low|over|out of|overdue|depleted|crossed"
    r"|no more|no remaining|no(?= credits)|don't have|doesn't have|requires? more|used (?:all|up))\b"
)
_CLAUSE = r"[\w' -]{0,40}"
_OUT_OF_QUOTA = _any_of(
    _USED_UP + _CLAUSE + _MONEY,
    _MONEY + _CLAUSE + _USED_UP,
    "insufficient quota",
    "not active, please check your billing",
    r"(?:account|payment) is (?:overdue|in arrears)|\baccount is in good standing",
    "payment required|add a payment method",
    "余额不足|欠费|额度(?:不足|已?用完|已?耗尽)",
)
_COMES_BACK = _any_of(r"\bper[ -]?(?:sec|min|hour)", r"\b(?:rate|requests?) quota", r"\b[rti]pm\b", "concurren")
_BAD_KEY = _any_of("(?:incorrect|invalid) api[ -]key", "api key not valid", "no api key (?:was )?provided")
_BAD_MASK = _any_of("invalid mask image", r"\bmask\b.{0,40}(?:alpha channel|does not match|must be)")
_BAD_PICTURE = _any_of("invalid (?:file|type for) '(?:image|mask)", "unsupported mimetype", "invalid image file")
_NO_MODEL = _any_of(
    r"\bmodel\b.*\b(?:not exist|not found|unknown)", r"\bunknown model\b", r"\binvalid model (?:name|id)\b"
)

_REFUSALS = (400, 413, 414, 415, 422)
_BY_STATUS: Mapping[int, type[ApiError]] = {
    **dict.fromkeys(_REFUSALS, RequestRefused),
    401: AuthenticationFailed,
    402: QuotaExhausted,
    403: PermissionDenied,
    429: RateLimited,
}


def error_kind(said: ErrorReport, status: int | None) -> type[ApiError]:
    """Return the class of the error that a server reports.

    Args:
        said: what it says.
        status: of HTTP, or the one that an error inside a stream names.
    """
    if said.form is ReportFormat.PAGE:
        # From a proxy, a login page or a wrong address, so it is not about the key, the model or the prompt.
        return RateLimited if status == 429 else WebPageReceived
    marks = _marks(said)
    if said.refused or _REFUSED.search(said.message) or any(map(_REFUSED_CODE.search, marks)):
        return ContentRefused
    by_code = next((_BY_CODE[mark] for mark in marks if mark in _BY_CODE), None)
    return by_code or _kind_by_words(said.message, status) or _kind_by_status(said, status)


def _marks(said: ErrorReport) -> list[str]:
    return [mark.lower() for mark in (said.code, said.kind) if mark]


def _kind_by_words(words: str, status: int | None) -> type[ApiError] | None:
    if _is_out_of_quota(words):
        return QuotaExhausted
    if _BAD_KEY.search(words) and status in (400, 401, 403, 500):
        return AuthenticationFailed
    if status in _REFUSALS and _BAD_MASK.search(words):
        return MaskRefused
    if status in _REFUSALS and _BAD_PICTURE.search(words):
        return PictureRefused
    return ModelNotFound if status in (400, 404) and _NO_MODEL.search(words) else None


def _is_out_of_quota(words: str) -> bool:
    plain = words.replace("_", " ")
    limit = read_rate_text(words)
    is_back_soon = (limit is not None and limit.reset_s is not None) or _COMES_BACK.search(plain)
    return bool(_OUT_OF_QUOTA.search(plain)) and not is_back_soon


def _kind_by_status(said: ErrorReport, status: int | None) -> type[ApiError]:
    loose = next((_BY_LOOSE_CODE[mark] for mark in _marks(said) if mark in _BY_LOOSE_CODE), None)
    return loose or _BY_STATUS.get(status or 0, ApiError)
