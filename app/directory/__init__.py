"""Who answers for what: agencies, providers, contracts, clauses, KPIs, sites."""
