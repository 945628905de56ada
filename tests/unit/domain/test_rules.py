"""Rules: what a rule allows, what its faults say, and what is left out of a request."""

import pytest

from imgmagic.domain.request import ImageRequest
from imgmagic.domain.rules import Fault, Preflight, Rule, Treatment, describe, faults, preflight
from imgmagic.domain.wording import closest, listed
from imgmagic.errors import spell

REFUSED, IGNORED = Treatment.REFUSED, Treatment.IGNORED
RULES = {
    "n": Rule(low=1, high=4),
    "quality": Rule(choices=("low", "medium", "high")),
    "style": Rule(treatment=REFUSED, says="only an older model knew it"),
    "seed": Rule(treatment=IGNORED),
    "prompt": Rule(max_chars=10),
}


def asked(prompt: str = "a fox", typed: str = "", **options: object) -> ImageRequest:
    return ImageRequest(prompt=prompt, options=options, explicit=frozenset(typed.split()))


def messages(request: ImageRequest) -> list[str]:
    return [spell(str(fault)) for fault in faults(request, RULES)]


@pytest.mark.parametrize("value", [1, 4])
def test_bounds_are_included(value: int) -> None:
    """Both ends of a range are allowed."""
    assert faults(asked(n=value), RULES) == ()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 5}, "n: 5 is out of range; 1 to 4 are allowed."),
        ({"n": 0}, "n: 0 is out of range; 1 to 4 are allowed."),
        ({"n": "two"}, "n: 'two' is not a whole number; 1 to 4 are allowed."),
        ({"n": True}, "n: True is not a whole number; 1 to 4 are allowed."),
        ({"n": 1.5}, "n: 1.5 is not a whole number; 1 to 4 are allowed."),
        ({"quality": "hihg"}, "quality: 'hihg' is not allowed; choose low, medium or high. Did you mean high?"),
        ({"quality": "best"}, "quality: 'best' is not allowed; choose low, medium or high."),
        (
            {"style": "vivid"},
            "style: this server refuses it (only an older model knew it). Leave style out.",
        ),
        ({"seed": 7}, "seed: this server ignores it. Leave seed out."),
    ],
)
def test_a_fault_says_the_rule_and_the_way_out(options: dict[str, object], message: str) -> None:
    """The message names the parameter, the allowed values, the closest one, and what to do."""
    assert messages(asked(**options)) == [message]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule(low=-1), "x: -2 is out of range; at least -1 is allowed."),
        (Rule(high=-3), "x: -2 is out of range; at most -3 is allowed."),
        (Rule(check=lambda value: f"{value} is odd.", remedy="Be even."), "x: -2 is odd. Be even."),
    ],
)
def test_a_rule_may_have_one_bound_or_a_check(rule: Rule, message: str) -> None:
    """A bound may be open on one side; what no table can say is a function."""
    assert spell(str(rule.fault("x", -2))) == message


def test_a_value_may_be_ignored_where_the_parameter_is_taken() -> None:
    """What the server does with a value outside the rule is the rule's own word."""
    fault = Rule(low=1, high=10, otherwise=IGNORED).fault("n", 11)

    assert fault is not None
    assert fault.treatment is IGNORED


@pytest.mark.parametrize("options", [{"n": 1}, {"stream": False}, {"partial_images": 0}])
def test_what_servers_do_unasked_is_no_fault(options: dict[str, object]) -> None:
    """One image, no stream and no partial images are what a server that knows none of them does anyway."""
    ignored = {name: Rule(treatment=IGNORED) for name in ("n", "stream", "partial_images")}

    assert faults(asked(**options), ignored) == ()


def test_every_fault_is_found_at_once() -> None:
    """The prompt's faults come first, then the options' in their order, then the joint ones."""
    joint = Fault(parameter="size", treatment=REFUSED, message="too large with that quality.")

    found = faults(asked("a much too long prompt", quality="x", n=9), RULES, [lambda _: joint])

    assert [fault.parameter for fault in found] == ["prompt", "quality", "n", "size"]


