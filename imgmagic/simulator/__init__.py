"""A server of our own, so that the first cell always draws something; it shares no code with the wire."""
