"""The items of `orrery bench engine`, `bench dynalang` and `bench genie` in PyTorch eager: one item a line
in, seconds of a call out, on the wall and of the processor."""

import platform
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(int(sys.argv[1]))
D, LAYERS, HEADS, T, BATCH, V = 256, 6, 8, 256, 16, 512


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        b, t, _ = x.shape
        heads = self.qkv(self.norm1(x)).view(b, t, 3, HEADS, D // HEADS)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(a.transpose(1, 2).reshape(b, t, D))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(V, D)
        self.positions = nn.Parameter(0.02 * torch.randn(T, D))
        self.blocks = nn.Sequential(*[Block() for _ in range(LAYERS)])
        self.norm, self.head = nn.LayerNorm(D), nn.Linear(D, V, bias=False)

    def forward(self, ids):
        return self.head(self.norm(self.blocks(self.tokens(ids) + self.positions)))


def trainer(model, loss):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3, fused=True)

    def step():
        optimizer.zero_grad()
        value = loss(model)
        value.backward()
        optimizer.step()
        value.item()

    return step


def gpt():
    ids, targets = torch.randint(0, V, (BATCH, T)), torch.randint(0, V, (BATCH * T,))
    return 1, trainer(Gpt(), lambda m: F.cross_entropy(m(ids).flatten(0, 1), targets))


def small():
    x, y = torch.randn(32, 32), torch.randn(32, 32)
    model = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))
    return 2000, trainer(model, lambda m: F.mse_loss(m(x), y))


def add():
    x, y = torch.ones(16), torch.ones(16)
    return 2000, lambda: x + y


def sgemm():
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    return 1, lambda: a @ b


