"""Promises kept after the commit: what must happen later, written in the same transaction."""
