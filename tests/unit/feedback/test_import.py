"""A table of past feedback: looked at first, taken over once, row errors named by line."""

import io
import re
from typing import Any

import pytest

from services.feedback import app as feedback_app
from services.feedback.schemas.table import read_table
from tests.unit.feedback.conftest import Room
from tests.world import World

TABLE = """reference;unit;kind;date;text;name;email;colour
A-1;IT;complaint;2025-03-31;The lift is dark.;Sam Field;sam@example.com;red
A-2;finance;idea;31.03.2025;"Show the ""why"";
on two lines.";;;blue
A-3;nowhere;complaint;2025-03-31;Lost.;;;
A-4;;shout;2099-01-01;;;not-an-address;
"""


def upload(browser: Any, text: str | bytes, name: str = "old.csv") -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    form = browser.form("/intake/import", "table")
    data = {**form.values, "table": (io.BytesIO(content), name)}
    return browser.client.post("/intake/import", data=data, content_type="multipart/form-data")


def take_over(browser: Any, page: Any) -> Any:
    [path] = set(re.findall(r'action="(/intake/import/[\w-]+)"', page.text))
    form = browser.form("/intake/import", "table")
    while 'name="csrf_token"' in page.text and f'action="{path}"' in page.text:
        token = {"csrf_token": form.values["csrf_token"]}
        page = browser.client.post(path, data=token, follow_redirects=True)
    return page


@pytest.fixture
def admin(world: World) -> Any:
    return world.liaison("ada@example.com")


def test_a_dry_run_names_the_rows_that_cannot_be_taken_and_imports_nothing(world: World, admin: Any) -> None:
    page = upload(admin, TABLE).text
    assert "2 rows can be imported." in page
    assert "2 cannot, and are left out." in page
    assert "colour" in page
    rows = re.findall(r'class="number">(\d+)</th><td>(.*?)</td>', page)
    assert [line for line, _ in rows] == ["4", "5"]
    assert "No unit has this id or name." in rows[0][1]
    for column in ("text", "kind", "date", "email"):
        assert f"<code>{column}</code>" in rows[1][1]
    assert world.process.store("feedback")["feedback"].count_documents({}) == 0


def test_a_table_is_taken_over_once_however_often_it_comes(world: World, admin: Any) -> None:
    done = take_over(admin, upload(admin, TABLE)).text
    assert "All 2 rows are done." in done
    again = take_over(admin, upload(admin, TABLE)).text
    assert re.search(r"Here already</dt><dd class=\"number\">2<", again)
    world.drain()
    kept = sorted(world.process.store("feedback")["feedback"].find({}), key=lambda one: one["unit"])
    assert [(one["unit"], one["said_at"].isoformat()[:10], one["channel"]) for one in kept] == [
        ("finance", "2025-03-31", "import"),
        ("it", "2025-03-31", "import"),
    ]
    assert kept[0]["text"] == 'Show the "why";\non two lines.'
    mailed = world.process.store("notify")["notifications"].count_documents({"kind": "receipt", "state": "sent"})
    assert mailed == 0, "nobody hears now that something said long ago has arrived"


def test_a_row_that_came_with_other_words_before_is_told_and_stays(world: World, admin: Any) -> None:
    take_over(admin, upload(admin, "reference,text\nA-1,First.\n"))
    page = take_over(admin, upload(admin, "reference,text\nA-1,Second.\n")).text
    assert "What came first stays as it is." in page
    [kept] = world.process.store("feedback")["feedback"].find({})
    assert kept["text"] == "First."


