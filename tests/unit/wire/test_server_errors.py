"""What servers say of failures: twelve forms, one error each, with a next step, and nothing hostile in it."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imgmagic.domain.provider import Provider, Secret
from imgmagic.errors import (
    ApiError,
    AuthenticationFailed,
    ContentRefused,
    ModelNotFound,
    PermissionDenied,
    QuotaExhausted,
    RateLimited,
    RequestRefused,
    WebPageReceived,
)
from imgmagic.wire.dialects import DIALECTS
from imgmagic.wire.error_report import clean, read_error_body
from imgmagic.wire.server_errors import ErrorReply, api_error, request_id

KEY = "sk-marked-0123456789abcdefghij"


def _json_with_known_names(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["error", "message", "code", "type", "detail", "msg", "loc", "data", "block_reason"])
    return st.lists(inner) | st.dictionaries(names, inner)


def json_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


PROVIDER = Provider(
    name="openai",
    dialect="openai",
    base_url="https://api.example/v1",
    key=Secret(KEY),
    headers={"x-token": "a-further-credential"},
)


def error_of(body: Any, status: int | None = 400, **known: float) -> ApiError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api_error(read_error_body(raw), ErrorReply(status=status, **known), PROVIDER, DIALECTS["openai"])


OPENAI = {"message": "no such size", "type": "invalid_request_error", "param": "size", "code": "bad_size"}

SHAPES: dict[str, tuple[Any, str, str | None]] = {
    "1 OpenAI": ({"error": OPENAI}, "no such size", "bad_size"),
    "2 a number as code": (
        {"error": {"code": 400, "message": "no such size", "status": "INVALID"}},
        "no such size",
        "400",
    ),
    "3 a list": ([{"error": {"code": 400, "message": "no such size"}}], "no such size", "400"),
    "4 a text": ({"error": "no such size"}, "no such size", None),
    "4 a text and a code": ({"code": "bad_size", "error": "no such size"}, "no such size", "bad_size"),
    "5 a gRPC gateway": ({"error": "no", "code": 7, "message": "no such size", "details": []}, "no such size", "7"),
    "6 an error's name": ({"error": "server_error", "message": "no such size"}, "no such size", "server_error"),
    "7 a list of faults": (
        {"detail": [{"loc": ["body", "size"], "msg": "not valid", "type": "x"}]},
        "size: not valid",
        None,
    ),
    "8 a detail": ({"detail": "no such size"}, "no such size", None),
    "9 a nested detail": ({"detail": {"error": "no such size"}}, "no such size", None),
    "10 a gateway's message": ({"message": "no such size", "code": "bad_size"}, "no such size", "bad_size"),
    "11 in Chinese manner": ({"code": 1001, "msg": "no such size", "data": None}, "no such size", "1001"),
    "11 a list of errors": (
        {"success": False, "errors": [{"code": 7003, "message": "no such size"}, {"message": "and more"}]},
        "no such size; and more",
        "7003",
    ),
    "11 a list of texts": ({"errors": ["no such size", "and more"]}, "no such size; and more", None),
    "11 JSON inside a gateway's words": (
        {"error": {"message": "litellm.BadRequestError: OpenAIException - " + json.dumps({"error": OPENAI})}},
        "OpenAIException - no such size",
        "bad_size",
    ),
    "11 an object as Python prints it": (
        {"error": {"message": f"Error code: 400 - { ({'error': OPENAI}) }", "code": "400"}},
        "Error code: 400 - no such size",
        "bad_size",
    ),
    "11 a brace in the words": ({"error": {"message": "no such size: {"}}, "no such size: {", None),
    "11 in an envelope": ({"id": "7", "response": {"error": OPENAI}}, "no such size", "bad_size"),
    "11 a problem in an error": ({"error": {"title": "Bad Request", "detail": "no such size"}}, "no such size", None),
    "11 Baidu": ({"error_msg": "no such size", "error_code": 7}, "no such size", "7"),
    "11 OpenRouter": (
        {
            "error": {
                "message": "Provider returned error",
                "code": 400,
                "metadata": {"raw": json.dumps({"error": OPENAI})},
            }
        },
        "Provider returned error: no such size",
        "bad_size",
    ),
    "11 OAuth's description": (
        {"error": "bad_size", "error_description": "no such size"},
        "no such size",
        "bad_size",
    ),
    "11 a table of faults": ({"errors": {"size": ["no such size"]}}, "no such size", None),
    "11 Apigee": ({"fault": {"faultstring": "no such size", "detail": {}}}, "no such size", None),
    "11 Ark's envelope": ({"ResponseMetadata": {"Error": {"Message": "no such size"}}}, "no such size", None),
    "11 MiniMax": ({"data": None, "base_resp": {"status_code": 1, "status_msg": "no such size"}}, "no such size", None),
    "11 another encoding": (json.dumps({"error": OPENAI}).encode("utf-16"), "no such size", "bad_size"),
    "11 Latin letters": (
        '{"error": "no such size, Gr\u00f6\u00dfe"}'.encode("latin-1"),
        "answered 400: no such size",
        None,
    ),
    "12 a web page": (b"<!DOCTYPE html><html><title>\n Bad gateway </title>", "a web page titled 'Bad gateway'", None),
    "12 plain text": (b"upstream connect error", "upstream connect error", None),
    "12 nothing": (b"", "answered 400.", None),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_reads_each_shape(shape: str) -> None:
    """Whatever the form, the server's words and its code come out."""
    body, words, code = SHAPES[shape]

    error = error_of(body)

    assert words in error.message
    assert error.code == code
    assert type(error) is (WebPageReceived if shape == "12 a web page" else RequestRefused)


