"""All paths of a folder in memory, and the best of them for a few typed letters."""

from __future__ import annotations

import heapq
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from app.files.finding import FoundPath
from app.files.fuzzy import fit_path, fold, terms_of
from app.tools.names import shown
from app.tools.tree import Tree
from app.tools.walk import walk

#: More entries than that are not known.
MAX_ENTRIES = 400_000
#: So many of the likeliest paths are measured closely.
_MEASURED = 400
#: What having been opened before is worth: about one letter more that fits.
_RECENT = 20.0


class PathIndex:
    """The paths of one folder, in the order of a walk.

    Attributes:
        root: The folder, as it was asked for.
        is_cut: There were more than ``MAX_ENTRIES``.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.is_cut = False
        self._paths: list[str] = []
        self._folded: list[str] = []
        self._names: list[str] = []
        self._sizes = array("q")  # -1 for a folder
        self._masks = array("Q")
        self._last: tuple[tuple[str, ...], Sequence[int]] | None = None

    @property
    def file_count(self) -> int:
        """How many files there are."""
        return len(self._paths) - self.folder_count

    @property
    def folder_count(self) -> int:
        """How many folders."""
        return self._sizes.count(-1)

    def add(self, path: str, size_bytes: int) -> None:
        """Learn one path; ``size_bytes`` is -1 for a folder."""
        folded = fold(path)
        self._paths.append(path)
        self._folded.append(path if folded == path else folded)
        self._names.append(folded[folded.rfind("/") + 1 :])
        self._sizes.append(size_bytes)
        self._masks.append(_mask(folded))

    def find(
        self, query: str, limit: int, *, recent: Sequence[str] = (), with_folders: bool = False
    ) -> tuple[tuple[FoundPath, ...], int]:
        """Return the best matches, best first, and how many paths fit in all."""
        terms = terms_of(query)
        if not terms:
            return self._first(limit, recent, with_folders=with_folders)
        fitting = self._fitting(terms)
        self._last = (terms, fitting)
        if not with_folders:
            fitting = [place for place in fitting if self._sizes[place] >= 0]
        ranks = {path: rank for rank, path in enumerate(recent)}
        scored = []
        for place in self._likeliest(terms, fitting, ranks):
            path = self._paths[place]
            fit = fit_path(terms, path, self._folded[place])
            if fit is None:
                continue
            bonus = _RECENT - 0.1 * min(ranks[path], 100) if path in ranks else 0.0
            scored.append((-fit.score - bonus, path, place, fit.places))
        best = heapq.nsmallest(limit, scored)
        return tuple(self._found(place, places) for _, _, place, places in best), len(fitting)

    def _fitting(self, terms: tuple[str, ...]) -> Sequence[int]:
        """Return the places of the paths that hold each term's letters in order."""
        wanted = 0
        for term in terms:
            wanted |= _mask(term)
        matches = [_letters(term) for term in terms]
        folded, masks = self._folded, self._masks
        places: Sequence[int] = self._narrowed(terms)
        if len(places) == len(masks):
            places = [place for place, mask in enumerate(masks) if mask & wanted == wanted]
        else:
            places = [place for place in places if masks[place] & wanted == wanted]
        for has in matches:
            places = [place for place in places if has(folded[place])]
        return places

    def _narrowed(self, terms: tuple[str, ...]) -> Sequence[int]:
        """Return where to look: among what fitted the last query if this one goes on from it."""
        if self._last is not None:
            before, places = self._last
            if len(before) == len(terms) and all(new.startswith(old) for new, old in zip(terms, before, strict=True)):
                return places
        return range(len(self._paths))

    def _likeliest(self, terms: tuple[str, ...], places: Sequence[int], recent: Iterable[str]) -> Sequence[int]:
        """Return those worth a closer look, by tests that cost little."""
        if len(places) <= _MEASURED:
            return places
        known = set(recent)
        kept = dict.fromkeys(place for place in places if self._paths[place] in known) if known else {}
        for tier in self._tiers(max(terms, key=len), places):
            new = [place for place in tier if place not in kept]
            kept.update(dict.fromkeys(heapq.nsmallest(_MEASURED - len(kept), new, key=self._length)))
            if len(kept) >= _MEASURED:
                break
        return list(kept)

    def _tiers(self, term: str, places: Sequence[int]) -> Iterator[Sequence[int]]:
        """Yield places that are ever less likely; each is worked out only when those before were not enough."""
        names, folded = self._names, self._folded
        yield [place for place in places if names[place].startswith(term)]
        yield [place for place in places if term in names[place]]
        in_name = _letters(term)
        yield [place for place in places if in_name(names[place])]
        yield [place for place in places if term in folded[place]]
        yield places

    def _length(self, place: int) -> int:
        return len(self._folded[place])

    def _first(self, limit: int, recent: Sequence[str], *, with_folders: bool) -> tuple[tuple[FoundPath, ...], int]:
        """Return what was opened before, then what lies highest."""
        ranks = {path: rank for rank, path in enumerate(recent)}
        known = [place for place, path in enumerate(self._paths) if path in ranks] if ranks else []
        known.sort(key=lambda place: ranks[self._paths[place]])
        others = [place for place, size in enumerate(self._sizes) if with_folders or size >= 0]
        highest = heapq.nsmallest(
            limit, others, key=lambda place: (self._paths[place].count("/"), self._sizes[place] >= 0)
        )
        chosen = dict.fromkeys([*known, *highest])
        return tuple(self._found(place) for place in list(chosen)[:limit]), len(others)

    def _found(self, place: int, places: tuple[int, ...] = ()) -> FoundPath:
        size = self._sizes[place]
        return FoundPath(path=self._paths[place], is_folder=size < 0, matched=places, size_bytes=max(0, size))


def build_index(root: str, tree: Tree, is_cancelled: Callable[[], bool]) -> PathIndex:
    """Return the paths of everything in a folder that its ignore rules do not leave out."""
    index = PathIndex(root)
    for count, entry in enumerate(walk(tree, (), is_cancelled)):
        if count >= MAX_ENTRIES:
            index.is_cut = True
            break
        index.add(shown("/".join(entry.parts)), -1 if entry.is_folder else max(0, entry.status.st_size))
    return index


def _letters(term: str) -> Callable[[str], re.Match[str] | None]:
    """Return what tells whether a text holds a term's letters in order."""
    pattern = re.escape(term[0]) + "".join(f"[^{_in_class(letter)}]*{re.escape(letter)}" for letter in term[1:])
    return re.compile(pattern, re.DOTALL).search


def _in_class(letter: str) -> str:
    return f"\\{letter}" if letter in "\\]^-[" else letter


def _mask(text: str) -> int:
    """Return which characters occur, as bits; those outside of ASCII share a few."""
    mask = 0
    for character in set(text):
        mask |= 1 << (ord(character) & 63)
    return mask
