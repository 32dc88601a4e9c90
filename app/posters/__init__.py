"""Posters and stickers with the code of a site, to be printed and put up."""