@pytest.mark.parametrize(
    "body", [b"null", b"7", b"[]", b"{}", b'{"error": {}}', b'{"error": null}', b'{"detail": 3}', b"\xff\xfe"]
)
def test_survives_bodies_that_say_nothing(body: bytes) -> None:
    """A body without a word in it gives an error with the status at least."""
    assert "answered 400" in error_of(body).message


CLASSES: list[tuple[int | None, Any, type[ApiError], str]] = [
    (
        401,
        {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}},
        AuthenticationFailed,
        "OPENAI_API_KEY",
    ),
    (401, b"", AuthenticationFailed, "OPENAI_API_KEY"),
    (
        403,
        {"error": {"message": "Your organization must be verified. Go to: https://x"}},
        PermissionDenied,
        "Verify the organ",
    ),
    (403, {"error": "Access to model denied", "code": 7, "message": "denied"}, PermissionDenied, "rights"),
    (404, {"error": {"message": "The model 'x' does not exist", "code": "model_not_found"}}, ModelNotFound, "name"),
    (404, {"error": {"message": "gone", "code": "DeploymentNotFound"}}, ModelNotFound, "name"),
    (400, {"error": {"message": "Model x does not exist", "param": "model"}}, ModelNotFound, "name"),
    (404, b"<html><title>404</title></html>", WebPageReceived, "base URL"),
    (400, b"<html></html>", WebPageReceived, "proxy in between"),
    (401, b"<html></html>", WebPageReceived, "proxy in between"),
    (403, b"<html></html>", WebPageReceived, "proxy in between"),
    (407, b"<html></html>", WebPageReceived, "HTTPS_PROXY"),
    (401, b"Unauthorized by policy", AuthenticationFailed, "A proxy in between may have said that"),
    (404, {"detail": "Not Found"}, ApiError, "base URL"),
    (413, b"", RequestRefused, "too large"),
    (422, {"detail": []}, RequestRefused, "leave out"),
    (400, {"error": {"message": "Invalid size"}}, RequestRefused, "leave out"),
    (429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}, RateLimited, "Wait"),
    (429, {"error": {"message": "no money", "code": "insufficient_quota"}}, QuotaExhausted, "add money"),
    (400, {"error": {"message": "no money", "code": "billing_hard_limit_reached"}}, QuotaExhausted, "add money"),
    (429, {"error": {"message": "no money", "type": "insufficient_quota", "code": "429"}}, QuotaExhausted, "add money"),
    (402, b"", QuotaExhausted, "add money"),
    (400, {"error": {"message": "no", "code": "moderation_blocked"}}, ContentRefused, "prompt"),
    (400, {"error": {"message": "no", "code": "contentFilter"}}, ContentRefused, "prompt"),
    (400, {"error": {"message": "Rejected by the safety system.", "code": "400"}}, ContentRefused, "prompt"),
    (400, {"error": "it may violate the terms of use", "code": 3}, ContentRefused, "prompt"),
    (400, {"error": {"message": "no", "moderation_details": {}}}, ContentRefused, "prompt"),
    (500, {"error": {"message": "oops"}}, ApiError, "may have been drawn and billed"),
    (524, b"<html><title>A timeout occurred</title></html>", WebPageReceived, "may have been drawn and billed"),
    (504, b"upstream request timeout", ApiError, "may have been drawn and billed"),
    (503, b"<html></html>", WebPageReceived, "on the server's side"),
    (302, b"", ApiError, "base URL"),
    (410, {"message": "gone"}, ApiError, "base URL"),
    (None, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, RateLimited, "Wait"),
    (None, {"error": {"message": "slow down", "code": 429}}, RateLimited, "Wait"),
    (None, {"type": "error", "code": "moderation_blocked", "message": "no"}, ContentRefused, "prompt"),
    (None, {"data": [{}], "block_reason": "nudity"}, ContentRefused, "prompt"),
    (None, {"predictions": [{"raiFilteredReason": "children"}]}, ContentRefused, "prompt"),
    (None, {"candidates": [{"finishReason": "IMAGE_SAFETY"}]}, ContentRefused, "prompt"),
    (None, {"images": [], "has_nsfw_concepts": [True]}, ContentRefused, "prompt"),
    (400, {"error": {"message": "Invalid value for 'moderation': 'high'"}}, RequestRefused, "leave out"),
    (
        400,
        {"error": {"message": "litellm.BadRequestError: You exceeded your current quota, please check your plan"}},
        QuotaExhausted,
        "add money",
    ),
    (500, {"error": {"message": "upstream: insufficient_quota", "code": "500"}}, QuotaExhausted, "add money"),
    (403, {"error": {"message": "Your credit balance is too low"}}, QuotaExhausted, "add money"),
    (400, {"error": {"message": "Budget has been exceeded! Current cost: 1.2"}}, QuotaExhausted, "add money"),
    (429, {"error": {"message": "You have run out of credits", "code": "429"}}, QuotaExhausted, "add money"),
    (429, {"error": {"message": "You exceeded your current quota. Please retry in 12.5s."}}, RateLimited, "Wait"),
    (400, {"error": {"message": "API key not valid. Please pass a valid API key."}}, AuthenticationFailed, "OPENAI_"),
    (
        401,
        {"error": {"message": "litellm.AuthenticationError: OpenAIException - Incorrect API key provided: sk-fake"}},
        AuthenticationFailed,
        "the gateway's own key",
    ),
    (
        500,
        {"error": {"message": "litellm.InternalServerError: x. LiteLLM Retried: 2 times, LiteLLM Max Retries: 3"}},
        ApiError,
        "billed",
    ),
    (None, {"respect_moderation": False, "data": []}, ContentRefused, "prompt"),
    (400, {"code": "DataInspectionFailed", "message": "no"}, ContentRefused, "prompt"),
    (400, {"error": {"code": "OutputImageSensitiveContentDetected", "message": "no"}}, ContentRefused, "prompt"),
    (400, {"message": "Input data may contain inappropriate content."}, ContentRefused, "prompt"),
    (None, {"base_resp": {"status_code": 1026, "status_msg": "input new_sensitive"}}, ContentRefused, "prompt"),
    (400, {"error": {"message": "Invalid model name passed in model=x. Call `/v1/models`."}}, ModelNotFound, "name"),
    (400, {"error": {"message": "invalid model ID"}}, ModelNotFound, "name"),
    (403, {"statusCode": 403, "message": "Out of call volume quota."}, QuotaExhausted, "add money"),
    (
        429,
        {"error": {"message": "Provider returned error", "code": 429, "metadata": {"raw": "insufficient credits"}}},
        QuotaExhausted,
        "add money",
    ),
    (None, {"code": 9, "msg": "broken", "data": None}, ApiError, ""),
]


