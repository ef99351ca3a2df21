"""Words that pages choose by a code, in the reader's language."""

from flask_babel import gettext as _

Choice = tuple[str, str, str]


def kinds() -> list[Choice]:
    """The five kinds as (code, word, sentence)."""
    return [
        ("complaint", _("A complaint"), _("Something went wrong, or keeps going wrong.")),
        ("idea", _("An idea"), _("Something could be better, and you see how.")),
        ("need", _("A need"), _("There is something you need for your work.")),
        ("praise", _("Praise"), _("Something went well, and somebody should know.")),
        ("question", _("A question"), _("You want to know how or why something is so.")),
    ]


def reasons() -> dict[str, str]:
    """Why something was declined."""
    return {
        "budget": _("There is no budget for it"),
        "security": _("It would put security at risk"),
        "policy": _("A rule does not allow it"),
        "capacity": _("There is nobody who could do it now"),
        "exists_already": _("It exists already"),
        "no_value": _("It would not bring enough"),
        "not_ours": _("It is not ours to decide"),
    }


def problems(names: dict[str, bool]) -> dict[str, str]:
    """What to do about each field of a form; the flag says whether something was typed there."""
    words = {
        "kind": _("Choose what it is."),
        "unit": _("Choose a department, or say that you are not sure."),
        "text": _("Write what you want to say, in a sentence or more."),
        "rating": _("Choose a number from 1 to 5."),
        "score": _("Choose a number from 1 to 5."),
        "name": _("Write your name in one line, with at most 100 characters."),
        "email": _("Write the address like name@example.com, or leave it empty."),
        "wants": _("Choose what you want to hear."),
        "way": _("Choose how you want to hear it."),
        "comment": _("This text is too long, or has characters we cannot keep. Please shorten it."),
    }
    too_long = words["comment"]
    words["why"] = too_long
    return {name: too_long if name == "text" and typed else words[name] for name, typed in names.items()}
