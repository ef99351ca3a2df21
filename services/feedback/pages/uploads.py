"""Files that a form brings, and what pages say about those that were not kept."""

from collections.abc import Iterable

from flask import request
from flask_babel import gettext as _

from ..domain.files import EMPTY, MORE, PROGRAM, TELLING, TOO_LARGE, TOO_MANY, TOO_MUCH, FileRules, Refused
from ..handlers.files import Offered

FIELD, CHOSEN = "files", "kept_files"


def offered() -> list[Offered]:
    """The files of this form, from their beginning; a browser sends a nameless empty one where nothing was chosen."""
    sent = [one for one in request.files.getlist(FIELD) if one.filename]
    for one in sent:
        one.stream.seek(0)
    return [Offered(one.filename or "", one.mimetype, one.stream) for one in sent]


def chosen() -> list[str]:
    """The ids of those that this form brought before and that are still wanted."""
    return request.form.getlist(CHOSEN)


def reasons(rules: FileRules) -> dict[str, str]:
    """Why a file was not kept."""
    return {
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
