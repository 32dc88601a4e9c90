"""What every page shares: guests, transactions, errors, headers, languages, paging."""
