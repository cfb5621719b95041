"""A plain double loop, written straight from the equations: the reference for the cells."""

import torch
from torch import Tensor

from rnnviz.models import Model
from rnnviz.models.cells import Cell


def sigmoid(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def rnn(w, x, h):
    return {"h": torch.tanh(w["weight_h"][0] @ h[0]["h"] + w["weight_x"] @ x + w["bias"])}, {}


def rnn_relu(w, x, h):
    total = w["weight_h"][0] @ h[0]["h"] + w["weight_x"] @ x + w["bias"]
    return {"h": torch.clamp(total, min=0)}, {}


def lstm(w, x, h):
    total = w["weight_h"][0] @ h[0]["h"] + w["weight_x"] @ x + w["bias"]
    i, f, g, o = total.chunk(4)
    i, f, g, o = sigmoid(i), sigmoid(f), torch.tanh(g), sigmoid(o)
    c = f * h[0]["c"] + i * g
    gates = {"input": i, "forget": f, "candidate": g, "output": o}
    return {"h": o * torch.tanh(c), "c": c}, gates


def gru(w, x, h):
    u_r, u_z, u_n = w["weight_x"].chunk(3)
    w_r, w_z, w_n = w["weight_h"][0].chunk(3)
    b_r, b_z, b_n = w["bias"].chunk(3)
    before = h[0]["h"]
    r = sigmoid(w_r @ before + u_r @ x + b_r)
    z = sigmoid(w_z @ before + u_z @ x + b_z)
    n = torch.tanh(u_n @ x + b_n + r * (w_n @ before + w["bias_h"]))
    return {"h": (1 - z) * n + z * before}, {"reset": r, "update": z, "candidate": n}


def rnn_2d(w, x, h):
    up, left = h
    total = w["weight_h"][0] @ up["h"] + w["weight_h"][1] @ left["h"]
    return {"h": torch.tanh(total + w["weight_x"] @ x + w["bias"])}, {}


def lstm_2d(w, x, h):
    up, left = h
    total = w["weight_h"][0] @ up["h"] + w["weight_h"][1] @ left["h"]
    i, f_up, f_left, g, o = (total + w["weight_x"] @ x + w["bias"]).chunk(5)
    i, f_up, f_left, g, o = sigmoid(i), sigmoid(f_up), sigmoid(f_left), torch.tanh(g), sigmoid(o)
    c = f_up * up["c"] + f_left * left["c"] + i * g
    gates = {"input": i, "forget_up": f_up, "forget_left": f_left, "candidate": g, "output": o}
    return {"h": o * torch.tanh(c), "c": c}, gates


def lstm_2d_mixed(w, x, h):
    up, left = h
    total = w["weight_h"][0] @ up["h"] + w["weight_h"][1] @ left["h"]
    i, f, m, g, o = (total + w["weight_x"] @ x + w["bias"]).chunk(5)
    i, f, m, g, o = sigmoid(i), sigmoid(f), sigmoid(m), torch.tanh(g), sigmoid(o)
    c = f * (m * up["c"] + (1 - m) * left["c"]) + i * g
    gates = {"input": i, "forget": f, "mix": m, "candidate": g, "output": o}
    return {"h": o * torch.tanh(c), "c": c}, gates


def gru_2d(w, x, h):
    up, left = h
    u_r, u_z, u_m, u_n = w["weight_x"].chunk(4)
    v_r, v_z, v_m, v_n = w["weight_h"][0].chunk(4)
    w_r, w_z, w_m, w_n = w["weight_h"][1].chunk(4)
    b_r, b_z, b_m, b_n = w["bias"].chunk(4)
    r = sigmoid(v_r @ up["h"] + w_r @ left["h"] + u_r @ x + b_r)
    z = sigmoid(v_z @ up["h"] + w_z @ left["h"] + u_z @ x + b_z)
    m = sigmoid(v_m @ up["h"] + w_m @ left["h"] + u_m @ x + b_m)
    n = torch.tanh(u_n @ x + b_n + r * (v_n @ up["h"] + w_n @ left["h"] + w["bias_h"]))
    h_new = (1 - z) * n + z * (m * up["h"] + (1 - m) * left["h"])
    return {"h": h_new}, {"reset": r, "update": z, "mix": m, "candidate": n}


STEPS = {
    "rnn": rnn,
    "rnn_relu": rnn_relu,
    "irnn": rnn_relu,
    "lstm": lstm,
    "gru": gru,
    "rnn_2d": rnn_2d,
    "lstm_2d": lstm_2d,
    "lstm_2d_mixed": lstm_2d_mixed,
    "gru_2d": gru_2d,
}


def own_step(cell: Cell):
    """Return a cell's own step, for a cell whose equations aren't written here."""

    def step(_, x, h):
        states, gates = cell.step(cell.project(x), h)
        return states, {name: gates[name] for name in cell.GATES}

    return step


def read(model: Model, image: Tensor):
    """Return the states and gates of every step, one picture, one step after another."""
    inputs = list(image.reshape(-1)[torch.from_numpy(model.route.gather)])
    states, gates = [], []
    for first in range(0, len(model.cells), model.route.sweeps):
        cells = model.cells[first : first + model.route.sweeps]
        found, during = read_layer(model, cells, inputs)
        inputs = read_below(model, found)
        states.append(stack(found))
        gates.append(stack(during))
    return join(states), join(gates)


def read_layer(model: Model, cells: list[Cell], inputs: list[Tensor]):
    """Return the states and gates of one layer, a dictionary a step."""
    nowhere = cells[0].zero_states()
    found, gates = [], []
    for step, heard in enumerate(model.route.parents):
        cell = cells[step // model.route.steps_per_sweep]
        parents = [found[parent] if parent >= 0 else nowhere for parent in heard]
        rule = STEPS.get(cell.NAME, own_step(cell))
        after, during = rule(dict(cell.named_parameters()), inputs[step], parents)
        found.append(after)
        gates.append(during)
    return found, gates


def read_below(model: Model, found: list) -> list[Tensor]:
    """Return what the steps of the next layer read: all h at the same place, sweep by sweep."""
    places: dict[frozenset, list[Tensor]] = {}
    for gather, state in zip(model.route.gather.tolist(), found, strict=True):
        places.setdefault(frozenset(gather), []).append(state["h"])
    return [torch.cat(places[frozenset(gather)]) for gather in model.route.gather.tolist()]


def stack(values: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return values that come a step at a time, each (step, unit)."""
    return {name: torch.stack([value[name] for value in values]) for name in values[0]}


def join(layers: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the values of all layers, the first layer's units first."""
    return {name: torch.cat([layer[name] for layer in layers], dim=1) for name in layers[0]}
