from pathlib import Path

import pytest

from imgmagic.store.history.mounts import kind_of_disk

TABLE = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw
28 27 0:40 / /home rw,relatime - nfs4 server:/home rw
29 28 0:41 / /home/ana/my\040disk rw,relatime - xfs /dev/sdb rw
30 27 0:42 / /mnt rw,relatime - ext4 /dev/sdc rw
31 27 0:43 / /mnt rw,relatime - fuse.sshfs ana@far: rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/x", "ext4"),
        ("/homes/x", "ext4"),
        ("/home/ana/x", "nfs4"),
        ("/home/ana/my disk/x", "xfs"),
        ("/mnt/x", "fuse.sshfs"),
    ],
)
def test_the_disk_of_a_path_is_the_one_that_is_mounted_nearest(path: str, kind: str) -> None:
    """By whole names of folders, and of two mounts in one place by the later one."""
    assert kind_of_disk(Path(path), TABLE) == kind


def test_without_a_mount_nothing_is_known() -> None:
    """An empty table names no disk."""
    assert kind_of_disk(Path("/x"), "") is None
