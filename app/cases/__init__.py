"""The duty to answer a complaint: events, moves, clocks, inbox and case page."""
