"""Styles as they are written mean what their sources mean."""

import pytest
from playwright.sync_api import Browser

from zoo.reporting.site.assets import ASSETS, compact_css, zoo_css

pytestmark = pytest.mark.browser


def test_a_style_without_blanks_means_the_same(browser: Browser) -> None:
    page = browser.new_page()
    rules = """(text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      return [...sheet.cssRules].map((rule) => rule.cssText.replace(/\\s*,\\s+/g, ","));
    }"""
    styles = [zoo_css(), *(file.read_bytes() for file in sorted(ASSETS.glob("*.css")))]
    for style in styles:
        whole = page.evaluate(rules, style.decode())
        assert whole and page.evaluate(rules, compact_css(style).decode()) == whole
    page.close()
