"""What several tests share: servers, kernels, browsers, and values to test with."""
