"""No secret is in any message, wherever it stands and whatever is wrong around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configurations import AUTH_TOKEN, HEAD, SID, codes, loaded, texts, write

SECRET = "hunter22-x"
TOP = "version: 1\ncontact_center: acme\n"
REST = "  type: udesk\n  base_url: https://a.example.com\n  app_id: abc\n  sid: s\n"


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
@pytest.mark.parametrize(
    "text",
    [
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}\n  timeout: x\n",
        f"{TOP}provider:\n{REST}  auth_token: [{SECRET}]\n",
        f"{TOP}provider:\n{REST}  auth_token: {{{SECRET}: {SECRET}}}\n",
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}\n  auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n  auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n  password: {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n  password: {SECRET}\n  password: {SECRET}1\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n  password: {{a: [{SECRET}, {SECRET}2]}}\n",
        f"{TOP}provider: {{type: udesk, sid: s, auth_token: {SECRET}, tmeout: 5, app_id: [a]}}\n",
        f"{TOP}provider: {{type: udesk, sid: s, auth_token: {SECRET}, tmeout: 5\n",
        f"{TOP}provider: {{type: udesk, sid: s, auth_token: {SECRET}\nqueues: {{}}\n",
        f"{TOP}provider: {SECRET}\n",
        f"{TOP}provider: [{SECRET}]\n",
        f"{TOP}provider: {{type: {{a: {SECRET}}}, sid: {SECRET}}}\n",
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}: x\n",
        f"{TOP}provider:\n{REST}  auth_token: @{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: %{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: `{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: *{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: &{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: !{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: !{SECRET}!x\n",
        f"{TOP}provider:\n{REST}  auth_token: #{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: a #{SECRET}\n  timeout: x\n",
        f"{TOP}provider:\n{REST}  auth_token: [a #{SECRET}\n  ]\n",
        f"{TOP}provider:\n{REST}  auth_token: |{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: '{SECRET}\n",
        f'{TOP}provider:\n{REST}  auth_token: "{SECRET}\n\nqueues: {{}}\n',
        f'{TOP}provider:\n{REST}  auth_token: "{SECRET}" x\n',
        f'{TOP}provider:\n{REST}  auth_token: "\\q{SECRET}"\n',
        f"{TOP}provider:\n{REST}  auth_token:{SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token = {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n  password: {SECRET}\n\t x: y\n",
        f"{TOP}provider:\n{REST}  password {SECRET}\n  auth_token: s\n",
        f"{TOP}provider:\n{REST}   auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST} auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST}auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST}auth_token: [{SECRET}]\n",
        f"{TOP}auth_token: {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: s\n- {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: ${{{SECRET}}}\n",
        f"{TOP}provider:\n{REST}  auth_token: ${{env:NOPE:-{SECRET}}}\n  timeout: x\n",
        f"{TOP}provider:\n{REST}  auth_token: ${{env:NOPE:-{SECRET}\n  timeout: x\n",
        f"{TOP}provider:\n{REST}  auth_token: ${{env:OTHER}}\n  timeout: ${{env:OTHER}}\n",
        f"{TOP}provider:\n{REST}  auth_token: ${{file:token}}\nqueues: {{a: {{id: {SECRET}}}}}\n",
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}\nqueues: {{{SECRET}: {{id: {SECRET}}}}}\n",
        f"{TOP}x: &x {SECRET}\nprovider:\n{REST}  auth_token: *x\n",
        f"{TOP}x: &x {{auth_token: {SECRET}, password: {SECRET}}}\nprovider:\n  <<: *x\n{REST}",
        f'{TOP}x: &x "hunter\\x322-x"\nprovider:\n{REST}  auth_token: *x\n  y: {SECRET}\n',
        f"{TOP}provider:\n{REST}  auth_token: >\n    {SECRET}\n    {SECRET}3\n  timeout: x\n",
        f"{TOP}provider:\n{REST}  base_url: https://me:{SECRET}@a.example.com\n  auth_token: s\n",
        f"{TOP}provider:\n  type: udesk\n  base_url: https://me:{SECRET}@a.example.com\n  app_id: a\n  sid: s\n",
        f"{TOP[:-5]}'acme\nprovider:\n{REST}  auth_token: s'\n  password: {SECRET}\n",
        f'{TOP[:-5]}"acme\nprovider:\n{REST}  password: {SECRET}"\n',
        f"{TOP}provider:\n  type: nope\n  auth_token: s\n  password: {SECRET}\n",
        f"{TOP}provider:\n  type: [{SECRET}]\n  password: {SECRET}\n",
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}\n---\nprovider: {{auth_token: {SECRET}}}\n",
        f"{TOP}provider:\n{REST}  auth_token: {SECRET}\x01\n",
    ],
)
def test_files(tmp_path: Path, text: str, *, pure: bool) -> None:
    """Block or flow, quoted or not, over several lines, misspelt, misplaced or broken."""
    write(tmp_path, {"a.yaml": text, "token": f"{SECRET}\n"})
    result = loaded(tmp_path, environ={"OTHER": SECRET}, pure=pure)
    assert result.diagnostics.failed or SECRET in result.mask.secrets
    assert SECRET not in texts(result)
    assert all("hunter" not in (item.place.excerpt or "") for item in result.diagnostics if item.place), texts(result)


@pytest.mark.parametrize(
    "assignment",
    [
        f"provider.auth_token={SECRET}",
        f"provider.auth_token=[{SECRET}]",
        f"provider.auth_token=[{SECRET}",
        f"provider.auth_token=@{SECRET}",
        f"provider.auth_token=*{SECRET}",
        f"provider.password={SECRET}",
        f"provider.password.x.y={SECRET}",
        f"provider={{auth_token: {SECRET}, tmeout: 1}}",
        f"provider={{auth_token: {SECRET}",
        f"provider={SECRET}",
        f"provider.auth_token:{SECRET}",
        f"provider.auth_token {SECRET}",
        f"provider.auth_token{SECRET}",
        f"auth_token={SECRET}",
        f"provder.auth_token={SECRET}",
        f"provider..auth_token={SECRET}",
        f"provider.auth_token={SECRET}\udcff",
        f"queues.a={{auth_token: {SECRET}}}",
    ],
)
def test_assignments(tmp_path: Path, assignment: str) -> None:
    """What `--set` gives to `provider`, and what was meant to be."""
    write(tmp_path, {"a.yaml": HEAD})
    result = loaded(tmp_path, assignments=[assignment, "queues.a.timout=1"])
    assert result.diagnostics.failed
    assert SECRET not in texts(result)


@pytest.mark.parametrize(
    "text", [f"provider: {{auth_token: {SECRET}, x: 1}}\n", f"provider: {{auth_token: {SECRET}\n", f"token: {SECRET}\n"]
)
def test_overlays(tmp_path: Path, text: str) -> None:
    """They are no different from files."""
    write(tmp_path, {"a.yaml": HEAD, "o/o.yaml": text})
    result = loaded(tmp_path / "a.yaml", overlays=[str(tmp_path / "o" / "o.yaml")])
    assert result.diagnostics.failed
    assert SECRET not in texts(result)


def test_the_mask_holds_them_as_written_and_as_put_in(tmp_path: Path) -> None:
    """All of them, also when loading failed."""
    write(tmp_path, {"a.yaml": HEAD + "  password: abcdef-${env:OTHER}\nqueues: [\n"})
    result = loaded(tmp_path, environ={"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN, "OTHER": "xyzzy"})
    assert result.desired is None
    assert {SID, AUTH_TOKEN, "xyzzy"} <= set(result.mask.secrets)
    assert f"*** and *** and {'***'}" == result.mask.text(f"{SID} and {AUTH_TOKEN} and xyzzy")
    write(tmp_path, {"a.yaml": HEAD + "  password: abcdef-${env:OTHER}\n"})
    result = loaded(tmp_path, environ={"UDESK_SID": SID, "UDESK_AUTH_TOKEN": AUTH_TOKEN, "OTHER": "xyzzy"})
    assert {SID, AUTH_TOKEN, "abcdef-xyzzy", "abcdef-${env:OTHER}"} <= set(result.mask.secrets)


def test_settings_that_are_no_secrets_can_be_read(tmp_path: Path) -> None:
    """What helps to mend a mistake is shown: known settings, and the names of variables."""
    write(tmp_path, {"a.yaml": HEAD.replace("a54a8b77", "[a54a8b77]") + "  rate_limit: fast\n"})
    result = loaded(tmp_path, environ={"UDESK_AUTH_TOKEN": AUTH_TOKEN})
    shown = texts(result)
    assert ["not-a-text", "unset-variable", "not-a-number"] == codes(result)
    assert "rate_limit: fast" in shown
    assert "sid: ${env:UDESK_SID}" in shown
    assert "app_id: [a54a8b77]" in shown


def test_what_stands_behind_a_secret_keeps_its_column(tmp_path: Path) -> None:
    """The caret is right also where the secret before it was taken out."""
    block = (
        "provider: {type: udesk, base_url: 'https://a', app_id: a, sid: s, auth_token: hunter22-x, rate_limit: no}\n"
    )
    write(tmp_path, {"a.yaml": TOP + block})
    (problem,) = loaded(tmp_path).diagnostics
    assert problem.place is not None
    assert problem.place.excerpt is not None
    assert "no" == problem.place.excerpt[problem.place.column - 1 :][:2]
    assert "hunter" not in problem.place.excerpt


def test_an_empty_credential_is_an_error(tmp_path: Path) -> None:
    """A variable that is set to nothing would only be found out by the vendor."""
    write(tmp_path, {"a.yaml": HEAD})
    assert ["empty-secret"] == codes(loaded(tmp_path, environ={"UDESK_SID": "", "UDESK_AUTH_TOKEN": "t"}))


def test_too_many_values_in_provider_are_not_tracked(tmp_path: Path) -> None:
    """Nothing is quoted then."""
    write(tmp_path, {"a.yaml": HEAD + f"  x: [{', '.join(f'secret{n}' for n in range(2000))}]\n"})
    result = loaded(tmp_path)
    assert ["too-many-secrets"] == codes(result)
    assert "secret1" not in texts(result)


AS_KEYS = [
    f"{{{SECRET}}}",
    f"{{{{ {SECRET} }}}}",
    f"[{SECRET}: ]",
    f"{{{SECRET}: a, {SECRET}: b}}",
    f"{{{SECRET}: ~, {SECRET}: b, x: *nothing}}",
    f"{{[{SECRET}]: a}}",
    f"{{? {{{SECRET}: }} : a}}",
    f"{{<<: {{{SECRET}: }}}}",
    f"{{<<: [{SECRET}]}}",
    f"{{a: {{{SECRET}: *nothing}}}}",
    f"{{sid: {{{SECRET}}}}}",
    f"{{{SECRET}\tx}}",
    f"{{{SECRET}{'x' * 90}}}",
    f"{{{SECRET}",
    f"{{{SECRET}: , @",
    f"{{{{ {SECRET} }}",
    f"{{{SECRET}: a: b}}",
]


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
@pytest.mark.parametrize("value", AS_KEYS)
@pytest.mark.parametrize("name", ["auth_token", "password"])
def test_a_secret_that_is_written_as_a_key(tmp_path: Path, name: str, value: str, *, pure: bool) -> None:
    """`{secret}` is a mapping of the secret to null, and so is the habit of `{{ secret }}`."""
    files = [
        f"{TOP}provider:\n{REST}  {name}: {value}\n",
        f"{TOP}provider:\n{REST}  {name}:\n    {value}\n",
        f"{TOP}provider:\n{REST}  {name}: a\n  {name}: {value}\n",
        f"{TOP}provider: {{type: udesk, sid: s, {name}: {value}, tmeout: 5}}\n",
    ]
    for text in files:
        write(tmp_path, {"a.yaml": text})
        result = loaded(tmp_path, pure=pure)
        assert result.diagnostics.failed
        assert SECRET not in texts(result)
    write(tmp_path, {"a.yaml": HEAD, ".o.yaml": f"provider: {{{name}: {value}}}\n"})
    for assignment in (f"provider.{name}={value}", f"provider.{name}.x={value}", f"provider={{{name}: {value}}}"):
        assert SECRET not in texts(loaded(tmp_path, assignments=[assignment], pure=pure))
    assert SECRET not in texts(loaded(tmp_path, overlays=[str(tmp_path / ".o.yaml")], pure=pure))


@pytest.mark.parametrize("pure", [False, True], ids=["libyaml", "python"])
@pytest.mark.parametrize(
    "text",
    [
        f"auth_token: {{{SECRET}}}\n",
        f"auth_token: {{{SECRET}: a, {SECRET}: b}}\n",
        f"queues: {{auth_token: {{{SECRET}}}}}\n",
        f"queues: {{auth_token: {{{SECRET}: a}}}}\n",
        f"queues:\n  auth_token:\n    {SECRET}: a\n",
        f"queues: {{a: {{id: 9001, auth_token: {{{SECRET}: a, {SECRET}: b}}}}}}\n",
    ],
)
def test_a_secret_as_a_key_outside_of_provider(tmp_path: Path, text: str, *, pure: bool) -> None:
    """Below a name that is always secret, wherever that stands."""
    write(tmp_path, {"a.yaml": HEAD + text})
    result = loaded(tmp_path, pure=pure)
    assert result.diagnostics.failed
    assert SECRET not in texts(result)


@pytest.mark.parametrize("value", [f"{{{SECRET}}}", f"[{{{SECRET}}}]", f"{{{SECRET}", f"{{<<: {{{SECRET}: }}}}"])
def test_a_secret_in_place_of_provider(tmp_path: Path, value: str) -> None:
    """A name that nobody knows, and without a value, may be one."""
    write(tmp_path, {"a.yaml": f"{TOP}provider: {value}\n"})
    assert SECRET not in texts(loaded(tmp_path))
    write(tmp_path, {"a.yaml": HEAD})
    assert SECRET not in texts(loaded(tmp_path, assignments=[f"provider={value}"]))
    assert SECRET not in texts(loaded(tmp_path, assignments=[f"auth_token.x={value}"]))


def test_a_secret_as_a_key_behind_an_alias(tmp_path: Path) -> None:
    """Where it is written says nothing then; where it is used does."""
    write(tmp_path, {"a.yaml": f"{TOP}x: &x {{{SECRET}}}\nprovider:\n{REST}  auth_token: *x\n"})
    assert SECRET not in texts(loaded(tmp_path))


def test_an_entry_may_be_called_like_a_secret(tmp_path: Path) -> None:
    """What its fields are is no secret."""
    write(tmp_path, {"a.yaml": HEAD + "queues: {token: {id: 9001, name: Tokens}}\n"})
    result = loaded(tmp_path, assignments=["queues.token.timeout=60"])
    assert result.desired is not None, texts(result)
    assert {SID, AUTH_TOKEN} == set(result.mask.secrets)
