"""The resident's pages: give, receipt, track."""
