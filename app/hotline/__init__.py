"""The daily file of an agency's hotline: calls in, answers out."""
