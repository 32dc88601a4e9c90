"""Letters, and the postman who carries them."""
