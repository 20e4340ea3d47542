"""The contract of every engine, and the breaker between two."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.nlu.embedded import EmbeddedNlu
from bot.nlu.engine import NluEngine, NluError, NotTrained, Parse, Status, Unavailable
from bot.nlu.fallback import FallbackNlu
from bot.nlu.rasa import RasaNlu
from bot.nlu.rasa_server import PYTHON, RasaServer
from tests.bot.data import EXAMPLES, Letters, embedder

TOKEN = "only-for-this-test"
CHINESE = [
    ("我的订单12345678在哪里", "track_order", "zh"),
    ("订单什么时候送到", "track_order", "zh"),
    ("我想退款", "refund", "zh"),
    ("怎么申请退款", "refund", "zh"),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A Rasa server that can be ended and started again at the same place."""

    def __init__(self, folder: Path) -> None:
        self.process = RasaServer(folder, free_port(), TOKEN)
        self.url = self.process.url

    def engine(self) -> RasaNlu:
        return RasaNlu(self.url, token=TOKEN)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not PYTHON.exists():
        pytest.fail("Rasa is not installed here: run `make rasa`.")
    found = Server(tmp_path_factory.mktemp("rasa"))
    found.process.start()
    yield found
    found.process.stop(kill=True)


@pytest.fixture(
    params=["embedded", pytest.param("rasa", marks=[pytest.mark.rasa, pytest.mark.timeout(600)])]
)
def engine(request: pytest.FixtureRequest) -> Iterator[NluEngine]:
    if request.param == "embedded":
        yield EmbeddedNlu(embedder())
    else:
        rasa = request.getfixturevalue("server").engine()
        yield rasa
        rasa.close()


def test_every_engine_learns_answers_and_says_what_it_knows(engine: NluEngine) -> None:
    with pytest.raises(NotTrained):
        engine.parse("where is my order")
    with pytest.raises(NluError):
        engine.train([])
    shares: list[float] = []
    training = engine.train(EXAMPLES + CHINESE, progress=lambda _what, share: shares.append(share))
    assert (training.examples, training.intents) == (len(EXAMPLES) + len(CHINESE), 3)
    assert shares[-1] == 1.0
    found = engine.parse("where is my parcel, order 445566778?", "en")
    assert found.intent == "track_order"
    assert found.engine == engine.name
    assert found.ranking[0] == (found.intent, found.confidence)
    assert sum(chance for _, chance in found.ranking) == pytest.approx(1, abs=0.01)
    assert [(one.kind, one.value) for one in found.entities] == [("order_number", "445566778")]
    chinese = engine.parse("请问订单87654321在哪里")
    assert chinese.intent == "track_order"
    assert ("order_number", "87654321") in [(one.kind, one.value) for one in chinese.entities]
    status = engine.status()
    assert status.ready
    assert (status.intents, status.languages) == (3, ("en", "zh"))


class Flaky:
    """An engine that is there or not."""

    name = "flaky"

    def __init__(self) -> None:
        self.up = True
        self.asked = 0

    def parse(self, text: str, language: str | None = None) -> Parse:
        self.asked += 1
        if not self.up:
            raise Unavailable("no answer")
        return Parse("track_order", 0.9, (("track_order", 0.9),), True, engine=self.name)

    def status(self) -> Status:
        return Status(self.name, ready=self.up, detail="")


def test_while_one_engine_is_away_the_other_answers_and_nobody_waits() -> None:
    first, second = Flaky(), EmbeddedNlu(Letters())
    second.train(EXAMPLES)
    both = FallbackNlu(first, second, probe_seconds=0.05)  # type: ignore[arg-type]
    assert both.parse("where is my parcel").engine == "flaky"
    first.up = False
    assert both.parse("where is my parcel").engine == "embedded"
    asked = first.asked
    for _ in range(20):
        assert both.parse("where is my parcel").engine == "embedded"
    assert first.asked == asked
    assert "away: no answer" in both.status().detail
    first.up = True
    deadline = time.monotonic() + 5
    while both.parse("where is my parcel").engine != "flaky":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_server_elsewhere_needs_a_token() -> None:
    with pytest.raises(NluError, match="set a token"):
        RasaNlu("http://10.0.0.8:5005")


def test_a_server_that_is_not_there_is_unavailable_not_an_exception_of_the_client() -> None:
    engine = RasaNlu(f"http://127.0.0.1:{free_port()}")
    assert not engine.status().ready
    with pytest.raises(Unavailable):
        engine.train(EXAMPLES)
    engine.close()


@pytest.mark.rasa
@pytest.mark.timeout(900)
def test_a_swap_under_load_fails_no_request(server: Server) -> None:
    engine = server.engine()
    engine.train(EXAMPLES)
    former = engine.calibration
    stop = threading.Event()
    failures: list[str] = []
    answers: list[str | None] = []

    def ask() -> None:
        patient = RasaNlu(server.url, token=TOKEN, parse_seconds=30)
        patient.__dict__["_calibration"] = former
        while not stop.is_set():
            try:
                answers.append(patient.parse("I want a refund").intent)
            except NluError as error:
                failures.append(str(error))
        patient.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    engine.train([(text, f"new_{intent}", language) for text, intent, language in EXAMPLES])
    engine.use(former)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {"refund", "new_refund"} <= set(answers)
    assert engine.parse("I want a refund").intent == "refund"
    engine.close()


@pytest.mark.rasa
@pytest.mark.timeout(900)
def test_rasa_restarts_in_the_middle_of_conversations(server: Server) -> None:
    rasa, embedded = server.engine(), EmbeddedNlu(Letters())
    both = FallbackNlu(rasa, embedded, probe_seconds=0.5)
    both.train(EXAMPLES)
    assert both.parse("I want a refund").engine == "rasa"
    server.process.stop(kill=True)
    slowest = 0.0
    for _ in range(50):
        began = time.perf_counter()
        assert both.parse("I want a refund").intent == "refund"
        slowest = max(slowest, time.perf_counter() - began)
    assert both.name == "embedded"
    assert slowest < 1.5
    server.process.start(model=rasa.calibration.model_file)
    deadline = time.monotonic() + 120
    while both.parse("I want a refund").engine != "rasa":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    rasa.close()
