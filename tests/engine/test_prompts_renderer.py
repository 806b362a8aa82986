"""Chat templates render as their authors expect, and a hostile one costs two seconds and an error in words."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from app.engine.prompts.renderer import TemplateFailed, TemplateOverrun, TemplateRenderer


@pytest.fixture
def renderer():
    with TemplateRenderer() as renderer:
        yield renderer


def test_blocks_take_no_space_of_their_own(renderer):
    template = "{% for message in messages %}\n    {% if true %}\n{{ message.content }}\n    {% endif %}\n{% endfor %}"
    assert renderer.render(template, {"messages": [{"content": "a"}, {"content": "b"}]}) == "a\nb\n"


def test_json_is_written_as_it_is_read(renderer):
    assert renderer.render("{{ x | tojson }}", {"x": {"a": "é<b>'&"}}) == '{"a": "é<b>\'&"}'
    assert renderer.render("{{ x | tojson(indent=2) }}", {"x": [1]}) == "[\n  1\n]"


def test_loops_may_break_and_training_marks_are_ignored(renderer):
    template = "{% for n in [1, 2, 3] %}{% if n == 2 %}{% break %}{% endif %}{{ n }}{% endfor %}"
    assert renderer.render(template, {}) == "1"
    assert renderer.render("a{% generation %}b{{ 1 }}{% endgeneration %}c", {}) == "ab1c"


def test_the_date_stays_the_same_for_a_whole_session(renderer):
    first = renderer.render("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}", {})
    assert first.endswith(" 00:00:00")
    assert renderer.render("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}", {}) == first


def test_a_refusal_keeps_the_words_of_the_template(renderer):
    with pytest.raises(TemplateFailed) as caught:
        renderer.render("{{ raise_exception('Only user and assistant roles are supported!') }}", {})
    assert caught.value.refused
    assert "Only user and assistant roles are supported!" in caught.value.message


def test_an_error_names_the_line_of_the_template(renderer):
    with pytest.raises(TemplateFailed) as caught:
        renderer.render("one\n{{ nothing.at.all }}", {})
    assert caught.value.message.startswith("Line 2: ")


def test_a_large_conversation_renders_within_the_limits(renderer):
    text = "word " * 400_000
    assert renderer.render("{{ messages[0].content }}", {"messages": [{"content": text}]}) == text


_HOSTILE = {
    "endless_loop": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "endless_arithmetic": "{{ (9**9999999) % 7 }}",
    "huge_number": "{{ 9**99999999 }}",
    "huge_string": "{{ 'A' * 10**9 }}",
    "huge_list": "{{ [1] * 10**10 }}",
    "huge_padding": "{{ '%0999999999d' % 1 }}",
    "doubling": "{% set n = namespace(x=['a']) %}{% for i in range(40) %}{% set n.x = n.x + n.x %}{% endfor %}",
    "huge_output": "{% for i in range(99999) %}{{ 'x' * 9999 }}{% endfor %}",
    "nested_parentheses": "{{" + "(" * 100_000 + "1" + ")" * 100_000 + "}}",
    "nested_blocks": "{% if 1 %}" * 5_000 + "{% endif %}" * 5_000,
    "endless_recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "class_of_a_string": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "globals_of_a_function": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "format_string": "{{ '{0.__class__.__mro__}'.format('') }}",
    "map_of_attributes": "{{ ['a'] | map(attribute='__class__') | list | first | attr('__mro__') }}{{ raise_x() }}",
    "changed_messages": "{{ messages.append(1) }}",
    "file": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}{{ os.getcwd() }}",
    "syntax": "{{ 'unfinished",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_template_ends_with_a_named_error_and_the_next_one_renders(renderer, name):
    with pytest.raises(TemplateFailed) as caught:
        renderer.render(_HOSTILE[name], {"messages": []})
    assert caught.value.title.startswith("The model's chat template")
    assert caught.value.message
    assert renderer.render("{{ 1 + 1 }}", {}) == "2"


def test_a_template_that_runs_for_ever_is_told_apart_from_a_wrong_one(renderer):
    with pytest.raises(TemplateOverrun, match="took too long"):
        renderer.render(_HOSTILE["endless_loop"], {})
    with pytest.raises(TemplateOverrun, match="too much memory"):
        renderer.render(_HOSTILE["huge_string"], {})


def test_a_killed_child_is_replaced_at_the_next_render(renderer):
    renderer.start()
    child = psutil.Process(renderer.pid)
    child.kill()
    child.wait(10)
    assert renderer.render("again", {}) == "again"


def test_close_leaves_no_process():
    renderer = TemplateRenderer()
    renderer.start()
    child = psutil.Process(renderer.pid)
    renderer.close()
    assert renderer.pid is None
    assert not child.is_running()


def test_a_child_that_cannot_start_is_an_error_in_words():
    broken = TemplateRenderer(command=[sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(TemplateFailed, match="did not start"):
        broken.render("x", {})
    missing = TemplateRenderer(command=["/nowhere/python"])
    with pytest.raises(TemplateFailed, match="did not start"):
        missing.render("x", {})


_ORPHANED = """
from app.engine.prompts.renderer import TemplateRenderer
renderer = TemplateRenderer(max_seconds=1e6)
renderer.start()
print(renderer.pid, flush=True)
renderer.render("{{ (9**99999999) % 7 }}", {})
"""


@pytest.mark.timeout(60)
def test_a_child_in_an_endless_render_ends_without_its_parent():
    with subprocess.Popen([sys.executable, "-c", _ORPHANED], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not alive
