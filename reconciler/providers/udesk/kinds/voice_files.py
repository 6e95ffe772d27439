"""Udesk voice files: prompts to upload. Source: Udesk CTI Cloud API, "IVR Configuration Management"."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from reconciler.model.resource import Creates, DigestOf, Identity, Needed, Resource, Risky, WriteOnly


class VoiceFile(Resource):
    """A wav file that prompts can play."""

    name: Annotated[
        str, Identity(), Field(pattern=r"^[^/\\\x00-\x1f]{1,200}$", description="File name at the vendor.")
    ]
    path: Annotated[
        str, Needed(), WriteOnly(), Field(min_length=1, description="The wav file, relative to this YAML file.")
    ] = ""
    description: Annotated[
        str, Creates(), Field(description="A remark; it travels with the next upload of the file.")
    ] = ""
    digest: Annotated[
        str,
        Risky("medium"),
        DigestOf("path", magic=((0, b"RIFF"), (8, b"WAVE")), word="a wav file"),
    ] = ""
