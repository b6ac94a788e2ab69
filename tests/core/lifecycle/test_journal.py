"""What the processes of a run tell one another: all see the same, in the same order."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pulumi_poe.core.lifecycle import journal as journals
from pulumi_poe.core.lifecycle.journal import Journal
from pulumi_poe.core.lifecycle.registry import Mark, Registry, Resource

FIRST, SECOND = Resource("first", 1), Resource("second", 2)
ENDED = 2**22 - 1
"""The number of no process."""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that is this test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def file_of(folder: Path) -> Path:
    (own,) = folder.iterdir()
    (file,) = own.iterdir()
    return file


def test_entries_are_read_once_and_in_their_order() -> None:
    journal = Journal()
    journal.write("mark", "a", "1")
    journal.write("mark", "b")
    assert list(journal.read()) == [["mark", "a", "1"], ["mark", "b"]]
    assert list(journal.read()) == []


def test_two_processes_of_a_run_see_each_others_entries_in_one_order() -> None:
    one, two = Journal("run"), Journal("run")
    one.write("mark", "a")
    two.write("mark", "b\nc")
    assert list(one.read()) == list(two.read()) == [["mark", "a"], ["mark", "b\nc"]]


def test_two_runs_see_nothing_of_each_other() -> None:
    one, two = Journal("127.0.0.1:1 https://api.poe.com"), Journal("127.0.0.1:2 https://api.poe.com")
    one.write("mark", "a")
    assert list(two.read()) == []


def test_half_a_line_is_read_once_it_is_whole(temporary: Path) -> None:
    journal = Journal("run")
    with file_of(temporary).open("ab") as file:
        file.write(b'["mark", "a')
        file.flush()
        assert list(journal.read()) == []
        file.write(b'"]\n')
    assert list(journal.read()) == [["mark", "a"]]


def test_only_this_user_can_read_it(temporary: Path) -> None:
    Journal("run")
    assert file_of(temporary).stat().st_mode & 0o077 == 0
    assert file_of(temporary).parent.stat().st_mode & 0o077 == 0


def test_where_there_is_no_folder_for_temporary_files_that_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "gettempdir", none)
    journal = Journal("run")
    journal.write("mark", "a")
    assert list(journal.read()) == [["mark", "a"]]
    assert "can't be kept in a folder for temporary files (No usable temporary directory found" in caplog.text


@pytest.mark.parametrize("taken", ["a link", "open to all", "a file"])
def test_a_folder_that_somebody_else_may_write_is_not_used_and_that_is_told(
    temporary: Path, caplog: pytest.LogCaptureFixture, taken: str
) -> None:
    folder = temporary / f"pulumi-poe-{os.getuid()}"
    if taken == "a link":
        (temporary / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(temporary / "elsewhere")
    elif taken == "open to all":
        folder.mkdir()
        folder.chmod(0o777)
    else:
        folder.touch()
    journal = Journal("run")
    journal.write("mark", "a")
    assert list(journal.read()) == [["mark", "a"]]
    assert "move no bot from one Provider to another" in caplog.text


def test_what_an_engine_that_was_killed_left_at_the_same_address_is_not_read(temporary: Path) -> None:
    killed = Journal("run")
    killed.write("claim", "acmebot", "first", "1", "")
    file = file_of(temporary)
    file.write_text(file.read_text().replace(str(os.getpid()), str(ENDED)))
    old = time.time() - 60
    os.utime(file, (old, old))
    assert list(Journal("run").read()) == []


def test_what_is_a_day_old_is_removed(temporary: Path) -> None:
    Journal("another run")
    file = file_of(temporary)
    old = time.time() - journals._KEPT - 1
    os.utime(file, (old, old))
    Journal("run")
    assert not file.exists()


def test_the_file_goes_with_the_process(temporary: Path) -> None:
    program = "from pulumi_poe.core.lifecycle.journal import Journal; Journal('run').write('mark', 'a')"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(temporary)}, check=True)
    assert [*temporary.rglob("pulumi-poe-*/*")] == []


# --- the registry on it -----------------------------------------------------------------------------


def two_processes() -> tuple[Registry, Registry]:
    return Registry(Journal("run")), Registry(Journal("run"))


def test_a_handle_that_another_process_declares_is_taken() -> None:
    one, two = two_processes()
    assert one.claim("Acme-Bot", FIRST) is None
    assert two.claim("acme_bot", SECOND) == FIRST


def test_of_many_processes_one_gets_the_handle() -> None:
    processes = [Registry(Journal("run")) for _ in range(8)]
    start = threading.Barrier(8, timeout=5)

    def claim(number: int) -> Resource | None:
        start.wait()
        return processes[number].claim("Acme-Bot", Resource("bot", number))

    with ThreadPoolExecutor(8) as threads:
        holders = list(threads.map(claim, range(8)))
    assert holders.count(None) == 1
    assert {holder for holder in holders if holder is not None} == {Resource("bot", holders.index(None))}


def test_a_bot_that_another_process_manages_is_alive() -> None:
    one, two = two_processes()
    one.keep_alive("Acme-Bot")
    assert two.has("acme_bot", Mark.ALIVE)
    two.unmark("Acme-Bot", Mark.ALIVE)
    assert not one.has("Acme-Bot", Mark.ALIVE)


def test_no_two_processes_write_one_bot_at_once_and_two_bots_they_do() -> None:
    one, two = two_processes()
    written: list[str] = []
    with ThreadPoolExecutor(1) as threads:
        with one.turn("Acme-Bot"):
            with two.turn("Other"):
                written.append("other")

            def write() -> None:
                with two.turn("acme.bot"):
                    written.append("two")

            waiting = threads.submit(write)
            time.sleep(0.1)
            written.append("one")
        waiting.result(5)
    assert written == ["other", "one", "two"]


def test_the_turn_of_a_process_that_was_killed_is_over() -> None:
    one = Registry(Journal("run"))
    one._note("turn", "Acme-Bot", str(ENDED), "1")
    with one.turn("Acme-Bot"):
        pass
