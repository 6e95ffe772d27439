"""A configuration as it was at a git revision; read from git's objects alone, without touching anybody's work."""

from __future__ import annotations

from reconciler.revisions.checkout import Checkout, Wanted, checkout, wanted
from reconciler.revisions.repository import Repository, repository_of

__all__ = ["Checkout", "Repository", "Wanted", "checkout", "repository_of", "wanted"]
