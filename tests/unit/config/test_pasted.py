"""Keys and addresses as people paste them."""

import pytest

from imgmagic.config.pasted import key_fault, read_address, read_azure_address, read_key
from imgmagic.domain.secret import Secret

KEY = "sk-0123456789abcdefABCDEF=="


@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        " {}\n",
        '"{}"',
        "'{}'",
        "“{}”",
        "`{}`",
        "<{}>",
        "{};",
        '"{}";',
        "{},",
        "Bearer {}",
        "bearer  {}",
        "Api-Key {}",
        "OPENAI_API_KEY={}",
        'OPENAI_API_KEY="{}"',
        "OPENAI_API_KEY = '{}'",
        "export OPENAI_API_KEY={}",
        '%env OPENAI_API_KEY="{}"',
        "%set_env X={}",
        "set X={}",
        "Authorization: Bearer {}",
        '"Authorization: Bearer {}"',
        'X="Bearer {}";',
        "api-key: {}",
        "OPENAI_API_KEY: {}",
        "\ufeff{}\u200b",
        '-H "Authorization: Bearer {}"',
        "x-goog-api-key: {}",
        "Token {}",
        "Bearer%20{}",
        'os.environ["OPENAI_API_KEY"] = "{}"',
        "$env:OPENAI_API_KEY='{}'",
        '{{"api_key": "{}"}}',
        "client = OpenAI(api_key='{}')",
        "({})",
        "[{}]",
        "{}\\n",
    ],
)
def test_a_pasted_key_is_the_key(pasted: str) -> None:
    """Whatever shell, header or notebook it was copied from."""
    found = read_key(pasted.format(KEY))

    assert found == Secret(KEY)
    assert key_fault(found) is None


@pytest.mark.parametrize(
    "key", ["a=b", "abc==", "AQVN-x=", "t1.9eu.a-b", "eyJhbGciOi.J9.x", "user:pass", "x", "(", 'a\'b="c"']
)
def test_a_key_is_not_cut(key: str) -> None:
    """Equals signs, dots and colons belong to keys; of `NAME=` only the name of a variable goes."""
    assert read_key(key) in (Secret(key), Secret(key.removeprefix("a=")))


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("sk-...", "placeholder"),
        ("sk-abc…", "placeholder"),
        ("<your key>", "placeholder"),
        ("your-api-key", "placeholder"),
        ("YOUR_API_KEY", "placeholder"),
        ("sk-xxxxxxxxxxxxxxxx", "placeholder"),
        ("sk-****abcd", "placeholder"),
        ("$OPENAI_API_KEY", "the name of a variable"),
        ("${OPENAI_API_KEY}", "the name of a variable"),
        ("%OPENAI_API_KEY%", "the name of a variable"),
        ("https://api.example/v1", "an address"),
        ("two words", "a space"),
        ("a\nb", "a space"),
        ("clé", "an invalid character"),
        ("a\x7f", "an invalid character"),
        ("a\u200bb", "an invalid character"),
    ],
)
def test_a_text_that_cannot_be_a_key_is_told_without_showing_it(key: str, says: str) -> None:
    """Before anything is sent."""
    fault = key_fault(read_key(key))

    assert fault is not None
    assert says in fault
    assert key not in fault


BASE = "https://lab.example:8443/v1"


@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        "{}/",
        " {}//\n",
        '"{}"',
        "<{}>",
        "{};",
        "{}/images/generations",
        "{}/images/edits/",
        "{}/images",
        "{}/chat/completions",
        "{}/models",
        "{}/responses",
        "OPENAI_BASE_URL={}",
        'OPENAI_BASE_URL="{}/"',
        "{}#frag",
        "export X={}",
    ],
)
def test_a_pasted_address_is_the_base_url(pasted: str) -> None:
    """Without what is put behind it anyway."""
    assert read_address(pasted.format(BASE)).base_url == BASE


def test_a_query_stays_with_an_address() -> None:
    """Some gateways want one of every request."""
    assert read_address(f"{BASE}/images/generations?tenant=a").base_url == f"{BASE}?tenant=a"


@pytest.mark.parametrize("text", ["", "localhost:8000", "http://[::1", "http://h:port/v1", "api.example/v1", "ftp://h"])
def test_what_is_not_an_address_is_left_as_it_is(text: str) -> None:
    """It is judged, and named with its place, where it is used."""
    assert read_address(text).base_url == text


RESOURCE = "https://me.openai.azure.com"


@pytest.mark.parametrize(
    ("pasted", "base_url", "account"),
    [
        (RESOURCE + "/", RESOURCE, {}),
        (
            RESOURCE + "/openai/deployments/my%20image/images/generations?api-version=2025-04-01-preview",
            RESOURCE,
            {"deployment": "my image"},
        ),
        (RESOURCE + "/openai/deployments/d/images/edits?api-version=2025-04-01-preview", RESOURCE, {"deployment": "d"}),
        (RESOURCE + "/openai/deployments/d", RESOURCE, {"deployment": "d"}),
        (RESOURCE + "/openai/v1/images/generations?api-version=preview", RESOURCE + "/openai/v1", {}),
        (RESOURCE + "/openai/v1/", RESOURCE + "/openai/v1", {}),
        (RESOURCE + "/openai", RESOURCE, {}),
        (RESOURCE + "/openai/images/generations:submit?api-version=2023-06-01-preview", RESOURCE, {}),
        (
            "https://gw.example/az/openai/deployments/d/images/generations?subscription=7&api-version=1",
            "https://gw.example/az?subscription=7&api-version=1",
            {"deployment": "d"},
        ),
    ],
)
def test_azures_target_uri_names_resource_and_deployment(pasted: str, base_url: str, account: dict[str, str]) -> None:
    """As the portal shows it; its dated version belongs to a path that is not used."""
    found = read_azure_address(pasted)

    assert (found.base_url, found.account) == (base_url, account)
