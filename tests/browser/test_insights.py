"""The figures: a chart that can be read, and the numbers behind it."""

import re

import pytest
from playwright.sync_api import expect

from services.insights.store import JourneyStore, UnitStore
from tests.browser.conftest import Visit
from tests.browser.site import ADA, Site
from tests.unit.insights import histories


def fill_a_year(site: Site) -> None:
    """Four hundred feedback of twelve months."""
    store = site.world.process.store("insights")
    events = [event for story in histories.year(11, 400) for event in story.events()]
    histories.tell(events, JourneyStore(store), UnitStore(store))


@pytest.fixture(scope="module", autouse=True)
def year(site: Site) -> None:
    fill_a_year(site)


def test_a_chart_stands_beside_its_table(visit: Visit) -> None:
    me = visit(ADA)
    page = me.open("/insights/")
    chart = page.get_by_role("img", name=re.compile("Satisfaction with IT, from 1 to 5"))
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box
    assert box["width"] > 300
    assert len(page.locator("svg.chart circle").all()) > 3
    last = page.locator("svg.chart text.label-1").first.text_content()
    me.tab_to("details summary")
    me.keys("Enter")
    table = page.get_by_role("table", name=re.compile("Satisfaction, number of answers"))
    expect(table).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("^IT"))).to_contain_text(str(last))


def test_each_sentence_and_figure_opens_the_journeys_behind_it(visit: Visit) -> None:
    page = visit(ADA).open("/insights/")
    for place in (".lead a", "td a"):
        page.goto(page.url.split("journeys")[0])
        page.locator(place).first.click()
        page.wait_for_url(re.compile("/insights/journeys"))
        expect(page.locator("tbody tr").first).to_be_visible()


def test_the_filter_lives_in_the_address(visit: Visit) -> None:
    page = visit(ADA).open("/insights/")
    page.get_by_label("Unit", exact=True).select_option("finance")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(re.compile("unit=finance"))
    expect(page.get_by_role("img", name=re.compile("Satisfaction with"))).to_have_count(1)
