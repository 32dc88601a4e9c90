"""What was said: feedback, as facts and as words kept apart."""
