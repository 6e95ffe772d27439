"""Pages: what stands on them, in which order, how large they get, and that nobody's text becomes markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Final

import pytest

from reconciler.model.change import Action, Cause, Risk, Source
from reconciler.model.plan import Pictures
from reconciler.report.html import html
from reconciler.report.html_rows import groups, rows_of
from reconciler.report.page import page
from reconciler.report.sheet import Item, Row, Sheet, Subject
from tests import sheets

_MEGABYTE: Final = 1_000_000
_VOID: Final = frozenset({"meta", "col", "input"})
_LOADING: Final = frozenset({"src", "srcset", "action", "data", "poster", "background", "xlink:href", "style"})
ALL: Final = {
    "hostile": sheets.hostile,
    "drift": sheets.drift,
    "review": sheets.review,
    "refused": sheets.refused,
    "empty": sheets.empty,
}


class Read(HTMLParser):
    """Reads a page as a browser does, as far as tags and texts go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._in = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._in = tag

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or a style."""
        del tag
        self._in = ""

    def handle_data(self, data: str) -> None:
        """Note a text."""
        {"script": self.scripts, "style": self.styles}.get(self._in, self.texts).append(data)

    @property
    def text(self) -> str:
        """All that people read."""
        return " ".join(" ".join(self.texts).split())

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """List a tag's attributes, wherever it stands."""
        return [found for name, found in self.tags if name == tag]


@pytest.mark.parametrize("case", ALL)
def test_a_page_holds_no_markup_but_ours(case: str) -> None:
    """One script and one style, which the page's policy names; nothing is loaded; no tag came from a text."""
    read = Read(html(ALL[case]()))
    assert 1 == len(read.scripts)
    assert 1 == len(read.styles)
    policy = next(tag["content"] for tag in read.of("meta") if "http-equiv" in tag)
    digests = [
        f"{name}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for name, text in (("style", read.styles[0]), ("script", read.scripts[0]))
    ]
    assert f"default-src 'none'; {digests[0]}; base-uri 'none'; form-action 'none'; {digests[1]}" == policy
    assert {"img", "link", "iframe", "object", "embed", "base", "meta http"}.isdisjoint(name for name, _ in read.tags)
    names = [(tag, name) for tag, found in read.tags for name in found]
    assert [] == [item for item in names if item[1].startswith("on") or item[1] in _LOADING]
    assert [] == [found["href"] for found in read.of("a") if not re.fullmatch(r"#[a-z0-9]+", found["href"] or "")]


def test_every_hostile_text_can_be_read_as_it_is() -> None:
    """Nothing is lost by escaping: each text stands on the page as a reader should see it."""
    read = Read(html(sheets.hostile()))
    for text in sheets.HOSTILE:
        assert " ".join(text.split()) in read.text


@pytest.mark.parametrize("case", ALL)
def test_ids_are_unique(case: str) -> None:
    """No id stands twice, also where two pictures do, and every link on the page leads somewhere."""
    read = Read(html(ALL[case]()))
    ids = [found["id"] for _, found in read.tags if "id" in found]
    assert len(ids) == len(set(ids))
    assert {(found["href"] or "")[1:] for found in read.of("a")} <= set(ids)


def test_the_same_sheet_gives_the_same_bytes() -> None:
    """There is no time and no chance in a page."""
    assert html(sheets.hostile()) == html(sheets.hostile())


def test_refusals_come_first_and_deletions_before_other_changes() -> None:
    """A reviewer meets the worst first, whatever the order of the plan."""
    plan = sheets.hostile()
    text = html(plan)
    order = [text.index(f'id="{name}"') for name in ("refused", "problems", "changes", "routing", "calls", "unmanaged")]
    assert sorted(order) == order
    changes = text[text.index('id="changes"') : text.index('id="routing"')]
    actions = re.findall(r'<tr class="?([cud])', changes)
    going = sum(item.action is Action.DELETE for item in plan.items)
    assert ["d"] * going == actions[:going]
    assert "d" not in actions[going:]


def test_a_refusal_leads_to_what_it_refuses() -> None:
    """Each object of a refusal is a link to its row."""
    read = Read(html(sheets.refused()))
    rows = {found["id"] for found in read.of("tr") if "id" in found}
    assert 9 == len(rows)
    assert {f"#{row}" for row in rows} <= {found["href"] for found in read.of("a")}


def test_fields_show_both_values_and_who_joins_and_leaves() -> None:
    """Values lose the quotes that a line of text needs; nothing and empty texts are told apart."""
    item = Item(
        address="agents/li.wei",
        section="agents",
        title="Li Wei (10031)",
        identity="10031",
        action=Action.UPDATE,
        word="change",
        risk=Risk.HIGH,
        fields=(
            Row(path="name", before='"Li W"', after='"Li Wei"', cause=Cause.YOURS),
            Row(path="memo", before='""', after='" x"', cause=Cause.DRIFT),
            Row(path="queues", added=("Sales",), removed=("Support", "Billing")),
            Row(path="tts", before="old"),
            Row(path="hook", after="new"),
        ),
        cause=Cause.CONFLICT,
    )
    text = Read(html(Sheet(subject=Subject.PLAN, items=(item,)))).text
    assert "change high risk conflict" in text
    assert "name Li W \u2192 Li Wei yours" in text
    assert 'memo "" \u2192 " x" drift' in text
    assert "queues + Sales \u2212 Support \u2212 Billing" in text
    assert "tts old \u2192 nothing" in text
    assert "hook unknown \u2192 new" in text


