"""How fast and how big the analysis is: ``python -m training.speed FOLDER``, in a process with one thread.

Prints JSON: texts a second by the first tier, by TextBlob, by the whole analysis with the first tier alone, and by what
the second tier adds; megabytes.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
TEXTS = 300
ROUNDS = 9


def measured(folder: Path) -> dict[str, float]:
    """Have a fresh process with one thread measure."""
    command = [sys.executable, "-m", "training.speed", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | ONE_THREAD)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    from app.analysis.heads import heads

    texts = {language: civic_texts(Path(sys.argv[1]), language) for language in ("en", "zh")}
    found = {"worker_megabytes": worker_megabytes(texts)}
    english = texts["en"]
    heads().opinion("Warm up, please", "en")
    from textblob import TextBlob

    found |= {
        "first": a_second(lambda: [heads().opinion(text, "en", tiers=1) for text in english]),
        "textblob": a_second(lambda: [TextBlob(text).sentiment.polarity for text in english]),
    }
    for language, some in texts.items():
        found |= by_tier(language, some)
    print(json.dumps(found))


def by_tier(language: str, texts: list[str]) -> dict[str, float]:
    """Texts a second by the whole analysis with the first tier alone, and by what the second adds."""
    from app.analysis.encoder import encode
    from app.analysis.heads import heads
    from app.analysis.ngrams import grams
    from app.analysis.reading import analyse

    tones = [grams(text).tone() for text in texts]
    return {
        f"alone_{language}": a_second(lambda: [analyse(text, language, tiers=1) for text in texts]),
        f"second_{language}": a_second(
            lambda: [heads().second(encode(text), tone) for text, tone in zip(texts, tones, strict=True)]
        ),
    }


def civic_texts(folder: Path, language: str) -> list[str]:
    lines = (folder / f"civic_{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:TEXTS]]


def worker_megabytes(texts: dict[str, list[str]]) -> float:
    """The most memory this process, which has what a worker has, needs to read; before anything else is loaded."""
    import app.worker  # noqa: F401  # only so that all of a worker is in memory
    from app.analysis.reading import analyse

    for language, some in texts.items():
        for text in some:
            analyse(text, language)
    status = Path("/proc/self/status")
    return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024 if status.exists() else 0.0


def a_second(each: Callable[[], Any]) -> float:
    """Texts a second of this process's own time, so that a busy machine does not count; the best of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        each()
        taken.append(time.process_time() - began)
    return TEXTS / min(taken)


if __name__ == "__main__":
    main()
