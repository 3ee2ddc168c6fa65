"""Trains the Fashion-MNIST network and writes fashion.onnx beside this file.

Debian packages: python3-torch python3-onnx python3-numpy dataset-fashion-mnist
Usage: python3 train.py        (about 10 minutes on two cores)
"""
import gzip
from collections import OrderedDict, Counter
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = Path('/usr/share/datasets/fashion-mnist')
HERE = Path(__file__).parent
EPOCHS, BATCH, RATE, DECAY, SHIFT = 40, 128, 0.1, 1e-4, 1


def load(split):
    """Images as floats [n, 1, 28, 28] in 0..1, labels as integers."""
    read = lambda file, header: np.frombuffer(gzip.open(DATA / file).read(), np.uint8, offset=header)
    images = read(f'{split}-images-idx3-ubyte.gz', 16).reshape(-1, 1, 28, 28)
    labels = read(f'{split}-labels-idx1-ubyte.gz', 8)
    return torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def conv(cin, cout, size, stride=1, groups=1):
    return nn.Sequential(OrderedDict(
        conv=nn.Conv2d(cin, cout, size, stride, size // 2, groups=groups, bias=False),
        norm=nn.BatchNorm2d(cout),
        relu=nn.ReLU()))


def separable(cin, cout, stride=1):
    return nn.Sequential(OrderedDict(depth=conv(cin, cin, 3, stride, cin), point=conv(cin, cout, 1)))


def network():
    return nn.Sequential(OrderedDict(
        stem=conv(1, 16, 3, 2),         # 14 x 14
        block1=separable(16, 32),
        block2=separable(32, 64, 2),    # 7 x 7
        block3=separable(64, 64),
        block4=separable(64, 128, 2),   # 4 x 4
        pool=nn.AdaptiveAvgPool2d(1),
        flat=nn.Flatten(),
        head=nn.Linear(128, 10)))


def augment(x):
    """Mirrors half of the batch and moves each quarter of it by up to SHIFT pixels."""
    mirror = torch.rand(len(x), 1, 1, 1) < 0.5
    x = F.pad(torch.where(mirror, x.flip(3), x), [SHIFT] * 4)
    crops = []
    for part in x.chunk(4):
        dy, dx = torch.randint(2 * SHIFT + 1, (2,)).tolist()
        crops.append(part[:, :, dy:dy + 28, dx:dx + 28])
    return torch.cat(crops)


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        right = sum((net(a).argmax(1) == b).sum().item() for a, b in zip(x.split(500), y.split(500)))
    return 100 * right / len(y)


def train(net, x, y, xt, yt):
    steps = len(x) // BATCH
    sgd = torch.optim.SGD(net.parameters(), RATE, momentum=0.9, nesterov=True, weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(sgd, RATE, EPOCHS * steps, pct_start=0.1)   # warm up, then a cosine
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
    """Writes ONNX with the batch norms kept as nodes, for the packer to fold."""
    net = nn.Sequential(OrderedDict(net.named_children(), softmax=nn.Softmax(1))).eval()
    net = net.to(memory_format=torch.contiguous_format)
    torch.onnx.export(net, torch.zeros(1, 1, 28, 28), str(path), opset_version=13,
                      training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False,
                      input_names=['input'], output_names=['probabilities'])
    model = onnx.load(str(path))
    onnx.checker.check_model(model)
    print(path.name, path.stat().st_size, 'bytes:', dict(Counter(node.op_type for node in model.graph.node)))


if __name__ == '__main__':
    torch.manual_seed(1)
    net = network().to(memory_format=torch.channels_last)       # a third faster on a CPU
    print(sum(p.numel() for p in net.parameters()), 'parameters')
    x, y = load('train')
    xt, yt = load('t10k')
    train(net, x, y, xt, yt)
    export(net, HERE / 'fashion.onnx')
