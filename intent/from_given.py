"""Training from given weights: a head on frozen features, tuned layers, and weights between the two."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from intent.doubt import believe
from intent.examples import Targets
from intent.metrics import confusion_matrix, macro_f1
from intent.model import HierarchicalLoss
from intent.stage import Stage, head_of, logits_of, standardise
from intent.tuning import Pictures, TuneConfig, TuneResult, between, tune
from intent.tuning_state import Work


def believed(stage: Stage, features: npt.NDArray[np.float32]) -> tuple[Stage, float]:
    """Let labels that other pictures contradict count less; say how many those are.

    Held-out ones are judged too: they choose the penalty, and teach the last head.
    """
    data = stage.data
    rows = np.union1d(data.train, data.valid)
    targets, doubt = believe(features, data.targets, rows, stage.criterion, seed=stage.config.seed, groups=data.groups)
    return replace(stage, data=data.with_targets(targets)), round(doubt, 4)


def tune_given(stage: Stage, work: Work) -> tuple[Stage, dict[str, object]]:
    """Tune the net of a stage in place; return the stage with the labels that were believed, and what was found on the
    way."""
    net, config, data = stage.net, stage.config, stage.data
    rows = np.concatenate([data.train, data.valid])
    features = np.zeros((len(data), net.backbone.width), dtype=np.float32)
    features[rows] = stage.features(rows)
    if stage.prior is None:
        weight = torch.from_numpy(data.targets.weight[data.train].copy())
        net.standardise.fit(torch.from_numpy(features[data.train]), weight=weight)
    standardise(net, features)
    net.eval()
    stage, doubt = believed(stage, features)
    data, targets = stage.data, stage.data.targets
    _, head = stage.fit(features, features[data.valid], targets.take(data.valid), prior=stage.prior)
    held_out = data.held_out
    frozen = _held_out_f1(logits_of(features[held_out], head), targets, held_out)
    notes: dict[str, object] = {"doubt": doubt, "frozen_macro_f1": frozen}
    given = {name: value.clone() for name, value in net.state_dict().items()}
    smooth = HierarchicalLoss(
        data.taxonomy.parent_index, parents=len(data.taxonomy.parent_ids), label_smoothing=config.label_smoothing
    )
    result: TuneResult = tune(
        net,
        Pictures(data.images, data.order, targets, data.train, data.valid, data.taxonomy.intent_ids),
        smooth,
        TuneConfig(
            epochs=config.passes,
            batch_size=config.batch_size,
            layers=config.tuned_layers,
            rate=config.tuning_rate,
            weight_decay=config.weight_decay,
            mixup=config.mixup,
            label_smoothing=config.label_smoothing,
            patience=config.patience,
            seed=config.seed,
            accelerator=config.accelerator,
            workers=config.workers,
        ),
        progress=stage.tell,
        checkpoint=work.checkpoint,
        log=work.log,
        key=work.key,
    )
    tuned = {name: value.clone() for name, value in net.state_dict().items()}
    found: dict[float, float] = {}
    for share in config.kept if len(config.kept) > 1 and len(held_out) else ():
        net.load_state_dict(between(given, tuned, share=share))
        seen = stage.features(held_out)
        standardise(net, seen)
        found[share] = _held_out_f1(logits_of(seen, head_of(net)), targets, held_out) or 0.0
    kept = max(found, key=lambda share: found[share]) if found else config.kept[0]
    net.load_state_dict(between(given, tuned, share=kept))
    notes |= {"tuned_macro_f1": list(result.held_out_macro_f1), "steps": result.steps, "kept_share": kept}
    notes |= {"stopped": result.stopped} if result.stopped else {}
    notes |= {"kept_macro_f1": {str(share): value for share, value in found.items()}} if found else {}
    return stage, notes


def _held_out_f1(logits: npt.NDArray[np.float64], targets: Targets, rows: npt.NDArray[np.int64]) -> float | None:
    if not len(rows):
        return None
    confusion = confusion_matrix(targets.intent[rows], logits.argmax(axis=1), classes=logits.shape[1])
    return round(macro_f1(confusion), 4)
