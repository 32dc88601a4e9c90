"""Which stages have pages: the doors of the product, on one screen."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
