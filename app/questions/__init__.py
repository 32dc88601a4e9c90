"""What residents are asked besides what everybody is asked: an agency's own questions about a service, in versions."""
