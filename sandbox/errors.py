"""What the simulated Telegram answers when it refuses."""

from typing import Any


class BotApiError(Exception):
    """A refusal as the Bot API words it: HTTP status, description, response parameters."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the refusal."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class ControlError(Exception):
    """The control side cannot do what was asked (409): the message says why, in English."""


def bad_request(reason: str, **parameters: Any) -> BotApiError:
    """Return a 400 with `Bad Request:` before the reason."""
    return BotApiError(400, f"Bad Request: {reason}", parameters or None)


def forbidden(reason: str) -> BotApiError:
    """Return a 403 with `Forbidden:` before the reason."""
    return BotApiError(403, f"Forbidden: {reason}")


def too_many_requests(seconds: int) -> BotApiError:
    """Return a 429 that asks to wait so many whole seconds."""
    return BotApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
