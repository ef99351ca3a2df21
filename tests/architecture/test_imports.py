"""What may import what: contracts <- chassis <- each service <- embedded, command line; rooms in one direction."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[2] / "services"
NAMES = ("feedback", "triage", "notify", "insights")
CONTRACTS_MAY = {"stdlib", "marshmallow", "services.contracts"}
FILES = sorted(SERVICES.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(SERVICES.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, relative imports resolved; `from . import x` gives package.x."""
    package = module_of(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, node.module] if node.module else base)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def rooms(name: str, *files: str) -> list[Path]:
    """The files of one kind in a service: `handlers.py`, or everything in a folder of that name."""
    folder = SERVICES / name
    return [
        path for file in files for path in [folder / f"{file}.py", *folder.glob(f"{file}/**/*.py")] if path.exists()
    ]


def starts(module: str, *prefixes: str) -> bool:
    return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)


def offenders(paths: list[Path], *forbidden: str) -> list[str]:
    return [f"{module_of(path)} imports {m}" for path in paths for m in imports(path) if starts(m, *forbidden)]


def test_contracts_import_the_standard_library_and_marshmallow_alone() -> None:
    import sys

    allowed = {*sys.stdlib_module_names, "marshmallow"}
    for path in (SERVICES / "contracts").glob("*.py"):
        for module in imports(path):
            assert module.split(".")[0] in allowed or starts(module, "services.contracts"), f"{path.name}: {module}"


def test_chassis_knows_no_service() -> None:
    everything = [f"services.{name}" for name in (*NAMES, "embedded", "__main__", "roles", "demo")]
    assert offenders(list((SERVICES / "chassis").rglob("*.py")), *everything) == []


@pytest.mark.parametrize("name", NAMES)
def test_services_meet_in_contracts_alone(name: str) -> None:
    others = [f"services.{other}" for other in NAMES if other != name]
    above = ["services.embedded", "services.roles", "services.demo", "services.openapi", "services.checkup"]
    assert offenders(list((SERVICES / name).rglob("*.py")), *others, *above) == []


@pytest.mark.parametrize("name", NAMES)
def test_rooms_look_in_one_direction(name: str) -> None:
    here = f"services.{name}"
    domain = rooms(name, "domain")
    assert domain, name
    allowed_roots = {"marshmallow", "flask", "pymongo", "kafka", "structlog", "services.chassis"}
    assert (
        offenders(domain, *allowed_roots, *(f"{here}.{room}" for room in ("handlers", "store", "api", "pages"))) == []
    )
    io = ("flask", "pymongo", "kafka", "flask_smorest", "bson", "gridfs")
    assert offenders(rooms(name, "handlers"), *io, *(f"{here}.{r}" for r in ("api", "pages", "app"))) == []
    assert offenders(rooms(name, "store"), "flask", "kafka", *(f"{here}.{r}" for r in ("api", "pages", "app"))) == []
    assert offenders(rooms(name, "api", "pages"), "pymongo", "kafka", f"{here}.app") == []


def test_only_one_file_speaks_kafka() -> None:
    speakers = {module_of(path) for path in FILES if any(starts(m, "kafka") for m in imports(path))}
    assert speakers == {"services.chassis.eventlog_kafka"}


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)


HOMES = {
    "clock.py": ("datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic", "time.sleep"),
    "ids.py": ("uuid.uuid4", "uuid.uuid1", "uuid6.uuid7"),
    "settings.py": ("os.environ", "os.getenv", "environ.get"),
}


@pytest.mark.parametrize("home", HOMES)
def test_time_ids_and_configuration_have_one_home(home: str) -> None:
    elsewhere = [path for path in FILES if path != SERVICES / "chassis" / home]
    assert [f"{module_of(p)}: {c}" for p in elsewhere for c in calls(p) if c in HOMES[home]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_service_has_the_same_rooms(name: str) -> None:
    for room in ("domain", "handlers", "store", "schemas", "api", "pages", "app"):
        assert rooms(name, room), f"{name} has no {room}"
    docstring = ast.get_docstring(ast.parse((SERVICES / name / "__init__.py").read_text())) or ""
    assert [line.split()[0].lower() for line in docstring.splitlines()[-3:]] == ["owns", "hears", "says"]


def test_proportions() -> None:
    sizes = [
        (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long_files = [path.name for path in FILES if path.read_text().count("\n") > 240]
    assert max(sizes) <= 50
    assert sorted(sizes)[len(sizes) // 2] <= 8
    assert long_files == []
