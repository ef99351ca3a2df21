"""What a server says about a request that broke names no secret link."""

import logging

import pytest
import structlog

from services.chassis import logs

SECRET = "5e" * 32


def test_the_server_tells_where_it_broke_but_not_behind_which_link(
    capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    logs.configure("info")
    request.addfinalizer(structlog.reset_defaults)
    for path in (f"/t/{SECRET}", f"/back?code={SECRET}", f"/t/{SECRET}/reply"):
        try:
            raise RuntimeError(SECRET)
        except RuntimeError:
            logging.getLogger("waitress").exception("Exception while serving %s", path)
    said = capfd.readouterr().err
    assert said.count("Exception while serving /t/...") == 2
    assert said.count("Exception while serving /back/...") == 1
    assert "RuntimeError" in said
    assert SECRET not in said