def test_drift_says_since_when_and_keeps_apart_what_is_pending() -> None:
    """What somebody did and what nobody applied yet are two lists."""
    text = Read(html(sheets.drift())).text
    by_hand, pending = text.split("Not yet applied 1 The files are ahead", 1)
    assert "Support (9002) queues/support support.yaml:4 changed medium risk new since 2026-11-20 23:10 UTC" in by_hand
    assert "missing high risk still there since 2026-11-01 08:00 UTC" in by_hand
    assert "Sales (9001)" not in by_hand
    assert "Sales (9001)" in pending


def test_a_review_names_its_revisions_and_what_is_newly_broken() -> None:
    """What the picture shows in red is also said."""
    text = Read(html(sheets.review())).text
    assert "From main to feature/longer-wait" in text
    assert "Newly broken Queue a : nobody answers Queue b : nobody answers" in text


def test_two_words_for_one_action_are_told_apart() -> None:
    """A review changes some objects and stops managing others: each word has its number and its filter."""
    found = sheets.review()
    others = tuple(replace(found.items[0], address=f"queues/{n}", word="stop managing") for n in range(7))
    text = html(replace(found, items=(*found.items, *others)))
    options = dict(re.findall(r'<option value="(w\d)">([a-z ]+)</option>', text))
    assert ["change", "stop managing"] == list(options.values())
    rows = re.findall(r'<tr class="u (w\d)">', text)
    assert [1, 7] == [rows.count(token) for token in options]
    assert "To change 1 To stop managing 7" in Read(text).text


def test_files_are_links_where_they_can_be_read() -> None:
    """In a pipeline a place leads to its line on the web; nothing in a file's name or the environment gets further."""
    home = "https://git.example.com/acme/blob/0123abc/"
    row = replace(sheets.drift().items[0], source=Source(file='a b/"x"/../ü.yaml', line=4, column=1))
    odd = replace(row, source=Source(file="../../etc/passwd", line=1, column=1))
    read = Read(html(replace(sheets.drift(), items=(row, odd), problems=(), unmanaged=(), home=home)))
    assert [f"{home}a%20b/%C3%BC.yaml#L4"] == [found["href"] for found in read.of("a") if found["href"] != "#main"]
    for odd_home in ("javascript:alert(1)//", "data:text/html,", "//example.com/"):
        assert odd_home not in html(replace(sheets.drift(), home=odd_home))


def test_a_picture_that_stays_is_shown_once() -> None:
    """Two equal pictures would make people search for a difference."""
    text = html(sheets.empty())
    assert 1 == text.count("<figure>")
    assert "It stays as it is." in text
    assert 2 == html(sheets.review()).count("<figure>")
    nothing = replace(sheets.empty(), pictures=Pictures(before=sheets.routing(()), after=sheets.routing(())))
    assert html(nothing)


def test_the_command_and_the_numbers_stand_on_top() -> None:
    """What a reader needs to decide and to go on is above the first section."""
    plan = replace(sheets.refused(), refusals=(), command="reconciler apply plan.json", time="about 3 s at 10 calls/s")
    plan = replace(plan, summary=replace(plan.summary, bind=1_200, unbind=4, minimum_calls=1))
    text = Read(html(plan).split("<main", 1)[0]).text
    for told in ("To delete 9", "Bindings +1,200 \u22124", "Calls 1 at least 1 needed", "about 3 s", "at 10 calls/s"):
        assert told in text
    assert "Risk 9 high" in text
    assert "reconciler apply plan.json" in text


@pytest.mark.parametrize(
    ("fields", "create", "wide"), [(4, False, 20), (8, True, 20), (12, False, 200), (12, True, 390)]
)
def test_ten_thousand_changes_stay_under_five_megabytes(fields: int, wide: int, *, create: bool) -> None:
    """All objects are there, however much differs; where values had to be cut, the page says so."""
    text = html(sheets.large(10_000, fields=fields, create=create, wide=wide))
    assert len(text.encode()) < 5 * _MEGABYTE
    changes = text[text.index('id="changes"') :]
    assert 10_000 == changes.count("<p>agents/agent-")
    assert (wide > 100) == ("are cut on this page" in text)


def test_a_page_that_would_be_too_large_keeps_what_matters() -> None:
    """Deletions and high risks stay, in their place; how many others are left out is said where they are missing."""
    plan = sheets.large(2_000, fields=6, wide=60)
    last = replace(plan.items[-1], risk=Risk.HIGH)
    gone = replace(plan.items[-2], action=Action.DELETE, word="delete", fields=())
    items = (*plan.items[:-2], gone, last)
    room = 100_000
    rows = rows_of(Subject.PLAN, items, room=room, linked=(last.address, items[-3].address))
    assert rows.cut
    assert sum(map(len, rows.rows.values())) <= room
    assert {1_998, 1_999} <= rows.rows.keys()
    assert {last.address} == rows.anchors.keys()
    assert len(items) - len(rows.rows) == rows.left_out
    text = "".join(groups(items, rows, deletions_first=True, prefix="group"))
    assert f"and {rows.left_out:,} more, too many for this page" in text
    assert text.index(gone.address) < text.index(items[0].address) < text.index(f"<p>{last.address}")


def test_a_page_without_a_script_allows_none() -> None:
    """The frame serves pages that need none, and then the policy lets none run."""
    read = Read(page(title="<b>", body=("<main id=main></main>",)))
    assert [] == read.scripts
    assert not any("script-src" in (tag.get("content") or "") for tag in read.of("meta"))
    assert "<b>" in read.text
