"""Training from random weights: the whole network with a passing head, then the head alone on fixed features."""

import torch

from intent.data import ShuffledBatches
from intent.data_module import IntentDataModule
from intent.features import Progress
from intent.fitting import fit_module
from intent.model import IntentModule, IntentNet, PooledBackbone
from intent.train_config import TrainConfig
from intent.tuning_state import Work

FEWEST_HEAD_STEPS = 300
"""Steps of the head, whatever its epochs: a few hundred examples make too few in an epoch to get anywhere."""


def train_network(net: IntentNet, data: IntentDataModule, config: TrainConfig, tell: Progress, work: Work) -> str:
    """Train backbone and a passing head together, then make the batch-norm statistics exact.

    Return why it ended early, empty where it did not: a loss that is no number ends it with the last good weights.
    """
    batches = data.train_dataloader()
    module = IntentModule(
        net,
        data.taxonomy.parent_index,
        parents=len(data.taxonomy.parent_ids),
        label_smoothing=config.label_smoothing,
        learning_rate=config.learning_rate,
        backbone_share=1.0,
        weight_decay=config.weight_decay,
        total_steps=config.passes * len(batches),
    )
    stopped = fit_module(
        module, data, epochs=config.passes, stage="network", progress=tell, accelerator=config.accelerator, work=work
    )
    renew_batch_norm(net.backbone, batches)
    return stopped


def renew_batch_norm(backbone: PooledBackbone, batches: ShuffledBatches) -> None:
    """Replace running batch-norm statistics by their mean over one epoch.

    After a short training the running averages still hold the first steps (Wu and Johnson 2021, "precise
    BatchNorm").
    """
    norms = [part for part in backbone.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    backbone.train()
    with torch.no_grad():
        for inputs, _, _, _ in batches:
            backbone(inputs)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    backbone.eval()


def train_head(net: IntentNet, data: IntentDataModule, config: TrainConfig, tell: Progress) -> None:
    """Fit dropout and the linear layer on batches of standardised features."""
    batches = data.train_dataloader()
    epochs = max(config.head_epochs, -(-FEWEST_HEAD_STEPS // len(batches)))
    net.reset_head()
    net.dropout.p = config.head_dropout
    net.train()  # Lightning leaves modules in the mode that it finds them in
    module = IntentModule(
        net,
        data.taxonomy.parent_index,
        parents=len(data.taxonomy.parent_ids),
        label_smoothing=config.label_smoothing,
        learning_rate=config.head_learning_rate,
        backbone_share=None,
        weight_decay=config.head_weight_decay,
        total_steps=epochs * len(batches),
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices this small only make threads wait for each other
    try:
        fit_module(module, data, epochs=epochs, stage="head", progress=tell, accelerator="cpu")
    finally:
        torch.set_num_threads(threads)
