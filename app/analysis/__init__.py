"""What feedback says: its language, how it feels, what it is about, how urgent it is, and nobody's name."""
