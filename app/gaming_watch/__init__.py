"""Patterns in which figures may be played with: shown to managers with their evidence, and never an accusation."""
