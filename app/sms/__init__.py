"""Text messages to residents, and the gateway that carries them."""