def test_many_rows_go_on_step_by_step_and_a_stop_in_the_middle_loses_none(world: World, admin: Any) -> None:
    table = "text\n" + "".join(f"No. {number}\n" for number in range(220))
    page = upload(admin, table)
    [path] = set(re.findall(r'action="(/intake/import/[\w-]+)"', page.text))
    token = {"csrf_token": admin.form("/intake/import", "table").values["csrf_token"]}
    first = admin.client.post(path, data=token, follow_redirects=True)
    assert "100 of 220 rows are done." in first.text
    # The write of how far it is was lost, the rows were not: they are done again and count once.
    world.process.store("feedback")["imports"].update_one({}, {"$set": {"done": 0}})
    end = take_over(admin, first).text
    assert "All 220 rows are done." in end
    assert world.process.store("feedback")["feedback"].count_documents({}) == 220
    assert world.process.store("feedback")["imports"].find_one({})["content"] is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose the file"),
        (b"name,kind\nSam,idea\n", "one of them must be `text`"),
        (b"text\n", "nothing below it"),
        (b'"text\nA', "save the sheet as CSV again"),
        (b"text," + b"x" * 200_000 + b"\nA,B\n", "save the sheet as CSV again"),
        (b"text,text\nA,B\n", "Two columns are named text"),
        (b"PK\x03\x04\x00\x00", "no CSV file"),
        (b'text\n"never closed\n', "save the sheet as CSV again"),
        (b"text\n" + b"x\n" * 5001, "more than 5000 rows"),
        (b"x" * 5_000_001, "more than 5 MB"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_what_to_do(admin: Any, content: bytes, sentence: str) -> None:
    page = upload(admin, content)
    assert page.status_code == 422
    assert sentence in page.text.replace("&#39;", "'")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_come_as_spreadsheets_save_them(room: Room, encoding: str, delimiter: str) -> None:
    text = delimiter.join(["Text", "Unit"]) + "\r\n" + delimiter.join(["Für Zoë", "it"]) + "\r\n"
    table = read_table(text.encode(encoding), room.units.current(), "UTC", room.clock.now())
    assert [row.said.text for row in table.rows if row.said] == ["Für Zoë"]


def test_a_text_that_was_cut_at_a_comma_is_refused_and_not_taken_in_half(room: Room) -> None:
    cut = b"text,kind\nA\nThe VPN drops, and nobody answers,idea\n"
    table = read_table(cut, room.units.current(), "UTC", room.clock.now())
    assert [row.line for row in table.rows if row.said] == [2]
    assert "Put quotes around" in table.rows[1].problems["text"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1/2/2025", "soon"])
def test_a_day_there_never_was_is_a_row_error(room: Room, date: str) -> None:
    table = read_table(f"text;date\nA;{date}\n".encode(), room.units.current(), "UTC", room.clock.now())
    assert set(table.rows[0].problems) == {"date"}


def test_the_same_row_saved_by_another_program_is_the_same_feedback(room: Room) -> None:
    saved = [
        b'text,unit\n"One.\nTwo.",it\n',
        b'text,unit\r\n"One.\r\nTwo. ",IT\r\n',
        b'unit;colour;text;name\nit;red;"One.\nTwo.";\n',
    ]
    tables = [read_table(content, room.units.current(), "UTC", room.clock.now()) for content in saved]
    assert len({table.rows[0].key for table in tables}) == 1


def test_rows_whose_unit_went_half_way_are_counted_and_no_other_is_skipped(world: World, admin: Any) -> None:
    rows = [f"No. {number},{'people' if number % 2 else 'it'}\n" for number in range(220)]
    page = upload(admin, "text,unit\n" + "".join(rows))
    [path] = set(re.findall(r'action="(/intake/import/[\w-]+)"', page.text))
    token = {"csrf_token": admin.form("/intake/import", "table").values["csrf_token"]}
    first = admin.client.post(path, data=token, follow_redirects=True)
    world.process.store("feedback")["units"].update_one({"_id": "people"}, {"$set": {"active": False}})
    world.apps["feedback"] = feedback_app.create_app(world.process)
    fresh = world.liaison("ada@example.com")
    end = take_over(fresh, fresh.get(path)).text
    assert "100 of 220" in first.text
    assert re.search(r"Refused since you looked</dt><dd class=\"number\">60<", end)
    assert world.process.store("feedback")["feedback"].count_documents({}) == 160


def test_only_admins_import(world: World) -> None:
    assert world.liaison().get("/intake/import").status_code == 403
