"""`fraction chain …`: run a local chain; put the contracts on any chain; check what is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraction.faces.cli.node_commands import run_chain
from fraction.faces.cli.options import DATA, AsJson, DataFolder
from fraction.faces.cli.refusal import Refusal
from fraction.faces.cli.wallet import Rpc, refusing

if TYPE_CHECKING:
    from fraction.app.deployments import PlanReport

app = typer.Typer(help="Run a local chain; deploy the contracts to any chain, and check them there.")

ChainName = Annotated[
    str, typer.Option("--chain", help="local, sepolia, base, base-sepolia, arbitrum or arbitrum-sepolia.")
]


@app.callback(invoke_without_command=True)
def chain(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Where it serves.")] = 8545,
    data: DataFolder = DATA,
) -> None:
    """Run a local chain with the contracts deployed, unless a command follows."""
    if context.invoked_subcommand is None:
        run_chain(port, data)


@app.command()
def deploy(
    chain_name: ChainName = "local",
    data: DataFolder = DATA,
    rpc: Rpc = "",
    deployer: Annotated[str, typer.Option(help="Account that would deploy (for --dry-run).")] = "",
    key_file: Annotated[Path | None, typer.Option(help="File with the deployer's private key.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print plan, costs and roles; send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy the contracts, or go on with a deployment; what is there already is skipped."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.wiring import ChainTarget, World, deploy_contracts, plan_deployment

    target = ChainTarget(World(data), chain_name, rpc)
    with refusing():
        if dry_run:
            _show_plan(plan_deployment(target, deployer), as_json)
            return
        deployment = deploy_contracts(target, key_file)
    if as_json:
        print_json({"chain_id": deployment.chain_id, "addresses": dict(deployment.addresses)})
    else:
        Screen().table(f"chain {deployment.chain_id}", ["contract", "address"], sorted(deployment.addresses.items()))


@app.command()
def verify(chain_name: ChainName = "local", data: DataFolder = DATA, rpc: Rpc = "", as_json: AsJson = False) -> None:
    """Compare the code and the roles on a chain with this repository; exit 2 if anything differs."""
    from fraction.faces.cli.screen import Screen, print_json
    from fraction.wiring import ChainTarget, World, verify_deployment

    with refusing():
        findings = verify_deployment(ChainTarget(World(data), chain_name, rpc))
    if as_json:
        print_json({"findings": [{"what": finding.what, "holds": finding.holds} for finding in findings]})
    else:
        screen = Screen()
        for finding in findings:
            mark, style = ("ok  ", "green") if finding.holds else ("NOT ", "bold red")
            screen.say(f"{mark}{finding.what}", style)
    if not all(finding.holds for finding in findings):
        raise Refusal("Something on the chain is not what this repository says; do not send money there.")


def _show_plan(report: "PlanReport", as_json: bool) -> None:
    from fraction.faces.cli.screen import Screen, print_json

    rows = [[step.what, step.at, "there" if step.done else f"{step.gas:,}"] for step in report.steps]
    if as_json:
        print_json(
            {
                "chain": report.chain,
                "chain_id": report.chain_id,
                "deployer": report.deployer,
                "given": report.given,
                "steps": [{"what": s.what, "at": s.at, "done": s.done, "gas": s.gas} for s in report.steps],
                "gas": report.gas,
                "cost_wei": str(report.cost),
                "roles": list(report.roles),
            }
        )
        return
    screen = Screen()
    screen.table(f"{report.chain} (chain {report.chain_id}), by {report.deployer}", ["step", "at", "gas"], rows)
    for name, address in report.given.items():
        screen.say(f"needs: {name} at {address}")
    on_top = ", and the data fee of the chain below" if report.has_data_fee else ""
    screen.say(f"cost: {report.gas:,} gas, {report.cost / 10**18:.6f} ETH at {report.wei_per_gas:,} wei a gas{on_top}")
    for role in report.roles:
        screen.say(f"then: {role}")
