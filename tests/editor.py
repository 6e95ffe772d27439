"""YAML as an editor reads it, which is not quite as Python's reader does."""

from __future__ import annotations

import re

import yaml


class EditorLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as an editor's language server reads it: `no` is a text, and 0571 is 571."""


EditorLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN"),
):
    EditorLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), [*first, ""])
EditorLoader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))
