"""Rasa behind the same port: an HTTP client for a server that listens on loopback.

https://rasa.com/docs/rasa/pages/http-api: `POST /model/train`, `PUT /model`, `POST /model/parse`,
`GET /status`. The old model answers until the new one is loaded, so a swap fails no request.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from bot.nlu.engine import (
    FOREIGN_INTENTS,
    Entity,
    HeldOut,
    NluError,
    NotTrained,
    Parse,
    Progress,
    Status,
    Training,
    Unavailable,
    checked,
)
from bot.nlu.entities import find_entities
from bot.nlu.rasa_data import training_yaml

_PARSE_SECONDS = 1.0
_TRAIN_SECONDS = 1800.0
_HOLD_OUT = 5  # every fifth example of an intent is held out to calibrate
_FEWEST = 3  # examples of an intent from which on one may be held out
_MOST_HELD_OUT = 400
_KEPT_IN_SCOPE = 0.97
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns Rasa's confidences into chances; kept beside the model's name."""

    model_file: str
    sharpness: float = 1.0
    threshold: float = 0.5
    intents: int = 0
    examples: int = 0
    languages: tuple[str, ...] = ()


class RasaNlu:
    """The port's engine that asks a Rasa server. Safe to share between threads."""

    name = "rasa"

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        state: Path | None = None,
        parse_seconds: float = _PARSE_SECONDS,
        config: Path = Path(__file__).parents[1] / "rasa" / "config.yml",
    ) -> None:
        host = urlsplit(url).hostname or ""
        if host not in _LOOPBACK and not token:
            raise NluError(
                f"{host} is not this machine: set a token, and let nobody else reach the server. "
                "Its REST channel ignores the token."
            )
        self._client = httpx.Client(
            base_url=url,
            params={"token": token} if token else None,
            timeout=httpx.Timeout(parse_seconds, connect=min(parse_seconds, 0.5)),
            trust_env=False,
        )
        self._config = config
        self._state = state
        self._training = threading.Lock()
        self._calibration = _read(state)

    def train(
        self,
        examples: Iterable[tuple[str, str, str]],
        *,
        descriptions: Mapping[str, str] | None = None,  # noqa: ARG002 - Rasa learns from examples
        progress: Progress | None = None,
    ) -> Training:
        """Train over HTTP, twice: without a fifth to calibrate on it, then with everything."""
        known = checked(examples)
        if len({intent for _, intent, _ in known}) < 2:  # noqa: PLR2004 - a classifier's minimum
            raise NluError("Rasa needs at least two intents with examples.")
        tell = progress or (lambda _what, _share: None)
        began = time.perf_counter()
        with self._training:
            learnt, left_out = _split(known)
            held_out: tuple[HeldOut, ...] = ()
            calibration = Calibration("")
            if left_out:
                tell("training without a fifth, to calibrate", 0.0)
                trial = self._train(learnt)
                # A swap: while the trial is measured it also answers. It knows four fifths.
                self._load(trial)
                tell("asking what was left out", 0.45)
                raw = [(one, self._parse(one[0], calibration)) for one in left_out]
                calibration = _calibrate(calibration, raw)
                held_out = tuple(
                    HeldOut(*one, _calibrated(parse, calibration)) for one, parse in raw
                )
            tell("training with everything", 0.5)
            final = self._train(known)
            self._load(final)
            languages = tuple(sorted({language for _, _, language in known if language}))
            self._calibration = replace(
                calibration,
                model_file=final,
                intents=len({intent for _, intent, _ in known}),
                examples=len(known),
                languages=languages,
            )
            self._write()
        tell("done", 1.0)
        right = [sample.parse.intent == sample.intent for sample in held_out]
        return Training(
            examples=len(known),
            intents=self._calibration.intents,
            seconds=time.perf_counter() - began,
            accuracy=sum(right) / len(right) if right else None,
            held_out=held_out,
        )

    def parse(self, text: str, language: str | None = None) -> Parse:  # noqa: ARG002 - the port's
        """Understand one text. Raises `NotTrained`, `Unavailable`."""
        calibration = self._calibration
        if not calibration.model_file:
            raise NotTrained("Rasa has not been trained by this desk yet.")
        return _calibrated(self._parse(text, calibration), calibration)

    def status(self) -> Status:
        """Whether the server answers and has our model."""
        calibration = self._calibration
        try:
            answer = self._request("GET", "/status").json()
        except (Unavailable, NotTrained, ValueError) as error:
            return Status(self.name, ready=False, detail=str(error))
        return Status(
            self.name,
            ready=bool(calibration.model_file),
            detail=str(answer.get("model_file", "")),
            intents=calibration.intents,
            examples=calibration.examples,
            languages=calibration.languages,
        )

    def use(self, calibration: Calibration) -> None:
        """Go back to a former model. Raises `Unavailable`, `NluError` when it is gone."""
        self._load(calibration.model_file)
        self._calibration = calibration
        self._write()

    @property
    def calibration(self) -> Calibration:
        """The model in use; hand it to `use` to come back to it."""
        return self._calibration

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _train(self, examples: Sequence[tuple[str, str, str]]) -> str:
        body = training_yaml(self._config.read_text(encoding="utf-8"), examples)
        answer = self._request(
            "POST",
            "/model/train",
            content=body.encode(),
            headers={"Content-Type": "application/yaml"},
            params={"save_to_default_model_directory": "true", "force_training": "true"},
            timeout=_TRAIN_SECONDS,
        )
        name = answer.headers.get("filename", "")
        if not name:
            raise NluError("Rasa trained but did not name its model.")
        return f"models/{Path(name).name}"

    def _load(self, model_file: str) -> None:
        self._request("PUT", "/model", json={"model_file": model_file}, timeout=120.0)

    def _parse(self, text: str, calibration: Calibration) -> Parse:
        answer = self._request("POST", "/model/parse", json={"text": text}).json()
        ranking = tuple(
            (str(row["name"]), float(row["confidence"]))
            for row in answer.get("intent_ranking", ())
            if row.get("name")
        )
        intent = (answer.get("intent") or {}).get("name")
        return Parse(
            intent=ranking[0][0] if ranking else intent,
            confidence=ranking[0][1] if ranking else 0.0,
            ranking=ranking,
            in_scope=bool(ranking) and ranking[0][1] >= calibration.threshold,
            familiarity=ranking[0][1] if ranking else 0.0,
            entities=_entities(text, answer.get("entities", ())),
            engine=self.name,
        )

    def _request(self, method: str, path: str, **options: object) -> httpx.Response:
        merged = dict(options)
        if self._client.params and "params" in merged:
            merged["params"] = {**dict(self._client.params), **merged["params"]}  # type: ignore[dict-item]
        try:
            answer = self._client.request(method, path, **merged)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            raise Unavailable(f"Rasa does not answer ({type(error).__name__}).") from error
        if answer.status_code == httpx.codes.CONFLICT:
            raise Unavailable("Rasa is up but has no model loaded yet.")
        if answer.status_code >= 500:  # noqa: PLR2004 - the server's own failures
            raise Unavailable(f"Rasa failed with status {answer.status_code}: {answer.text[:200]}")
        if answer.status_code >= 400:  # noqa: PLR2004 - refused
            raise NluError(f"Rasa refused with status {answer.status_code}: {answer.text[:200]}")
        return answer

    def _write(self) -> None:
        if self._state is not None:
            self._state.parent.mkdir(parents=True, exist_ok=True)
            partial = self._state.with_suffix(".part")
            partial.write_text(json.dumps(asdict(self._calibration)), encoding="utf-8")
            partial.replace(self._state)


