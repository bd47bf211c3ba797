//! The fastai program that does what an experiment does, with a comment wherever
//! the two differ. Text only: nothing here is run.
//!
//! Written against fastai 2.8.12; the programs of the tests were run with it.

mod network;
mod training;

use super::{Crop, DataSource, EngineChoice, Experiment, Noise, Norm};

/// The version of fastai that the programs are written for.
pub const VERSION: &str = "2.8.12";

/// Short side of the photographs of `URLs.IMAGENETTE_160`, in pixels.
const STORED: u32 = 160;

/// The program of an experiment, in Python.
pub fn program(experiment: &Experiment) -> String {
    let (experiment, _) = experiment.clamped();
    let mut text = head(&experiment);
    text.push_str(&data(&experiment));
    text.push_str(&transforms(&experiment));
    text.push_str(&loaders(&experiment));
    text.push_str(&network::network(&experiment));
    text.push_str(&training::training(&experiment));
    text
}

fn head(experiment: &Experiment) -> String {
    let mut text = format!("# {}\n", experiment.link());
    text.push_str(&format!(
        "# The same experiment in fastai {VERSION}. Its random numbers are not the playground's:\n\
         # compare means over several seeds, not single runs.\n\
         from fastai.vision.all import *\n\n"
    ));
    match experiment.engine {
        EngineChoice::Auto => {}
        EngineChoice::Cpu => text.push_str("default_device(use=False)  # engine=cpu\n"),
        EngineChoice::Webgpu => {
            text.push_str("# engine=webgpu: fastai has none; it takes CUDA or MPS where it can.\n");
        }
    }
    text.push_str(&format!("set_seed({}, reproducible=True)\n\n", experiment.seed));
    text
}

fn data(experiment: &Experiment) -> String {
    let mut text = String::new();
    match &experiment.data {
        DataSource::Sample => text.push_str(
            "# The playground's sample is drawn by a program and has no files. This takes the\n\
             # photographs that it imitates: expect other figures.\n\
             path = untar_data(URLs.IMAGENETTE_160)\n",
        ),
        DataSource::Imagenette => text.push_str("path = untar_data(URLs.IMAGENETTE_160)\n"),
        DataSource::Url(url) => text.push_str(&format!("path = untar_data({})\n", quoted(url))),
    }
    text.push_str("files = get_image_files(path)\n");
    if experiment.subset.is_some() || experiment.valid.is_some() {
        text.push_str(&format!(
            "\n\
             def some(split, n):\n    \
                 \"n images of each class, or all of a class that has fewer\"\n    \
                 rng = random.Random({})  # dseed\n    \
                 of_split = files.filter(lambda f: f.parent.parent.name == split).sorted()\n    \
                 classes = groupby(of_split, lambda f: f.parent.name)\n    \
                 return L(f for c in classes.values() for f in rng.sample(c, min(n or len(c), len(c))))\n\n\
             files = some(\"train\", {}) + some(\"val\", {})\n",
            experiment.dseed,
            per_class(experiment.subset),
            per_class(experiment.valid),
        ));
    }
    if experiment.noise != Noise::None {
        text.push_str(&format!(
            "\n\
             # Wrong training labels, from the table that comes with the images.\n\
             table = pd.read_csv(path/\"noisy_imagenette.csv\")\n\
             noisy = dict(zip(table[\"path\"], table[\"noisy_labels_{}\"]))\n\
             def label(f): return noisy[f.relative_to(path).as_posix()]\n",
            experiment.noise.percent()
        ));
    }
    text.push('\n');
    text
}

