"""A browser without a screen: follows links and redirects, fills forms as the page offers them, tokens included."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.test import Client, TestResponse


@dataclass
class Form:
    """One form of a page: where it goes, how, and what it holds already."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
        elif self.forms and tag in ("input", "textarea", "select", "button", "option"):
            self._control(tag, values)

    def _control(self, tag: str, values: dict[str, str]) -> None:
        form, name = self.forms[-1], values.get("name", "")
        if tag == "option":
            if self._select and ("selected" in values or self._select not in form.values):
                form.values[self._select] = values.get("value", "")
            return
        if tag == "select":
            self._select = name
        form.names.add(name)
        chosen = "checked" in values or values.get("type", "text") not in ("radio", "checkbox", "submit")
        if tag == "input" and name and chosen:
            form.values[name] = values.get("value", "")
        if tag == "textarea":
            self._area = name
            form.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].values[self._area] += data


class Browser:
    """One person's browser."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page, following redirects."""
        return self.client.get(path, follow_redirects=True, **options)

    def submit(self, path: str, **fields: str) -> TestResponse:
        """Open the page and send the form that has all these fields, the way a browser would."""
        return self.send(path, self.form(path, *fields), **fields)

    def form(self, path: str, *names: str, action: str | None = None) -> Form:
        """The first POST form of a page with these fields (and action)."""
        page = self.get(path)
        parser = _Forms()
        parser.feed(page.text)
        for form in parser.forms:
            if form.method == "post" and set(names) <= form.names and (action is None or form.action.endswith(action)):
                return form
        raise AssertionError(f"{path} ({page.status}) has no POST form with {names} {action or ''}: {parser.forms}")

    def send(self, path: str, form: Form, **fields: str) -> TestResponse:
        """Send a form as filled, following redirects."""
        target = urljoin(path, form.action) if form.action else path
        parts = urlsplit(target)
        where = parts.path + (f"?{parts.query}" if parts.query else "")
        return self.client.post(where, data={**form.values, **fields}, follow_redirects=True)
