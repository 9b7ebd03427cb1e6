"""The settings: what each variable takes, and one clear sentence for each that is wrong.

No sentence repeats a value: tokens, keys and passwords are among them.
"""

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

TELEGRAM = "https://api.telegram.org"
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
# Telegram's ids fit into 52 bits.
_HIGHEST_ID = 2**52


class SettingsError(Exception):
    """Settings are wrong or missing; the text is one sentence a line, fit to be shown."""


class Settings(BaseSettings):
    """Everything that is set from outside; each field is the environment variable of its name.

    A field's description says what the variable takes. A variable that is set but empty counts as
    unset.
    """

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    bot_token: SecretStr | None = Field(
        None, description="the bot's token as @BotFather gives it (digits, a colon, 35 signs)"
    )
    admin_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        (), description="the Telegram ids of the first admins, numbers separated by commas"
    )
    database_url: str = Field(
        "sqlite+aiosqlite:///symptom-diary.db",
        description="sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME",
        repr=False,
    )
    telegram_api_url: str = Field(
        TELEGRAM, description=f"the base address of a Bot API server, such as {TELEGRAM}"
    )
    webhook_url: str | None = Field(
        None, description="the public https address that Telegram sends updates to"
    )
    webhook_secret: SecretStr | None = Field(
        None, description="1 to 256 of the signs A-Z a-z 0-9 _ -"
    )
    clock_url: str | None = Field(
        None, description="the address of a simulated Telegram's clock on this machine"
    )
    allow_plaintext: bool = Field(False, description="true or false")
    listen: str = Field("127.0.0.1:8080", description="HOST:PORT")
    encryption_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="keys as `symptom-diary keys new` makes them, newest first, separated by "
        "commas",
        repr=False,
    )
    bulk_per_second: float = Field(
        22.0, ge=1, le=1000, description="messages a second, a number from 1 to 1000"
    )
    heartbeat_url: str | None = Field(
        None, description="an http or https address that is called while all is well", repr=False
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        "INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    log_format: Literal["console", "json"] = Field("console", description="console or json")

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        stripped = value.strip()
        return stripped or cls.model_fields[info.field_name or ""].get_default()

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", value.get_secret_value()):
            raise ValueError("this has another shape")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _ids(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        for number, part in enumerate(ids, 1):
            if not (part.isascii() and part.isdigit() and 0 < int(part) < _HIGHEST_ID):
                raise ValueError(f"number {number} of these is not a person's id")
        return tuple(dict.fromkeys(int(part) for part in ids))

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        scheme, found, _ = value.partition("://")
        if scheme in _DRIVERS:
            raise ValueError(f"this begins with {scheme}://; write {_DRIVERS[scheme]}:// instead")
        if not found or scheme not in _DRIVERS.values():
            raise ValueError("this begins with something else")
        try:
            make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError("this cannot be read as such an address") from None
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _api(cls, value: str) -> str:
        _require_web_address(value)
        if urlsplit(value).path.rstrip("/").endswith("/bot"):
            raise ValueError("this ends with /bot, which is added later; leave it out")
        return value.rstrip("/")

    @field_validator("clock_url", "heartbeat_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None:
            _require_web_address(value)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: str | None) -> str | None:
        if value is not None:
            _require_web_address(value)
            if not value.lower().startswith("https:") and not is_loopback(value):
                raise ValueError("this is http, which Telegram refuses; write https")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("this is longer or has other signs")
        return value

    @field_validator("listen")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host.strip("[]") or not (port.isascii() and port.isdigit() and int(port) < 65536):
            raise ValueError("this is not a host, a colon and a port from 0 to 65535")
        return value

    @field_validator("encryption_keys", mode="before")
    @classmethod
    def _keys(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        keys = [part.strip() for part in value.split(",") if part.strip()]
        for number, key in enumerate(keys, 1):
            try:
                Fernet(key)
            except ValueError:
                raise ValueError(f"number {number} of these is not such a key") from None
        return tuple(dict.fromkeys(keys))

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if info.field_name == "log_level" else value.lower()

    @property
    def listen_host(self) -> str:
        """The address that health, metrics and the webhook listen on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def listen_port(self) -> int:
        """The port that health, metrics and the webhook listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must never be shown or logged."""
        hidden = [self.bot_token, self.webhook_secret]
        plain = [value.get_secret_value() for value in hidden if value is not None]
        password = make_url(self.database_url).password
        return (*plain, *self.encryption_keys, *([password] if password else []))

    def require_token(self) -> str:
        """The bot's token.

        Raises:
            SettingsError: it is not set.
        """
        if self.bot_token is None:
            raise SettingsError(
                "BOT_TOKEN is not set: talk to @BotFather in Telegram, send /newbot, and put the "
                "token it gives you into .env as BOT_TOKEN=..."
            )
        return self.bot_token.get_secret_value()

    def require_keys(self) -> tuple[str, ...]:
        """The encryption keys, newest first; none only where ALLOW_PLAINTEXT is true.

        Raises:
            SettingsError: there are none and plain text is not allowed.
        """
        if not self.encryption_keys and not self.allow_plaintext:
            raise SettingsError(
                "ENCRYPTION_KEYS is not set: run `symptom-diary keys new` and put the key it "
                "prints into .env, or set ALLOW_PLAINTEXT=true to store patients' words readable "
                "by anyone who gets the database."
            )
        return self.encryption_keys


def load_settings(env_file: str | Path | None = ".env", **overrides: Any) -> Settings:
    """The settings from the environment, then `env_file`; `overrides` (by field name) win.

    A file that does not exist counts as empty.

    Raises:
        SettingsError: something is wrong; one sentence a line for each variable, no values.
    """
    try:
        settings = Settings(_env_file=env_file, **overrides)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise SettingsError("\n".join(map(_sentence, found))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{env_file} takes lines such as LOG_LEVEL=INFO in UTF-8, but it cannot be read "
            f"({type(error).__name__})."
        ) from None
    wrong = [sentence for check in _TOGETHER if (sentence := check(settings))]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _require_web_address(value: str) -> None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or any(sign.isspace() for sign in value):
        raise ValueError("this is not a web address")


def _sentence(error: ErrorDetails) -> str:
    field = str(error["loc"][0])
    reason = "this is something else"
    if error["type"] == "value_error":
        reason = error["msg"].removeprefix("Value error, ")
    return f"{field.upper()} takes {Settings.model_fields[field].description}, but {reason}."


def _clock_stays_here(settings: Settings) -> str | None:
    if settings.clock_url and not is_loopback(settings.telegram_api_url):
        return (
            "CLOCK_URL takes effect only beside a simulated Telegram, but TELEGRAM_API_URL is not "
            "an address on this machine: remove CLOCK_URL."
        )
    return None


def _webhook_has_secret(settings: Settings) -> str | None:
    if settings.webhook_url and settings.webhook_secret is None:
        takes = Settings.model_fields["webhook_secret"].description
        return f"WEBHOOK_SECRET takes {takes}, but it is not set and WEBHOOK_URL needs it."
    return None


_TOGETHER: tuple[Callable[[Settings], str | None], ...] = (_clock_stays_here, _webhook_has_secret)