@pytest.mark.parametrize(("status", "body", "kind", "remedy"), CLASSES)
def test_each_failure_has_its_class_and_its_next_step(
    status: int | None, body: Any, kind: type[ApiError], remedy: str
) -> None:
    """Status, code and words decide the class, and each class says what to do."""
    error = error_of(body, status)

    assert type(error) is kind
    assert remedy in error.remedy


def test_a_rate_limit_says_when_it_ends() -> None:
    """The seconds that the server named are in the message."""
    error = error_of(b"", 429, retry_after_s=300.0)

    assert error.retry_after_s == 300
    assert "300 s" in str(error)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-request-id": "a", "x-litellm-call-id": "b"}, "a"),
        ({"x-litellm-call-id": "b", "apim-request-id": "c"}, "b"),
        ({"apim-request-id": "c"}, "c"),
        ({"x-server-trace-id": "d"}, "d"),
        ({"x-tfy-resolved-model": "m", "x-tfy-feedback-target-id": "e"}, "e"),
        ({"x-request-id": "a\x1b[31mb"}, "ab"),
        ({"server": "x"}, None),
    ],
)
def test_finds_the_request_id(headers: dict[str, str], found: str | None) -> None:
    """The server's name of the request comes from the first header that has one."""
    assert request_id(headers) == found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("a\r\n\tb\x00\x08c", "a b c"),
        ("a\u202eb\u200bc\u2066d", "a b c d"),
        (f"key {KEY} is bad", "key [key removed] is bad"),
        ("picture " + "A" * 300, "picture [removed]"),
        ("Authorization: Bearer abcdefghijkl.mnopqrstuvwx", "Authorization: Bearer [removed]"),
    ],
)
def test_hostile_text_loses_what_is_hostile(text: str, shown: str) -> None:
    """Terminal escapes, control characters, keys and base64 do not get through."""
    assert clean(text, KEY) == shown


