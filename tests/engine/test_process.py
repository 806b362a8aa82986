"""Supervision without a child: a transport of the test's own, a clock moved by hand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.messages import (
    AnyCommand,
    Cancel,
    Delta,
    Died,
    Failed,
    Finished,
    Generate,
    Hello,
    Load,
    Loaded,
    LoadSettings,
    ModelInfo,
    Notice,
    Ping,
    Pong,
    Stats,
    TextPrompt,
    TokensCounted,
)
from app.engine.process import FROZEN_AFTER_S, START_LIMIT_S, EngineProcess
from app.engine.sampling import Sampling
from app.ipc.codec import FrameDecoder, encode
from app.ipc.transport import ChildExit

PROMPT = TextPrompt(text="hi")
STATS = Stats(
    prompt_tokens=1,
    reused_tokens=0,
    processed_tokens=1,
    prompt_seconds=0.1,
    generated_tokens=1,
    generate_seconds=0.1,
    context_tokens=2,
)
MODEL = ModelInfo(
    path="a.gguf",
    name="a",
    fingerprint="f",
    architecture="llama",
    description="",
    size_bytes=1,
    n_params=1,
    n_layer=1,
    n_ctx=8,
    n_ctx_train=8,
    n_vocab=8,
    chat_template="",
    has_own_template=True,
    is_recurrent=False,
    supports_tools=False,
    memory={},
    sampling={},
    load_seconds=0.0,
    settings=LoadSettings(),
)


class Line:
    """A transport that only remembers what it was asked; the test speaks for the child."""

    def __init__(self):
        self.starts = 0
        self.commands = []
        self.is_killed = False
        self._decoder = FrameDecoder(AnyCommand)

    @property
    def pid(self):
        return 1

    def start(self, _command, on_bytes, on_exit):
        self.starts += 1
        self.say_bytes, self.end = on_bytes, on_exit
        self.is_killed = False

    def write(self, data):
        self.commands += self._decoder.feed(data)

    def kill(self):
        self.is_killed = True

    def say(self, *events):
        self.say_bytes(b"".join(map(encode, events)))


class Supervised:
    """An engine on such a line, with its events and a clock."""

    def __init__(self):
        self.now = 1000.0
        self.line = Line()
        self.events = []
        self.engine = EngineProcess(self.line, self.events.append, command=["engine"], clock=lambda: self.now)

    def is_up(self):
        """Start it and have it say its first word."""
        request = self.engine.load("a.gguf", LoadSettings())
        self.line.say(Hello(pid=1), Loaded(request=request, model=MODEL))
        self.events.clear()
        return self

    def pass_time(self, seconds, answers=False):
        for _ in range(round(seconds)):
            self.now += 1
            self.engine.tick()
            if answers:
                self.line.say(Pong(rss_bytes=5))

    def notices(self):
        return [event.code for event in self.events if isinstance(event, Notice)]


@pytest.fixture
def supervised():
    return Supervised()


def finished(request, reason="eos"):
    return Finished(request=request, reason=reason, token_ids=(1,), stats=STATS)


def test_the_first_verb_starts_the_child_and_later_ones_do_not(supervised):
    assert supervised.engine.state == "stopped"
    assert supervised.line.starts == 0
    supervised.engine.load("a.gguf", LoadSettings())
    supervised.engine.list_devices()
    assert supervised.line.starts == 1
    assert [type(command) for command in supervised.line.commands][:1] == [Load]


def test_the_state_follows_what_is_under_way(supervised):
    engine, line = supervised.engine, supervised.line
    load = engine.load("a.gguf", LoadSettings())
    assert engine.state == "starting"
    line.say(Hello(pid=1))
    assert engine.state == "loading"
    line.say(Loaded(request=load, model=MODEL))
    assert (engine.state, engine.model) == ("ready", MODEL)
    generate = engine.generate(PROMPT, Sampling())
    assert engine.state == "generating"
    line.say(finished(generate))
    assert engine.state == "ready"
    engine.unload()
    assert engine.state == "idle"


def test_a_load_that_failed_leaves_an_engine_without_a_model(supervised):
    supervised.is_up()
    load = supervised.engine.load("b.gguf", LoadSettings())
    supervised.line.say(Failed(request=load, code="bad_file", title="Not a model"))
    assert (supervised.engine.state, supervised.engine.model) == ("idle", None)


def test_of_a_cancelled_request_only_the_last_event_is_passed_on(supervised):
    engine, line = supervised.is_up().engine, supervised.line
    request = engine.generate(PROMPT, Sampling())
    line.say(Delta(request=request, text="a"))
    engine.cancel(request)
    engine.cancel(request)
    line.say(Delta(request=request, text="b"), finished(request, "cancelled"), Delta(request=request, text="c"))
    assert supervised.events == [Delta(request=request, text="a"), finished(request, "cancelled")]
    assert [command for command in line.commands if isinstance(command, Cancel)] == [Cancel(request=request)]


def test_events_of_requests_that_have_ended_or_never_were_are_dropped(supervised):
    line = supervised.is_up().line
    line.say(Delta(request=99, text="?"), TokensCounted(request=98, tokens=1, n_ctx=1))
    assert supervised.events == []


@given(cuts=st.lists(st.integers(0, 2000), max_size=20))
def test_events_are_the_same_however_the_bytes_are_cut(cuts):
    supervised = Supervised().is_up()
    request = supervised.engine.generate(PROMPT, Sampling())
    said = [*(Delta(request=request, text=f"ü{number}", tokens=1) for number in range(9)), finished(request)]
    stream = b"".join(map(encode, said))
    for start, end in itertools.pairwise([0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]):
        supervised.line.say_bytes(stream[start:end])
    assert supervised.events == said


def test_an_end_names_the_requests_that_were_lost(supervised):
    engine, line = supervised.is_up().engine, supervised.line
    lost = engine.generate(PROMPT, Sampling()), engine.count_tokens(PROMPT)
    line.end(ChildExit(code=None, signal=9))
    (died,) = supervised.events
    assert isinstance(died, Died)
    assert died.lost == lost
    assert (engine.state, engine.model) == ("failed", None)


def test_after_an_end_the_same_model_can_be_loaded_again(supervised):
    engine, line = supervised.is_up().engine, supervised.line
    line.end(ChildExit(code=None, signal=9))
    assert engine.last_load == ("a.gguf", LoadSettings())
    request = engine.load(*engine.last_load)
    assert (engine.state, line.starts) == ("starting", 2)
    line.say(Hello(pid=2), Loaded(request=request, model=MODEL))
    assert engine.state == "ready"


def test_half_a_frame_of_a_dead_child_does_not_reach_the_next(supervised):
    engine, line = supervised.is_up().engine, supervised.line
    line.say_bytes(encode(Pong(rss_bytes=1))[:7])
    line.end(ChildExit(code=None, signal=9))
    engine.load("a.gguf", LoadSettings())
    line.say(Hello(pid=2))
    assert engine.state == "loading"


def test_damaged_frames_end_the_child_and_are_named(supervised):
    line = supervised.is_up().line
    line.say_bytes(b"ggml_init: allocated\n")
    assert line.is_killed
    line.say_bytes(encode(Pong(rss_bytes=1)))
    line.end(ChildExit(code=None, signal=9))
    (died,) = supervised.events
    assert "damaged" in died.title
    assert "frame" in died.message


def test_an_engine_that_answers_is_never_frozen_and_its_memory_is_known(supervised):
    supervised.is_up().pass_time(60, answers=True)
    assert supervised.notices() == []
    assert supervised.engine.rss_bytes == 5
    assert sum(isinstance(command, Ping) for command in supervised.line.commands) == 60


def test_a_silent_engine_is_called_frozen_once_and_thaws_when_it_answers(supervised):
    supervised.is_up().pass_time(FROZEN_AFTER_S + 30)
    assert supervised.notices() == ["engine_frozen"]
    assert supervised.engine.state == "frozen"
    supervised.line.say(Pong(rss_bytes=1))
    assert supervised.notices() == ["engine_frozen", "engine_thawed"]
    assert supervised.engine.state == "ready"


def test_a_silent_engine_is_noticed_soon_after_five_seconds(supervised):
    supervised.is_up().pass_time(FROZEN_AFTER_S + 2)
    assert supervised.notices() == ["engine_frozen"]


def test_a_pause_of_the_owner_is_not_taken_for_a_frozen_engine(supervised):
    supervised.is_up().pass_time(3, answers=True)
    supervised.now += 3600  # the machine slept, or someone was typing
    supervised.engine.tick()
    supervised.engine.tick()
    supervised.line.say(Pong(rss_bytes=1))
    supervised.pass_time(10, answers=True)
    assert supervised.notices() == []


def test_an_engine_that_speaks_without_answering_is_not_frozen(supervised):
    request = supervised.is_up().engine.generate(PROMPT, Sampling())
    for _ in range(30):
        supervised.pass_time(1)
        supervised.line.say(Delta(request=request, text="."))
    assert supervised.notices() == []


def test_a_child_that_never_says_its_first_word_is_noticed(supervised):
    supervised.engine.load("a.gguf", LoadSettings())
    supervised.pass_time(START_LIMIT_S - 1)
    assert supervised.notices() == []
    supervised.pass_time(3)
    assert supervised.notices() == ["engine_frozen"]


def test_a_request_that_does_not_stop_is_noticed_although_the_engine_answers(supervised):
    request = supervised.is_up().engine.generate(PROMPT, Sampling())
    supervised.engine.cancel(request)
    supervised.pass_time(FROZEN_AFTER_S + 5, answers=True)
    assert supervised.notices() == ["engine_frozen"]
    assert supervised.engine.state == "frozen"
    supervised.line.say(finished(request, "cancelled"))
    assert supervised.notices() == ["engine_frozen", "engine_thawed"]
    assert supervised.engine.state == "ready"


def test_a_cancelled_request_that_waits_behind_another_is_not_overdue(supervised):
    engine = supervised.is_up().engine
    engine.generate(PROMPT, Sampling())
    engine.cancel(engine.count_tokens(PROMPT))
    supervised.pass_time(FROZEN_AFTER_S + 5, answers=True)
    assert supervised.notices() == []


def test_after_close_nothing_is_said_any_more(supervised):
    engine, line = supervised.is_up().engine, supervised.line
    engine.generate(PROMPT, Sampling())
    engine.close()
    engine.close()
    assert line.is_killed
    line.say(Pong(rss_bytes=1))
    line.end(ChildExit(code=None, signal=9))
    supervised.pass_time(100)
    assert supervised.events == []


def test_a_listener_that_closes_the_engine_hears_nothing_after_that(supervised):
    events = []

    def hear(event):
        events.append(event)
        engine.close()

    line = Line()
    engine = EngineProcess(line, hear, command=["engine"])
    engine.list_devices()
    line.say(Hello(pid=1), Notice(code="a", text="b"), Notice(code="c", text="d"))
    assert events == [Hello(pid=1)]


@pytest.mark.parametrize("bias", [float("-inf"), float("inf"), 1e30])
def test_a_bias_beyond_all_measure_reaches_the_engine(supervised, bias):
    from app.engine.sampling import parse_bias

    engine = supervised.is_up().engine
    engine.generate(PROMPT, Sampling(logit_bias=((5, parse_bias(str(bias))),)))
    (command,) = [command for command in supervised.line.commands if isinstance(command, Generate)]
    assert abs(command.sampling.logit_bias[0][1]) == 1e9
