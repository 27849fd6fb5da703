"""Runs inside the box: calls a Space's program and writes down what it returned, nothing else.

Reads one JSON object from standard input: source, call (`tasks`, `evaluate` or `table`), its arguments, nonce. The
answer is one line on the real standard output, `<nonce> {"value": ...}` or `<nonce> {"error": "...", "line": 7}`.

Programs of the form of `verifiers` import that library and `datasets`; neither is in the box. The few names that an
environment with its own data needs are defined below, after their documentation: SingleTurnEnv, Rubric, the parsers,
and Dataset.from_list and from_dict.
"""

import asyncio
import inspect
import json
import os
import random  # noqa: TID251  (in the box, from a seed)
import re
import sys
import types
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


def main() -> None:
    """Load the program, make the call and write the answer."""
    order = json.loads(sys.stdin.buffer.read())
    real = os.dup(sys.stdout.fileno()) if sys.platform != "wasi" else sys.stdout.fileno()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    try:
        for name, module in (("verifiers", _verifiers()), ("datasets", _datasets())):
            sys.modules[name] = module
        program: dict[str, Any] = {"__name__": "program"}
        exec(compile(order["source"], "program.py", "exec"), program)  # noqa: S102 - the box is for this
        answer: Row = {"value": _CALLS[order["call"]](program, order)}
        line = json.dumps(answer, allow_nan=False)
    except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything
        line = json.dumps({"error": f"{type(error).__name__}: {error}"[:300], "line": _line_of(error)})
    os.write(real, f"{order['nonce']} {line}\n".encode())
    os._exit(0)


def _line_of(error: BaseException) -> int:
    """Return the last line of the program that the error passed, 0 if none did."""
    line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "program.py":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _tasks(program: Row, order: Row) -> list[Row]:
    """Return tasks as objects with `prompt` and `hidden`."""
    if "load_environment" in program:
        rows = list(program["load_environment"]().rows())
        chosen = random.Random(order["seed"]).sample(range(len(rows)), min(order["count"], len(rows)))  # noqa: S311
        return [{"prompt": rows[i]["prompt"], "hidden": {"row": i}} for i in chosen]
    made = list(program["tasks"](order["seed"]))[: order["count"]]
    return [{"prompt": t["prompt"], "hidden": {k: v for k, v in t.items() if k != "prompt"}} for t in made]


def _evaluate(program: Row, order: Row) -> float:
    """Return the reply's reward, 0 to 1."""
    task, reply = order["task"], order["reply"]
    if "load_environment" in program:
        environment = program["load_environment"]()
        return float(environment.reward(environment.rows()[task["hidden"]["row"]], reply))
    return float(program["evaluate"]({"prompt": task["prompt"], **task["hidden"]}, reply))


def _table(program: Row, order: Row) -> Row:
    """Return the game after the actions."""
    environment = program["make"]()
    seed = int(order["seed"][:8], 16)
    play = _pettingzoo if hasattr(environment, "possible_agents") else _gymnasium
    return play(environment, seed, order["actions"])


def _pettingzoo(environment: Any, seed: int, actions: list[str]) -> Row:  # noqa: ANN401
    """Play an environment in which agents act in turn (PettingZoo's AEC)."""
    environment.reset(seed=seed)
    agents = list(environment.possible_agents)
    totals = dict.fromkeys(agents, 0.0)

    def step(action: int | None) -> None:
        environment.step(action)
        for agent, reward in environment.rewards.items():
            totals[agent] += float(reward)

    def settle() -> None:
        """Agents that are out must step with None until somebody can act."""
        while environment.agents and (
            environment.terminations[environment.agent_selection]
            or environment.truncations[environment.agent_selection]
        ):
            environment.step(None)

    settle()
    for text in actions:
        if environment.agents:
            step(int(text))
            settle()
    rewards = [round(1000 * totals[agent]) for agent in agents]
    if not environment.agents:
        return {"seats": len(agents), "to_move": None, "prompt": "", "moves": [], "rewards": rewards}
    mover = environment.agent_selection
    seen = environment.observe(mover)
    mask = seen.get("action_mask") if isinstance(seen, dict) else None
    shown = seen["observation"] if isinstance(seen, dict) and "observation" in seen else seen
    count = len(mask) if mask is not None else environment.action_space(mover).n
    moves = [str(a) for a in range(count) if mask is None or mask[a]]
    return {
        "seats": len(agents),
        "to_move": agents.index(mover),
        "prompt": _text(environment, shown),
        "moves": moves,
        "rewards": rewards,
    }


def _gymnasium(environment: Any, seed: int, actions: list[str]) -> Row:  # noqa: ANN401
    """Play an environment for one (Gymnasium)."""
    seen, _ = environment.reset(seed=seed)
    total, over = 0.0, False
    for text in actions:
        if not over:
            seen, reward, terminated, truncated, _ = environment.step(int(text))
            total, over = total + float(reward), terminated or truncated
    moves = [] if over else [str(a) for a in range(environment.action_space.n)]
    prompt = "" if over else _text(environment, seen)
    return {
        "seats": 1,
        "to_move": None if over else 0,
        "prompt": prompt,
        "moves": moves,
        "rewards": [round(1000 * total)],
    }


