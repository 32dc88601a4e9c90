"""Makes a PDF: a program of its own, so that the web server stays small and loads nothing of what it needs.

Reads JSON from standard input: ``template``, a file of the application that says how it looks; ``document``, what it
says (see the template), where the figures of ``blocks`` have either an ``svg`` or the ``chart`` and ``data`` to draw it
from; ``at``, the moment that stands in the file. Writes the PDF to standard output.
It is run by its path, not as a part of the application, which would take longer to load than the PDF to make.
"""

import json
import runpy
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def pdf_of(template: str, document: dict[str, Any], at: datetime) -> bytes:
    """The tagged PDF; typst refuses to make one that is not accessible (PDF/UA-1)."""
    import typst

    for block in document.get("blocks", ()):
        if "chart" in block:
            block["svg"] = _draw(block.pop("chart"), block.pop("data"))
    made = typst.compile(
        str(HERE.parent / template),
        root=str(HERE.parent),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(document, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("typst made no PDF")
    return made


def _draw(name: str, data: dict[str, Any]) -> str:
    drawing: dict[str, Any] = _drawing()
    svg: str = drawing["draw"](name, data)
    return svg


def _drawing() -> dict[str, Any]:
    global _loaded
    if _loaded is None:
        _loaded = runpy.run_path(str(HERE / "drawing.py"))
    return _loaded


_loaded: dict[str, Any] | None = None


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.stdout.buffer.write(pdf_of(asked["template"], asked["document"], datetime.fromisoformat(asked["at"])))
