"""The weekly email: who gets it, what is in it, when it goes."""
