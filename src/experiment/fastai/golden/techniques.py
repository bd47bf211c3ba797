# v=1&data=imagenette&model=xresnet18&bs=128&lr=0.003&crop=aug&prog=128x4,160x5&mixup=0.4&ls=0.1&tta=4
# The same experiment in fastai 2.8.12. Its random numbers are not the playground's:
# compare means over several seeds, not single runs.
from fastai.vision.all import *

set_seed(42, reproducible=True)

path = untar_data(URLs.IMAGENETTE_160)
files = get_image_files(path)

# The zooming crop of aug_transforms is drawn once a batch here, and once an image in
# the playground.
def get_dls(size):
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_y=parent_label,
        splitter=GrandparentSplitter(train_name="train", valid_name="val"),
        item_tfms=Resize(160),
        batch_tfms=[*aug_transforms(size=size, min_scale=0.75), Normalize.from_stats(*imagenet_stats)])
    return block.dataloaders(files, bs=128)

def get_model(n_out): return xresnet18(n_out=n_out, widen=0.5)

def nll(inp, targ): return F.cross_entropy(inp, targ)

lr = 0.003
dls = get_dls(128)
learn = Learner(dls, get_model(dls.c),
    loss_func=LabelSmoothingCrossEntropy(eps=0.1), metrics=[accuracy, nll], cbs=MixUp(0.4))
learn.fit_one_cycle(4, lr)

learn.dls = get_dls(160)
learn.fine_tune(5, lr/3)

preds,targs = learn.tta(n=4, beta=0.25)
print(f"TTA accuracy: {accuracy(preds, targs).item():.6f}")
