import pytest

from imgmagic.config.providers import PREFERENCE, Providers
from imgmagic.config.settings import Settings
from imgmagic.domain.provider import Secret
from imgmagic.errors import SettingsError
from imgmagic.wire.dialects import DIALECTS

KEY = "mark-0123456789abcdef"
KEYS = {
    "openai": "OPENAI_API_KEY",
    "yandex": "YANDEX_API_KEY",
    "truefoundry": "TFY_API_KEY",
    "azure": "AZURE_OPENAI_API_KEY",
    "compatible": "IMGMAGIC_API_KEY",
}


@pytest.fixture
def of(tmp_path):
    """Return a function: environment and config.toml -> providers."""

    def make(environ=None, config="", stored=lambda *_: None):
        (tmp_path / "config.toml").write_text(config)
        settings = Settings(environ=environ or {}, folder=tmp_path, home=tmp_path)
        return Providers(DIALECTS, settings, stored_key=stored)

    return make


def refusal(call, *arguments):
    with pytest.raises(SettingsError) as raised:
        call(*arguments)
    assert KEY not in f"{raised.value!r} {raised.value} {raised.value.remedy}"
    return str(raised.value)


@pytest.mark.parametrize("count", range(len(PREFERENCE) + 1))
def test_the_first_provider_with_a_key_is_preferred(of, count):
    """In the order of the contract; the simulator without any."""
    environ = {KEYS[name]: KEY for name in PREFERENCE[count:]}

    assert of(environ).chosen().name == (*PREFERENCE, "simulator")[count]


def test_a_blank_key_is_no_key(of):
    """An empty or blank variable neither chooses a provider nor goes into a header."""
    providers = of({"OPENAI_API_KEY": " \n", "TFY_API_KEY": ""})

    assert providers.chosen().name == "simulator"
    assert providers.configured("openai").key is None


def test_a_key_is_taken_without_the_line_break_around_it(of):
    """As it comes out of `cat key.txt`."""
    assert of({"OPENAI_API_KEY": f" {KEY}\n"}).configured("openai").key == Secret(KEY)


@pytest.mark.parametrize("key", ["two words\x01", "line\nbreak-0123", "clé-0123456789", "key\u200b0123456"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(of, key):
    """The message names its variable."""
    providers = of({"AZURE_OPENAI_API_KEY": key, "AZURE_OPENAI_ENDPOINT": "https://x.test"})

    said = refusal(providers.check, providers.chosen("azure"))

    assert "the key from AZURE_OPENAI_API_KEY" in said
    assert key not in said


@pytest.mark.parametrize("named", [None, "flag"])
def test_a_provider_of_ones_own_stands_in_a_file(of, named):
    """With all its entries; a setting or the flag names it."""
    providers = of(
        {"LAB_KEY": KEY, "IMGMAGIC_PROVIDER": "lab"},
        '[providers.lab]\ndialect = "compatible"\nbase_url = "http://127.0.0.1:1/v1/"\nkey_env = "LAB_KEY"\n'
        'model = "m"\n[providers.lab.headers]\nx-team = "a"\n[providers.lab.account]\nmetadata = {a = 1}\n',
    )

    provider = providers.chosen("lab" if named else None)

    providers.check(provider)
    assert (provider.name, provider.dialect, provider.base_url) == ("lab", "compatible", "http://127.0.0.1:1/v1")
    assert (provider.key, provider.model, provider.headers) == (Secret(KEY), "m", {"x-team": "a"})
    assert provider.account["metadata"] == '{"a": 1}'
    assert provider.origin.endswith("config.toml")
    assert KEY not in repr(provider)


@pytest.mark.parametrize("name", KEYS)
def test_an_address_of_ones_own_never_gets_a_known_servers_key(of, name):
    """A project's file may send a name elsewhere; the key does not follow."""
    providers = of({KEYS[name]: KEY}, f'[providers.{name}]\nbase_url = "https://elsewhere.test"\n')

    assert providers.configured(name).key is None
    assert providers.key_place(name).found is None


def test_a_key_typed_in_the_session_stays_with_its_address(of, tmp_path):
    """When the file later sends the name elsewhere, the typed key does not follow."""
    providers = of()
    providers.keep_key("openai", f"{KEY}\n")
    before = providers.configured("openai").key, providers.key_place("openai").found

    (tmp_path / "config.toml").write_text('[providers.openai]\nbase_url = "https://elsewhere.test"\n')

    assert before == (Secret(KEY), "this session")
    assert (providers.configured("openai").key, providers.key_place("openai").found) == (None, None)


def test_a_stored_key_is_asked_for_by_name_and_address(of):
    """So that neither can be used for the other."""
    asked = []
    providers = of(stored=lambda *names: asked.append(names) or KEY)

    assert providers.configured("openai").key == Secret(KEY)
    assert providers.key_place("openai").found == "keyring"
    assert set(asked) == {("openai", "https://api.openai.com/v1")}


def test_the_environment_wins_over_the_keyring_and_the_session_over_both(of):
    """The nearer place is the one that someone changed last."""
    providers = of({"OPENAI_API_KEY": "environment"}, stored=lambda *_: "stored")
    first = providers.configured("openai").key
    providers.keep_key("openai", "typed")

    assert (first, providers.configured("openai").key) == (Secret("environment"), Secret("typed"))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("openai", ["keys). Set OPENAI_API_KEY in the environment."]),
        ("yandex", ["Set YANDEX_API_KEY or YANDEX_IAM_TOKEN in the environment. Set YANDEX_FOLDER_ID, or write"]),
        ("truefoundry", ["TFY_API_KEY"]),
        ("compatible", ["IMGMAGIC_API_KEY", "IMGMAGIC_BASE_URL"]),
        ("azure", ["AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"]),
    ],
)
def test_all_that_a_provider_lacks_is_named_at_once(of, name, says):
    """Variables by name, and no value that could be pasted."""
    providers = of({"OTHER_KEY": KEY})

    said = refusal(providers.check, providers.chosen(name))

    assert all(part in said for part in says)
    assert f"provider {name} cannot be asked" in said


