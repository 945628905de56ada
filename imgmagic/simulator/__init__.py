"""A server of our own, so that the first cell always draws something; it shares no code with the wire.

Words in the prompt can ask for faults, such as `[simulate: 429 once]`: see `imgmagic.simulator.api.faults`.
"""

from imgmagic.simulator.service import Simulator

__all__ = ["Simulator"]
