"""
What the world does to us, as exceptions. Problems in what a person wrote are diagnostics instead.

    ReconcilerError
      Invalid              the configuration has errors; carries the diagnostics      exit 1
      Refused              a guard said no; carries which, and what would lift it     exit 3
        Overtaken          somebody else changed meanwhile what the plan relies on  exit 3, or 4 once a write was sent
      Stopped              asked to stop, and this was not done any more              exit 130
      StoreError           the store can't be opened, read or written                 exit 1
      VendorError          provider, call, address; the cause is chained              exit 1, or 4 once a write was sent
        Unauthorized       the vendor does not accept who we are
          ClockSkew        ... because our clock is off
        UnknownTenant      the vendor does not know the tenant
        RateLimited        asked to slow down
        Rejected           the vendor understood, and refused
          Unsupported      ... because this edition does not have what was asked for
        Unreachable        the request surely did not arrive
        OutcomeUnknown     sent, and no answer: it may have happened. Read back, never resend
        NotDone            sent, no answer, and reading back shows that it did not happen
        Unexpected         the reply isn't what the vendor documents
        Contradiction      two replies can't both be true

Only `cli/` turns these into exit codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.model.diagnostics import Diagnostics
    from reconciler.model.outcome import Stale
    from reconciler.model.plan import Refusal


class ReconcilerError(Exception):
    """
    The base of all our errors.

    `str()` is one plain sentence for people; *remedy* says what to do next.
    """

    request_id = ""  # by which the vendor finds the request again, where it gave one

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Invalid(ReconcilerError):
    """The configuration has errors."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        super().__init__(f"{len(diagnostics.errors)} errors in the configuration")
        self.diagnostics = diagnostics


class Refused(ReconcilerError):
    """A guard said no, before anything was written."""

    def __init__(self, message: str, *, remedy: str = "", refusals: Sequence[Refusal] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.refusals = tuple(refusals)


class Overtaken(Refused):
    """What the plan relies on was changed by somebody else; *found* says what it was and what it is now."""

    def __init__(
        self, message: str, *, remedy: str = "", refusals: Sequence[Refusal] = (), found: Sequence[Stale] = ()
    ) -> None:
        super().__init__(message, remedy=remedy, refusals=refusals)
        self.found = tuple(found)


class Stopped(ReconcilerError):
    """Asked to stop, and this was not done any more."""


class StoreError(ReconcilerError):
    """The store can't be opened, read or written."""


class DefectError(ReconcilerError):
    """Our own mistake, found before it could do harm; *report* says more, and *file* is what to attach to a report."""

    def __init__(self, message: str, *, remedy: str = "", report: str = "", file: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.report = report
        self.file = file


class VendorError(ReconcilerError):
    """Something between us and the vendor went wrong."""

    transient = False  # whether trying again later may work, and can do no harm: nothing was written
    slow = False  # nothing came within the time that an answer has, so trying again may take as long again
    retry_after_s: float | None = None  # how long the vendor asks to wait, where it does
    attempts = 1  # how often it was tried before this was raised

    def __init__(
        self, message: str, *, remedy: str = "", call: str = "", request_id: str = "", transient: bool | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.call = call  # "PUT /ccapi/v2/queues"
        self.request_id = request_id
        if transient is not None:
            self.transient = transient

    def __str__(self) -> str:
        said = super().__str__()
        return f"{said} (tried {self.attempts} times)" if self.attempts > 1 else said


class Unauthorized(VendorError):
    """The vendor does not accept who we are."""


class ClockSkew(Unauthorized):
    """Our clock and the vendor's are too far apart for the signature to hold."""

    ahead_s: float | None = None  # how far ours is ahead, where the vendor tells its own time


class UnknownTenant(VendorError):
    """The vendor does not know the tenant, or has disabled it."""


class RateLimited(VendorError):
    """The vendor asked to slow down; the request was not carried out."""

    transient = True
    lasting = False  # it holds for all calls, and for longer than a run waits

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        call: str = "",
        retry_after_s: float | None = None,
        lasting: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, call=call)
        self.retry_after_s = retry_after_s
        if lasting:
            self.last(remedy)

    def last(self, remedy: str) -> None:
        """Have it hold for all calls, and for longer than a run waits."""
        self.lasting, self.transient, self.remedy = True, False, remedy


class Rejected(VendorError):
    """The vendor understood the request and refused it; *code* and *text* are its own words."""

    def __init__(self, message: str, *, code: str, text: str, remedy: str = "", call: str = "") -> None:
        super().__init__(message, remedy=remedy, call=call)
        self.code = code
        self.text = text


class Unsupported(Rejected):
    """The vendor does not have what was asked for in this edition, or any more; another call may well work."""


class Unreachable(VendorError):
    """The request surely did not arrive: no such host, connection refused, TLS failed."""


class OutcomeUnknown(VendorError):
    """The request was sent and no usable answer came: it may have happened. Read back, never resend."""


class NotDone(VendorError):
    """The request was sent, no usable answer came, and reading back shows that it did not happen."""

    transient = True


class Unexpected(VendorError):
    """The reply isn't what the vendor documents; the start of it is in *reply*."""

    def __init__(
        self, message: str, *, remedy: str = "", call: str = "", reply: str = "", transient: bool | None = None
    ) -> None:
        super().__init__(message, remedy=remedy, call=call, transient=transient)
        self.reply = reply


class Contradiction(VendorError):
    """Two replies can't both be true, so neither is built on."""


def told(error: ReconcilerError) -> str:
    """Spell an error that another sentence quotes, with the vendor's number of the request where it gave one."""
    return f"{error} (request {error.request_id})" if error.request_id else str(error)