def test_a_key_variable_of_ones_own_is_named(of):
    """Also where the dialect itself needs no key."""
    providers = of({}, '[providers.lab]\nbase_url = "http://127.0.0.1"\nkey_env = "LAB_KEY"\n')

    assert "looked in the environment for LAB_KEY" in refusal(providers.check, providers.chosen("lab"))


@pytest.mark.parametrize(
    "url",
    [
        "api.lab.test/v1",
        "localhost:8000",
        "ftp://lab.test",
        "https://",
        "http://[::1",
        "http://lab.test:http",
        "//lab.test",
        "http://h:0",
    ],
)
def test_an_address_that_is_none_is_refused_with_its_place(of, url):
    """Without scheme, without host, with a port that is none: each names the variable."""
    providers = of({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url})

    said = refusal(providers.check, providers.chosen("openai"))

    assert "(OPENAI_BASE_URL) is not an address that begins with https://" in said


@pytest.mark.parametrize("url", [KEY, f"http://h:{KEY}/v1", f"{KEY}://x", f"http://[{KEY}"])
def test_an_address_that_is_none_is_not_shown(of, url):
    """Someone may have pasted the key there."""
    providers = of({"OPENAI_API_KEY": "other", "OPENAI_BASE_URL": url})

    assert "is not an address" in refusal(providers.check, providers.chosen("openai"))  # which looks for the key


@pytest.mark.parametrize("host", ["sk-other-MARK0123456789abcdef", "MARKq7Qz9Kx2Vt5Wb8Yn3Rd6Hs4Jf1", KEY])
def test_a_key_in_the_place_of_a_host_is_not_looked_up(of, host):
    """Whoever resolves names here would see it."""
    providers = of({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"https://{host}.example/v1"})

    said = refusal(providers.check, providers.chosen("openai"))

    assert "(OPENAI_BASE_URL) has a key where its host belongs" in said
    assert host.lower() not in f"{said} {providers.chosen('openai')}".lower()


@pytest.mark.parametrize("pasted", [f'"{KEY}"', f"Bearer {KEY}", f"OPENAI_API_KEY={KEY};"])
def test_a_pasted_key_is_found_wherever_it_stands(of, pasted):
    """In the environment, in the keyring, and typed in the session."""
    environment, stored, typed = of({"OPENAI_API_KEY": pasted}), of(stored=lambda *_: pasted), of()
    typed.keep_key("openai", pasted)

    assert [each.configured("openai").key for each in (environment, stored, typed)] == [Secret(KEY)] * 3


