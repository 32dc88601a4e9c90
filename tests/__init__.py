"""The tests: unit (rules), web (stories), integration (real servers), browser (journeys)."""
