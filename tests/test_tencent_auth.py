"""TC3-HMAC-SHA256: the reference's vectors, the official SDK's signer, and what is really sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.ccc.v20200210.ccc_client import CccClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from reconciler.model.secret import Secret
from reconciler.providers.tencent import auth

ID, KEY, TOKEN = "AKIDEXAMPLE", "SECRETEXAMPLE", "TOKENEXAMPLE"
NOW: Final = 1_700_000_000
DOMESTIC, INTERNATIONAL = "ccc.tencentcloudapi.com", "ccc.intl.tencentcloudapi.com"
JSON: Final = "application/json"
BODY: Final = '{"SdkAppId": 1400000000, "PageSize": 100, "PageNumber": 0}'


@dataclass(frozen=True, kw_only=True)
class Vector:
    """A request, and what becomes of it; the numbers are the reference's."""

    host: str = DOMESTIC
    content_type: str = JSON
    more: Mapping[str, str]
    method: str = "POST"
    query: str = ""
    body: str = BODY
    timestamp: int = NOW
    payload_hash: str
    request_hash: str
    signature: str

    @property
    def canonical(self) -> str:
        """What both sides hash."""
        headers = {"Content-Type": self.content_type, "Host": self.host, **self.more}
        return auth.canonical_request(method=self.method, query=self.query, headers=headers, payload=self.body.encode())


def vector(payload_hash: str, request_hash: str, signature: str, **parts: Any) -> Vector:
    """Make one of the table's rows."""
    return Vector(payload_hash=payload_hash, request_hash=request_hash, signature=signature, **{"more": {}, **parts})


OF_BODY: Final = "eee82ebf21f665d54ad0225f2e71193e84358a7f4b5d265cc39a7ae2869046a3"
OF_REQUEST: Final = "79209796c276b8fded7663d4015c87b1d895e9ece3d43350d5b574e918197877"
VECTORS: Final = (
    vector(OF_BODY, OF_REQUEST, "cb12aa8a754bc3a94003fa77fd3b170675c0c144158a62dea3674f6906269a99"),
    vector(
        OF_BODY,
        OF_REQUEST,
        "3508cf28bbdbf4790ea64dc362fdba7283d4c4dd37071ac91ac2cf9100bc9541",
        timestamp=1_700_006_400,  # the first second of the next day
    ),
    vector(
        "b78413c15a33ea0728c7ec156ff3a321f72168e498d9242c325242a3cac4cebd",
        "0952966bda4efb61ac7f13d7d97e0f993f1d162065563b4c20ad4945ea00e56f",
        "75a96ed530bb78a8ae4778817476201ee1a1aa03a63704ae3fac6cb7d3835ece",
        host=INTERNATIONAL,
        body='{"SdkAppId": 1400000000, "SkillGroupName": "\\u5ba2\\u670d\\u4e00\\u7ec4", "SkillGroupType": 0}',
    ),
    vector(
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "0f17126517e2a3af6fb88c31fbb9725201c72a265c090ffee51611e233e41b92",
        "2b9eba806260b21254ccf4c018fa4e07c53b1f69fe08373753c25b93df2db77f",
        body="{}",
    ),
    vector(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ee99994547388a290408748385452c9382b609f719a0b3dd732cb0772bfb741e",
        "62309e93b43665e116460156493eeb61841a4e4d8cd8ec7fb5b15a957d457c67",
        method="GET",
        content_type="application/x-www-form-urlencoded",
        query="SdkAppIds.0=1400000000&SdkAppIds.1=1400000001",
        body="",
    ),
    vector(
        "57b18b007b4c99d3c2d31d0e7977ba89631736183155a3e0d68bca003acedebd",
        "948ee9ef3c30bbbc5f074d7ddd28c1acebf759e32e300ab03699f8f6acd26b20",
        "38eff2ebe1f5a78cc9c1675a80264c00e54eb434aa03e470c253a601f4b0e53b",
        host=INTERNATIONAL,
        content_type="application/json; charset=utf-8",
        body='{"SdkAppId":1400000000,"SkillGroupName":"客服一组","SkillGroupType":0}',
    ),
    vector(
        OF_BODY,
        "4427222137c6124d835b1cb400b99af0dc7af746309cd000f5724f366f3dfed9",
        "45994f3cd84dc9463eff7d18d314ccdd40bdfa7a9d9ffa6d7b23bc07daa00616",
        content_type="application/json; charset=utf-8",
        more={"X-TC-Action": "DescribeStaffInfoList"},  # a third header that is signed
    ),
    vector(
        OF_BODY,
        "a84864ebe1d656148d4ea60d733b470fb7fee75214e1d643656584c66e8d5bd1",
        "4f592f1d53a20422fbe83c58e8e2d13c5712a510ebe4f17a841cafea7eaa608b",
        host="127.0.0.1:8080",
    ),
)


