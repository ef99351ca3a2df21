"""The submitter's own files, behind their secret link."""

from flask import Blueprint, Response

from ...downloads import serve
from .link import Link


def attached(pages: Blueprint, link: Link) -> None:
    """One file, to be saved."""

    @pages.get("/<token>/files/<file_id>")
    def file(token: str, file_id: str) -> Response:
        return serve(link.find(token), file_id, link.stores.files)
