# v=1
# The same experiment in fastai 2.8.12. Its random numbers are not the playground's:
# compare means over several seeds, not single runs.
from fastai.vision.all import *

set_seed(42, reproducible=True)

# The playground's sample is drawn by a program and has no files. This takes the
# photographs that it imitates: expect other figures.
path = untar_data(URLs.IMAGENETTE_160)
files = get_image_files(path)

class PadCrop(RandTransform):
    "The middle square; in training a random window of it, mirrored outward by an eighth"
    split_idx,order = None,1
    def __init__(self, size):
        super().__init__()
        self.size,self.pad = size,size//8
    def before_call(self, b, split_idx):
        draw = lambda: random.randint(0, 2*self.pad)
        self.tl = None if split_idx else (draw(), draw())
    def encodes(self, x:PILImage):
        x = x.crop_pad(min(x.size), resize_to=(self.size,self.size))
        if self.tl is None: return x
        x = x.crop_pad(self.size + 2*self.pad, pad_mode=PadMode.Reflection)
        return x.crop_pad(self.size, self.tl)

def get_dls(size):
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_y=parent_label,
        splitter=GrandparentSplitter(train_name="train", valid_name="val"),
        item_tfms=[PadCrop(size), FlipItem(0.5)],
        batch_tfms=[Normalize.from_stats(*imagenet_stats)])
    return block.dataloaders(files, bs=64)

class Residual(Module):
    def __init__(self, nf): self.convs = nn.Sequential(ConvLayer(nf, nf), ConvLayer(nf, nf))
    def forward(self, x): return x + self.convs(x)

def get_model(n_out, w=8):
    model = nn.Sequential(
        ConvLayer(3, w, stride=2), ConvLayer(w, 2*w), MaxPool(2), Residual(2*w),
        ConvLayer(2*w, 4*w), MaxPool(2),
        ConvLayer(4*w, 8*w), MaxPool(2), Residual(8*w),
        AdaptiveAvgPool(1), Flatten(), nn.Linear(8*w, n_out))
    init_cnn(model)
    return model

lr = 0.01
dls = get_dls(64)
learn = Learner(dls, get_model(dls.c),
    loss_func=CrossEntropyLossFlat(), metrics=accuracy)
learn.fit_one_cycle(5, lr)
