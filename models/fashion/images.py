"""Writes calibration/ and samples/ from Fashion-MNIST.

Debian packages: python3-numpy python3-pil dataset-fashion-mnist
Usage: python3 images.py
"""
import gzip
import re
from pathlib import Path

import numpy as np
from PIL import Image

DATA = Path('/usr/share/datasets/fashion-mnist')
HERE = Path(__file__).parent
PER_CLASS = 20                                          # calibration images, from the training set
SAMPLES = [19, 2, 172, 13, 10, 8, 4, 1059, 18, 0]       # test images, one a class; classes 2, 6 and 7 are not easy


def load(split):
    read = lambda file, header: np.frombuffer(gzip.open(DATA / file).read(), np.uint8, offset=header)
    return read(f'{split}-images-idx3-ubyte.gz', 16).reshape(-1, 28, 28), read(f'{split}-labels-idx1-ubyte.gz', 8)


def write(path, array):
    """IDX: 0, 0, 8 (unsigned bytes), the number of dimensions, the dimensions as big-endian integers, the data."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + np.array(array.shape, '>i4').tobytes() + array.tobytes())


def calibration():
    images, labels = load('train')
    random = np.random.RandomState(1)
    # class 0, 1, ... 9, 0, 1, ...: any multiple of ten images from the start is balanced
    chosen = np.stack([random.choice(np.flatnonzero(labels == k), PER_CLASS, False) for k in range(10)], 1).ravel()
    write(HERE / 'calibration/images.idx3-ubyte', images[chosen])
    write(HERE / 'calibration/labels.idx1-ubyte', labels[chosen])


def samples():
    images, labels = load('t10k')
    (HERE / 'samples').mkdir(exist_ok=True)
    for k, label in enumerate((HERE / 'labels.txt').read_text().splitlines()):
        assert labels[SAMPLES[k]] == k
        slug = re.sub('[^a-z]+', '-', label.lower())
        Image.fromarray(images[SAMPLES[k]]).save(HERE / f'samples/{k}-{slug}.png')


calibration()
samples()
