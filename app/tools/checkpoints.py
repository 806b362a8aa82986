"""Checkpoints: what a workspace's files were before each step of a run, so that steps can be taken back.

What is about to change is written down before it changes. A step cut off by the end of the process, even by kill -9,
is completed from that the next time the workspace is used, so it, too, can be taken back.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from app.tools.checkpoint_index import Change, Index
from app.tools.contents import Contents
from app.tools.context import WorkspaceFolder
from app.tools.names import shown
from app.tools.purge import purge
from app.tools.review import Reviewer, with_reviews
from app.tools.snapshot import Node, Seen, TooLargeError, content_of, node_at, take_snapshot
from app.tools.tool import FileChange, RunFile, UndoOutcome, Wanted
from app.tools.tree import Parts, Tree
from app.tools.undo import plan_undo, restore


class CheckpointStore:
    """The checkpoints of all workspaces, in one folder of Sawhorse's own."""

    def __init__(self, folder: Path) -> None:
        """Open or make it, and clear away what is too old.

        Raises:
            OSError, apsw.Error: The folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._index = Index(folder / "checkpoints.db")
        self._contents = Contents(folder, self._index.db)
        self._live: set[int] = set()
        purge(self._index, self._contents, time.time())

    def close(self) -> None:
        """Close it; safe to call twice."""
        self._index.close()

    def of(self, workspace: WorkspaceFolder) -> Checkpoints:
        """Return the checkpoints of a workspace, which stays open while they are used."""
        return Checkpoints(workspace, self._index, self._contents, self._live)


class Checkpoints:
    """The checkpoints of one workspace.

    Every verb first completes steps that were cut off.

    Args:
        live: Steps under way in this process, which are not cut off.
    """

    def __init__(self, workspace: WorkspaceFolder, index: Index, contents: Contents, live: set[int]) -> None:
        self._workspace = workspace
        self._tree = workspace.tree
        self._index = index
        self._contents = contents
        self._live = live
        self._id = index.workspace(workspace.root, int(time.time()))

    def recorder(self, run_key: str) -> StepRecorder:
        """Return what keeps the files of one step of a run."""
        self._complete()
        return StepRecorder(self._workspace, self._index, self._contents, self._live, self._id, run_key)

    def changes(self, run_key: str) -> tuple[FileChange, ...]:
        """Return what a run changed and was not taken back, step by step; folders are not listed.

        Where only permissions changed, ``before`` and ``after`` are the same.
        """
        self._complete()
        found = []
        steps = self._index.steps(self._id, run_key)
        reviews = self._index.reviews(steps)
        for change in self._index.changes(steps):
            before, after = content_of(change.before), content_of(change.after)
            if before is None and after is None:
                continue
            found.append(
                FileChange(
                    path=shown(change.path),
                    step=str(change.step),
                    before=before,
                    after=after,
                    is_text=self._contents.is_text(before) and self._contents.is_text(after),
                    is_review=change.step in reviews,
                )
            )
        return tuple(found)

    def files(self, run_key: str) -> tuple[RunFile, ...]:
        """Return the files that a run changed, with what they are now; see ``app/tools/review.py``."""
        self._complete()
        return self._reviewer(run_key).files()

    def review(self, run_key: str, path: str, now: str | None, wanted: Wanted) -> RunFile:
        """Write one of these files as a person who reviews the run wants it.

        It is a step of the run, so undoing the run takes it back, too.

        Args:
            now: What the person saw there, as in ``RunFile``.

        Raises:
            AppError: It is another one now, the run did not change it, or it cannot be written.
        """
        self._complete()
        return self._reviewer(run_key).write(path, now, wanted)

    def _reviewer(self, run_key: str) -> Reviewer:
        def begin() -> StepRecorder:
            args = (self._workspace, self._index, self._contents, self._live, self._id, run_key)
            return StepRecorder(*args, is_review=True)

        return Reviewer(self._tree, self._index, self._contents, self._index.steps(self._id, run_key), begin)

    def contents(self, name: str) -> bytes | None:
        """Return a file's bytes, or a link's target, as they were kept; None when they are no longer."""
        return self._contents.read(name)

    def undo(self, run_key: str, steps: tuple[str, ...] = (), *, force: bool = False) -> UndoOutcome:
        """Take back steps, or the whole run without any, and keep what is replaced under ``redo_key``.

        A path that is not as the last of the steps left it is a conflict: somebody, or a later step, changed it. It
        is left alone unless ``force``. What a person's review made of the steps' files goes with them.
        """
        self._complete()
        every = self._index.steps(self._id, run_key)
        wanted = [step for step in every if not steps or str(step) in steps]
        changes = with_reviews(self._index, self._index.changes(wanted), every)
        planned, conflicts = plan_undo(self._tree, changes, force=force)
        redo_key = f"undo:{secrets.token_hex(8)}"
        recorder = StepRecorder(self._workspace, self._index, self._contents, self._live, self._id, redo_key)
        recorder.keep(path.parts for path in planned)
        done, failed = restore(self._tree, planned, self._contents, force=force)
        step, _ = recorder.finish()
        restored = [path.name for path in done if not any(_is_folder(change) for change in path.changes)]
        with self._index.db:
            for path in done:
                self._index.set_undone(path.changes, recorder.number)
        return UndoOutcome(
            restored=tuple(shown(name) for name in sorted(restored)),
            conflicts=tuple(shown(name) for name in sorted({*conflicts, *failed})),
            redo_key=redo_key if step else "",
        )

    def _complete(self) -> None:
        for step, state in self._index.unfinished(self._id):
            if step not in self._live:
                known = self._index.known(self._id) if state == "command" else None
                _finish(self._tree, self._index, self._contents, self._id, step, known)


class StepRecorder:
    """Keeps what is about to change; a ``Recorder``.

    Attributes:
        number: The step's, 0 until something was kept.
    """

    def __init__(
        self,
        workspace: WorkspaceFolder,
        index: Index,
        contents: Contents,
        live: set[int],
        workspace_id: int,
        run_key: str,
        *,
        is_review: bool = False,
    ) -> None:
        self._is_review = is_review
        self._workspace = workspace
        self._tree = workspace.tree
        self._index = index
        self._contents = contents
        self._live = live
        self._id = workspace_id
        self._run_key = run_key
        self._snapshot: dict[str, Seen] | None = None
        self._result: tuple[str, tuple[str, ...]] | None = None
        self.number = 0

    def before_write(self, path: str) -> None:
        """Keep a file, or that there is none, and which folders above it are missing."""
        self.keep([self._workspace.parts(path)])

    def keep(self, paths: Iterable[Parts]) -> None:
        """Keep what stands under paths."""
        nodes: dict[str, Node | None] = {}
        with self._index.db:
            for parts in paths:
                for depth in range(1, len(parts)):
                    if node_at(self._tree, parts[:depth], self._contents) is None:
                        nodes["/".join(parts[:depth])] = None
                nodes["/".join(parts)] = node_at(self._tree, parts, self._contents)
            if nodes:
                self._begin()
                self._index.note_before(self.number, nodes)

    def before_command(self) -> str:
        """Keep the whole folder before a command; return why that is not possible, in words, or ""."""
        known = self._index.known(self._id)
        try:
            with self._index.db:
                snapshot = take_snapshot(self._tree, known, self._contents, is_bounded=True)
                self._begin()
                self._index.set_known(self._id, known, snapshot)
                self._index.set_state(self.number, "command")
        except TooLargeError as error:
            return f"{error} What a command changes in it cannot be taken back."
        except OSError as error:
            return f"The folder cannot be kept ({error.strerror or error}), so what a command changes stays."
        self._snapshot = snapshot
        return ""

    def finish(self) -> tuple[str, tuple[str, ...]]:
        """Note what really changed; return the step's name, "" if nothing did, and the files."""
        if self._result is None:
            self._result = ("", ())
            if self.number:
                args = (self._tree, self._index, self._contents, self._id, self.number, self._snapshot)
                self._result = _finish(*args)
                self._live.discard(self.number)
        return self._result

    def _begin(self) -> None:
        if not self.number:
            self.number = self._index.begin(self._id, self._run_key, int(time.time()), is_review=self._is_review)
            self._live.add(self.number)