class SpaceTime(nn.Module):
    """Attention within each frame, causal attention over frames at each place, one feed-forward."""

    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(D) for _ in range(3)])
        self.qkv = nn.ModuleList([nn.Linear(D, 3 * D) for _ in range(2)])
        self.proj = nn.ModuleList([nn.Linear(D, D) for _ in range(2)])
        self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def attend(self, i, x, causal):
        b, t, _ = x.shape
        q, k, v = self.qkv[i](x).view(b, t, 3, HEADS, D // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.proj[i](a.transpose(1, 2).reshape(b, t, D))

    def forward(self, x):
        b, t, s, d = x.shape
        frames = self.attend(0, self.norms[0](x).reshape(b * t, s, d), False)
        x = x + frames.view(b, t, s, d)
        tracks = self.norms[1](x).transpose(1, 2).reshape(b * s, t, d)
        x = x + self.attend(1, tracks, True).view(b, s, t, d).transpose(1, 2)
        return x + self.down(F.gelu(self.up(self.norms[2](x))))


class Video(nn.Module):
    def __init__(self, frames=16, tokens=64, ids=1024):
        super().__init__()
        self.table = nn.Embedding(ids, D)
        self.table.weight.requires_grad_(False)
        self.stem = nn.Sequential(nn.LayerNorm(D), nn.Linear(D, D), nn.LayerNorm(D))
        self.place = nn.Parameter(0.02 * torch.randn(tokens, D))
        self.time = nn.Parameter(0.02 * torch.randn(frames, 1, D))
        self.blocks = nn.Sequential(*[SpaceTime() for _ in range(LAYERS)])
        self.norm, self.head = nn.LayerNorm(D), nn.Linear(D, ids)

    def forward(self, ids):
        x = self.stem(self.table(ids)) + self.place + self.time
        return self.head(self.norm(self.blocks(x)))


def st():
    ids = torch.randint(0, 1024, (4, 16, 64))
    return 1, trainer(Video(), lambda m: F.cross_entropy(m(ids).flatten(0, 2), ids.flatten()))


class Flow(nn.Module):
    """[x, sines and cosines of t] through three SiLU layers of 128."""

    def __init__(self):
        super().__init__()
        self.register_buffer("waves", 2 * torch.pi / torch.logspace(-1.3, 0.6, 16))
        sizes = [2 + 32, 128, 128, 128]
        self.hidden = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.last = nn.Linear(128, 2)

    def forward(self, x, t):
        angles = t * self.waves
        h = torch.cat([x, angles.sin(), angles.cos()], 1)
        for layer in self.hidden:
            h = F.silu(layer(h))
        return self.last(h)


def flow():
    """A training step: ring of eight Gaussians drawn, straight path, Adam, averaged weights."""
    model, average = Flow(), Flow()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    mine, theirs = list(average.parameters()), list(model.parameters())

    def step():
        angle = torch.randint(0, 8, (512,)) * (torch.pi / 4)
        data = 2 * torch.stack([angle.cos(), angle.sin()], 1) + 0.1 * torch.randn(512, 2)
        noise, t = torch.randn(512, 2), torch.rand(512, 1)
        optimizer.zero_grad()
        loss = (model(t * data + (1 - t) * noise, t) - (data - noise)).square().mean()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(mine, theirs, 0.001)
        loss.item()

    return 1, step


def flow_euler():
    model, noise = Flow(), torch.randn(4096, 2)

    @torch.no_grad()
    def sample():
        x = noise
        for k in range(8):
            x = x + model(x, torch.full((4096, 1), k / 8)) / 8

    return 1, sample


class Rssm(nn.Module):
    """DreamerV3 (2023) as the ports write it: every distribution of every step in the loop."""

    def __init__(self, deter=512, hidden=512, groups=32, classes=32, embed=1024, actions=6):
        super().__init__()
        self.groups, self.classes, latents = groups, classes, groups * classes
        norm = lambda n: nn.LayerNorm(n, eps=1e-3)
        self.inp = nn.Sequential(
            nn.Linear(latents + actions, hidden, bias=False), norm(hidden), nn.SiLU())
        self.gates = nn.Sequential(
            nn.Linear(hidden + deter, 3 * deter, bias=False), norm(3 * deter))
        self.prior = nn.Sequential(
            nn.Linear(deter, hidden, bias=False), norm(hidden), nn.SiLU(),
            nn.Linear(hidden, latents))
        self.post = nn.Sequential(
            nn.Linear(deter + embed, hidden, bias=False), norm(hidden), nn.SiLU(),
            nn.Linear(hidden, latents))

    def mix(self, logits):
        p = logits.unflatten(-1, (self.groups, self.classes)).softmax(-1)
        return 0.99 * p + 0.01 / self.classes

    def draw(self, p):
        index = torch.multinomial(p.detach().flatten(0, 1), 1).view(p.shape[:-1])
        return (F.one_hot(index, self.classes).float() + p - p.detach()).flatten(-2)

    def step(self, h, z, action, embed, first):
        keep = 1 - first.unsqueeze(-1)
        h, z, action = h * keep, z * keep, action * keep
        x = self.inp(torch.cat([z, action], -1))
        reset, candidate, update = self.gates(torch.cat([x, h], -1)).chunk(3, -1)
        candidate = torch.tanh(torch.sigmoid(reset) * candidate)
        update = torch.sigmoid(update - 1)
        h = update * candidate + (1 - update) * h
        prior = self.mix(self.prior(h))
        post = self.mix(self.post(torch.cat([h, embed], -1)))
        self.draw(prior)
        return h, self.draw(post), prior, post


def rssm():
    steps, batch = 64, 16
    model = Rssm()
    embed, action = torch.randn(steps, batch, 1024), torch.rand(steps, batch, 6)
    first = torch.zeros(steps, batch)
    first[0] = 1

    def kl(q, p):
        return (q * (q.log() - p.log())).sum((-2, -1)).clamp(min=1)

    def work():
        h, z = torch.zeros(batch, 512), torch.zeros(batch, 1024)
        hs, zs, priors, posts = [], [], [], []
        for t in range(steps):
            h, z, prior, post = model.step(h, z, action[t], embed[t], first[t])
            hs.append(h), zs.append(z), priors.append(prior), posts.append(post)
        q, p = torch.stack(posts), torch.stack(priors)
        loss = (0.5 * kl(q.detach(), p) + 0.1 * kl(q, p.detach())).mean()
        features = torch.cat([torch.stack(hs), torch.stack(zs)], -1)
        (loss + 0.01 * features.square().mean()).backward()
        for parameter in model.parameters():
            parameter.grad = None

    return 1, work


known = {"gpt": gpt, "small": small, "add": add, "sgemm": sgemm, "flow": flow, "flow-euler": flow_euler,
         "rssm": rssm, "st": st}
items = {}
print("ready torch %s, Python %s" % (torch.__version__, platform.python_version()))
for line in sys.stdin:
    name = line.strip()
    if name not in items:
        items[name] = known[name]()
    calls, work = items[name]
    processor, start = time.process_time(), time.perf_counter()
    for _ in range(calls):
        work()
    seconds, spent = time.perf_counter() - start, time.process_time() - processor
    print(seconds / calls, spent / calls)