def test_a_servers_text_is_bounded() -> None:
    """A megabyte of words becomes a few lines, and no key hides at the cut."""
    words = clean(f"{'no ' * 163}{KEY} " + "no " * 300_000, KEY)

    assert len(words) == 500
    assert "sk-" not in words
    assert "0123" not in words


def test_an_echoed_key_is_removed_whatever_carries_it() -> None:
    """The key and the provider's own credentials are in no part of an error, though the server sends them back."""
    said = {"error": {"message": f"bad {KEY} a-further-credential", "code": KEY, "type": KEY}}

    error = error_of(said)

    shown = f"{error!s} {error!r} {error.code} {vars(error)} {error._render_traceback_()}"
    assert "marked" not in shown
    assert "further-credential" not in shown


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), _json_with_known_names).map(json_bytes))
@example(b"[" * 100_000)
@example(b'{"detail":' * 900 + b"1" + b"}" * 900)
@example(b'{"error": {"code": ' + b"9" * 5000 + b"}}")
@example(b'{"detail": [{"loc": [[1], null, "a"], "msg": 3}, 7, null]}')
def test_any_body_gives_an_error(body: bytes) -> None:
    """No body, however strange, makes the reading fail."""
    error = error_of(body, 400)

    assert error.status == 400


def test_names_the_variable_that_holds_the_key() -> None:
    """A provider of one's own has a variable of its own; the dialect's is not blamed for it."""
    own = replace(PROVIDER, key_env=("LAB_KEY",), address_from="base_url in pyproject.toml")
    keyless = replace(own, key=None)
    refused = read_error_body(b'{"error": "no"}')

    assert "LAB_KEY" in api_error(refused, ErrorReply(status=401), own, DIALECTS["openai"]).remedy
    assert "set LAB_KEY" in api_error(refused, ErrorReply(status=401), keyless, DIALECTS["openai"]).remedy
    missing = api_error(refused, ErrorReply(status=404), own, DIALECTS["openai"])
    assert "the base URL (base_url in pyproject.toml)" in missing.remedy


