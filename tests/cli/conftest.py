from tests.rigs.state import state

__all__ = ["state"]
