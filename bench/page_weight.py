"""What the resident's form weighs on a first visit: all that a browser asks for, as it crosses the wire."""

from dataclasses import dataclass

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.web.languages import OF_RESIDENTS

# What browsers say on plain HTTP; over TLS they also take Brotli, which weighs less.
ACCEPTS = {"Accept-Encoding": "gzip, deflate", "Accept": "text/html"}
# What the page's script asks for by itself, once all can be seen; a test in a browser knows that it is no more.
ASKED_BY_SCRIPT = ("/service-worker.js", "/offline?lang={language}")


@dataclass(frozen=True)
class Weight:
    """Bytes of the bodies, compressed as served, and how many requests it takes to have them all."""

    page: int
    styles: int
    scripts: int
    offline: int
    requests: int

    @property
    def needed(self) -> int:
        """HTML and CSS: the form works without its scripts."""
        return self.page + self.styles

    @property
    def all(self) -> int:
        """With scripts, and with what lets it be installed and opened without a line."""
        return self.needed + self.scripts + self.offline


def measure(app: Flask, path: str) -> Weight:
    """The heaviest of the form's languages; ``RuntimeError`` where the page or a part of it is missing."""
    return max((weigh(app.test_client(), path, code) for code in OF_RESIDENTS), key=lambda each: each.all)


def weigh(client: FlaskClient, path: str, language: str) -> Weight:
    path = f"{path}?lang={language}"
    page = BeautifulSoup(text_of(client, path), "html.parser")
    styles = {str(link["href"]) for link in page.select("link[rel~=stylesheet][href]")}
    scripts = {str(script["src"]) for script in page.select("script[src]")}
    offline = {str(link["href"]) for link in page.select("link[rel~=manifest][href], link[rel~=icon][href]")}
    offline |= {str(picture["src"]) for picture in page.select("img[src]")}
    offline |= {address.format(language=language) for address in ASKED_BY_SCRIPT}
    # What stands in the page itself was weighed with it.
    offline = {address for address in offline if not address.startswith("data:")}
    return Weight(
        page=transferred(client, path),
        styles=sum(transferred(client, address) for address in styles),
        scripts=sum(transferred(client, address) for address in scripts),
        offline=sum(transferred(client, address) for address in offline),
        requests=1 + len(styles) + len(scripts) + len(offline),
    )


def transferred(client: FlaskClient, address: str) -> int:
    response = client.get(address, headers=ACCEPTS)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: status {response.status_code}")
    return len(response.data)


def text_of(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)
