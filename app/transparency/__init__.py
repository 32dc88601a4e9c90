"""The public pages: how the services answer, without seeing anybody."""
