"""Every setting, typed, from the environment; refuses to start on a bad one."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from app.kernel.encryption import Keyring, new_key

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"


class BadSetting(Exception):
    """A setting that cannot be used; the message names it and says what is expected."""


@dataclass(frozen=True)
class Config:
    """What the environment says, checked."""

    database_url: str
    database_owner_url: str
    queue_url: str
    public_url: str
    secret_key: str
    data_keys: Keyring = field(repr=False)
    port: int = 8000
    mail_server: str = ""
    mail_port: int = 587
    mail_username: str = ""
    mail_password: str = field(default="", repr=False)
    mail_tls: str = "starttls"
    mail_from: str = "Answerable <answerable@localhost>"
    # Where mail servers send back what they cannot deliver; without one, to MAIL_FROM.
    mail_bounces: str = ""
    trusted_proxies: int = 0
    demo_password: str = field(default="", repr=False)
    storage_url: str = ""
    # Where texts to residents are posted; without one they are files, and the form says that a phone is for calls only.
    sms_url: str = ""
    # What is posted: JSON where it begins with a brace, else the fields of a form; {to} and {text} stand in it.
    sms_body: str = '{"to": "{to}", "text": "{text}"}'
    sms_authorization: str = field(default="", repr=False)
    # The country (ISO 3166) of numbers that are typed without its code.
    sms_country: str = ""
    # A service like LibreTranslate, which gets texts without persons where an agency allows it and somebody asks.
    translate_url: str = ""
    translate_key: str = field(default="", repr=False)
    # How it is called, for whoever reads what it made.
    translate_name: str = ""
    # Where the browser gets the tiles of maps, and what must be said for them; without it points stand on plain ground.
    map_tiles: str = ""
    map_credit: str = ""
    # How much may be sent in one hour before somebody looks at it first; 0 for without end.
    quota_network: int = 500
    quota_site: int = 2_000
    quota_agency: int = 10_000
    var: Path = VAR

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, var: Path | None = None) -> "Config":
        """Read and check all settings, or raise ``BadSetting``. Secrets that are not set are made into ``var/``."""
        var = var or Path(environment.get("ANSWERABLE_VAR", VAR))
        var.mkdir(parents=True, exist_ok=True)
        port = _number(environment, "PORT", 8000, 1, 65535)
        database_url = _database(environment, "DATABASE_URL", f"sqlite:///{var / 'answerable.db'}")
        translate_url = _post_address(environment, "TRANSLATE_URL")
        return cls(
            var=var,
            port=port,
            database_url=database_url,
            database_owner_url=_database(environment, "DATABASE_OWNER_URL", database_url),
            queue_url=_queue(environment, var, database_url),
            public_url=_web_address(environment, "PUBLIC_URL", f"http://127.0.0.1:{port}"),
            secret_key=environment.get("SECRET_KEY") or _kept(var / "secret_key", secrets.token_urlsafe(48)),
            data_keys=_keys(environment, var),
            mail_server=environment.get("MAIL_SERVER", ""),
            mail_port=_number(environment, "MAIL_PORT", 587, 1, 65535),
            mail_username=environment.get("MAIL_USERNAME", ""),
            mail_password=environment.get("MAIL_PASSWORD", ""),
            mail_tls=_one_of(environment, "MAIL_TLS", ("starttls", "tls", "none")),
            mail_from=environment.get("MAIL_FROM", "Answerable <answerable@localhost>"),
            mail_bounces=_address(environment, "MAIL_BOUNCES"),
            trusted_proxies=_number(environment, "TRUSTED_PROXIES", 0, 0, 10),
            demo_password=environment.get("DEMO_PASSWORD", ""),
            storage_url=_storage(environment, "STORAGE_URL", f"file://{(var / 'photos').resolve()}"),
            sms_url=_post_address(environment, "SMS_URL"),
            sms_body=_template(environment, "SMS_BODY", cls.sms_body, ("{to}", "{text}")),
            sms_authorization=_head_line(environment, "SMS_AUTHORIZATION"),
            sms_country=_country(environment, "SMS_COUNTRY"),
            translate_url=translate_url,
            translate_key=_head_line(environment, "TRANSLATE_KEY"),
            translate_name=(environment.get("TRANSLATE_NAME", "").strip() or urlsplit(translate_url).netloc)[:80],
            map_tiles=_tiles(environment, "MAP_TILES"),
            map_credit=environment.get("MAP_CREDIT", "").strip(),
            quota_network=_number(environment, "QUOTA_NETWORK", 500, 0, 10_000_000),
            quota_site=_number(environment, "QUOTA_SITE", 2_000, 0, 10_000_000),
            quota_agency=_number(environment, "QUOTA_AGENCY", 10_000, 0, 10_000_000),
        )

    @property
    def photo_folder(self) -> Path:
        """Where photos are kept."""
        return Path(self.storage_url.removeprefix("file://"))

    @property
    def map_host(self) -> str:
        """The origin of the tiles: the one that pages with a map may load pictures from beside our own."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""

    def for_flask(self) -> dict[str, object]:
        """The same settings under the names that Flask and its extensions read."""
        secure = self.public_url.startswith("https://")
        return {
            "CONFIG": self,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(self.database_url),
            # Five photos straight from a camera; what is too large of them is thrown away as it comes.
            "MAX_CONTENT_LENGTH": 256 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
            "SESSION_COOKIE_NAME": "answerable",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_CHECK_DEFAULT": True,
            "WTF_CSRF_SSL_STRICT": secure,
            # What fits into the first packets anyway is not worth the work.
            "COMPRESS_MIN_SIZE": 4000,
            "BABEL_DEFAULT_LOCALE": "en",
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        }


