"""The knowledge that the running server answers from: swapped to each valid edit, deaf to an invalid one."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from bot.adapters.snapshots import Snapshot, SnapshotStore
from bot.errors import FaqBotError, KnowledgeError
from bot.knowledge.parse import list_paths, page_paths

logger = logging.getLogger(__name__)

# After trouble that was not the edit's, so many times longer until the next look.
RETRY = 10


class LiveKnowledge:
    """Holds the current snapshot and follows the knowledge folder.

    Args:
        store: where snapshots are built and found.
        folder: the knowledge files.
        interval: seconds between two looks at the folder.
    """

    def __init__(self, store: SnapshotStore, folder: Path, interval: float) -> None:
        self._store = store
        self._folder = folder
        self._interval = interval
        self._stop = threading.Event()
        self._seen = self._look()
        self.problems: tuple[str, ...] = ()
        # Whether something other than the edit stood in its way, such as a full disk, so that it is tried again.
        self._is_unfinished = False
        self.snapshot = self._first()

    def _first(self) -> Snapshot:
        """The snapshot of the files as they are, or, where they have problems, the last valid one."""
        try:
            return self._store.publish(self._folder)
        except Exception as error:  # noqa: BLE001 - what was valid before is better than no answers
            current = self._store.current()
            if current is None:
                raise
            self._report(error)
            return current

    def follow(self) -> None:
        """Begins to follow the folder in a thread of its own."""
        threading.Thread(target=self._run, name="knowledge", daemon=True).start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(self._interval * (RETRY if self._is_unfinished else 1)):
            try:
                seen = self._look()
            except OSError:
                # A folder that went away while it was looked through is looked at again in a moment.
                continue
            if seen != self._seen or self._is_unfinished:
                self._seen = seen
                self.refresh()

    def refresh(self) -> bool:
        """Publishes the files if they are valid; returns whether they were. The swap is one assignment."""
        try:
            snapshot = self._store.publish(self._folder)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an edit, the server goes on with what it has
            self._report(error)
            return False
        self.problems, self._is_unfinished = (), False
        if snapshot.version != self.snapshot.version:
            logger.warning(
                "knowledge: now answering from version %s (%d passages)",
                snapshot.version,
                len(snapshot.knowledge.passages),
            )
        self.snapshot = snapshot
        return True

    def _report(self, error: Exception) -> None:
        told = self._is_unfinished, self.problems
        self._is_unfinished = not isinstance(error, KnowledgeError)
        if isinstance(error, KnowledgeError):
            self.problems = tuple(map(str, error.problems))
        else:
            self.problems = (str(error) if isinstance(error, FaqBotError | OSError) else type(error).__name__,)
        if told == (True, self.problems):
            # A further try that failed alike; an edit that fails alike is told again.
            return
        trouble = "cannot be taken up yet" if self._is_unfinished else "has problems and is not shown"
        logger.warning("knowledge: the edit %s; the answers stay as they were", trouble)
        for problem in self.problems[:20]:
            logger.warning("knowledge: %s", problem)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        """Name, size and time of every file: cheap enough to ask each second."""
        found = []
        for path in sorted([*page_paths(self._folder), *list_paths(self._folder)]):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            found.append((str(path), stat.st_size, stat.st_mtime_ns))
        return tuple(found)
