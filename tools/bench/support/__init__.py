"""What the benchmarks run: a kernel, a scripted server, and a reader in a process of its own."""
