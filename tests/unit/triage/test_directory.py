"""The directory: what an admin may change, and the file a new install starts with."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.chassis.settings import EXAMPLE_DIRECTORY, BadSetting
from services.triage import app
from services.triage.schemas.directory import read_file

IT = "/triage/directory/units/it"
NEW = "/triage/directory/units/new"


def post(browser: Any, path: str, **changes: Any) -> Any:
    """Send the unit form as it stands, with some of it changed; None takes a field away."""
    form = browser.form(path, "liaison")
    values = {**form.values, "deputies": ["jonas"] if path == IT else [], **changes}
    data = {name: value for name, value in values.items() if value is not None}
    return browser.client.post(form.action, data=data, follow_redirects=True)


def test_an_admin_changes_a_unit_and_everybody_hears_of_it(triage: Any) -> None:
    browser = triage.browser("ada@example.com")
    page = post(
        browser, IT, name="IT and phones", addresses="it\n phones \n", liaison="jonas", deputies=["ines", "ada"]
    )
    assert "IT and phones is saved." in page.text
    kind, data = triage.said("it")[-1]
    assert kind == "directory.unit_defined"
    assert (data["name"], data["addresses"], data["liaison"]["id"]) == ("IT and phones", ["it", "phones"], "jonas")
    assert triage.submit().owner.id == "jonas"
    before = triage.said("it")
    post(browser, IT, deputies=["ines", "ada"])
    assert triage.said("it") == before


def test_a_new_unit_can_take_over_the_fallback(triage: Any) -> None:
    browser = triage.browser("ada@example.com")
    values = {
        "id": "legal",
        "name": "Legal",
        "liaison": "priya",
        "deputies": ["ines"],
        "fallback": "yes",
        "active": "yes",
        "first_answer_days": "2",
        "outcome_days": "9",
    }
    page = post(browser, NEW, **values)
    assert "Legal is saved." in page.text
    assert [unit.id for unit in triage.units.all() if unit.fallback] == ["legal"]
    assert triage.said("it")[-1][1]["fallback"] is False
    assert triage.submit(unit="nowhere").owner.id == "priya"
    assert post(browser, NEW, **values | {"name": "Law"}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deputies": []}, "IT needs a deputy"),
        ({"deputies": ["ines"]}, "cannot be their own deputy"),
        ({"liaison": "nobody"}, "Choose somebody who has an active account."),
        ({"fallback": None}, "One unit must be the fallback"),
        ({"active": None}, "choose another unit for that first"),
        ({"addresses": "finance"}, "Two units have the mail address finance"),
        ({"addresses": "it@example.com"}, "Only the part before the @"),
        ({"domains": "@sales.example"}, "Only a domain such as sales.example"),
        ({"time_zone": "Mars/Olympus"}, "time zone such as Europe/Berlin"),
        ({"outcome_days": "0"}, "Between 1 and 365 working days"),
        ({"name": "Finance"}, "Two units have the name finance"),
    ],
)
def test_what_would_not_hold_together_is_refused(triage: Any, changes: dict[str, Any], sentence: str) -> None:
    before = triage.units.all()
    page = post(triage.browser("ada@example.com"), IT, **changes)
    assert page.status_code == 422
    assert sentence in page.text
    assert triage.units.all() == before


def test_an_admin_adds_a_person_whose_password_is_shown_once(triage: Any) -> None:
    browser = triage.browser("ada@example.com")
    page = browser.submit("/triage/directory", name="Nora Lind", email="Nora@example.com", role="liaison", password="")
    assert "It is shown this once" in page.text
    password = page.text.split('<b class="code">')[1].split("<")[0]
    assert "Sign out" in triage.browser().submit("/sign-in", email="nora@example.com", password=password).text
    assert password not in browser.get("/triage/directory").text
    for fields, status in (
        ({"name": "Nora Again", "email": "nora@EXAMPLE.com"}, 409),
        ({"name": "", "email": "x@example.com"}, 422),
        ({"name": "X", "email": "nonsense"}, 422),
        ({"name": "X", "email": "x@example.com", "password": "short"}, 422),
    ):
        assert browser.submit("/triage/directory", role="liaison", **fields).status_code == status
    assert len(triage.accounts.all()) == 5


def test_nobody_leaves_who_is_still_needed(triage: Any) -> None:
    browser = triage.browser("ada@example.com")

    def press(person: str, move: str) -> str:
        form = browser.form("/triage/directory", action=f"/people/{person}/{move}")
        return str(browser.send("/triage/directory", form).text)

    assert "Ada Okafor is the only admin." in press("ada", "deactivate")
    assert "Priya Raman answers for" in press("priya", "deactivate")
    nora = app.add_account(triage.process, "Nora Lind", "nora@example.com", "admin", "long enough 1").account
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/assign", json={"owner": nora})
    assert "Nora Lind has open cases." in press(nora, "deactivate")
    triage.api()("POST", f"/v1/cases/{case.id}/assign", json={"owner": "ines"})
    assert "Nora Lind can no longer sign in." in press(nora, "deactivate")
    assert (
        "Sign out" not in triage.browser().submit("/sign-in", email="nora@example.com", password="long enough 1").text
    )
    assert "Nora Lind can sign in again." in press(nora, "activate")


@pytest.mark.parametrize(
    "staff", [{"liaison": "ada", "deputies": ["jonas"]}, {"liaison": "ada", "deputies": ["priya"]}]
)
def test_nobody_leaves_a_unit_with_its_open_cases(triage: Any, staff: dict[str, Any]) -> None:
    case = triage.submit()  # ines's
    browser = triage.browser("ada@example.com")
    page = post(browser, IT, **staff)
    assert page.status_code == 422
    assert "Ines Marchetti has open cases of IT." in page.text
    assert triage.browser("ines@example.com").get(f"/triage/cases/{case.id}").status_code == 200
    triage.api()("POST", f"/v1/cases/{case.id}/assign", json={"owner": "ada"})
    assert "IT is saved." in post(browser, IT, **staff).text


def test_an_admin_may_leave_a_unit_as_they_still_see_it(triage: Any) -> None:
    case = triage.submit()
    triage.api()("POST", f"/v1/cases/{case.id}/assign", json={"owner": "ada"})
    browser = triage.browser("ada@example.com")
    assert "IT is saved." in post(browser, IT, deputies=["jonas", "ada"]).text
    assert "IT is saved." in post(browser, IT).text


def test_the_example_file_is_taken(tmp_path: Path) -> None:
    first, password = read_file(EXAMPLE_DIRECTORY)
    assert [unit.id for unit in first.units] == ["it", "finance", "people"]
    assert password == "liaise-demo"


def _spoil(data: dict[str, Any], what: str) -> None:
    units, people = data["units"], data["people"]
    match what:
        case "liaison":
            units[0]["liaison"] = "ghost"
        case "deputy":
            units[0]["deputies"] = ["ghost"]
        case "no deputy":
            units[1]["deputies"] = []
        case "no fallback":
            units[0]["fallback"] = False
        case "two fallbacks":
            units[1]["fallback"] = True
        case "typo":
            units[0]["liason"] = "ines"
        case "zone":
            units[2]["time_zone"] = "Berlin"
        case "same email":
            people[0]["email"] = "INES@example.com"
        case "same unit":
            units[1]["id"] = "it"
        case "no people":
            del data["people"]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("liaison", "The liaison of IT, ghost, is not among the people."),
        ("deputy", "A deputy of IT, ghost, is not among the people."),
        ("no deputy", "Finance needs a deputy"),
        ("no fallback", "One unit must be the fallback"),
        ("two fallbacks", "Only one unit can be the fallback, not IT and Finance."),
        ("typo", "units, 1, liason: Unknown field."),
        ("zone", "units, 3, time_zone: This must be a time zone"),
        ("same email", "people: Two people have the same email."),
        ("same unit", "Two units have the same id."),
        ("no people", "people: Missing data"),
    ],
)
def test_a_bad_file_is_one_plain_sentence_and_seeds_nothing(
    process: Any, tmp_path: Path, what: str, sentence: str
) -> None:
    data = yaml.safe_load(EXAMPLE_DIRECTORY.read_text())
    _spoil(data, what)
    path = tmp_path / "directory.yaml"
    path.write_text(yaml.safe_dump(data))
    process.settings = replace(process.settings, directory_file=path)
    with pytest.raises(BadSetting) as error:
        app.migrate(process)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)
    assert process.store("triage")["units"].count_documents({}) == 0


def test_a_file_that_is_not_there_or_not_yaml_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="cannot be read"):
        read_file(tmp_path / "none.yaml")
    path = tmp_path / "bad.yaml"
    path.write_text("{units: [")
    with pytest.raises(BadSetting, match="is not YAML"):
        read_file(path)


def test_a_seeding_that_died_half_way_is_finished(process: Any) -> None:
    app.migrate(process)
    store = process.store("triage")
    store["seeds"].delete_many({})
    store["units"].delete_one({"_id": "people"})
    store["units"].update_one({"_id": "it"}, {"$set": {"name": "Changed by hand"}})
    app.migrate(process)
    assert store["units"].count_documents({}) == 3
    assert store["units"].find_one({"_id": "it"})["name"] == "Changed by hand"
