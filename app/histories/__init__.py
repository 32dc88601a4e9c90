"""Past feedback and events, taken in from files."""
