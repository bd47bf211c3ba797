# v=1&data=imagenette&subset=100&valid=50&noise=25&dseed=7&model=conv5&bs=32&crop=resize&norm=data&prog=32x2,48x0,64x1&freeze=1&tta=2&ttamax=1&seed=3&engine=cpu
# The same experiment in fastai 2.8.12. Its random numbers are not the playground's:
# compare means over several seeds, not single runs.
from fastai.vision.all import *

default_device(use=False)  # engine=cpu
set_seed(3, reproducible=True)

path = untar_data(URLs.IMAGENETTE_160)
files = get_image_files(path)

def some(split, n):
    "n images of each class, or all of a class that has fewer"
    rng = random.Random(7)  # dseed
    of_split = files.filter(lambda f: f.parent.parent.name == split).sorted()
    classes = groupby(of_split, lambda f: f.parent.name)
    return L(f for c in classes.values() for f in rng.sample(c, min(n or len(c), len(c))))

files = some("train", 100) + some("val", 50)

# Wrong training labels, from the table that comes with the images.
table = pd.read_csv(path/"noisy_imagenette.csv")
noisy = dict(zip(table["path"], table["noisy_labels_25"]))
def label(f): return noisy[f.relative_to(path).as_posix()]

def get_dls(size):
    # Normalize() measures one batch; the playground, all training images.
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_y=label,
        splitter=GrandparentSplitter(train_name="train", valid_name="val"),
        item_tfms=[Resize(size), FlipItem(0.5)],
        batch_tfms=[Normalize()])
    return block.dataloaders(files, bs=32)

def get_model(n_out):
    widths = [3,16,32,64,128,256]
    model = nn.Sequential(
        *[ConvLayer(ni, nf, stride=2) for ni,nf in zip(widths, widths[1:])],
        AdaptiveAvgPool(1), Flatten(), nn.Linear(256, n_out))
    init_cnn(model)
    return model

# Two groups, so that freeze() has something to freeze: the body's convolutions. Its
# batch norms go on training, as fastai's train_bn=True says.
def groups(m): return L(nn.Sequential(*list(m.children())[:-1]), m[-1]).map(params)

lr = 0.01
dls = get_dls(32)
learn = Learner(dls, get_model(dls.c),
    loss_func=CrossEntropyLossFlat(), metrics=accuracy, splitter=groups)
learn.fit_one_cycle(2, lr)

learn.dls = get_dls(48)
learn.freeze()
learn.fit_one_cycle(1, lr/3, pct_start=0.99)
learn.unfreeze()

learn.dls = get_dls(64)
learn.freeze()
learn.fit_one_cycle(1, lr/3, pct_start=0.99)
learn.unfreeze()
learn.fit_one_cycle(1, lr/6, pct_start=0.3, div=5)

preds,targs = learn.tta(n=2, use_max=True)
print(f"TTA accuracy: {accuracy(preds, targs).item():.6f}")
