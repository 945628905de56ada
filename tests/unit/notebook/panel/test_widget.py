"""The surface of a panel, over the comms of kernels that are not ipykernel."""

from collections.abc import Callable

from imgmagic.notebook.panel.widget import Surface


class BareComm:
    """A comm as xeus-python has it: it takes no attribute, and has no way for messages but the one that is set."""

    __slots__ = ("_on_msg",)
    comm_id = "1"

    def on_msg(self, callback: Callable[[object], None]) -> None:
        self._on_msg = callback

    def hear(self, content: object) -> None:
        data = {"method": "custom", "content": content}
        self._on_msg({"content": {"data": data}, "buffers": [], "parent_header": {}})

    def send(self, *_: object, **__: object) -> None:
        """Reach nobody."""

    def close(self, *_: object, **__: object) -> None:
        """Do nothing."""


def test_a_comm_that_takes_no_attribute_carries_messages() -> None:
    """The panel hears its page where cells and messages have one way only."""
    surface, comm, heard = Surface(), BareComm(), []
    surface.close()
    surface.comm = comm
    surface.on_msg(lambda _widget, content, _buffers: heard.append(content))

    surface.answer_beside_cells()
    comm.hear({"kind": "ready"})

    assert heard == [{"kind": "ready"}]