def _text(environment: Any, seen: object) -> str:  # noqa: ANN401
    """Return what a player is shown: the environment's own drawing if it is a text, else the observation."""
    drawn = environment.render() if getattr(environment, "render_mode", None) == "ansi" else None
    return drawn if isinstance(drawn, str) else str(seen)


_CALLS: dict[str, Callable[[Row, Row], Any]] = {"tasks": _tasks, "evaluate": _evaluate, "table": _table}


class Dataset(list[Row]):
    """The part of `datasets.Dataset` that an environment with its own data uses."""

    @classmethod
    def from_list(cls, rows: list[Row]) -> "Dataset":
        """Return a data set of rows."""
        return cls(dict(row) for row in rows)

    @classmethod
    def from_dict(cls, columns: dict[str, list[Any]]) -> "Dataset":
        """Return a data set of columns."""
        names = list(columns)
        return cls(dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))

    def map(self, change: Callable[[Row], Row]) -> "Dataset":
        """Return a data set with the changed columns."""
        return Dataset({**row, **change(row)} for row in self)


class Parser:
    """Takes the whole reply as the answer."""

    def parse_answer(self, completion: Any) -> str | None:  # noqa: ANN401
        """Return the answer in a reply, given as a text or as messages."""
        return self.parse(completion if isinstance(completion, str) else completion[-1]["content"])

    def parse(self, text: str) -> Any:  # noqa: ANN401
        """Return what is read from a text."""
        return text.strip()


class ThinkParser(Parser):
    """Takes what follows `</think>`."""

    def parse(self, text: str) -> Any:  # noqa: ANN401
        """Return what is read from a text."""
        return text.rpartition("</think>")[2].strip()


class XMLParser(Parser):
    """Takes the text of the tags it is told, `answer` for the answer."""

    def __init__(self, fields: list[str], answer_field: str = "answer") -> None:
        self.fields, self.answer_field = fields, answer_field

    def parse(self, text: str) -> Any:  # noqa: ANN401
        """Return an object with a field for each tag, None where it is missing."""
        found = {name: re.search(rf"<{name}>\s*(.*?)\s*</{name}>", text, re.DOTALL) for name in self.fields}
        return types.SimpleNamespace(**{name: match[1] if match else None for name, match in found.items()})

    def parse_answer(self, completion: Any) -> str | None:  # noqa: ANN401
        """Return the text of the answer's tag."""
        text = completion if isinstance(completion, str) else completion[-1]["content"]
        return getattr(self.parse(text), self.answer_field)


class Rubric:
    """Weighted reward functions; each is given the arguments that it names."""

    def __init__(
        self, funcs: list[Callable[..., Any]], weights: list[float] | None = None, parser: Parser | None = None
    ) -> None:
        self.funcs, self.weights, self.parser = funcs, weights or [1.0] * len(funcs), parser or Parser()

    def reward(self, given: Row) -> float:
        """Return the weighted sum as a share of the weights."""
        total = 0.0
        for function, weight in zip(self.funcs, self.weights, strict=True):
            names = inspect.signature(function).parameters
            every = any(p.kind is p.VAR_KEYWORD for p in names.values())
            value = function(**(given if every else {k: v for k, v in given.items() if k in names}))
            total += weight * float(asyncio.run(value) if inspect.iscoroutine(value) else value)
        return total / (sum(w for w in self.weights if w > 0) or 1.0)


class SingleTurnEnv:
    """A data set of questions, a system prompt and a rubric."""

    def __init__(
        self,
        dataset: Dataset | None = None,
        eval_dataset: Dataset | None = None,
        system_prompt: str = "",
        parser: Parser | None = None,
        rubric: Rubric | None = None,
        **_: Any,  # noqa: ANN401
    ) -> None:
        self.dataset = dataset if dataset is not None else eval_dataset or Dataset()
        self.system_prompt, self.rubric = system_prompt, rubric or Rubric([])
        self.parser = parser or self.rubric.parser

    def rows(self) -> list[Row]:
        """Return the rows with their prompts as texts."""
        return [{**row, "prompt": self._prompt(row)} for row in self.dataset]

    def _prompt(self, row: Row) -> str:
        asked = row.get("question") or row["prompt"]
        if not isinstance(asked, str):
            asked = "\n".join(message["content"] for message in asked)
        return f"{self.system_prompt}\n{asked}".strip()

    def reward(self, row: Row, reply: str) -> float:
        """Return the rubric's reward of a reply."""
        messages = [{"role": "assistant", "content": reply}]
        given = {"answer": "", "info": {}, "state": {}, "task": "", **row, "parser": self.parser}
        return self.rubric.reward({**given, "completion": messages})


def _verifiers() -> types.ModuleType:
    module = types.ModuleType("verifiers")
    for part in (SingleTurnEnv, Rubric, Parser, ThinkParser, XMLParser):
        setattr(module, part.__name__, part)
    module.Environment = SingleTurnEnv  # type: ignore[attr-defined]
    return module


def _datasets() -> types.ModuleType:
    module = types.ModuleType("datasets")
    module.Dataset = Dataset  # type: ignore[attr-defined]
    return module


if __name__ == "__main__":
    main()
