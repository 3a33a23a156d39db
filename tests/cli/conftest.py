from tests.plain.conftest import state

__all__ = ["state"]
