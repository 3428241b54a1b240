"""The board in a real browser: both languages, keyboard, phone, dark, live, accessible, light in weight."""

import asyncio
import itertools
import re
import statistics

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.conftest import AXE_OPTIONS, DESKTOP, PHONE, Chromium, Visit
from tests.support.board_system import inform_household
from tests.support.processes import Service, System
from tests.support.waiting import wait_until

JULY = "as_of=2023-07-01"
PAGES = ("/?", "/units/phu-my?", "/units/province?target=3&", "/flags?", "/units?q=hoai&", "/units/atlantis?")
FIRST_VIEW_BYTES = 100_000


async def wide(page: Page) -> int:
    width: int = await page.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize(("locale", "heading"), [("vi-VN", "Toàn tỉnh"), ("en-GB", "The whole province")])
async def test_the_first_screen_speaks_the_visitors_language(chromium: Chromium, locale: str, heading: str) -> None:
    async with chromium.visit(locale=locale) as visit:
        await visit.open(f"/?{JULY}")
        await expect(visit.page.get_by_role("heading", level=1)).to_have_text(heading)
        visit.assert_clean()


async def test_the_other_language_is_one_link_away_and_keeps_the_day(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open(f"/units/an-nhon?{JULY}&target=2")
        await visit.page.get_by_role("link", name="English").click()
        await expect(visit.page.get_by_role("heading", level=1)).to_have_text("An Nhon Town Union")
        assert visit.page.url.endswith("/units/an-nhon?as_of=2023-07-01&lang=en&target=2")
        visit.assert_clean()


async def test_the_first_screen_has_the_notices_figures(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open(f"/?{JULY}&lang=vi")
        tile = visit.page.locator("#tile-2")
        await expect(tile).to_contain_text("61,6\u00a0%")
        await expect(tile).to_contain_text("40.676 / 66.000 tài khoản")
        row = visit.page.get_by_role("row", name="Đoàn Khối Doanh nghiệp tỉnh")
        await expect(row.get_by_role("cell").first).to_contain_text("+277,9\u00a0%")
        await expect(visit.page.get_by_role("row")).to_have_count(21)
        flagged = row.get_by_role("cell").first.get_by_role("link")
        await expect(flagged).to_contain_text("Đoàn Khối Doanh nghiệp tỉnh, chỉ tiêu 1: từ")
        box = await visit.page.get_by_role("rowheader").first.bounding_box()
        assert box is not None
        assert box["y"] < DESKTOP[1], "the table of units begins on the first screen"


async def test_another_day_is_picked_with_the_form(chromium: Chromium) -> None:
    async with chromium.visit(java_script_enabled=False) as visit:
        await visit.open("/?lang=en")
        await visit.page.get_by_label("As of 00:00 on").fill("2023-06-01")
        await visit.page.get_by_role("button", name="Show").click()
        await expect(visit.page.locator("#tile-1")).to_contain_text("36,880 / 48,000 accounts")
        assert visit.page.url.endswith("/?lang=en&as_of=2023-06-01")


async def test_a_leader_reaches_the_units_page_by_keyboard_alone(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        page = visit.page
        await visit.open(f"/?{JULY}&lang=en")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#main")).to_be_focused()
        search = page.get_by_role("combobox", name="Find a unit")
        for _ in range(40):
            await page.keyboard.press("Shift+Tab")
            if await search.evaluate("element => element === document.activeElement"):
                break
        await page.keyboard.type("phu my")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Phu My District Union")
        summary = page.locator("#days-1 summary")
        await summary.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("table", name="Members' accounts, Phu My District Union: by day")).to_be_visible()
        visit.assert_clean()


async def test_the_focused_element_is_outlined(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open(f"/?{JULY}")
        for _ in range(6):
            await visit.page.keyboard.press("Tab")
            style = await visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style == "solid"


async def test_a_unit_page_shows_flags_curves_and_shares(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open(f"/units/an-nhon?{JULY}&lang=vi")
        await expect(visit.page.get_by_role("img")).to_have_count(7)
        name = "Tài khoản đoàn viên: lũy kế của Thị đoàn An Nhơn từ 01/5/2023 đến 01/7/2023"
        await expect(visit.page.get_by_role("img", name=name)).to_be_visible()
        card = visit.page.get_by_role("region", name="1 Tài khoản đoàn viên")
        await expect(card).to_contain_text("4,3\u00a0% của 49.795 tài khoản")
        await expect(visit.page.locator(".flag").first).to_contain_text("Thị đoàn An Nhơn, chỉ tiêu 5: từ")
        visit.assert_clean()


async def test_what_the_record_says_stands_beside_what_was_reported(chromium: Chromium) -> None:
    async with chromium.visit(PHONE) as visit:
        await visit.open(f"/units/phu-my?{JULY}&lang=en")
        table = visit.page.get_by_role("table", name="Reconciliation with iGate, the system of record, 06/2023")
        row = table.get_by_role("row", name="7 Households")
        await expect(row.get_by_role("cell").nth(1)).to_have_text("1")
        visit.assert_clean()


async def test_a_new_figure_appears_without_reloading_and_leaves_the_reader_where_they_were(
    chromium: Chromium, system: System
) -> None:
    async with chromium.visit() as visit:
        page = visit.page
        await visit.open(f"/units/van-canh?{JULY}&lang=en")
        await expect(page.locator("#live")).to_contain_text("Live")
        await expect(page.locator("#live")).to_be_visible()
        achieved = page.locator(".card").nth(6).locator(".achieved")
        before = int(re.sub(r"\D", "", (await achieved.inner_text()).split("/")[0]))
        await page.evaluate("window.same = true")
        await page.locator("#days-7 summary").click()
        inform_household(system.ingest, "2023-06-30T09:00:00+07:00")
        await expect(achieved).to_contain_text(f"{before + 1:,} / 9,167 households")
        assert await page.evaluate("window.same") is True
        await expect(page.locator("#days-7")).to_have_attribute("open", "")
        await expect(page.locator("#days-7 summary")).to_be_focused()
        await expect(page.get_by_role("status")).to_contain_text("Figures were updated at")
        visit.assert_clean()


async def test_a_page_of_the_past_stays_as_it_is(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open("/?as_of=2023-06-01")
        await expect(visit.page.locator("#live")).to_be_hidden()
        assert not [request for request in visit.requests if "/events" in request.url]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_the_notice_of_a_closed_month_is_on_the_overview(
    chromium: Chromium, system: System, size: tuple[int, int]
) -> None:
    closed = system.metrics.client.post("/v1/months/2023-06/close", params={"by": "Lan"}, timeout=60)
    assert closed.status_code in (httpx.codes.OK, httpx.codes.CONFLICT), closed.text
    async with chromium.visit(size) as visit:
        months = visit.page.get_by_role("region", name="Closed months")
        async with asyncio.timeout(30):
            while not await months.get_by_text("06/2023").count():  # metrics announces it within a second
                await visit.open(f"/?{JULY}&lang=en")
        async with visit.page.expect_download() as started:
            await months.get_by_role("link", name="Notice of 06/2023, DOCX").click()
        assert (await started.value).suggested_filename == "notice-2023-07-01-en.docx"
        await months.get_by_role("link", name="Notice of 06/2023, HTML").click()
        await expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        assert await wide(visit.page) <= size[0]
        visit.assert_clean()


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280])
async def test_no_page_scrolls_sideways(chromium: Chromium, width: int) -> None:
    async with chromium.visit((width, 800)) as visit:
        for path, lang in itertools.product(PAGES, ("vi", "en")):
            await visit.open(f"{path}{JULY}&lang={lang}")
            assert await wide(visit.page) <= width, path


@pytest.mark.parametrize("scheme", AXE_OPTIONS)
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
async def test_axe_finds_no_violation(chromium: Chromium, scheme: str, size: tuple[int, int]) -> None:
    async with chromium.visit(size, color_scheme=scheme) as visit:
        for path in PAGES:
            await visit.open(f"{path}{JULY}&lang=en")
            await visit.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found = await Axe().run(visit.page, options=AXE_OPTIONS[scheme])
            assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


async def test_dark_is_dark_and_light_is_light(chromium: Chromium) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        async with chromium.visit(color_scheme=scheme) as visit:
            await visit.open(f"/?{JULY}")
            colour = await visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
            grounds.append(statistics.mean(map(int, re.findall(r"\d+", colour))))
    light, dark = grounds
    assert light > 200
    assert dark < 60


async def test_the_first_view_is_light(chromium: Chromium) -> None:
    async with chromium.visit() as visit:
        await visit.open(f"/?{JULY}")
        weights = [await weight(visit), await unit_weight(chromium)]
    assert max(weights) < FIRST_VIEW_BYTES


async def unit_weight(chromium: Chromium) -> int:
    async with chromium.visit() as visit:
        await visit.open(f"/units/quy-nhon?{JULY}")
        return await weight(visit)


async def weight(visit: Visit) -> int:
    """Bytes transferred for a page and all it loads, headers included."""
    entries = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
    total: int = await visit.page.evaluate(f"{entries}.reduce((sum, each) => sum + each.transferSize, 0)")
    assert total > 0
    return total


async def test_a_hidden_page_holds_no_connection_and_catches_up_when_it_is_shown(
    chromium: Chromium, system: System, board: Service
) -> None:
    async with chromium.visit() as visit:
        await visit.open("/")
        main = visit.page.locator("#main")
        await expect(visit.page.locator("#live")).to_be_visible()
        await show(visit.page, hidden=True)
        before = await main.get_attribute("data-version") or ""
        asked = event_requests(visit)
        inform_household(system.ingest, "2023-06-30T10:00:00+07:00")
        wait_until(lambda: f'data-version="{before}"' not in httpx.get(board.url).text)
        assert await main.get_attribute("data-version") == before
        assert event_requests(visit) == asked
        await show(visit.page, hidden=False)
        await expect(main).not_to_have_attribute("data-version", before)
        visit.assert_clean()


async def show(page: Page, *, hidden: bool) -> None:
    """Tell the page that it is hidden, or shown."""
    value = str(hidden).lower()
    await page.evaluate(f"Object.defineProperty(document, 'hidden', {{ configurable: true, get: () => {value} }})")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def event_requests(visit: Visit) -> int:
    return sum("/events" in request.url for request in visit.requests)
