"""A contract and a period in numbers: built once, dressed as page, file and letter."""
