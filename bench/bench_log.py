"""What the log costs: an entry, a checkpoint, a check of everything, a backup.

Runs on the embedded database in a folder that is removed afterwards.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ENTRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TOTALIZE_DATA_DIR"] = folder
        from totalize.web.serving import setup

        setup.load_settings(folder, "localhost", 8000)
        setup.prepare()
        from django.db import connection, transaction

        from totalize.web.audit.services import make_checkpoint, record, verify
        from totalize.web.backup.making import make_backup

        def timed(name: str, count: int, work: object) -> None:
            began = time.perf_counter()
            work()
            took = time.perf_counter() - began
            print(f"{name:<44} {took:8.2f} s {count / took:12,.0f} a second")

        def one_by_one() -> None:
            for number in range(500):
                record("bench.one", actor=None, subject=f"bench:{number}")

        def many() -> None:
            with transaction.atomic():
                for number in range(ENTRIES - 500):
                    record("bench.many", actor=None, subject=f"bench:{number}")

        print(f"log of {ENTRIES:,} entries, SQLite on disk, synchronous=FULL\n")
        timed("500 entries, a transaction each", 500, one_by_one)
        timed("the rest in one transaction", ENTRIES - 500, many)
        timed("checkpoint over all", ENTRIES, make_checkpoint)
        timed("verify all", ENTRIES, verify)
        target = Path(folder) / "x.backup"
        timed("backup", ENTRIES, lambda: make_backup(target, datetime.now(UTC)))
        print(f"\nbackup: {target.stat().st_size / 1e6:.1f} MB")
        connection.close()


if __name__ == "__main__":
    main()
