"""The review of a contract: one page for both sides, and what they agree to do, living on from review to review."""
