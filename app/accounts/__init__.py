"""Members, their memberships and roles, signing in."""
