"""Runs real clients against a portal and compares what arrives with what they send."""
