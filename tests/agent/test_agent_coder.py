"""A real coding model with two tools: it calls, gets a result and goes on, and reads only what is new."""

import contextlib
import itertools

import pytest

from app.agent.agent import Agent
from app.agent.forms import grammar_for, parser_for, problems_of
from app.agent.run_store import RunStore
from app.agent.trace import RunLimits
from app.chat.replier import Replier
from app.chat.session import ChatSession
from app.cli.waiting import waiting_engine
from app.conversations.parts import ToolCallPart, ToolResultPart
from app.conversations.store import ConversationStore
from app.engine.messages import LoadSettings
from app.settings import SettingsFile
from app.tools import list_dir, read_file
from tests.agent.scenes import ScriptedRunner, Undoer

FILES = "README.md 120 B\nmain.py 54 B"


@pytest.mark.coder
@pytest.mark.timeout(300)
def test_list_the_files_leads_to_a_call_a_result_and_another_reply_that_reads_only_what_is_new(tmp_path, coder_model):
    settings = SettingsFile(tmp_path / "settings.json")
    settings.change(run_limits=RunLimits(turns=4))
    runner = ScriptedRunner()
    runner.specs = (list_dir.SPEC, read_file.SPEC)
    with (
        waiting_engine() as engine,
        contextlib.closing(ConversationStore(tmp_path / "conversations.db")) as store,
    ):
        engine.last(engine.engine.load(str(coder_model), LoadSettings(n_ctx=4096)))
        replier = Replier(engine.engine, store, lambda _change: None, "")
        agent = Agent(
            engine.engine,
            store,
            RunStore(store),
            replier,
            runner,
            settings,
            lambda _change: None,
            make_parser=parser_for,
            grammar_for=grammar_for,
            check=problems_of,
            undoer=Undoer(),
            system_text="You work in the folder {folder} with tools. Answer in words as soon as you know enough.",
        )
        session = ChatSession(engine.engine, store, replier, lambda _change: None, agent)
        session.set_workspace(str(tmp_path))
        session.send("list the files", sampling={"temperature": 0.0, "max_tokens": 200})
        while session.is_busy:
            for event in engine.pump(0.1):
                replier.handle(event)
            if runner.is_running:
                runner.ends(FILES)
        turns = session.branch
    assert [type(part) for part in turns[1].parts if isinstance(part, ToolCallPart)]
    assert next(part for part in turns[2].parts if isinstance(part, ToolResultPart)).content == FILES
    assert runner.runs[0].name == "list_dir"
    replies = [turn for turn in turns if turn.role == "assistant"]
    assert len(replies) >= 2
    for before, after in itertools.pairwise(replies):
        assert after.stats.reused_tokens == before.stats.context_tokens
        assert after.stats.processed_tokens < 200
