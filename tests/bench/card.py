"""PyTorch's side of `card.sh`: its training step on `res3-w16` and `resnet9`, in fp32 with TF32
off, as it is written (eager) and as a CUDA graph, one line of JSON each."""

import json
import time

import torch
import torch.nn.functional as F
from torch import nn

BATCH, SIZE, STEPS = 64, 64, 50
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True


def conv(inputs, outputs, stride=1, act=True):
    layers = [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([nn.ReLU()] if act else []))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.convs = nn.Sequential(conv(channels, channels), conv(channels, channels))

    def forward(self, x):
        return x + self.convs(x)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.convs = nn.Sequential(conv(inputs, outputs, stride), conv(outputs, outputs, act=False))
        pool = [nn.AvgPool2d(2, ceil_mode=True)] if stride > 1 else []
        widen = [nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.shortcut = nn.Sequential(*pool, *(widen if inputs != outputs else []))

    def forward(self, x):
        return F.relu(self.convs(x) + self.shortcut(x))


def network(*stages, features):
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(features, 10)]
    return nn.Sequential(*stages, *head).cuda()


def res3(w):
    stages = [conv(3, w, 2), Block(w, w, 1), Block(w, 2 * w, 2), Block(2 * w, 4 * w, 2)]
    return network(*stages, features=4 * w)


def resnet9(w):
    stages = [conv(3, w, 2), conv(w, 2 * w), nn.MaxPool2d(2), Residual(2 * w)]
    stages += [conv(2 * w, 4 * w), nn.MaxPool2d(2), conv(4 * w, 8 * w), nn.MaxPool2d(2)]
    return network(*stages, Residual(8 * w), features=8 * w)


def milliseconds(run):
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for _ in range(STEPS):
        run()
    torch.cuda.synchronize()
    return (time.perf_counter() - begun) / STEPS * 1e3


def measure(name, net):
    adam = torch.optim.Adam(net.parameters(), lr=1e-3, capturable=True, fused=True)
    images = torch.randn(BATCH, 3, SIZE, SIZE, device="cuda")
    labels = torch.arange(BATCH, device="cuda") % 10

    def step():
        adam.zero_grad(set_to_none=True)
        F.cross_entropy(net(images), labels).backward()
        adam.step()

    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        for _ in range(5):
            step()
    torch.cuda.synchronize()
    eager = milliseconds(step)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    graph.replay()
    found = {"case": name, "torch_eager_ms": eager, "torch_graph_ms": milliseconds(graph.replay)}
    print(json.dumps(found | {"torch": torch.__version__}), flush=True)


measure("res3-w16", res3(16))
measure("resnet9", resnet9(32))
