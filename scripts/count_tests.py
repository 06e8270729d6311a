"""Counts the test cases of a ctest run and prints "N passed, N failed, N skipped" as its only line.

The folder holds ctest.xml (one case for each GoogleTest case) and, for each ctest entry named pytest.NAME, NAME.xml with
pytest's own cases, which count instead of the entry. Both are JUnit files. Exit status 1 when a case failed or none ran.
"""

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

PYTEST_PREFIX = "pytest."


def pytest_cases(report: Path) -> Counter[str]:
    """Cases by outcome; a pytest run that left no report failed as a whole."""
    if not report.exists():
        return Counter(failed=1)
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        outcomes = {child.tag for child in case}
        counts["failed" if outcomes & {"failure", "error"} else "skipped" if "skipped" in outcomes else "passed"] += 1
    return counts


def count(folder: Path) -> Counter[str]:
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(folder / "ctest.xml").iter("testcase"):
        name, status = case.get("name", ""), case.get("status")
        outcome = {"run": "passed", "notrun": "skipped", "disabled": "skipped"}.get(status or "", "failed")
        if not name.startswith(PYTEST_PREFIX):
            counts[outcome] += 1
            continue
        cases = pytest_cases(folder / f"{name.removeprefix(PYTEST_PREFIX)}.xml")
        counts += cases
        if outcome == "failed" and not cases["failed"]:  # e.g. a time limit, or a crash after the last test
            counts["failed"] += 1
    return counts


def main() -> int:
    counts = count(Path(sys.argv[1]))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
