"""Settings: a wrong one is named in one line, with what was expected, and nothing starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import BadSetting, Config

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("DATABASE_URL", "mysql://db"),
        ("QUEUE_URL", "amqp://queue"),
        ("PUBLIC_URL", "answerable.example"),
        ("PUBLIC_URL", "https://answerable.example/?a=b"),
        ("MAIL_TLS", "perhaps"),
        ("MAIL_PORT", "-1"),
        ("MAIL_BOUNCES", "Bounces <bounces>"),
        ("SMS_URL", "gateway.example"),
        ("SMS_URL", "https://user:secret@gateway.example/send"),
        ("SMS_BODY", "To={to}"),
        ("SMS_BODY", "{to: {to}, text: {text}}"),
        ("SMS_AUTHORIZATION", "Bearer\nX: y"),
        ("SMS_COUNTRY", "England"),
        ("TRANSLATE_URL", "translate.example"),
        ("TRANSLATE_KEY", "schlüssel"),
        ("TRUSTED_PROXIES", "all"),
        ("STORAGE_URL", "s3://photos"),
        ("STORAGE_URL", "file://photos"),
        ("DATA_KEYS", "short"),
        ("DATA_KEYS", "!!"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, name, value):
    with pytest.raises(BadSetting, match=f"^{name}.*expected"):
        Config.from_environment({name: value}, tmp_path)


def test_without_any_setting_it_runs_embedded(tmp_path):
    config = Config.from_environment({}, tmp_path)

    assert config.database_url == f"sqlite:///{tmp_path / 'answerable.db'}"
    assert config.public_url == "http://127.0.0.1:8000"
    assert Config.from_environment({}, tmp_path).secret_key == config.secret_key
    assert (tmp_path / "data_keys").stat().st_mode & 0o077 == 0


def test_the_queue_follows_the_database(tmp_path):
    config = Config.from_environment({"DATABASE_URL": "postgresql://db/answerable"}, tmp_path)

    assert config.database_url == "postgresql+psycopg://db/answerable"
    assert config.queue_url == "postgresql://db/answerable"


def test_a_command_ends_with_status_2(tmp_path):
    environment = os.environ | {"PORT": "eighty", "ANSWERABLE_VAR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "analyse", "--version"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.strip().splitlines() == [
        "Answerable cannot start: PORT is 'eighty'; expected a whole number from 1 to 65535."
    ]
