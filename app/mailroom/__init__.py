"""Mail that residents send: read, told from what machines send, filed as feedback or as a message in a case."""