@pytest.mark.parametrize("row", VECTORS, ids=range(1, 9))
def test_the_vectors(row: Vector) -> None:
    """Each step of the way gives what the reference has, for all eight."""
    assert row.payload_hash == hashlib.sha256(row.body.encode()).hexdigest()
    assert row.request_hash == hashlib.sha256(row.canonical.encode()).hexdigest()
    lines = ("TC3-HMAC-SHA256", str(row.timestamp), auth.scope(row.timestamp), row.request_hash)
    assert "\n".join(lines) == auth.string_to_sign(row.canonical, row.timestamp)
    assert row.signature == auth.sign(KEY, row.canonical, row.timestamp)


def test_the_first_vector_in_full() -> None:
    """The canonical request, the string to sign and the header, line by line."""
    lines = ("POST", "/", "", f"content-type:{JSON}", f"host:{DOMESTIC}", "", "content-type;host", OF_BODY)
    assert "\n".join(lines) == VECTORS[0].canonical
    assert f"TC3-HMAC-SHA256\n1700000000\n2023-11-14/ccc/tc3_request\n{OF_REQUEST}" == auth.string_to_sign(
        VECTORS[0].canonical, NOW
    )
    assert (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE/2023-11-14/ccc/tc3_request, SignedHeaders=content-type;host, "
        "Signature=cb12aa8a754bc3a94003fa77fd3b170675c0c144158a62dea3674f6906269a99"
    ) == sent(VECTORS[0]).headers["Authorization"]


def test_a_day_has_its_keys() -> None:
    """Each is made from the one before; none is shown."""
    keys = auth.derive_keys(KEY, NOW)
    assert "627f442b7b172f3e6919fc3a3d962a33c3586a855323015e7a8b795092a41af8" == keys.date.hex()
    assert "6ab6c0e55b6fb1941cdc9bf27585997ca7f85896b3a18bdf3cdb1f6e667e7e3e" == keys.service.hex()
    assert "8f65de35f82ace5fcd9d5eee0118ca1f012ee604ae25ee9c25b3a717ffddbaa2" == keys.signing.hex()
    assert "Keys()" == repr(keys)


def sent(row: Vector, *, token: str = "", scheme: str = "https") -> httpx.Request:
    """Send a request through the whole of httpx; give what arrived."""
    signer = auth.TC3Auth(
        secret_id=Secret(ID), secret_key=Secret(KEY), token=Secret(token), clock=lambda: row.timestamp + 0.9
    )
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    async def story() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            await client.request(
                row.method,
                f"{scheme}://{row.host}/?{row.query}".removesuffix("?"),
                headers={"Content-Type": row.content_type},
                content=row.body.encode() or None,
                auth=signer,
            )

    asyncio.run(story())
    return seen[0]


@pytest.mark.parametrize("row", [item for item in VECTORS if not item.more])
def test_httpx_signs_what_it_sends(row: Vector) -> None:
    """Through httpx, GET and POST, with and without a port: the header has the vectors' signature."""
    request = sent(row)
    assert request.headers["Authorization"].endswith(f"Signature={row.signature}")
    assert str(row.timestamp) == request.headers["X-TC-Timestamp"]
    assert (row.host, row.content_type) == (request.headers["Host"], request.headers["Content-Type"])
    assert "X-TC-Token" not in request.headers


