"""A torchvision network with the weights that it is to start from, which fit or are refused with a reason."""

import difflib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import torchvision
from torch import Tensor, nn

from intent.state_files import StateError, not_finite, read_state


@contextmanager
def quiet() -> Iterator[None]:
    """Hide the notices of torch, Lightning and torchvision about themselves; errors still pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def load_backbone(name: str, *, weights: str | Path = "none") -> nn.Module:
    """Return a torchvision classification model.

    Args:
        name: one of ``torchvision.models.list_models(module=torchvision.models)``.
        weights: ``none`` (random), ``hub`` (torchvision's default weights, downloaded once) or the path of a
            state dict, which must fit strictly.

    Raises:
        ValueError: unknown name; no such file; a file that is no state dict or does not fit the named model.
    """
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        close = [each for each in known if each.startswith(name)][:1] or difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(known)}"
        raise ValueError(f"no backbone {name!r} in torchvision; {hint}")
    options = {"init_weights": True} if name in ("googlenet", "inception_v3") and weights != "hub" else {}
    with quiet():
        if weights == "hub":
            try:
                return cast(nn.Module, torchvision.models.get_model(name, weights="DEFAULT"))
            except OSError as error:
                raise ValueError(
                    f"the weights of {name} cannot be fetched from torchvision's hub ({error}); fetch them elsewhere "
                    "and give the file in place of 'hub'"
                ) from error
        network = cast(nn.Module, torchvision.models.get_model(name, weights=None, **options))
    if weights == "none":
        return network
    path = Path(weights)
    if not path.is_file():
        raise ValueError(f"weights must be 'none', 'hub' or a file; there is no file {str(path)!r}")
    try:
        state = read_state(path)
    except StateError as error:
        raise ValueError(f"weights {str(path)!r} cannot be read: {error}; copy or make the file again") from error
    reason = _misfit(state, network.state_dict())
    if reason is not None:
        raise ValueError(
            f"weights {str(path)!r} do not fit the backbone {name!r}: {reason}; name the backbone that they belong to"
        )
    network.load_state_dict(state, strict=True)
    odd = not_finite(network.state_dict())
    if odd is not None:
        raise ValueError(f"weights {str(path)!r} hold values that are no numbers (in {odd}); take an earlier file")
    return network


def _misfit(state: object, own: Mapping[str, Tensor]) -> str | None:
    """Return why a state dict does not fit a network's own; None where it does."""
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        return "the file holds no state dict (a mapping of names to tensors)"
    for names, word in ((own.keys() - state.keys(), "lacks"), (state.keys() - own.keys(), "has besides")):
        if names:
            first = min(names, key=str)
            return f"it {word} {first}" + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")
    for name, value in own.items():
        if state[name].shape != value.shape:
            return f"{name} is {list(state[name].shape)}, not {list(value.shape)}"
    return None
