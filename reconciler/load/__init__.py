"""
The first stage: files to `Desired`.

    find and read files ─► build trees ─► merge, overlay, assign ─► substitute ─► head ─► sections ─► Desired

It knows YAML and where things stand in it; of vendors it knows what their kinds declare. It never stops at the first
problem, and nothing that it says holds a secret.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.load import again, files, limits, merge, secrets, syntax
from reconciler.load.assemble import assemble, warn_ignored
from reconciler.load.build import YAML_ERRORS, build
from reconciler.load.head import KEYS, Head, find_provider, not_secret, read_head, version_fits
from reconciler.load.lines import Lines
from reconciler.load.messages import unsupported_section
from reconciler.load.places import Places
from reconciler.load.problems import EnoughError, Problem, Problems, given, shown, suggestion
from reconciler.load.section import Scene, item_of
from reconciler.load.sections import Sections, read_sections
from reconciler.load.substitute import Substitution
from reconciler.load.tree import At, Document, Listing, Map, Span, Stretch, Where
from reconciler.model.desired import Desired, Entry
from reconciler.model.diagnostics import Diagnostics, Place, error
from reconciler.model.secret import Mask
from reconciler.providers.base import Provider

_MORE: Final = "mend these, and look again"
_PATH: Final = re.compile(r"[^\s={}\[\]\"',:]*")
_SECRET: Final = re.compile("|".join(("provider", *sorted(secrets.SECRET_NAMES))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """
    What became of a configuration.

    Args:
        desired: None when `diagnostics.failed`.
        provider: The vendor, as far as it could be told.
        diagnostics: All that is wrong, sorted by place, and free of secrets.
        mask: Hides the secrets of the configuration; complete even when loading failed.
    """

    desired: Desired | None
    provider: Provider | None
    diagnostics: Diagnostics
    mask: Mask
    _whole: Map | None = field(default=None, repr=False, compare=False)
    _places: Places | None = field(default=None, repr=False, compare=False)
    _scene: Scene | None = field(default=None, repr=False, compare=False)
    _docs: Sequence[Document] = field(default=(), repr=False, compare=False)

    @property
    def whole(self) -> Map | None:
        """The tree of all files together, where it could be built: what `absorb` finds values in."""
        return self._whole

    @property
    def documents(self) -> Sequence[Document]:
        """What was read: files, overlays and assignments, in the order in which they were merged."""
        return self._docs

    def place(self, path: Sequence[str]) -> Place | None:
        """Find where `("agents", "li.wei", "queues")` stands; the nearest that does, where that is left out."""
        return self.places([path])[0]

    def places(self, paths: Iterable[Sequence[str]]) -> list[Place | None]:
        """Find many places at once: each file is read again once for all of them."""
        if self._whole is None or self._places is None:
            return [None for _ in paths]
        wheres = [_where(self._whole, path) for path in paths]
        find = self._places.finding(wheres)
        return [find(where) for where in wheres]

    def lines(self, doc: Document, numbers: Sequence[int]) -> dict[int, str]:
        """Give those of some lines of a document, counted from 0, that hold a secret, with the secret blanked out."""
        return {} if self._places is None else self._places.blanked(doc, numbers)

    def entry_of(self, doc: Document, section: str, name: str, text: str, environ: Mapping[str, str]) -> Entry | None:
        """
        Read one entry again, from another text, beside all others as they are.

        Args:
            doc: Where it stands.
            section: A section of named entries.
            name: The entry's local name.
            text: The entry alone: its name, and its fields below.
            environ: What `${env:}` reads.

        Returns:
            None where that is no entry, or not one by itself: what is wrong is not said.
        """
        return None if self._scene is None else again.entry_of(self._scene, doc, section, name, text, environ)


def load(  # noqa: PLR0913 - each of these is a user's, by name only
    path: str,
    *,
    vendors: Callable[[str], Provider | None],
    vendor_names: Callable[[], Sequence[str]],
    environ: Mapping[str, str],
    overlays: Sequence[str] = (),
    assignments: Sequence[str] = (),
    placeholders: bool = False,
    pure: bool = False,
    texts: Mapping[str, bytes] | None = None,
) -> Loaded:
    """
    Load a configuration.

    Args:
        path: A YAML file, or a folder of them.
        vendors: Gives the vendor that `provider.type` names.
        vendor_names: Gives the names that there are; asked only for a message, since finding them all takes a while.
        environ: What `${env:}` reads.
        overlays: Files that are merged last, in this order.
        assignments: `section.name.field=value`, applied after them.
        placeholders: Let `${env:}` stand for itself where the variable is not set.
        pure: Take the YAML parser that is written in Python, even where libyaml is there.
        texts: What to read in place of files, by their absolute paths.

    Never raises for what is in the files; see `Loaded.diagnostics`.
    """
    # Building a tree makes no garbage that needs a search for cycles, and searching it time and again is most of the
    # time otherwise.
    collecting = gc.isenabled()
    gc.disable()
    try:
        run = _Load(
            vendors=vendors,
            vendor_names=vendor_names,
            environ=environ,
            placeholders=placeholders,
            pure=pure,
            texts=texts or {},
        )
        return run.load(path, overlays, assignments)
    finally:
        if collecting:
            gc.enable()


@dataclass(slots=True, kw_only=True)
class _Load:
    """One run of the stage."""

    vendors: Callable[[str], Provider | None]
    vendor_names: Callable[[], Sequence[str]]
    environ: Mapping[str, str]
    placeholders: bool
    pure: bool
    texts: Mapping[str, bytes]
    scene: Scene | None = None
    problems: Problems = field(default_factory=Problems)
    docs: list[Document] = field(default_factory=list)
    nodes: int = 0

    def load(self, path: str, overlays: Sequence[str], assignments: Sequence[str]) -> Loaded:
        """Go through all steps."""
        problems = self.problems
        real_overlays = frozenset(_real(overlay) for overlay in overlays)
        folder, found = files.find(path, real_overlays, problems)
        if folder is None or not (found or overlays):
            return self.finished(None, None, None, None)
        reader = files.Reader(problems, texts=self.texts)
        whole = merge.join([doc for item in found if (doc := self.document(reader, *item)) is not None], problems)
        for overlay in overlays:
            over = self.document(reader, overlay, overlay, overlay=True)
            if over is not None and over.root is not None:
                whole = self.overlaid(whole, over)
        for assignment in assignments:
            whole = self.assigned(whole, assignment, folder)
        problems.unsure = problems.unsure or any(doc.broken for doc in self.docs)
        substitution = Substitution(self.environ, folder, problems, placeholders=self.placeholders)
        whole = substitution.mapping(whole)
        return self.read(whole, folder, substitution.secrets)

    def document(self, reader: files.Reader, path: str, name: str, *, overlay: bool = False) -> Document | None:
        """Read and parse one file."""
        doc = reader.document(path, name)
        if doc is None:
            return None
        if doc.broken:
            self.secrets_of(doc)
            return None
        doc.overlay = overlay
        self.parse(doc, overlay=overlay)
        return doc

    def secrets_of(self, doc: Document) -> None:
        """Read a text that is no UTF-8, for nothing but its secrets."""
        self.docs.append(doc)
        with contextlib.suppress(*YAML_ERRORS):
            build(doc, Problems(), nodes=self.nodes, pure=self.pure)
        doc.broken = True
        doc.root = None

    def parse(self, doc: Document, *, overlay: bool = False) -> None:
        """Parse one text; what is wrong with it does not keep others from being read."""
        self.docs.append(doc)
        if self.nodes > limits.NODES:  # said once, of the file that was too many
            doc.broken = True
            return
        try:
            self.nodes = build(doc, self.problems, nodes=self.nodes, overlay=overlay, pure=self.pure)
        except YAML_ERRORS as problem:
            syntax.report(doc, problem, self.problems)

    def overlaid(self, whole: Map, over: Document) -> Map:
        """Merge an overlay."""
        if isinstance(over.root, Map):
            return merge.overlaid(whole, over.root)
        over.broken = True
        self.problems.error(
            "not-a-mapping",
            f"{over.name} is {given(over.root)}, and an overlay is a mapping of sections",
            Stretch(over),
            "begin with a section's name, such as `agents:`",
        )
        return whole

    def assigned(self, whole: Map, text: str, folder: files.Folder) -> Map:
        """Apply one `--set`."""
        path, equals, value = text.partition("=")
        names = path.split(".")
        clean = text.encode("utf-8", "replace").decode("utf-8")
        doc = Document("--set", folder.root, b"", line=clean, shift=len(path) + 1)
        doc.prefix = tuple((name, 0) for name in names)
        if not equals or not all(names):
            doc.line = _harmless(clean)
            doc.shift = 0
            doc.prefix = ()
            self.problems.error(
                "bad-assignment",
                "this assignment has no =" if not equals else "a name is empty in this assignment",
                Stretch(doc, Span(0, 0, 0, max(1, len(doc.line)))),
                "write --set section.name.field=value",
            )
            return whole
        _note_secret(doc, names, value)
        if clean != text:
            self.docs.append(doc)
            self.fault(doc, "not-utf-8", "this assignment is not UTF-8", "write it in UTF-8")
            return whole
        doc.data = value.encode("utf-8")
        doc.dollars = "$" in value or "\\" in value
        before = len(self.problems.items)
        self.parse(doc)
        if doc.root is None:
            if len(self.problems.items) == before:
                self.fault(doc, "null", "this assignment has no value", 'write one; "" in quotes is the empty text')
            return whole
        _note_secret(doc, names, doc.root)
        return merge.assign(whole, doc, path, 0)

    def fault(self, doc: Document, code: str, summary: str, remedy: str) -> None:
        """Report an assignment as a whole."""
        doc.broken = True
        self.problems.error(code, summary, Stretch(doc, Span(0, -doc.shift, 0, -1)), remedy)

    def read(self, whole: Map, folder: files.Folder, put_in: Sequence[str]) -> Loaded:
        """Read what the merged document says."""
        problems = self.problems
        top: Where = Stretch(self.docs[0]) if self.docs else None
        if not version_fits(whole, top, problems):
            return self.finished(whole, None, None, put_in)
        problems.stops = True
        provider: Provider | None = None
        try:
            provider = find_provider(whole, top, self.vendors, self.vendor_names, problems)
            result = self.checked(whole, top, provider, folder, put_in)
        except EnoughError:
            result = None
        return self.finished(whole, provider, result, put_in)

    def checked(
        self, whole: Map, top: Where, provider: Provider | None, folder: files.Folder, put_in: Sequence[str]
    ) -> tuple[Head, Sections, Desired | None] | None:
        """
        Check the head and the sections.

        Raises:
            EnoughError: There are too many problems.
        """
        problems = self.problems
        head = read_head(whole, top, provider, problems)
        if provider is None:
            return None
        self.unknown_sections(whole, provider)
        scene = Scene(
            provider.kinds, whole, head.manage, folder, problems, vendor=provider.name, unsupported=provider.unsupported
        )
        self.scene = scene
        sections = read_sections(scene)
        warn_ignored(head, sections, whole, problems)
        mask = self.mask(whole, provider, put_in)
        desired = assemble(head, sections, folder.root, mask)
        if desired is not None:
            self.check(provider, desired, whole)
        return head, sections, desired

    def unknown_sections(self, whole: Map, provider: Provider) -> None:
        """Report top-level keys that mean nothing."""
        known = [*KEYS, *(name for name, kind in provider.kinds.items() if not kind.external)]
        for key in whole:
            if key in provider.unsupported:
                message = unsupported_section(provider.name, key, provider.unsupported[key])
                self.problems.error(message.code, message.summary, At(whole, key, "key"), message.remedy)
            elif key not in known:
                self.problems.error(
                    "unknown-section",
                    f"there is no section {shown(key)}",
                    At(whole, key, "key"),
                    suggestion(key, known, otherwise="there are"),
                )

    def check(self, provider: Provider, desired: Desired, whole: Map) -> None:
        """Ask the vendor what breaks its limits."""
        for path, found in provider.check(desired):
            where = _where(whole, path)
            self.problems.add(Problem(found.code, found.summary, where, found.remedy, severity=found.severity))

    def mask(self, whole: Map | None, provider: Provider | None, put_in: Sequence[str]) -> Mask:
        """Collect all secrets, as they are written and as they are after substitution."""
        found = _at_most(limits.SECRETS + 1, self.secrets(whole, provider, put_in))
        if len(found) <= limits.SECRETS:
            # As messages quote them: in one line, and cut short.
            found.update(
                [shown(text)[1:-1].removesuffix("…") for text in found if len(text) > 80 or not text.isprintable()]
            )
        return Mask.of(found)

    def secrets(self, whole: Map | None, provider: Provider | None, put_in: Sequence[str]) -> Iterator[str]:
        """List all secrets."""
        known = not_secret(provider or self.likely_provider())
        yield from (text for text in put_in if not secrets.is_reference(text))
        yield from self.problems.secrets
        for doc in self.docs:
            yield from secrets.of_value(doc.secrets, self.environ)
            for value in doc.providers:
                yield from secrets.of_provider(value, known, self.environ)
            if doc.broken and doc.root is None:
                yield from secrets.of_unread(doc, known, self.environ)
                lines = Lines(doc.data.decode("utf-8"))
                yield from secrets.of_broken(lines, doc.open_line, provider_seen=bool(doc.providers))
        if whole is not None and "provider" in whole:
            yield from secrets.of_provider(whole["provider"], known)

    def likely_provider(self) -> Provider | None:
        """Guess the vendor where the configuration as a whole was lost, so that not all of `provider` is secret."""
        for doc in self.docs:
            for value in doc.providers:
                kind = value.get("type") if isinstance(value, Map) else None
                if isinstance(kind, str) and (found := self.vendors(kind)) is not None:
                    return found
        return None

    def finished(
        self,
        whole: Map | None,
        provider: Provider | None,
        result: tuple[Head, Sections, Desired | None] | None,
        put_in: Sequence[str] | None,
    ) -> Loaded:
        """Turn problems into diagnostics, and hand on what there is."""
        mask = self.mask(whole, provider, put_in or ())
        if len(mask.secrets) > limits.SECRETS:
            # Not all of them can be kept track of, so nothing else that stands in the files is said.
            alone = error("too-many-secrets", f"provider holds over {limits.SECRETS:,} values", remedy="remove some")
            return Loaded(desired=None, provider=provider, diagnostics=Diagnostics((alone,)), mask=mask)
        places = Places(mask, not_secret(provider or self.likely_provider()), pure=self.pure)
        diagnostics = Diagnostics.of(places.diagnostics(self.problems.items))
        if self.problems.more:
            last = error("too-many-problems", f"there are more than {limits.PROBLEMS:,} problems", remedy=_MORE)
            diagnostics = Diagnostics((*diagnostics, last))
        desired: Desired | None = None
        if result is not None and not diagnostics.failed:
            desired = result[2]
        return Loaded(
            desired=desired,
            provider=provider,
            diagnostics=diagnostics,
            mask=mask,
            _whole=whole,
            _places=places,
            _scene=self.scene,
            _docs=tuple(self.docs),
        )


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _at_most(count: int, texts: Iterable[str]) -> set[str]:
    """Take so many different texts."""
    found: set[str] = set()
    for text in texts:
        found.add(text)
        if len(found) >= count:
            break
    return found


def _harmless(assignment: str) -> str:
    """Keep of a broken assignment what can't be a secret."""
    found = _PATH.match(assignment)
    start = found[0] if found is not None else ""
    secret = _SECRET.search(start)
    return start if secret is None else f"{start[: secret.end()]}***"


def _note_secret(doc: Document, names: Sequence[str], value: Any) -> None:
    """Note what an assignment gives to `provider`, or to a name that is always secret."""
    if names[0] == "provider":
        doc.providers.append(value if len(names) == 1 else {names[1]: value})
    if secrets.under_secret_name(names):
        doc.secrets.append(value)


def _where(whole: Map, path: Sequence[str]) -> Where:
    """Find the place of *path*, or of its nearest part that is there."""
    where: Where = None
    value: Any = whole
    for step in path:
        if isinstance(value, Map) and step in value:
            below = value[step]
            where = At(value, step, "key" if isinstance(below, Map) else "value")
            value = below
        elif isinstance(value, Listing) and step in value:
            return item_of(whole, path[0], value, value.index(step))
        elif isinstance(value, list) and step in value and isinstance(where, At):
            return At(where.map, where.key, "value", (value.index(step),))
        else:
            break
    return where