@pytest.mark.parametrize("host", [f"{DOMESTIC}:443", f"{DOMESTIC}:8443", DOMESTIC.upper(), "[::1]:8080", "[::1]"])
def test_the_host_that_is_signed_is_the_one_that_is_sent(host: str) -> None:
    """Httpx leaves a usual port out, and writes small letters: so does the signature."""
    request = sent(vector("", "", "", host=host))
    as_sent = vector("", "", "", host=request.headers["Host"])
    assert f"Signature={auth.sign(KEY, as_sent.canonical, NOW)}" in request.headers["Authorization"]


def test_a_token_travels_unsigned() -> None:
    """Temporary credentials add a header, and change nothing else."""
    with_token, without = sent(VECTORS[0], token=TOKEN), sent(VECTORS[0])
    assert TOKEN == with_token.headers["X-TC-Token"]
    assert without.headers["Authorization"] == with_token.headers["Authorization"]


def test_no_part_of_it_shows_a_secret() -> None:
    """Nor does the request's own `repr`."""
    signer = auth.TC3Auth(secret_id=Secret(ID), secret_key=Secret(KEY), token=Secret(TOKEN), clock=lambda: NOW)
    request = sent(VECTORS[0], token=TOKEN)
    for secret in (ID, KEY, TOKEN):
        assert secret not in f"{signer!r} {signer} {request!r} {auth.derive_keys(KEY, NOW)!r}"
    assert KEY not in str(request.headers.raw)


def of_the_sdk(  # noqa: PLR0913 - a request
    *, action: str, body: dict[str, Any], host: str, timestamp: int, key: str, token: str, method: str = "POST"
) -> RequestInternal:
    """Have the official SDK build a request, with its clock held still."""
    profile = ClientProfile(httpProfile=HttpProfile(endpoint=host, reqMethod=method))
    client = CccClient(Credential(ID, key, token or None), "", profile)
    request = RequestInternal(host, method, "/")
    with patch("tencentcloud.common.abstract_client.time.time", lambda: timestamp):
        client._build_req_inter(action, body, request)  # noqa: SLF001 - the one place where it signs
    return request


_TEXT: Final = st.text(st.characters(codec="utf-8"), max_size=12)
_VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(
    body=st.dictionaries(_TEXT, _VALUES, max_size=4),
    timestamp=st.integers(0, 253_402_300_799),
    host=st.sampled_from((DOMESTIC, INTERNATIONAL, "ccc.ap-guangzhou.tencentcloudapi.com", "127.0.0.1:8080")),
    key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
    token=st.sampled_from(("", TOKEN)),
)
def test_the_official_sdk_signs_alike(body: dict[str, Any], timestamp: int, host: str, key: str, token: str) -> None:
    """Whatever is sent, whenever, wherever, by whom: the same header, to the letter."""
    theirs = of_the_sdk(action="ModifyStaff", body=body, host=host, timestamp=timestamp, key=key, token=token)
    assert json.loads(theirs.data) == body
    canonical = auth.canonical_request(
        method="POST",
        query="",
        headers={"Content-Type": theirs.header["Content-Type"], "Host": theirs.header["Host"]},
        payload=theirs.data.encode(),
    )
    ours = auth.authorization(
        secret_id=ID,
        signed_headers=auth.SIGNED_HEADERS,
        signature=auth.sign(key, canonical, timestamp),
        timestamp=timestamp,
    )
    assert theirs.header["Authorization"] == ours
    assert str(timestamp) == theirs.header["X-TC-Timestamp"]
    assert (token or None) == theirs.header.get("X-TC-Token")


@given(
    numbers=st.dictionaries(st.from_regex(r"[A-Za-z]{1,8}\.[0-9]", fullmatch=True), st.integers(), max_size=3),
    timestamp=st.integers(0, 253_402_300_799),
)
def test_the_official_sdk_signs_queries_alike(numbers: dict[str, int], timestamp: int) -> None:
    """A GET has its wish in the query, and nothing in its body."""
    theirs = of_the_sdk(
        action="DescribeCCCBuyInfoList",
        body=numbers,
        host=DOMESTIC,
        timestamp=timestamp,
        key=KEY,
        token="",
        method="GET",
    )
    row = vector(
        "",
        "",
        "",
        method="GET",
        content_type=theirs.header["Content-Type"],
        query=theirs.data,
        body="",
    )
    signature = auth.sign(KEY, row.canonical, timestamp)
    assert theirs.header["Authorization"].endswith(f"Signature={signature}")
