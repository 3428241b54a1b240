"""A leader's letter and the overview on a phone: the worst lag on the first screen, nothing sideways, not long."""

import pytest
from playwright.async_api import async_playwright

from shared.domain.formatting import LANGUAGES, Lang
from tests.browser.conftest import PHONE, QUIET
from tests.support.sample_digests import digest_to, overview_in, part

LONGEST = 1600
"""Pixels of a letter with three flags, 390 pixels wide."""


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_a_letter_of_three_flags_is_read_in_ten_seconds(chromium_path: str, lang: Lang) -> None:
    html = part(digest_to(lang=lang), "html")
    height, width, bottom = await measured(chromium_path, html, ".summary p:nth-child(3)")
    assert height < LONGEST
    assert width <= PHONE[0]
    assert bottom < PHONE[1], "gap and needed pace are on the first screen"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_overview_fits_a_phone(chromium_path: str, lang: Lang) -> None:
    html = part(overview_in(lang), "html")
    _, width, bottom = await measured(chromium_path, html, "table tbody tr:first-child a")
    assert width <= PHONE[0]
    assert bottom < 2 * PHONE[1], "the most urgent unit is on the second screen at the latest"


async def measured(chromium_path: str, html: str, selector: str) -> tuple[float, float, float]:
    """Height and width of the whole page, and where the element of `selector` ends, in pixels."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(QUIET))
        page = await browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]})
        await page.set_content(html)
        size = await page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
        box = await page.locator(selector).bounding_box()
        await browser.close()
    assert box is not None
    return size[0], size[1], box["y"] + box["height"]
