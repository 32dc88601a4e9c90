"""Absolute links, from PUBLIC_URL alone: what a request says of its host is never believed."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app


def absolute(endpoint: str, **values: Any) -> str:
    """The full address of a page, also outside any request."""
    public_url: str = current_app.config["CONFIG"].public_url
    return public_url + path(endpoint, **values)


def path(endpoint: str, **values: Any) -> str:
    """The path of a page, also outside any request."""
    host = urlsplit(current_app.config["CONFIG"].public_url).netloc
    return current_app.url_map.bind(host).build(endpoint, values)


def short_link(address: str) -> str:
    """An address as it is read and typed: browsers ask for TLS by themselves.

    >>> short_link("https://say.riverside.example/give/RS-001")
    'say.riverside.example/give/RS-001'
    """
    return address.removeprefix("https://")
