"""Clears away checkpoints that are old, or more than the disk should hold."""

from __future__ import annotations

from app.tools.checkpoint_index import Index
from app.tools.contents import Contents

KEPT_DAYS = 30
MAX_BYTES = 8 * 2**30
_DAY_S = 24 * 3600


def purge(index: Index, contents: Contents, now: float, *, max_bytes: int = MAX_BYTES) -> None:
    """Delete steps and workspaces that were not used for ``KEPT_DAYS``, then the oldest until the rest has room.

    Does nothing when it was done in the last day.
    """
    last = int(index.db.pragma("user_version"))  # nothing else needs that number: the day it was last done
    today = int(now // _DAY_S)
    if last == today:
        return
    oldest = int(now) - KEPT_DAYS * _DAY_S
    with index.db:
        _delete_steps(index, "made_at < ?", (oldest,))
        _delete_known(index, "used_at < ?", (oldest,))
    contents.delete_all_but(_used(index))
    while contents.size() > max_bytes:
        has_more = _drop_oldest(index)
        contents.delete_all_but(_used(index))
        if not has_more:
            break
    index.db.pragma("user_version", today)
    index.db.execute("PRAGMA incremental_vacuum")


def _drop_oldest(index: Index) -> bool:
    """Delete the oldest tenth of the steps, or, without any, what is known of workspaces; False: nothing is left."""
    count = int(index.db.execute("SELECT count(*) FROM steps").get)
    with index.db:
        if count:
            limit = max(1, count // 10)
            _delete_steps(index, "id IN (SELECT id FROM steps ORDER BY id LIMIT ?)", (limit,))
        else:
            _delete_known(index, "1", ())
    return count > 0


def _delete_steps(index: Index, condition: str, values: tuple[int, ...]) -> None:
    steps = f"SELECT id FROM steps WHERE {condition}"  # noqa: S608 - the conditions are those above
    index.db.execute(f"DELETE FROM changes WHERE step IN ({steps})", values)  # noqa: S608
    index.db.execute(f"DELETE FROM reviews WHERE step IN ({steps})", values)  # noqa: S608
    index.db.execute(f"DELETE FROM steps WHERE {condition}", values)  # noqa: S608


def _delete_known(index: Index, condition: str, values: tuple[int, ...]) -> None:
    workspaces = f"SELECT id FROM workspaces WHERE {condition}"  # noqa: S608 - the conditions are those above
    index.db.execute(f"DELETE FROM known WHERE workspace IN ({workspaces})", values)  # noqa: S608


def _used(index: Index) -> set[str]:
    """Return the names of the contents that a step or a workspace's last look needs."""
    names: set[str] = set()
    steps = [step for (step,) in index.db.execute("SELECT id FROM steps")]
    for change in index.changes(steps, undone=True):
        names.update(node.content for node in (change.before, change.after) if node is not None)
    for (workspace,) in list(index.db.execute("SELECT id FROM workspaces")):
        names.update(seen.node.content for seen in index.known(workspace).values())
    return names
