"""What lies in a bucket, read past the store; no test stands here."""

import fsspec


def keys(bucket: str) -> dict[str, bytes]:
    """Return what is in the bucket, by relative names."""
    files, root = fsspec.core.url_to_fs(bucket, use_listings_cache=False)
    return {key.removeprefix(f"{root}/"): files.cat_file(key) for key in files.find(root)}