def _read(state: Path | None) -> Calibration:
    if state is None or not state.exists():
        return Calibration("")
    try:
        found = json.loads(state.read_text(encoding="utf-8"))
        return Calibration(**(found | {"languages": tuple(found["languages"])}))
    except (ValueError, TypeError, KeyError) as error:
        raise NluError(f"{state} is not readable ({error}): remove it and train again.") from error


def _split(
    examples: Sequence[tuple[str, str, str]],
) -> tuple[Sequence[tuple[str, str, str]], Sequence[tuple[str, str, str]]]:
    """What is learnt at first, and what is left out of it."""
    totals: dict[str, int] = {}
    for _, intent, _ in examples:
        totals[intent] = totals.get(intent, 0) + 1
    seen: dict[str, int] = {}
    learnt: list[tuple[str, str, str]] = []
    left_out: list[tuple[str, str, str]] = []
    for example in examples:
        intent = example[1]
        seen[intent] = seen.get(intent, 0) + 1
        spare = totals[intent] >= _FEWEST and seen[intent] % _HOLD_OUT == _FEWEST
        (left_out if spare and len(left_out) < _MOST_HELD_OUT else learnt).append(example)
    return learnt, left_out


def _calibrate(
    start: Calibration, raw: Sequence[tuple[tuple[str, str, str], Parse]]
) -> Calibration:
    """The temperature under which the held-out intents are likeliest, and the default threshold."""
    best, sharpness = -np.inf, 1.0
    for candidate in np.geomspace(0.3, 6, 30):
        value = 0.0
        for (_, intent, _), parse in raw:
            chances = dict(_sharpened(parse.ranking, float(candidate)))
            value += float(np.log(chances.get(intent, 0.0) + 1e-4))
        if value > best:
            best, sharpness = value, float(candidate)
    found = replace(start, sharpness=sharpness)
    right = sorted(
        _calibrated(parse, found).confidence
        for (_, intent, _), parse in raw
        if parse.intent == intent and intent.lower() not in FOREIGN_INTENTS
    )
    threshold = right[int((1 - _KEPT_IN_SCOPE) * len(right))] if right else 0.5
    return replace(found, threshold=threshold)


def _sharpened(
    ranking: Sequence[tuple[str, float]], sharpness: float
) -> tuple[tuple[str, float], ...]:
    powers = [(intent, max(chance, 1e-9) ** sharpness) for intent, chance in ranking]
    total = sum(power for _, power in powers)
    return tuple((intent, power / total) for intent, power in powers)


def _calibrated(parse: Parse, calibration: Calibration) -> Parse:
    if not parse.ranking:
        return parse
    ranking = _sharpened(parse.ranking, calibration.sharpness)
    best = ranking[0][0].lower()
    return replace(
        parse,
        confidence=ranking[0][1],
        ranking=ranking,
        familiarity=ranking[0][1],
        in_scope=ranking[0][1] >= calibration.threshold and best not in FOREIGN_INTENTS,
    )


def _entities(text: str, found: Iterable[Mapping[str, object]]) -> tuple[Entity, ...]:
    """Ours, and Rasa's where they do not overlap: the rules are the same for every engine."""
    own = list(find_entities(text))
    for row in found:
        start, end = int(str(row.get("start", 0))), int(str(row.get("end", 0)))
        if all(end <= entity.start or start >= entity.end for entity in own):
            own.append(Entity(str(row.get("entity")), str(row.get("value")), start, end))
    return tuple(sorted(own, key=lambda entity: entity.start))
