"""The simulator as a server: checks requests, sends replies and streams, plays faults and personas."""
