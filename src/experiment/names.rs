//! What keys and their values are called, with how links write them in brackets. Independent of where they are shown.

use super::{Crop, EngineChoice, ModelKind, Norm};
use crate::text;

/// What a key is called; one without a name is called as links write it.
pub fn key_name(key: &str) -> &str {
    match key {
        "data" => text::data_title(),
        "subset" => text::data_subset(),
        "valid" => text::data_valid(),
        "noise" => text::data_noise(),
        "dseed" => text::data_subset_seed(),
        "model" => text::model_network(),
        "size" => text::model_size(),
        "epochs" => text::model_epochs(),
        "bs" => text::model_bs(),
        "lr" => text::model_lr(),
        "crop" => text::model_crop(),
        "norm" => text::name_normalization(),
        "prog" => text::name_progressive(),
        "mixup" => text::name_mixup(),
        "ls" => text::name_smoothing(),
        "tta" => text::technique_tta_views(),
        "beta" => text::technique_tta_beta(),
        "seed" => text::model_seed(),
        "engine" => text::model_engine(),
        _ => key,
    }
}

/// What a key's value is called, where it has a name.
pub fn value_name(key: &str, value: &str) -> Option<&'static str> {
    fn of<T: Copy>(all: &[T], value: &str, key: fn(T) -> &'static str) -> Option<T> {
        all.iter().copied().find(|it| key(*it) == value)
    }
    match key {
        "crop" => of(&Crop::ALL, value, Crop::name).map(crop_name),
        "norm" => of(&Norm::ALL, value, Norm::name).map(norm_name),
        "model" => of(&ModelKind::ALL, value, ModelKind::name).map(model_name),
        "engine" => of(&EngineChoice::ALL, value, EngineChoice::name).map(engine_name),
        _ => None,
    }
}

/// A value by its name, with how links write it in brackets: `random resized crop (rrc)`.
pub fn value_text(key: &str, value: &str) -> String {
    match value_name(key, value) {
        Some(name) => format!("{name} ({value})"),
        None => value.to_owned(),
    }
}

/// What a crop is called.
fn crop_name(crop: Crop) -> &'static str {
    match crop {
        Crop::Pad => text::model_crop_name_pad(),
        Crop::Resize => text::model_crop_name_resize(),
        Crop::Rrc => text::model_crop_name_rrc(),
        Crop::Aug => text::model_crop_name_aug(),
    }
}

/// What a normalization is called.
pub fn norm_name(norm: Norm) -> &'static str {
    match norm {
        Norm::Imagenet => text::technique_norm_imagenet(),
        Norm::Off => text::technique_norm_off(),
        Norm::Data => text::technique_norm_data(),
        Norm::Model => text::technique_norm_model(),
    }
}

fn model_name(model: ModelKind) -> &'static str {
    match model {
        ModelKind::Tiny => text::model_name_tiny(),
        ModelKind::Resnet9 => text::model_name_resnet9(),
        ModelKind::Xresnet18 => text::model_name_xresnet18(),
        ModelKind::Conv5 => text::model_name_conv5(),
    }
}

fn engine_name(engine: EngineChoice) -> &'static str {
    match engine {
        EngineChoice::Auto => text::model_engine_name_auto(),
        EngineChoice::Webgpu => text::model_engine_name_webgpu(),
        EngineChoice::Cpu => text::model_engine_name_cpu(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::key::KEYS;

    #[test]
    fn values_with_a_name_are_shown_by_it_with_their_key_in_brackets() {
        assert_eq!(value_text("crop", "rrc"), "random resized crop (rrc)");
        assert_eq!(value_text("norm", "off"), "none (off)");
        assert_eq!(value_text("model", "resnet9"), "full ResNet-9 (resnet9)");
        assert_eq!(value_text("engine", "cpu"), "the processor (cpu)");
        assert_eq!(value_text("mixup", "0.4"), "0.4");
        assert_eq!(value_text("crop", ""), "");
    }

    #[test]
    fn every_choice_of_the_table_has_a_name() {
        for key in KEYS.iter().filter(|key| ["crop", "norm", "model", "engine"].contains(&key.name))
        {
            for value in key.values.split(", ") {
                assert!(value_name(key.name, value).is_some(), "{} {value}", key.name);
            }
        }
        assert_eq!((key_name("crop"), key_name("gbs")), ("Training crop", "gbs"));
    }
}
