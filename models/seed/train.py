"""Trains the seed CNN on CIFAR-10 and writes seed.onnx beside this file.

Debian packages: python3-torch python3-onnx python3-numpy python3-pil
Usage: python3 train.py        (reads data/train/CLASS/*.jpg and data/test/CLASS/*.jpg; see README.md)
"""
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

HERE = Path(__file__).parent
LABELS = (HERE / 'labels.txt').read_text().split()
EPOCHS, BATCH, RATE, DECAY, SHIFT = 20, 128, 0.05, 5e-4, 4


def load(split):
    """Images as floats [n, 3, 32, 32] in -1..1, labels as integers."""
    files = [(file, label) for label, name in enumerate(LABELS)
             for file in sorted((HERE / 'data' / split / name).glob('*.jpg'))]
    images = np.stack([np.asarray(Image.open(file).convert('RGB')) for file, _ in files])
    images = (torch.from_numpy(images).permute(0, 3, 1, 2).float() - 128) / 128
    return images, torch.tensor([label for _, label in files])


class Seed(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 16, 3, padding=1)
        self.c2 = nn.Conv2d(16, 32, 3, padding=1)
        self.f1 = nn.Linear(32 * 8 * 8, 128)
        self.drop = nn.Dropout(0.25)
        self.f2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)     # 16 x 16 x 16
        x = F.max_pool2d(F.relu(self.c2(x)), 2)     # 32 x 8 x 8
        x = F.relu(self.f1(torch.flatten(x, 1)))
        return self.f2(self.drop(x))


def augment(x):
    """Mirrors half of the batch and moves each quarter of it by up to SHIFT pixels."""
    mirror = torch.rand(len(x), 1, 1, 1) < 0.5
    x = F.pad(torch.where(mirror, x.flip(3), x), [SHIFT] * 4)
    crops = []
    for part in x.chunk(4):
        dy, dx = torch.randint(2 * SHIFT + 1, (2,)).tolist()
        crops.append(part[:, :, dy:dy + 32, dx:dx + 32])
    return torch.cat(crops)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        right = sum((net(a).argmax(1) == b).sum().item() for a, b in zip(x.split(500), y.split(500)))
    return 100 * right / len(y)


def train(net, x, y, xt, yt):
    steps = len(x) // BATCH
    sgd = torch.optim.SGD(net.parameters(), RATE, momentum=0.9, nesterov=True, weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(sgd, RATE, EPOCHS * steps, pct_start=0.15)  # warm up, then a cosine
    for epoch in range(1, EPOCHS + 1):
        net.train()
        total = 0
        for batch in torch.randperm(len(x))[:steps * BATCH].split(BATCH):
            loss = F.cross_entropy(net(augment(x[batch])), y[batch])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            rate.step()
            total += loss.item()
        print(f'epoch {epoch}: loss {total / steps:.4f}, test {accuracy(net, xt, yt):.2f} %', flush=True)


def export(net, path):
    torch.onnx.export(net.eval(), torch.zeros(1, 3, 32, 32), str(path), opset_version=13,
                      input_names=['input'], output_names=['logits'])
    model = onnx.load(str(path))
    onnx.checker.check_model(model)
    print(path.name, path.stat().st_size, 'bytes:', dict(Counter(node.op_type for node in model.graph.node)))


if __name__ == '__main__':
    torch.manual_seed(1)
    net = Seed()
    print(sum(p.numel() for p in net.parameters()), 'parameters')
    x, y = load('train')
    xt, yt = load('test')
    train(net, x, y, xt, yt)
    export(net, HERE / 'seed.onnx')
