"""
One writer per tenant: a lease with a heartbeat and a fencing token, kept in the store.

Who holds the lease renews it while it runs. Who does not renew it in time has lost it, and with it the right to write:
the token grows with every taking, and is compared before each write. On the holder's machine its process says whether
it lives, whatever the clocks say; elsewhere its lease ends by itself. The time is the database server's where there is
one.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import socket
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from reconciler.model.errors import Refused, StoreError
from reconciler.model.plan import Refusal
from reconciler.store.database import Store
from reconciler.store.rows import made
from reconciler.store.tables import LEASES

LASTS_S: Final = 60.0
RENEWED_EVERY_S: Final = 15.0
_SINCE: Final = 2  # the version of the tables that has them first
_ROW: Final = sa.select(LEASES).where(LEASES.c.tenant == sa.bindparam("tenant"))
_STILL: Final = _ROW.with_for_update(read=True)  # who wants to take it waits; SQLite's transaction is alone already
_GLANCE: Final = "SELECT run, fence FROM leases WHERE tenant = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lease: a process on a machine, and since when, in Unix seconds."""

    run: str
    user: str
    host: str
    pid: int
    since: float
    process: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named(self) -> str:
        """Name it: `run 4f2a, by ann on build-7 (process 312) since 2026-11-21 09:30:12 UTC`."""
        since = datetime.fromtimestamp(self.since, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"run {self.run}, by {self.user} on {self.host} (process {self.pid}) since {since}"


class Lease:
    """A lease that this process has taken. It renews itself in a thread until it is released or lost."""

    def __init__(self, store: Store, tenant: str, holder: Holder, fence: int, clock: Callable[[], float]) -> None:
        self.holder = holder
        self.fence = fence
        self._store = store
        self._tenant = tenant
        self._clock = clock
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._eye: sa.PoolProxiedConnection | None = None  # SQLite's, for `check`

    def start(self) -> None:
        """Begin to renew it."""
        self._thread.start()

    def check(self) -> None:
        """
        Make sure that it is still ours, before a write.

        Raises:
            StoreError: It is lost, or the store can't tell.
        """
        if not self._glance():
            with self._store.reading() as connection:
                self.confirm(connection)

    def _glance(self) -> bool:
        """
        Whether it is surely ours still. False: look properly, which also finds the words for what is wrong.

        It is asked before each write, and SQLAlchemy takes ten times as long for it as SQLite.
        """
        if self._store.file is None:
            return False
        self._store.check()
        try:
            if self._eye is None:
                self._eye = self._store.engine.raw_connection()
            cursor = self._eye.cursor()
            try:
                cursor.execute(_GLANCE, (self._tenant,))
                return cursor.fetchone() == (self.holder.run, self.fence)
            finally:
                cursor.close()  # ends the read, which else would hold up the log
        except (sqlite3.Error, sa.exc.SQLAlchemyError, OSError):
            self._look_away()
            return False

    def _look_away(self) -> None:
        eye, self._eye = self._eye, None
        if eye is not None:
            with contextlib.suppress(sqlite3.Error, sa.exc.SQLAlchemyError):
                eye.close()

    def confirm(self, connection: sa.Connection) -> None:
        """
        Make sure that it is still ours, and stays so until the transaction of *connection* ends.

        Raises:
            StoreError: It is lost, or the store was removed.
        """
        self._store.check()
        row = connection.execute(_STILL, {"tenant": self._tenant}).mappings().first()
        if row is None or row["fence"] != self.fence or row["run"] != self.holder.run:
            raise StoreError(
                "the lock of this tenant was lost: another run may be writing, so no more is sent",
                remedy="Look at the other run, then apply again: it carries on.",
            )

    def renew(self) -> bool:
        """Renew it; False when it is no longer ours."""
        mine = (LEASES.c.tenant == self._tenant) & (LEASES.c.fence == self.fence) & (LEASES.c.run == self.holder.run)
        with self._store.writing() as connection:
            expires = _now(connection, self._clock) + LASTS_S
            done = connection.execute(sa.update(LEASES).where(mine).values(expires=expires))
        return done.rowcount == 1

    def release(self) -> None:
        """Give it back, if it is still ours."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self._look_away()
        mine = (LEASES.c.tenant == self._tenant) & (LEASES.c.fence == self.fence) & (LEASES.c.run == self.holder.run)
        with self._store.writing() as connection:
            connection.execute(sa.update(LEASES).where(mine).values(run=None, expires=0.0))

    def _beat(self) -> None:
        while not self._ended.wait(RENEWED_EVERY_S):
            try:
                if not self.renew():
                    return  # `check` says so before the next write
            except StoreError:
                continue  # it lasts a while yet; the next beat may reach the store


def take(store: Store, tenant: str, *, run: str, clock: Callable[[], float]) -> Lease | Holder:
    """Take the lease of a tenant; give who has it when it is not free."""
    pid = os.getpid()
    with store.writing() as connection:
        if store.engine.dialect.name == "postgresql":  # SQLite's transaction is alone already
            connection.execute(sa.text("LOCK TABLE leases IN EXCLUSIVE MODE"))
        now = _now(connection, clock)
        me = Holder(run=run, user=user(), host=socket.gethostname(), pid=pid, since=now, process=_process(pid))
        values = {
            "run": me.run,
            "holder": {"user": me.user, "host": me.host, "pid": me.pid, "process": dict(me.process)},
            "taken": now,
            "expires": now + LASTS_S,
        }
        row = connection.execute(_ROW, {"tenant": tenant}).mappings().first()
        if row is None:
            connection.execute(sa.insert(LEASES).values(tenant=tenant, fence=1, **values))
            return Lease(store, tenant, me, 1, clock)
        holder = _holder(row)
        if holder is not None:
            lives = _lives(holder)
            if _expires(row) > now if lives is None else lives:
                return holder
        fence = int(row["fence"]) + 1
        connection.execute(sa.update(LEASES).where(LEASES.c.tenant == tenant).values(fence=fence, **values))
        return Lease(store, tenant, me, fence, clock)


def at_work(store: Store, tenant: str, *, clock: Callable[[], float]) -> Holder | None:
    """Find who has the lease of a tenant now, for who only looks; nothing is written."""
    if store.empty or store.version < _SINCE:
        return None
    with store.reading() as connection:
        row = connection.execute(_ROW, {"tenant": tenant}).mappings().first()
        holder = None if row is None else _holder(row)
        if row is None or holder is None:
            return None
        lives = _lives(holder)
        return holder if (_expires(row) > _now(connection, clock) if lives is None else lives) else None


def _expires(row: sa.RowMapping) -> float:
    return made("the end of a lock", lambda: float(row["expires"]))


def give_back(store: Store, tenant: str, *, run: str) -> None:
    """Give back what *run* may have taken, when nobody knows whether it has."""
    mine = (LEASES.c.tenant == tenant) & (LEASES.c.run == run)
    with store.writing() as connection:
        connection.execute(sa.update(LEASES).where(mine).values(run=None, expires=0.0))


def free(store: Store, tenant: str) -> Holder | None:
    """End whoever's lease it is, for those who know better; give who had it."""
    with store.writing() as connection:
        row = connection.execute(_ROW, {"tenant": tenant}).mappings().first()
        holder = _holder(row) if row is not None else None
        if holder is None:
            return None
        # The token grows, so that a holder who is not dead after all stops before its next write.
        connection.execute(
            sa.update(LEASES).where(LEASES.c.tenant == tenant).values(fence=LEASES.c.fence + 1, run=None, expires=0.0)
        )
        return holder


def held(holder: Holder, contact_center: str) -> Refused:
    """Say that another run has the lease."""
    return Refused(
        f"another run is writing to {contact_center}",
        refusals=(
            Refusal(
                rule="lock-held",
                message=f"{holder.named} holds the lock",
                objects=(contact_center,),
                remedy="Wait for it (--lock-timeout SECONDS), or free the lock of a run that is dead or hangs: "
                "reconciler unlock PATH.",
            ),
        ),
    )


def new_run() -> str:
    """Make an id for a run."""
    return secrets.token_hex(6)


def user() -> str:
    """Name the login that this process runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid()) if hasattr(os, "getuid") else "somebody"


def _holder(row: sa.RowMapping) -> Holder | None:
    if row["run"] is None:
        return None
    said = row["holder"] if isinstance(row["holder"], dict) else {}
    return Holder(
        run=str(row["run"]),
        user=str(said.get("user", "somebody")),
        host=str(said.get("host", "some machine")),
        pid=pid if isinstance(pid := said.get("pid"), int) and pid > 0 else 0,
        since=float(row["taken"]),
        process=process if isinstance(process := said.get("process"), dict) else {},
    )


def _process(pid: int) -> dict[str, Any]:
    """
    Name a process so that no later one has the same name; empty where the system does not say.

    Raises:
        ProcessLookupError: There is no such process, or only its remains.
    """
    proc = Path("/proc")
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        space = str((proc / "self/ns/pid").readlink())
    except OSError:
        return {}
    try:
        # The fields after the command's name, which may hold anything: the state first, the start as the 20th.
        stat = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        state, started = stat[0], stat[19]
    except FileNotFoundError as cause:
        # Also where the system hides the processes of others; to ask for it by number tells the two apart.
        try:
            os.kill(pid, 0)
        except PermissionError:
            return {}
        except (OSError, OverflowError):
            raise ProcessLookupError(pid) from cause
        return {}
    except (OSError, IndexError):
        return {}
    if state in {"Z", "X"}:  # dead, and its parent has not looked yet
        raise ProcessLookupError(pid)
    return {"boot": boot, "space": space, "started": started}


def _lives(holder: Holder) -> bool | None:
    """
    Whether a holder runs still, by its process; None where that can't be seen from here.

    One that is only stopped (SIGSTOP) lives: it may go on at any time, with a write that it has checked already.
    """
    mine = _process(os.getpid())
    theirs = dict(holder.process)
    if not mine or not theirs or (mine["boot"], mine["space"]) != (theirs.get("boot"), theirs.get("space")):
        return None
    try:
        found = _process(holder.pid)
    except ProcessLookupError:
        return False
    return found == theirs if found else None


def _now(connection: sa.Connection, clock: Callable[[], float]) -> float:
    """Tell the time in Unix seconds: the server's, which all who use the store share; of a file, ours."""
    if connection.dialect.name != "postgresql":
        return clock()
    return float(connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
