"""Where staff find what belongs to intake."""

from typing import Final

from flask import Blueprint, render_template

from ...chassis.identity import ADMIN, signed_in, staff_page

FOR_ALL: Final = [
    ("/intake/record", "Record", "Write down what somebody told you, so that they get an answer."),
    ("/intake/posters", "Posters", "A link and a QR code that open the form already filled in."),
]
FOR_ADMINS: Final = [
    ("/intake/quarantine", "Quarantine", "Mails that could not be read, with the reason, and another try."),
    ("/intake/import", "Import", "Take over feedback from before, from a table."),
    ("/intake/clients", "Clients", "Keys for programs that send feedback."),
]


def blueprint() -> Blueprint:
    """The page at /intake/."""
    pages = Blueprint("intake", __name__)

    @pages.get("/intake/")
    @staff_page()
    def overview() -> str:
        places = FOR_ALL + (FOR_ADMINS if signed_in().role == ADMIN else [])
        return render_template("feedback/intake.html", places=places)

    return pages