def test_a_gateways_own_attempts_are_told() -> None:
    """How often it asked its server, which bills each time, stands in the message."""
    error = error_of({"error": {"message": "timeout"}}, 500, attempts=3)

    assert "asked its own server 3 times" in error.remedy


@pytest.mark.parametrize(
    ("known", "body", "billed"),
    [
        ({}, b"busy", False),
        ({"took_s": 5.0}, b"busy", True),
        ({"retry_after_s": 3.0}, b"busy", False),
        ({"took_s": 5.0, "retry_after_s": 3.0}, b"busy", True),
        ({}, b"upstream connect error or disconnect/reset before headers", True),
        ({"retry_after_s": 3.0}, b"upstream connect error or disconnect/reset before headers", True),
    ],
)
@pytest.mark.parametrize("status", [409, 503])
def test_a_server_that_turns_away_did_not_begin(
    known: dict[str, float], body: bytes, billed: bool, status: int
) -> None:
    """Unless it says so late, or is a gateway that lost its server: that one may have drawn."""
    assert error_of(body, status, **known).may_be_billed is billed


def test_what_fails_inside_a_reply_may_be_billed_and_says_so() -> None:
    """The server had begun, whatever status the error names."""
    error = error_of({"error": {"message": "overloaded", "code": "503"}}, None)

    assert error.may_be_billed
    assert "may have been drawn and billed" in error.remedy


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (429, "ExceededBudget: User=u over budget. Spend=12.1, Budget=10.0"),
        (500, "litellm.APIError: OpenrouterException - This request requires more credits, or fewer tokens"),
        (403, "The request failed because your account has an overdue balance."),
        (400, "Access denied, please make sure your account is in good standing."),
        (403, "The free tier of the model has been exhausted."),
        (429, "You have reached your specified API usage limits."),
        (429, "Your team has used all available credits or reached its monthly spending limit."),
        (403, "Your newly created team doesn't have any credits yet."),
        (403, "User is locked. Reason: Exhausted balance. Top up your balance."),
        (429, "余额不足或无可用资源包"),
        (500, "upstream: You have run out of funds"),
        (412, "Usage limits exceeded for the api key."),
        (403, "Key limit exceeded (total limit)."),
    ],
)
def test_an_empty_account_is_known_by_its_words(status: int, words: str) -> None:
    """Each gateway has its own; status and code may be anything."""
    assert type(error_of({"error": {"message": words, "code": str(status)}}, status)) is QuotaExhausted


@pytest.mark.parametrize(
    "words",
    [
        "usage limit exceeded: 5 images per minute",
        "Quota exceeded for quota metric 'Generate requests' and limit 'Generate requests per minute'",
        "rate quota limit exceed: allowed 10 requests",
        "Too many requests; increase your limit by adding credits to your account",
        "You reached the limit of concurrent requests of your budget",
    ],
)
def test_a_limit_that_comes_back_soon_is_no_empty_account(words: str) -> None:
    """Of a minute, or of requests at a time: waiting helps."""
    assert type(error_of({"error": {"message": words}}, 429)) is RateLimited


@pytest.mark.parametrize(
    "body", [{"error": {"message": "word {" * 150_000}}, {"detail": "word {" * 150_000}, ["word {" * 150_000]]
)
def test_a_megabyte_of_words_is_not_read_to_its_end(body: Any) -> None:
    """What reaches a message is a few lines, and what is searched is little more: the event loop is not held up."""
    report = read_error_body(json.dumps(body).encode())

    assert len(report.message) <= 20_000
    assert len(error_of(body).message) < 600
