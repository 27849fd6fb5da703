"""Programs of Spaces in the sandbox: our own form, that of `verifiers`, and PettingZoo's."""

import pytest

from fraction.adapters.sandbox import ProgramGame, SandboxedPrograms, choose_sandbox
from fraction.base import Rejected, Score
from fraction.spaces import Task
from fraction.spaces.matches import Match, follow, steps_of

OWN = """
def tasks(seed):
    start = int(seed[:4], 16)
    return [{"prompt": f"Say {start + i}.", "number": start + i} for i in range(10)]

def evaluate(task, reply):
    return 1.0 if reply.strip() == str(task["number"]) else 0.25
"""

VERIFIERS = '''
"""An environment as the documentation of `verifiers` shows it: data set, parser, rubric."""
import verifiers as vf
from datasets import Dataset

def load_environment(size: int = 12, **kwargs) -> vf.Environment:
    rows = [{"question": f"What is {i} + {i}?", "answer": str(2 * i)} for i in range(size)]
    parser = vf.XMLParser(fields=["think", "answer"])

    def exact(completion, answer, **kwargs) -> float:
        return 1.0 if parser.parse_answer(completion) == answer else 0.0

    async def tagged(completion) -> float:
        return 1.0 if "<answer>" in completion[-1]["content"] else 0.0

    rubric = vf.Rubric(funcs=[exact, tagged], weights=[0.8, 0.2], parser=parser)
    return vf.SingleTurnEnv(dataset=Dataset.from_list(rows), system_prompt="Use tags.", parser=parser, rubric=rubric)
'''

NIM = '''
"""Nim with one heap of seven in PettingZoo's AEC form: take one to three; who takes the last wins."""

class Nim:
    possible_agents = ["first", "second"]
    render_mode = "ansi"

    def reset(self, seed=None, options=None):
        self.heap, self.agents = 7, list(self.possible_agents)
        self.agent_selection = self.agents[0]
        self.rewards = dict.fromkeys(self.agents, 0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)

    def observe(self, agent):
        return {"observation": self.heap, "action_mask": [int(n + 1 <= self.heap) for n in range(3)]}

    def render(self):
        return f"{self.heap} are left. Move n takes n + 1."

    def step(self, action):
        mover = self.agent_selection
        if self.terminations[mover]:
            self.agents.remove(mover)
            self.rewards = dict.fromkeys(self.possible_agents, 0)
            self.agent_selection = self.agents[0] if self.agents else mover
            return
        self.heap -= action + 1
        other = self.possible_agents[1 - self.possible_agents.index(mover)]
        if self.heap == 0:
            self.rewards = {mover: 1, other: -1}
            self.terminations = dict.fromkeys(self.possible_agents, True)
        self.agent_selection = other

def make():
    return Nim()
'''

GUESS = """
class Space:
    n = 3

class Guess:
    action_space = Space()

    def reset(self, seed=None, options=None):
        return "Guess 2.", {}

    def step(self, action):
        return "over", float(action == 2), True, False, {}

def make():
    return Guess()
"""


@pytest.fixture(scope="module")
def programs() -> SandboxedPrograms:
    return SandboxedPrograms(choose_sandbox())


def test_tasks_follow_from_the_seed_and_replies_are_evaluated(programs: SandboxedPrograms) -> None:
    tasks = programs.tasks(OWN, "0010", 3)
    assert [task.prompt for task in tasks] == ["Say 16.", "Say 17.", "Say 18."]
    assert programs.evaluate(OWN, tasks[1], "17") == Score(10_000)
    assert programs.evaluate(OWN, tasks[1], "18") == Score(2_500)


def test_an_environment_of_the_verifiers_form_runs_as_it_is(programs: SandboxedPrograms) -> None:
    tasks = programs.tasks(VERIFIERS, "5e", 4)
    assert len({task.prompt for task in tasks}) == 4
    task = tasks[0]
    number = int(task.prompt.split()[-1].rstrip("?"))
    assert task.prompt.startswith("Use tags.\nWhat is")
    assert programs.evaluate(VERIFIERS, task, f"<think>easy</think><answer>{2 * number}</answer>") == Score(10_000)
    assert programs.evaluate(VERIFIERS, task, "<answer>-1</answer>") == Score(2_000)
    assert programs.evaluate(VERIFIERS, task, str(2 * number)) == Score(0)


def test_a_game_of_pettingzoos_form_is_played_as_a_match(programs: SandboxedPrograms) -> None:
    game, match = programs.game(NIM), Match(0, 0, (0, 1))
    assert game.seats == (2, 2)
    texts = {(0, 0): "2", (1, 1): "0", (2, 0): "I pass", (3, 1): "0", (4, 0): "0", (5, 1): "0", (6, 0): "0"}
    end = follow(game, match, "ab", lambda step, ticket: texts.get((step, ticket), "0"))
    assert end.over
    assert sorted(end.scores()) == [0, 10_000]
    played = steps_of(game, match, "ab", lambda step, ticket: texts.get((step, ticket), "0"))
    assert "7 are left." in played[0].prompt
    assert [step.legal for step in played[:3]] == [True, True, False]


def test_two_illegal_moves_forfeit_a_programs_game(programs: SandboxedPrograms) -> None:
    game, match = ProgramGame(programs, NIM, "nim", (2, 2)), Match(0, 0, (0, 1))
    end = follow(game, match, "ab", lambda step, ticket: "0" if ticket else "no")
    assert end.scores() == (0, 10_000)


def test_an_environment_of_gymnasiums_form_is_a_game_for_one(programs: SandboxedPrograms) -> None:
    game, match = ProgramGame(programs, GUESS, "guess", (1, 1)), Match(0, 0, (0,))
    assert follow(game, match, "ab", lambda step, ticket: "2").scores() == (10_000,)
    assert follow(game, match, "ab", lambda step, ticket: "1").scores() == (0,)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def tasks(seed):\n    return 1 / 0\n", "line 2: ZeroDivisionError"),
        ("def tasks(seed:\n", "line 1: SyntaxError"),
        ("def tasks(seed):\n    return []\n", "made no tasks"),
        ("def tasks(seed):\n    return [{'text': 'x'}]\n", "KeyError"),
        ("import os\nos._exit(3)\n", "gave no answer"),
        ("def tasks(seed):\n    while True: pass\n", "limit ended it"),
        ("x = 1\n" * 20_001, "at most"),
    ],
)
def test_a_program_that_fails_is_refused_with_its_line(programs: SandboxedPrograms, source: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        programs.tasks(source, "5e", 1)


def test_an_evaluation_that_is_no_number_is_refused(programs: SandboxedPrograms) -> None:
    source = "def evaluate(task, reply):\n    return float('nan')\n"
    with pytest.raises(Rejected, match="ValueError"):
        programs.evaluate(source, Task("x", {}), "y")
