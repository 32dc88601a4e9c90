"""How much memory a server takes, each shared page counted once among those who share it (PSS)."""

from pathlib import Path

PROCESSES = Path("/proc")


def proportional_kilobytes(pid: int) -> int:
    """The proportional set size of a process and all that it started, in kB. Linux only."""
    rollup = (PROCESSES / str(pid) / "smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    children = (PROCESSES / str(pid) / "task" / str(pid) / "children").read_text().split()
    return own + sum(proportional_kilobytes(int(child)) for child in children)
