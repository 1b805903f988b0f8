"""What the main thread of Chromium spends on a page of a site, in CPU time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.sites.transfer import FLAGS, find_browser, serve


@contextmanager
def browsing(site: Path) -> Iterator[tuple[Browser, str]]:
    """Start Chromium beside a server of the site; yield it and the site's address."""
    with serve(site) as (address, _sent), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser, address
        browser.close()


def metering(page: Page) -> CDPSession:
    """Return a session of the page that counts CPU time of its main thread."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})
    return client


def spent(client: CDPSession) -> float:
    """Return the milliseconds that the main thread has spent, without the measuring itself."""
    metrics = client.send("Performance.getMetrics")["metrics"]
    by_name = {metric["name"]: 1000 * metric["value"] for metric in metrics}
    return by_name["TaskDuration"] - by_name["DevToolsCommandDuration"]


def say(what: str, values: list[float], bar: float | None = None) -> None:
    """Print median and 95th percentile, in milliseconds, beside their bar."""
    late = quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
    end = "" if bar is None else f", bar {bar:g} ms: {'reached' if late <= bar else 'MISSED'}"
    print(f"{what}: median {median(values):.1f} ms, 95th percentile {late:.1f} ms{end}", flush=True)
