"""What is set, and where it came from: settings, providers, keys and prices."""
