"""The page for what is not there, and that the helpers of these tests notice what they are for."""

from __future__ import annotations

import asyncio

import pytest
from factories import make_user


def test_the_page_for_what_is_not_there_is_readable_for_all(page, axe, reflows, shot):
    assert page.goto("/nowhere/").status == 404
    assert page.locator("h1").inner_text() == "There is nothing here"
    axe(page)
    reflows(page)
    shot(page, "not-found")


def test_a_fault_of_access_and_a_wide_page_are_noticed(page, axe, reflows):
    page.goto("/nowhere/")
    page.evaluate("document.querySelector('main').innerHTML += '<img src=\"/x.png\">'")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
    page.evaluate("document.querySelector('main').style.width = '500px'")
    with pytest.raises(AssertionError, match="pixels"):
        reflows(page)


def test_somebody_goes_on_signed_in(page, sign_in):
    page.goto("/nowhere/")
    assert page.get_by_role("link", name="Home").count() == 0
    sign_in(page, make_user())
    page.goto("/nowhere/")
    assert page.get_by_role("link", name="Home").count() == 1


def test_documents_can_be_signed_beside_the_browser(page):
    async def nothing() -> str:
        return "done"

    page.goto("/nowhere/")
    assert asyncio.run(nothing()) == "done"
    assert page.locator("h1").count() == 1