def _finish(
    tree: Tree, index: Index, contents: Contents, workspace: int, step: int, before: Mapping[str, Seen] | None
) -> tuple[str, tuple[str, ...]]:
    """Complete a step; ``before`` is the snapshot it began with, None for a step that only wrote noted files."""
    with index.db:
        after: Mapping[str, Seen] | None = None
        if before is not None:
            after = take_snapshot(tree, before, contents, is_bounded=False)
            index.note_before(step, {path: _node(before.get(path)) for path in _differing(before, after)})
            index.set_known(workspace, before, after)
        noted = [change.path for change in index.changes([step], undone=True)]
        index.note_after(step, {path: _node_now(tree, path, contents, after) for path in noted})
        changes = index.changes([step], undone=True)
        if not changes:
            index.delete_step(step)
            return "", ()
        index.set_state(step, "done")
    return str(step), tuple(shown(change.path) for change in changes if not _is_folder(change))


def _node_now(tree: Tree, path: str, contents: Contents, snapshot: Mapping[str, Seen] | None) -> Node | None:
    return node_at(tree, tuple(path.split("/")), contents) if snapshot is None else _node(snapshot.get(path))


def _differing(before: Mapping[str, Seen], after: Mapping[str, Seen]) -> list[str]:
    return [path for path in before.keys() | after.keys() if _node(before.get(path)) != _node(after.get(path))]


def _node(seen: Seen | None) -> Node | None:
    return None if seen is None else seen.node


def _is_folder(change: Change) -> bool:
    """Whether a change is about a folder alone."""
    return {node.kind for node in (change.before, change.after) if node is not None} == {"folder"}
