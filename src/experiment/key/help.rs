//! The help text of each key, for `--help`. Separate from the table of keys, so that
//! the page, which has its own labels, does not contain it.

use super::KEYS;

/// The table of keys as text in three columns, for `--help`.
pub fn help() -> String {
    let rows = std::iter::once(("v", "1", "version of the link"))
        .chain(KEYS.iter().map(|key| (key.name, key.values, meaning(key.name))));
    let mut text = String::new();
    for (name, values, meaning) in rows {
        text.push_str(&format!("  {name:<7} {values:<32} {meaning}\n"));
    }
    text
}

/// What a key decides.
fn meaning(key: &str) -> &'static str {
    match key {
        "data" => {
            "data set: the built-in drawings, the archive that was given, or an archive's address"
        }
        "subset" => "training images per class",
        "valid" => "validation images per class",
        "noise" => "per cent of wrong training labels",
        "dseed" => "seed of subset and noise, and of nothing else",
        "model" => {
            "network: ResNet-9 of 0.1M or 1.65M parameters, the book's xresnet18 at half width, or its five convolutions of chapter 14"
        }
        "init" => "start from this saved model (its SHA-256)",
        "size" => "image side in pixels",
        "epochs" => "passes over the training images",
        "bs" => "batch size; the last, incomplete batch of an epoch is dropped",
        "lr" => "largest learning rate of the one-cycle schedule",
        "crop" => {
            "training crop, per image: padded random crop, random position along the long side, RandomResizedCrop (min_scale .35), or the book's aug_transforms; all flip"
        }
        "norm" => {
            "normalization: ImageNet's statistics, none, the training images' own, or those stored with the init model"
        }
        "prog" => {
            "progressive resizing: size x epochs of each phase; every phase after the first has one warm-up epoch more; replaces size and epochs"
        }
        "freeze" => "1 freezes the body's convolutions in each warm-up epoch",
        "mixup" => "mixup's alpha; 0 is off",
        "ls" => "label smoothing's eps; 0 is off",
        "tta" => "augmented passes of test-time augmentation; 0 is off",
        "ttamax" => "1 takes the maximum of all passes instead of their average",
        "beta" => "weight of the plain pass in the average",
        "seed" => "seed of weights, order, augmentation and mixup",
        "engine" => "auto is WebGPU on a hardware adapter, else the CPU",
        "run" => "1 starts as soon as the data are ready",
        "ft" => {
            "1 trains the init model as fine_tune: one epoch with the body frozen, then all of it with lower rates below; one epoch more"
        }
        "gbs" => {
            "ghost batch: batch norm sees this many images of a batch at a time, and several cores share a batch; 0 is all of it at once"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_meaning() {
        for key in &KEYS {
            assert!(!meaning(key.name).is_empty(), "{}", key.name);
        }
    }
}
