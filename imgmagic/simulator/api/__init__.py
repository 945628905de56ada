"""The simulator as a server: requests checked, replies and streams sent, faults and personas played."""
