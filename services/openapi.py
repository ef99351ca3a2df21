"""The OpenAPI 3.1 document: one per service, and the merged one that is published at /v1/openapi.json.

Building a document needs no database: the clients that the apps hold connect at first use.
"""

from typing import Any

from .chassis.process import Process
from .embedded import SERVICES

Document = dict[str, Any]
SECTIONS = ("schemas", "responses", "parameters", "securitySchemes")


def document(process: Process, name: str) -> Document:
    """One service's document."""
    app = SERVICES[name].create_app(process)
    spec: Document = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    return spec


def merged(process: Process) -> Document:
    """All services' documents as one; the same name must mean the same thing, else ValueError."""
    whole: Document = {}
    for name in SERVICES:
        whole = _join(whole, document(process, name), name)
    whole["info"] = {"title": "Liaise", "version": "v1", "description": "Feedback that gets an answer."}
    return whole


def _join(whole: Document, part: Document, name: str) -> Document:
    components = {
        section: _union(
            whole.get("components", {}).get(section, {}),
            part.get("components", {}).get(section, {}),
            f"{name} {section}",
        )
        for section in SECTIONS
    }
    tags = [*whole.get("tags", []), *(tag for tag in part.get("tags", []) if tag not in whole.get("tags", []))]
    paths = _union(whole.get("paths", {}), part.get("paths", {}), f"{name} paths")
    return {**part, **whole, "paths": paths, "tags": tags, "components": components}


def _union(one: Document, other: Document, where: str) -> Document:
    clashes = [key for key in one.keys() & other.keys() if one[key] != other[key]]
    if clashes:
        raise ValueError(f"{where}: two meanings for {', '.join(sorted(clashes))}")
    return {**one, **other}
