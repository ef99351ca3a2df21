"""The pages of staff: queue, case, directory and sign-in."""

from .case import blueprint as case
from .directory import blueprint as directory
from .password import blueprint as password
from .queue import blueprint as queue
from .sign_in import blueprint as sign_in

__all__ = ["case", "directory", "password", "queue", "sign_in"]
