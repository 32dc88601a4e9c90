"""The libraries' objects, made here, configured in ``create_app``; and the keys that seal what names a person."""

from flask import current_app
from flask_babel import Babel
from flask_compress import Compress
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from app.kernel.database import Base
from app.kernel.encryption import Keyring

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
csrf = CSRFProtect()
babel = Babel()
security = Security()
# Asked where somebody signs in, and nowhere else: looking at every request for limits costs all of them.
tries = MemoryStorage()
limiter = FixedWindowRateLimiter(tries)
compress = Compress()


def data_keys() -> Keyring:
    """The keys of DATA_KEYS."""
    keys: Keyring = current_app.config["CONFIG"].data_keys
    return keys
