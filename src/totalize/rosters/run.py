"""Run a roster from file to file: in chunks, in order, whole or not at all."""

from __future__ import annotations

import fcntl
import gc
import glob
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from totalize.kernel.errors import InputError
from totalize.law.book import LawBook
from totalize.rosters.crew import Alone, Crew, Workers, chunk_tasks, in_order, plain_chunk
from totalize.rosters.engine import Decider
from totalize.rosters.extras import Extras
from totalize.rosters.fields import Header
from totalize.rosters.journal import Journal
from totalize.rosters.namesakes import find_shared
from totalize.rosters.parts import Part
from totalize.rosters.stages import Chunk, Source, Stages, cut, turns_for
from totalize.rosters.summary import Summary
from totalize.rosters.table_source import ParquetSource, WorkbookSource
from totalize.rosters.text_source import OPEN_QUOTE, SEPARATORS, TextSource
from totalize.rosters.worker import Worker
from totalize.rosters.writing import (
    ArrowForm,
    Form,
    PieceWriter,
    TextForm,
    TextWriter,
    Writer,
)

CHUNK_BYTES: Final = 16_000_000
SMALL_BYTES: Final = 20_000_000  # below this, processes cost more time than they save
CHUNK_ROWS: Final = 262_144
JOURNAL_FORMAT: Final = 4
_EVENLY: Final = 4
_KEPT_BEHIND: Final = 8  # chunks that may be written and not yet be safe
_TEXT: Final = frozenset({".csv", ".tsv", ".txt"})
_PARQUET: Final = frozenset({".parquet", ".pq"})


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run a roster.

    Attributes:
        keep: columns of the user's own, written out as they are.
        encoding: of text that is not UTF-8.
        sheet: of workbooks, the first one when None.
        resume: go on where a run that was killed stopped.
        threads: chunks worked on at the same time; beyond one, each in a process of its own.
        may_fork: this process may be forked, because it is not in the middle of other work: its
            own threads would be missing in a fork, and whatever they hold would stay held.
        progress: told how many rows are done, of how many.
        chunk_bytes: text decided at once.
        extras: amounts to add.
    """

    keep: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None
    resume: bool = False
    threads: int = 1
    may_fork: bool = False
    progress: Callable[[int, int], None] | None = None
    chunk_bytes: int = CHUNK_BYTES
    extras: Extras = field(default_factory=Extras)


@cache
def decider_for(book: LawBook) -> Decider:
    """Return the decider for a law book; it is made once, which takes a while."""
    return Decider(book)


def find_files(patterns: Sequence[str]) -> list[Path]:
    """Return the files that names and patterns stand for, in order.

    Raises:
        InputError: one stands for no file.
    """
    found: list[Path] = []
    for pattern in patterns:
        path = Path(pattern)
        if path.is_file():
            found.append(path)
            continue
        if path.is_dir():
            raise InputError("", f"{pattern} is a folder", expected=f"{pattern}/*.csv, say")
        matches = sorted(glob.glob(pattern))  # noqa: PTH207 - the pattern may be absolute
        if not matches:
            raise InputError("", f"cannot read {pattern}: no such file", code="unreadable")
        found += [Path(match) for match in matches]
    return list(dict.fromkeys(found))


def run_roster(
    patterns: Sequence[str], out: Path, book: LawBook, options: RunOptions | None = None
) -> Summary:
    """Decide every row of the files and write them to `out` with the answers.

    Args:
        patterns: files or patterns of files; all must have the same columns.
        out: the file to write; its ending says what it is.
        book: the law.
        options: how to run.

    Raises:
        InputError: a file cannot be used at all. Rows that cannot be used are written with
            their error and stop nothing.
    """
    options = options or RunOptions()
    files = find_files(patterns)
    kind = _kind(out, "out")
    if any(file.resolve() == out.resolve() for file in files):
        raise InputError("out", "is one of the files to read", value=str(out))
    if not out.parent.is_dir():
        raise InputError("out", f"there is no folder {out.parent}", code="unwritable")
    folder = out.parent / f".{out.name}.partial"
    try:
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("w") as lock:
            _lock(lock, out)
            return _Run(files, out, kind, folder, book, options, lock.fileno()).run()
    except OSError as error:
        raise InputError(
            "out", f"cannot write {out}: {error.strerror or error}", code="unwritable"
        ) from None


def _lock(file: Any, out: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError("out", f"another run is writing {out}", code="in_use") from None


def _kind(path: Path, what: str) -> str:
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return "text"
    if suffix in _PARQUET:
        return "parquet"
    if suffix == ".xlsx":
        return "xlsx"
    raise InputError(what, "is no roster", value=path.name, expected=".csv, .xlsx or .parquet")


class _Run:
    def __init__(  # noqa: PLR0917 - what the run was asked
        self,
        files: list[Path],
        out: Path,
        kind: str,
        folder: Path,
        book: LawBook,
        options: RunOptions,
        lock: int,
    ) -> None:
        self._files = files
        self._out = out
        self._kind = kind
        self._folder = folder
        self._book = book
        self._options = options
        self._lock = lock
        self._journal = Journal(folder / "journal")

    def run(self) -> Summary:
        identity = self._identity()
        journal = self._journal
        if self._options.resume:
            journal.read(identity)
        if journal.whole and not self._output().exists() and self._out.exists():
            return self._clean()
        if journal.chunks and not self._is_there():
            # What was finished has been taken away: there is nothing to go on from.
            journal = self._journal = Journal(journal.path)
        # What stages handed over is made anew: some of it may be half a file, or of other heaps.
        kept = ("lock", "journal", "whole", "piece-") if journal.chunks else ("lock",)
        for item in self._folder.iterdir():
            if not item.name.startswith(kept):
                item.unlink()
        if not journal.chunks:
            journal.start(identity)
        sources: list[Source] = []
        try:
            sources += [_open(file, self._options, self._folder) for file in self._files]
            _check_alike(sources)
            self._decide_all(sources)
        except InputError:
            if not journal.chunks:
                shutil.rmtree(self._folder)
            raise
        finally:
            for source in sources:
                source.close()
        return self._clean()

    def _identity(self) -> dict[str, Any]:
        from importlib.metadata import version  # noqa: PLC0415 - not needed by importers

        return {
            "format": JOURNAL_FORMAT,
            "files": [
                [str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns]
                for file in self._files
            ],
            "out": self._out.name,
            "keep": list(self._options.keep),
            "encoding": self._options.encoding,
            "sheet": self._options.sheet,
            "chunk_bytes": self._options.chunk_bytes,
            "extras": self._options.extras.to_plain(),
            "law": self._book.version,
            "versions": [version("totalize"), version("polars")],
        }

    def _is_there(self) -> bool:
        """Tell whether the output stands as far as the journal says."""
        if self._kind != "text":
            pieces = PieceWriter(self._folder, self._kind).pieces(self._journal.chunks)
            return all(piece.exists() for piece in pieces)
        output = self._output()
        return output.exists() and output.stat().st_size >= self._journal.reach

    def _output(self) -> Path:
        return self._folder / ("whole.csv" if self._kind == "text" else f"whole.{self._kind}")

    def _separator(self, sources: Sequence[Source]) -> str:
        separators = [source.separator for source in sources if isinstance(source, TextSource)]
        separator = "\t" if self._out.suffix.lower() == ".tsv" else next(iter(separators), ",")
        if self._kind == "text" and any(separator != other for other in separators):
            raise InputError(
                "",
                "the files are not separated by the same character as the output",
                expected=f"one of {' '.join(map(repr, SEPARATORS))} throughout",
                code="mixed_separators",
            )
        return separator

    def _writer(self, header: Header, separator: str) -> Writer:
        if self._kind != "text":
            return PieceWriter(self._folder, self._kind)
        names = (*header.written, *self._options.extras.names())
        journal = self._journal
        return TextWriter(self._output(), names, separator, journal.chunks, journal.reach)

    def _crew(self, sources: Sequence[Source], separator: str) -> tuple[Crew, Stages]:
        """Return who is to work, and the stages of this process."""
        options = self._options
        paths = [getattr(source, "path", None) for source in sources]
        setup = {
            "files": [str(path or file) for path, file in zip(paths, self._files, strict=True)],
            "kind": self._kind,
            "separator": separator,
            "folder": str(self._folder.resolve()),
            "keep": list(options.keep),
            "extras": options.extras.to_plain(),
        }
        stages = Stages(
            sources,
            self._folder,
            partial(decider_for, self._book),
            form_of(self._kind, separator),
            options.extras.reckoners(),
        )
        if options.threads < 2 or not self._is_worth_sharing(sources):
            return Alone(stages), stages
        if options.may_fork and self._needs_no_polars(sources):
            stages.rehearse()
            gc.freeze()  # what stays for ever need not be gone through, and copied, in each fork
            start = partial(Worker.forked, stages)
            return Workers(options.threads, lambda files: start([self._lock, *files])), stages
        if self._book.version != LawBook().version:
            return Alone(stages), stages
        return Workers(options.threads, lambda _: Worker.fresh(setup)), stages

    def _needs_no_polars(self, sources: Sequence[Source]) -> bool:
        """Tell whether only text is read and written: a fork would lack the threads of Polars."""
        texts = self._kind == "text" and all(isinstance(s, TextSource) for s in sources)
        return texts and self._options.extras == Extras()

    def _is_worth_sharing(self, sources: Sequence[Source]) -> bool:
        size = sum(file.stat().st_size for file in self._files)
        return size >= SMALL_BYTES and not any(isinstance(s, WorkbookSource) for s in sources)

    def _decide_all(self, sources: Sequence[Source]) -> None:
        separator = self._separator(sources)
        crew, stages = self._crew(sources, separator)
        with closing(crew):
            chunks = self._prepare(sources, crew, stages)
            with closing(self._writer(sources[0].header, separator)) as writer:
                self._fill(writer, chunks, crew)
                whole = writer.finish(len(chunks))
        self._journal.note(self._journal.entry(whole=True))
        whole.replace(self._out)
        _sync_folder(self._out.parent)

    def _fill(self, writer: Writer, chunks: Sequence[Chunk], crew: Crew) -> None:
        journal, options = self._journal, self._options
        rows = chunks[-1].begin + chunks[-1].rows if chunks else 0
        tasks = chunk_tasks("decide", chunks)[journal.chunks :]
        # A disk takes its time. Meanwhile the next chunks are decided.
        with ThreadPoolExecutor(1) as keeper:
            keeping: deque[Future[None]] = deque()
            for reach, summary in in_order(crew, tasks, writer):
                done = chunks[journal.chunks]
                journal.chunks += 1
                journal.reach = reach
                journal.summary.add(summary)
                keeping.append(keeper.submit(self._keep, writer, journal.entry()))
                while keeping and (keeping[0].done() or len(keeping) > _KEPT_BEHIND):
                    keeping.popleft().result()
                if options.progress is not None:
                    options.progress(done.begin + done.rows, rows)
            for each in keeping:
                each.result()

    def _keep(self, writer: Writer, entry: Mapping[str, Any]) -> None:
        """Make what was written outlast a power cut, and only then say so."""
        writer.sync()
        self._journal.note(entry)

    def _prepare(self, sources: Sequence[Source], crew: Crew, stages: Stages) -> list[Chunk]:
        """Cut the files into chunks, count their rows and find people with several works."""
        try:
            chunks = self._cut(sources, crew, with_care=False)
        except InputError as error:
            if error.code != OPEN_QUOTE:
                raise
            # A text goes on over a line's end, just where the file was cut.
            chunks = self._cut(sources, crew, with_care=True)
        if not stages.has_ids():
            return chunks
        shared = find_shared([stages.numbers(number) for number in range(len(chunks))], crew.size)
        if shared is None:
            return chunks
        turns = turns_for(shared, crew.size)
        for number, mask in enumerate(shared):
            stages.share(number, mask)
        for _ in in_order(crew, chunk_tasks("gather", chunks, turns=turns)):
            pass
        plain = [plain_chunk(chunk) for chunk in chunks]
        reviews = [{"stage": "review", "turn": turn, "chunks": plain} for turn in range(turns)]
        for _ in in_order(crew, reviews):
            pass
        return chunks

    def _cut(self, sources: Sequence[Source], crew: Crew, *, with_care: bool) -> list[Chunk]:
        chunks: list[Chunk] = []
        waiting: list[Future[Any]] = []
        for place, source in enumerate(sources):
            for stretch in _stretches(source, self._options, with_care=with_care):
                chunk = Chunk(place, stretch)
                chunks.append(chunk)
                task = {"stage": "count", "number": len(waiting), "chunks": [plain_chunk(chunk)]}
                waiting.append(crew.submit(task))
        wait(waiting)
        begin = 0
        for chunk, future in zip(chunks, waiting, strict=True):
            chunk.begin, chunk.rows = begin, future.result()
            begin += chunk.rows
        return chunks

    def _clean(self) -> Summary:
        shutil.rmtree(self._folder)
        return self._journal.summary


def form_of(kind: str, separator: str) -> Form:
    """Return how chunks are put as bytes for a kind of output."""
    return TextForm(separator) if kind == "text" else ArrowForm()


def open_stages(setup: Mapping[str, Any]) -> Stages:
    """Return the stages of a worker.

    Args:
        setup: what `_Run` tells its workers.
    """
    book = LawBook()
    folder = Path(setup["folder"])
    options = RunOptions(keep=tuple(setup["keep"]))
    return Stages(
        [_open(Path(file), options, folder) for file in setup["files"]],
        folder,
        partial(decider_for, book),
        form_of(setup["kind"], setup["separator"]),
        Extras.from_plain(setup["extras"]).reckoners(),
    )


def _open(file: Path, options: RunOptions, scratch: Path) -> Source:
    kind = _kind(file, "in")
    try:
        if kind == "text":
            return TextSource(file, options.keep, options.encoding, scratch)
        if kind == "parquet":
            return ParquetSource(file, options.keep)
        return WorkbookSource(file, options.keep, options.sheet)
    except OSError as error:
        raise InputError(
            "", f"cannot read {file}: {error.strerror or error}", code="unreadable"
        ) from None


def _stretches(source: Source, options: RunOptions, *, with_care: bool) -> Iterator[Any]:
    if not isinstance(source, TextSource):
        return cut(source, CHUNK_ROWS, with_care=with_care)
    target, size = options.chunk_bytes, source.path.stat().st_size
    chunks = -(-size // target)
    if chunks > _EVENLY:
        # As many as two or four workers can share evenly, whoever it is that resumes the run.
        target = -(-size // (-(-chunks // _EVENLY) * _EVENLY))
    return cut(source, target, with_care=with_care)


def load_parts(patterns: Sequence[str], options: RunOptions, scratch: Path) -> Iterator[Part]:
    """Yield all rows of some files.

    Args:
        patterns: files or patterns of files.
        options: how they are read.
        scratch: folder for copies.
    """
    for file in find_files(patterns):
        source = _open(file, options, scratch)
        try:
            for stretch in _stretches(source, options, with_care=True):
                yield from source.load(stretch)
        finally:
            source.close()


def _check_alike(sources: Sequence[Source]) -> None:
    first = sources[0]
    for other in sources[1:]:
        if other.header.names != first.header.names:
            raise InputError(
                "",
                f"{other.name} has other columns than {first.name}, or in another order",
                expected="files with the same header",
                code="headers_differ",
            )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
