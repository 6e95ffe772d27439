"""What every export promises, for each vendor: what it writes is what is there."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from reconciler import providers
from reconciler.diff import diff
from reconciler.export import Notes, sections
from reconciler.load import Loaded, load
from reconciler.model.kind import Shape
from reconciler.model.live import Live
from reconciler.model.resource import Resource, specs
from tests.laws.strategies import texts
from tests.laws.vendor import Vendor
from tests.laws.vendors import each_vendor

HEADS: Final = {
    "udesk": "base_url: http://127.0.0.1:1, app_id: a54a8b77-f12d-4ac9-742d-5b2bef5c4d11, sid: an-sid, auth_token: key",
    "tencent": "sdk_app_id: 1400000000, endpoint: http://127.0.0.1:1, secret_id: an-id, secret_key: a-key",
}
ODD: Final = st.one_of(
    texts,
    st.sampled_from(
        ["${env:HOME}", "$", " lead", "trail ", "- x", "a: b", "a #b", "*a", "|", "", "销售部", "null", "a\nb"]
    ),
)


def odd(draw: st.DrawFn, item: Resource, label: str) -> Resource:
    """Give an object another name; nothing else names it by that."""
    values = {name: item.__dict__[name] for name in item.model_fields_set}
    return type(item).live({**values, label: draw(ODD)})


@st.composite
def tenants(draw: st.DrawFn, vendor: Vendor) -> Live:
    """Give a live tenant, some of whose people and queues have names that YAML takes for something else."""
    live = draw(vendor.cases()).live
    found: dict[str, dict[str, Resource]] = {}
    for section, items in live.sections.items():
        kind = vendor.provider.kinds[section]
        label = kind.resource.label_field
        free = label is not None and kind.collection and label in specs(kind.resource) and label != "callback"
        found[section] = {
            identity: odd(draw, item, label) if free and label is not None and draw(st.booleans()) else item
            for identity, item in items.items()
        }
    return Live(found, live.memory)


def read_back(vendor: Vendor, files: dict[str, str]) -> Loaded:
    """Load what was written."""
    name = vendor.provider.name
    with tempfile.TemporaryDirectory() as folder:
        head = f"version: 1\ncontact_center: acme\nprovider: {{type: {name}, {HEADS[name]}}}\n"
        for path, text in {"provider.yaml": head, **files}.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return load(folder, vendors=providers.provider, vendor_names=providers.names, environ={})


@each_vendor
@given(data=st.data())
def test_what_is_exported_loads_and_differs_in_nothing(vendor: Vendor, data: Any) -> None:
    """`load(export(live))` plans nothing, whatever things are called; what is left out is said."""
    live = data.draw(tenants(vendor))
    kinds = vendor.provider.kinds
    notes = Notes()
    loaded = read_back(vendor, sections(kinds, live, notes))
    assert [] == [item.summary for item in loaded.diagnostics.errors]
    assert loaded.desired is not None
    found = diff(loaded.desired, live, kinds)
    assert () == found.changes
    assert () == found.refusals
    named = {
        f"{kind.section}/{identity}"
        for kind in kinds.values()
        if kind.exported and not kind.external and kind.shape in {Shape.NAMED, Shape.LISTED}
        for identity in live.of(kind.section)
    }
    told = " ".join(notes.items)
    assert [] == [address for address in found.unmanaged if address in named and address not in told]


@each_vendor
@given(data=st.data())
def test_what_is_exported_deletes_nothing_of_what_comes_later(vendor: Vendor, data: Any) -> None:
    """Nothing is pruned: an object that is made after the export is somebody else's, and stays."""
    live = data.draw(tenants(vendor))
    kinds = vendor.provider.kinds
    before = Live(
        {
            section: items if not kinds[section].collection else dict(list(items.items())[: len(items) // 2])
            for section, items in live.sections.items()
        },
        live.memory,
    )
    loaded = read_back(vendor, sections(kinds, before, Notes()))
    if loaded.desired is None:  # half a tenant may refer to its other half
        return
    assert [] == [change.address for change in diff(loaded.desired, live, kinds).changes if change.desired is None]
