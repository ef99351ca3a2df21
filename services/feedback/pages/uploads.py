"""Files that a form brings, and what pages say about those that were not kept."""

from collections.abc import Iterable

from flask import request
from flask_babel import gettext as _

from ...contracts.files import File
from ..domain.files import (
    AWAY,
    EMPTY,
    GONE,
    MORE,
    PROGRAM,
    TELLING,
    TOO_LARGE,
    TOO_MANY,
    TOO_MUCH,
    FileRules,
    Refused,
    clean_name,
)
from ..handlers.files import Offered, Taken

FIELD, CHOSEN = "files", "kept_files"


def offered() -> list[Offered]:
    """The files of this form, from their beginning; a browser sends a nameless empty one where nothing was chosen."""
    sent = [one for one in request.files.getlist(FIELD) if one.filename]
    for one in sent:
        one.stream.seek(0)
    return [Offered(one.filename or "", one.mimetype, one.stream) for one in sent]


def chosen() -> dict[str, str]:
    """Those that this form brought before and that are still wanted: ids and, for when they are gone, names."""
    parts = (one.partition(" ") for one in request.form.getlist(CHOSEN))
    return {file_id: name for file_id, _space, name in parts}


def still_chosen() -> Taken:
    """What a form is shown with while nothing can be kept: what it has stays chosen, what is new is named."""
    kept = (File(id=one, name=clean_name(name), content_type="", size=0, sha256="") for one, name in chosen().items())
    return Taken(tuple(kept), tuple(Refused(clean_name(one.name), AWAY) for one in offered()))


def choose_again() -> dict[str, str]:
    """What to say at the field of files of a form that is shown again without them."""
    names = ", ".join(clean_name(one.name) for one in offered())
    return {FIELD: _("Please choose your files again: %(names)s", names=names)} if names else {}


def reasons(rules: FileRules) -> dict[str, str]:
    """Why a file was not kept."""
    return {
        GONE: _("It was kept for one day only. Please attach it again; once this is sent, on your page."),
        AWAY: _("It could not be kept just now. Please choose it again."),
        EMPTY: _("It is empty."),
        PROGRAM: _("Programs are not taken."),
        TOO_LARGE: _("It is larger than %(size)s.", size=megabytes(rules.bytes_each)),
        TOO_MANY: _("That was one file too many: at most %(count)s at once.", count=rules.at_once),
        TOO_MUCH: _("All files together were larger than %(size)s.", size=megabytes(rules.bytes_together)),
        TELLING: _("This picture cannot be freed of what it says about you; send it as a screenshot."),
    }


def megabytes(size: int) -> str:
    """A limit as people say it."""
    return f"{size // 1_000_000} MB"


def not_kept(refused: Iterable[Refused], rules: FileRules) -> dict[str, str]:
    """What is wrong with the field of files, when nothing else came; nothing when there was no file either."""
    why = reasons(rules)
    sentences = [
        _("And %(count)s more.", count=one.count)
        if one.reason == MORE
        else _("Not kept: %(name)s. %(reason)s", name=one.name, reason=why[one.reason])
        for one in refused
    ]
    return {FIELD: " ".join(sentences)} if sentences else {}