def test_azures_target_uri_names_the_deployment_to_ask(of):
    """Unless a variable or the settings name another."""
    uri = "https://me.openai.azure.com/openai/deployments/d/images/generations?api-version=2025-04-01-preview"
    found = of({"AZURE_OPENAI_ENDPOINT": uri, "AZURE_OPENAI_API_KEY": KEY}).configured("azure")
    named = of({"AZURE_OPENAI_ENDPOINT": uri, "AZURE_OPENAI_DEPLOYMENT": "e"}).configured("azure")

    assert (found.base_url, found.account) == ("https://me.openai.azure.com", {"deployment": "d"})
    assert named.account == {"deployment": "e"}


def test_a_provider_knows_where_its_key_and_address_stand(of):
    """So that an error blames the right variable."""
    found = of({"YANDEX_IAM_TOKEN": KEY, "YANDEX_BASE_URL": "https://x.test"}).configured("yandex")
    missing = of().configured("yandex")

    assert (found.key_env, found.address_from) == (("YANDEX_IAM_TOKEN",), "YANDEX_BASE_URL")
    assert missing.key_env == ("YANDEX_API_KEY", "YANDEX_IAM_TOKEN")


def test_an_address_with_a_password_is_refused_without_showing_it(of):
    """It would stand in every dry run."""
    providers = of({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://me:hidden@lab.test"})

    said = refusal(providers.check, providers.chosen("openai"))

    assert "contains a user name or password" in said
    assert "hidden" not in said


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "https://lab.test", "http://[::1]:80"])
def test_an_address_is_accepted(of, url):
    """A slash at the end does not count."""
    providers = of({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/"})

    providers.check(providers.chosen("openai"))

    assert providers.chosen("openai").base_url == url


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ('[providers.lab]\ndialect = "opnai"\n', "'opnai', which does not exist. Did you mean openai?"),
        ('[providers.lab]\nbase_ulr = "http://h"\n', "no entry 'base_ulr'. Did you mean base_url?"),
        (f'[providers.lab]\nkey = "{KEY}"\n', "key_env names its variable"),
        (f'[providers.lab]\nkey_env = "{KEY}"\n', "is not the name of an environment variable"),
        ("[providers.lab]\nbase_url = 5\n", "base_url of providers.lab"),
        ("[providers.lab]\nheaders = 'x'\n", "providers.lab.headers in"),
        ("[providers]\nlab = 'x'\n", "providers.lab in"),
        ("providers = 'x'\n", "providers in"),
    ],
)
def test_a_fault_in_a_file_names_the_file(of, config, says):
    """And what is allowed; never a value that may be a key."""
    said = refusal(of({}, config).chosen, "lab")

    assert says in said
    assert "config.toml" in said


def test_a_header_that_cannot_be_sent_is_refused_without_its_value(of):
    """It may hold credentials."""
    providers = of({}, f'[providers.lab]\nbase_url = "http://h"\nheaders = {{x-team = "{KEY}\\n"}}\n')

    assert "its header 'x-team'" in refusal(providers.check, providers.chosen("lab"))


def test_an_unknown_provider_lists_the_known_and_the_closest(of):
    """Those of the files among them."""
    said = refusal(of({}, '[providers.laboratory]\nbase_url = "http://h"\n').chosen, "laboratry")

    assert "Did you mean laboratory?" in said
    assert "simulator" in said


def test_the_project_wins_over_the_home(of, tmp_path):
    """As with every setting: the whole table, not entry by entry."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text('[providers.lab]\nbase_url = "http://home"\nmodel = "m"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.imgmagic.providers.lab]\nbase_url = "http://project"\n')

    provider = Providers(DIALECTS, Settings(environ={}, folder=tmp_path, home=home)).chosen("lab")

    assert (provider.base_url, provider.model) == ("http://project", None)


def test_a_providers_name_is_found_in_any_letters(of):
    """People write OpenAI; a provider of exactly that name goes before."""
    assert of().chosen("OpenAI").name == "openai"
    assert of(config='[providers.OpenAI]\nbase_url = "http://127.0.0.1:1"\n').chosen("OpenAI").name == "OpenAI"