def test_the_model_is_judged_by_its_rule() -> None:
    """A rule on the model sees the model, which is not among the options."""
    request = ImageRequest(prompt="a fox", model="gone")

    assert len(faults(request, {"model": Rule(choices=("here",))})) == 1


@pytest.mark.parametrize("prompt", ["", " \n\t"])
def test_an_empty_prompt_is_a_fault_without_any_rule(prompt: str) -> None:
    """No server draws nothing, whatever its document says."""
    assert str(faults(asked(prompt), {})[0]) == "{prompt}: it is empty. Write what to draw."


def test_a_long_prompt_is_counted() -> None:
    """The message has both numbers."""
    assert messages(asked("x" * 1234)) == ["prompt: 1,234 characters are too many; 10 are allowed."]


def test_one_fault_is_described_on_one_line() -> None:
    """A single fault needs no list."""
    said = "nothing was sent. {n}: 9 is out of range; 1 to 4 are allowed. Or add {check=False} to send it as typed."
    assert describe(faults(asked(n=9), RULES)) == said


def test_nobody_is_told_to_send_an_empty_prompt() -> None:
    """The way round the check is not offered where no server could draw."""
    assert "check" not in describe(faults(asked(" "), RULES))


def test_several_faults_are_described_one_to_a_line() -> None:
    """The first line counts them."""
    lines = describe(faults(asked(n=9, quality="x"), RULES)).splitlines()

    assert lines[0] == "nothing was sent; 2 faults:"
    assert [line.split(":")[0] for line in lines[1:-1]] == ["  {n}", "  {quality}"]
    assert lines[-1] == "  Or add {check=False} to send it as typed."


def judge(request: ImageRequest) -> tuple[Fault, ...]:
    return faults(request, RULES)


def test_what_was_typed_and_is_at_fault_is_a_fault() -> None:
    """An option of this call is never left out in silence."""
    found = preflight(asked(n=9, typed="n"), judge)

    assert [fault.parameter for fault in found.faults] == ["n"]
    assert found.request.options == {"n": 9}


def test_a_setting_at_fault_is_left_out_and_named() -> None:
    """A default that the server does not take does not stop the call."""
    request = asked(n=2, style="vivid", quality="high", typed="n")

    found = preflight(request, judge)

    assert found == Preflight(request=asked(n=2, quality="high", typed="n"), left_out=("style",))


def test_leaving_one_setting_out_can_put_another_at_fault() -> None:
    """The check goes on until nothing more falls."""

    def chained(request: ImageRequest) -> tuple[Fault, ...]:
        needed = {"a": None, "b": "a", "c": "b"}
        return tuple(
            Fault(parameter=name, treatment=REFUSED, message="")
            for name, before in needed.items()
            if name in request.options and before not in request.options
        )

    found = preflight(asked(c=1, b=1, a=1), chained)

    assert found == Preflight(request=asked(), left_out=("a", "b", "c"))


def test_a_model_at_fault_is_never_left_out() -> None:
    """Another model would be another picture and another price."""
    request = ImageRequest(prompt="a fox", model="gone")

    found = preflight(request, lambda asked: faults(asked, {"model": Rule(choices=("here",))}))

    assert found.request.model == "gone"
    assert len(found.faults) == 1


@pytest.mark.parametrize(
    ("values", "text"), [([], "nothing"), (["a"], "a"), (["a", "b"], "a or b"), ([1, 2, 3], "1, 2 or 3")]
)
def test_listed_reads_as_english(values: list[object], text: str) -> None:
    """Values are enumerated as people write them."""
    assert listed(values) == text


def test_closest_is_silent_when_nothing_is_close() -> None:
    """A far-fetched suggestion is worse than none."""
    assert closest("zzz", ["low", "high"]) == ""
