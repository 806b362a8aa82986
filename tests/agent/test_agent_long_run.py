"""A run of fifty steps with everything that goes wrong in one, on the scripted engine; nothing is read twice."""

import contextlib
import itertools

import msgspec

from app.agent.agent import Agent
from app.agent.run_store import RunStore
from app.agent.trace import RunLimits
from app.chat.changes import CallChanged
from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.conversations.parts import ToolResultPart
from app.conversations.store import ConversationStore
from app.engine.echo import EchoEngine, Script
from app.engine.messages import LoadSettings
from app.settings import SettingsFile
from tests.agent.scenes import ScriptedRunner, Undoer, check, written
from tests.agent.tiny_parser import TinyParser

STEPS = 50
READ, BAD, WRITE, HANG, HUGE, FAIL, PARALLEL, ASK, EDIT, SAME = range(10)


def reply(step):
    """Return what the model writes at a step: ten kinds of trouble, five times over."""
    match step % 10:
        case 1:
            return f"[read_file {{oops {step}]\n"
        case 2 | 8:
            return written("write_file", path=f"{step}", content="x y z")
        case 6:
            return (
                written("read_file", path=f"{step} a")
                + written("write_file", path="no", content="")
                + (written("read_file", path=f"{step} b"))
            )
        case 7:
            return written("ask_user", question=f"{step} ?")
        case 9:
            return written("read_file", path="same")
        case _:
            return f"Step {step}.\n" + written("read_file", path=f"{step}")


class Session:
    """One session: the engine's clock is run to its end, people and tools answer at once."""

    def __init__(self, home, store, steps):
        self.asking = []
        scripts = [*(Script(reply(step)) for step in steps), Script("Done.")]
        self.engine = EchoEngine(self._hear, scripts, n_ctx=10**6)
        self.replier = Replier(self.engine, store, self._listen, "Summarise.")
        self.engine.load("echo.gguf", LoadSettings())
        self.engine.finish()
        self.store = store
        self.runner = ScriptedRunner()
        settings = SettingsFile(home / "settings.json")
        settings.change(run_limits=RunLimits(turns=0))
        self.agent = Agent(
            self.engine,
            store,
            RunStore(store),
            self.replier,
            self.runner,
            settings,
            self._listen,
            make_parser=TinyParser,
            grammar_for=lambda _specs, _template: "",
            check=check,
            undoer=Undoer(),
            system_text="Work in {folder}.",
        )
        self.session = ChatSession(self.engine, store, self.replier, self._listen, self.agent)

    def _hear(self, event):
        self.replier.handle(event)

    def _listen(self, change):
        if isinstance(change, CallChanged) and change.call.state in {"asking", "question"}:
            self.asking.append(change.call)

    def work(self, replies):
        """Let the run go on for about so many replies, with tools and people answering."""
        while replies and self.agent.active_run:
            if self.asking:
                self._decide(self.asking.pop(0))
            elif self.runner.is_running:
                self._act(self.runner.runs[-1])
            else:
                self.engine.finish()
                replies -= 1

    def _decide(self, call):
        identity, arguments = call.part.call_id, call.part.arguments
        if call.state == "question":
            self.agent.answer(identity, "Yes.")
        elif arguments["path"] == "no":
            self.agent.deny(identity, "Never.")
        elif int(arguments["path"]) % 10 == EDIT:
            self.agent.approve(identity, arguments={**arguments, "content": "edited"})
        else:
            self.agent.approve(identity)

    def _act(self, run):
        path = run.arguments["path"]
        kind = int(path) % 10 if path.isdigit() else READ
        if kind == HANG:
            self.agent.cancel_call(run.call_id)
            self.runner.ends("It hung and was ended.", outcome="cancelled")
        elif kind == HUGE:
            self.runner.ends("huge " * 400_000)
        elif kind == FAIL:
            self.runner.ends(f"There is no {path}.", outcome="failed")
        else:
            self.runner.ends(f"Result of {path}.")


@contextlib.contextmanager
def session(home, steps):
    with contextlib.closing(ConversationStore(home / "conversations.db")) as store:
        yield Session(home, store, steps)


def results_of(turns):
    return [part for turn in turns for part in turn.parts if isinstance(part, ToolResultPart)]


def test_fifty_steps_with_all_their_trouble_come_to_their_end_over_a_restart_with_nothing_read_twice(tmp_path):
    (tmp_path / "work").mkdir()
    with session(tmp_path, range(STEPS)) as first:
        first.session.set_workspace(str(tmp_path / "work"))
        first.session.send("Do all of it.")
        first.work(25)
        shown, key = first.session.shown_id, first.agent.run.key
        done = sum(turn.role == "assistant" for turn in first.store.branch(shown))
        first.replier.save_now()  # and then it is killed
    with session(tmp_path, range(done, STEPS)) as second:
        second.session.show(shown)
        assert second.agent.run.state == "interrupted"
        second.agent.proceed()
        second.work(100)
        assert (second.agent.run.state, second.agent.run.key) == ("complete", key)
        turns = second.store.branch(shown)
    written_turns = [turn for turn in turns if turn.role == "assistant"]
    assert [turn.text for turn in written_turns][-1] == "Done."
    assert len(written_turns) == STEPS + 1
    outcomes = [result.outcome for result in results_of(turns)]
    assert {outcome: outcomes.count(outcome) for outcome in set(outcomes)} == {
        "done": 35,
        "invalid": 5,
        "cancelled": 5,
        "failed": 5,
        "denied": 5,
        "answered": 5,
    }
    assert max(len(result.content) for result in results_of(turns)) < 50_000
    check_reuse(written_turns[:done])
    check_reuse(written_turns[done:])


def check_reuse(turns):
    """Check that each prompt was read from where the reply before it had ended."""
    for before, after in itertools.pairwise(turns):
        assert after.stats.reused_tokens == before.stats.context_tokens
        assert after.stats.processed_tokens == after.stats.prompt_tokens - before.stats.context_tokens


def test_a_model_that_goes_round_in_circles_is_stopped_however_long_its_run_was(tmp_path):
    (tmp_path / "work").mkdir()
    with session(tmp_path, [0, 3, SAME, SAME, SAME, SAME]) as scene:
        scene.session.set_workspace(str(tmp_path / "work"))
        scene.session.send("Do it.")
        scene.work(100)
        run = scene.agent.run
        assert (run.state, len(scene.runner.runs)) == ("paused", 5)
        assert "3 times" in run.reason
        assert msgspec.json.decode(msgspec.json.encode(run), type=type(run)) == run
