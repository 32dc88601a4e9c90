"""The ground: words, time, the database, errors. Imports nothing of ours."""