def _engine_options(url: str) -> dict[str, object]:
    # Chinese stays legible in JSON columns, so that names in them can be searched.
    common: dict[str, object] = {"json_serializer": partial(json.dumps, ensure_ascii=False)}
    if url.startswith("sqlite"):
        patient = {"check_same_thread": False, "timeout": 10}
        return common | {"connect_args": patient, "pool_size": 20, "max_overflow": 20}
    return common | {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}


def _number(environment: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdigit() or not low <= int(text) <= high:
        raise BadSetting(f"{name} is {text!r}; expected a whole number from {low} to {high}")
    return int(text)


def _one_of(environment: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = environment.get(name) or choices[0]
    if text not in choices:
        raise BadSetting(f"{name} is {text!r}; expected one of {', '.join(choices)}")
    return text


def _address(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    if text and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        raise BadSetting(f"{name} is {text!r}; expected an e-mail address like bounces@example.org")
    return text


def _post_address(environment: Mapping[str, str], name: str) -> str:
    """An address that something is posted to, with its path and what is asked; none where it is not set."""
    url = environment.get(name, "").strip()
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc):
        raise BadSetting(
            f"{name} is {url.partition('?')[0]!r}; expected an address like https://gateway.example.org/send"
        )
    return url


def _template(environment: Mapping[str, str], name: str, default: str, places: tuple[str, ...]) -> str:
    text = environment.get(name, "").strip() or default
    if not all(place in text for place in places):
        raise BadSetting(f"{name} is without {' or '.join(places)}; expected both in it")
    if text.startswith("{"):
        try:
            json.loads(text)
        except ValueError:
            raise BadSetting(f"{name} begins with a brace and is no JSON; expected {default}") from None
    return text


def _head_line(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    if not text.isascii() or not text.isprintable():
        raise BadSetting(f"{name} cannot be sent; expected one line like Bearer TOKEN")
    return text


def _country(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip().upper()
    if not re.fullmatch(r"([A-Z]{2})?", text):
        raise BadSetting(f"{name} is {text!r}; expected two letters like GB")
    return text


def _tiles(environment: Mapping[str, str], name: str) -> str:
    """An address with the places of a tile in its path. Its host is one: no ``{s}`` for several."""
    url = environment.get(name, "").strip()
    if not url:
        return ""
    parts = urlsplit(url)
    is_address = parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc)
    if not is_address or not all(place in parts.path for place in ("{z}", "{x}", "{y}")) or "{s}" in url:
        raise BadSetting(f"{name} is {url!r}; expected an address like https://tiles.example.org/{{z}}/{{x}}/{{y}}.png")
    return url


def _database(environment: Mapping[str, str], name: str, default: str) -> str:
    url = environment.get(name) or default
    if url.startswith("postgresql://"):
        return "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise BadSetting(f"{name} starts with {url.split(':')[0]!r}; expected sqlite:///FILE or postgresql://…")


def _queue(environment: Mapping[str, str], var: Path, database_url: str) -> str:
    follows = database_url.replace("+psycopg", "") if database_url.startswith("postgresql") else ""
    url = environment.get("QUEUE_URL") or follows or f"sqlite:///{var / 'queue.db'}"
    if not url.startswith(("sqlite:///", "postgresql://", "redis://")):
        raise BadSetting(
            f"QUEUE_URL starts with {url.split(':')[0]!r}; expected sqlite:///FILE, postgresql://… or redis://…"
        )
    return url


def _storage(environment: Mapping[str, str], name: str, default: str) -> str:
    url = environment.get(name) or default
    if not url.startswith("file:///"):
        raise BadSetting(f"{name} starts with {url.split('/')[0]!r}; expected file:///FOLDER")
    return url


def _web_address(environment: Mapping[str, str], name: str, default: str) -> str:
    url = (environment.get(name) or default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise BadSetting(f"{name} is {url!r}; expected an address like https://feedback.example.org")
    return url


def _keys(environment: Mapping[str, str], var: Path) -> Keyring:
    text = environment.get("DATA_KEYS") or _kept(var / "data_keys", new_key())
    try:
        return Keyring.from_text(text)
    except ValueError as error:
        raise BadSetting(f"DATA_KEYS: {error}; expected keys of 32 bytes in base64, separated by commas") from None


def _kept(path: Path, fresh: str) -> str:
    """What the file says; if there is none, ``fresh``, written so that only we can read it.

    Two processes that start together agree: whoever creates the file first has decided.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(fresh + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
