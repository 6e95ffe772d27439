"""Udesk extensions: the phones. Source: Udesk CTI Cloud API, "Extension Management"."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.model.resource import Identity, Resource

NUMBER = r"^[1-9][0-9]{3}$"


class Extension(Resource):
    """A phone number inside the contact center."""

    number: Annotated[str, Identity(), Field(pattern=NUMBER, description="Four digits, the first not 0.")]
