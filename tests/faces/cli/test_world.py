"""A world's command lines are what the processes take, and the command line imports nothing of the platform."""

import ast
import json
from pathlib import Path

import pytest

from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.world import NAMES, NODES, World, clear_world, plan_world, platform_url, world_of_bundle
from fraction.faces.node.__main__ import _parser as node_parser  # pyright: ignore[reportPrivateUsage] - its options
from fraction.faces.web.__main__ import _parser as web_parser  # pyright: ignore[reportPrivateUsage] - its options

CLI = Path(__file__).parents[3] / "src/fraction/faces/cli"
SDK = Path(__file__).parents[3] / "src/fraction_sdk"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world that is not started."""
    return World(tmp_path, {name: 20_000 + n for n, name in enumerate(NAMES)}, model="", conduct={"judge-3": "copy"})


def test_every_node_takes_its_command_line(world: World) -> None:
    for name in NODES:
        options = node_parser().parse_args(list(world.node_command(name).arguments)[3:])
        assert (options.worker, options.name) == (name.partition("-")[0], name)
        assert options.port == world.ports[name]
        assert options.cheat == ("copy" if name == "judge-3" else "none")
    assert node_parser().parse_args(list(world.chain_command().arguments)[3:]).port == world.ports["chain"]


def test_the_platform_takes_its_command_line(world: World) -> None:
    options = web_parser().parse_args(list(world.platform_command().arguments)[3:])
    assert options.models == world.models
    assert options.rpc == world.rpc


def test_a_model_server_elsewhere_is_not_started_here(tmp_path: Path) -> None:
    world = World(tmp_path, {name: 1 for name in NAMES}, model="http://models.example/v1")
    assert world.models_command() is None
    assert "http://models.example/v1" in world.platform_command().arguments


def test_the_chain_comes_first_and_the_platform_last(world: World) -> None:
    names = [command.name for stage in world.stages() for command in stage]
    assert names == list(NAMES)


def test_where_the_platform_is_can_be_read_again(world: World) -> None:
    assert platform_url(world.folder) == ""
    world.write()
    assert platform_url(world.folder) == world.platform
    bundle = world.folder / "bundles" / "b.json"
    assert world_of_bundle(bundle, Path("/nowhere")) == world.folder
    (world.folder / "world.json").write_text("[]")
    assert platform_url(world.folder) == ""


def test_an_old_world_is_cleared_but_for_the_lock(world: World) -> None:
    world.write()
    (world.folder / "lock").touch()
    (world.folder / "platform").mkdir()
    (world.folder / "platform" / "app.db").touch()
    clear_world(world.folder)
    assert [path.name for path in world.folder.iterdir()] == ["lock"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="Cannot write to"):
        plan_world(tmp_path / "file" / "world", "http://models.example", {})


def test_a_planned_world_keeps_its_ports(tmp_path: Path) -> None:
    first = plan_world(tmp_path, "http://models.example", {})
    first.write()
    assert plan_world(tmp_path, "http://models.example", {}).ports == first.ports
    assert json.loads((tmp_path / "world.json").read_text())["format"] == "fraction-world/1"


DOMAIN = tuple(f"fraction.{name}" for name in ("base", "economy", "judging", "spaces"))
"""Pure packages that load at once."""


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [(CLI, ("fraction.faces.cli", *DOMAIN, "fraction_sdk")), (SDK, ("fraction_sdk",))],
    ids=["cli", "sdk"],
)
def test_nothing_of_the_platform_is_imported(folder: Path, allowed: tuple[str, ...]) -> None:
    for path in folder.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                ours = name.startswith(("fraction.", "fraction_sdk"))
                assert not ours or name.startswith(allowed), f"{path.name} imports {name}"
