"""A demo that looks like life: two agencies, their contracts, and twelve weeks of what residents said."""
