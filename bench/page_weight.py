"""What the resident's form weighs on a first visit: the page and its stylesheets, as they cross the wire."""

from dataclasses import dataclass

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

# What browsers say on plain HTTP; over TLS they also take Brotli, which weighs less.
ACCEPTS = {"Accept-Encoding": "gzip, deflate", "Accept": "text/html"}


@dataclass(frozen=True)
class Weight:
    """Bytes of the bodies, compressed as served."""

    page: int
    styles: int
    scripts: int

    @property
    def needed(self) -> int:
        """HTML and CSS: the form works without its scripts."""
        return self.page + self.styles


def measure(app: Flask, path: str) -> Weight:
    """The heaviest of the form's languages; ``RuntimeError`` where the page or a part of it is missing."""
    return max((weigh(app.test_client(), f"{path}?lang={code}") for code in ("en", "zh")), key=lambda each: each.needed)


def weigh(client: FlaskClient, path: str) -> Weight:
    page = BeautifulSoup(text_of(client, path), "html.parser")
    styles = {str(link["href"]) for link in page.select("link[rel~=stylesheet][href]")}
    scripts = {str(script["src"]) for script in page.select("script[src]")}
    return Weight(
        page=transferred(client, path),
        styles=sum(transferred(client, address) for address in styles),
        scripts=sum(transferred(client, address) for address in scripts),
    )


def transferred(client: FlaskClient, address: str) -> int:
    response = client.get(address, headers=ACCEPTS)
    if response.status_code != 200:
        raise RuntimeError(f"{address}: status {response.status_code}")
    return len(response.data)


def text_of(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True)