/// Helpers that the crop needs.
fn transforms(experiment: &Experiment) -> String {
    match experiment.crop {
        Crop::Pad => "class PadCrop(RandTransform):\n    \
                \"The middle square; in training a random window of it, mirrored outward by an eighth\"\n    \
                split_idx,order = None,1\n    \
                def __init__(self, size):\n        \
                    super().__init__()\n        \
                    self.size,self.pad = size,size//8\n    \
                def before_call(self, b, split_idx):\n        \
                    draw = lambda: random.randint(0, 2*self.pad)\n        \
                    self.tl = None if split_idx else (draw(), draw())\n    \
                def encodes(self, x:PILImage):\n        \
                    x = x.crop_pad(min(x.size), resize_to=(self.size,self.size))\n        \
                    if self.tl is None: return x\n        \
                    x = x.crop_pad(self.size + 2*self.pad, pad_mode=PadMode.Reflection)\n        \
                    return x.crop_pad(self.size, self.tl)\n\n"
            .into(),
        Crop::Aug => "# The zooming crop of aug_transforms is drawn once a batch here, and once an image in\n\
             # the playground.\n"
            .into(),
        Crop::Rrc => stored(experiment),
        Crop::Resize => String::new(),
    }
}

fn loaders(experiment: &Experiment) -> String {
    let item = match experiment.crop {
        Crop::Pad => "[PadCrop(size), FlipItem(0.5)]".to_owned(),
        Crop::Resize => "[Resize(size), FlipItem(0.5)]".to_owned(),
        Crop::Rrc => "[RandomResizedCrop(size, min_scale=0.35), FlipItem(0.5)]".to_owned(),
        Crop::Aug => format!("Resize({})", experiment.short_side().min(STORED)),
    };
    let mut batch: Vec<&str> = Vec::new();
    if experiment.crop == Crop::Aug {
        batch.push("*aug_transforms(size=size, min_scale=0.75)");
    }
    let mut comment = "";
    match experiment.norm {
        Norm::Imagenet => batch.push("Normalize.from_stats(*imagenet_stats)"),
        Norm::Off => {}
        Norm::Data => {
            comment =
                "    # Normalize() measures one batch; the playground, all training images.\n";
            batch.push("Normalize()");
        }
        Norm::Model => {
            comment = "    # norm=model: write the saved model's mean and std in place of imagenet_stats.\n";
            batch.push("Normalize.from_stats(*imagenet_stats)");
        }
    }
    let label = if experiment.noise == Noise::None { "parent_label" } else { "label" };
    let (batch_size, ghosts) = match experiment.gbs {
        0 => (experiment.bs, String::new()),
        gbs => (gbs.min(experiment.bs), ghost_batches(gbs, experiment)),
    };
    format!(
        "{ghosts}def get_dls(size):\n\
         {comment}    \
             block = DataBlock(\n        \
                 blocks=(ImageBlock, CategoryBlock),\n        \
                 get_y={label},\n        \
                 splitter=GrandparentSplitter(train_name=\"train\", valid_name=\"val\"),\n        \
                 item_tfms={item},\n        \
                 batch_tfms=[{}])\n    \
             return block.dataloaders(files, bs={})\n\n",
        batch.join(", "),
        batch_size
    )
}

/// What remains different where batch norm sees a part of a batch at a time.
fn ghost_batches(gbs: u32, experiment: &Experiment) -> String {
    let mixed = if experiment.mixup > 0.0 {
        format!(
            " MixUp pairs images within these\n# {gbs}; the playground, within all {}.",
            experiment.bs
        )
    } else {
        String::new()
    };
    format!(
        "# gbs={gbs}: batch norm takes its statistics from {gbs} images at a time, and a step adds up\n\
         # the gradients of {}. Here the running statistics move after every {gbs} images; in the\n\
         # playground, once a step, by the mean over its parts.{mixed}\n",
        experiment.bs
    )
}

/// Photographs that are shrunk before the crop, as the playground stores them.
fn stored(experiment: &Experiment) -> String {
    let side = experiment.short_side();
    if side >= STORED && matches!(experiment.data, DataSource::Sample | DataSource::Imagenette) {
        return String::new();
    }
    format!(
        "# The playground first shrinks every photograph to a short side of {side} pixels and cuts\n\
         # what is longer than 2:1; fastai crops the file's own pixels.\n"
    )
}

fn per_class(count: Option<u32>) -> String {
    count.map_or_else(|| "None".into(), |count| count.to_string())
}

/// A Python string literal.
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(character);
            }
            _ if character.is_control() => {}
            _ => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests;
