"""How Graph says no."""

from __future__ import annotations

from typing import Any

from channels.emulators.asgi import Answer


class Refused(Exception):
    """A call that Graph does not carry out; becomes its answer."""

    def __init__(self, code: int, message: str, *, status: int = 400, sub: int = 0,
                 details: str = "") -> None:  # fmt: skip
        super().__init__(message)
        error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": "OAuthException",
                                 "code": code, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam"}  # fmt: skip
        if sub:
            error["error_subcode"] = sub
        if details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": details}
        self.answer = Answer({"error": error}, status)


def missing(name: str) -> Refused:
    """A required parameter is not there."""
    return Refused(100, f"The parameter {name} is required.")


def invalid(name: str, why: str) -> Refused:
    """A parameter is there and wrong."""
    return Refused(100, f"Param {name} {why}")
