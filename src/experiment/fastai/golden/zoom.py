# v=1&data=https://example.org/mine.tgz&model=resnet9&crop=rrc&norm=off&prog=64x2,96x0&tta=4&beta=0.5&engine=webgpu
# The same experiment in fastai 2.8.12. Its random numbers are not the playground's:
# compare means over several seeds, not single runs.
from fastai.vision.all import *

# engine=webgpu: fastai has none; it takes CUDA or MPS where it can.
set_seed(42, reproducible=True)

path = untar_data("https://example.org/mine.tgz")
files = get_image_files(path)

# The playground first shrinks every photograph to a short side of 164 pixels and cuts
# what is longer than 2:1; fastai crops the file's own pixels.
def get_dls(size):
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_y=parent_label,
        splitter=GrandparentSplitter(train_name="train", valid_name="val"),
        item_tfms=[RandomResizedCrop(size, min_scale=0.35), FlipItem(0.5)],
        batch_tfms=[])
    return block.dataloaders(files, bs=64)

class Residual(Module):
    def __init__(self, nf): self.convs = nn.Sequential(ConvLayer(nf, nf), ConvLayer(nf, nf))
    def forward(self, x): return x + self.convs(x)

def get_model(n_out, w=32):
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
learn.fit_one_cycle(2, lr)

learn.dls = get_dls(96)
learn.freeze()  # only clears Adam's averages: one group
learn.fit_one_cycle(1, lr/3, pct_start=0.99)

preds,targs = learn.tta(n=4, beta=0.5)
print(f"TTA accuracy: {accuracy(preds, targs).item():.6f}")
