//! Saved models on the CPU engine: there and back to the bit, as the start of
//! other runs, under wrong statistics, on other classes; the search for a
//! learning rate; a picture.

use crate::saved::{self, LINK, accuracies, dataset, experiment, predict, probabilities, train};
use burn::tensor::Device;
use imagenette_playground::data::decode::decode;
use imagenette_playground::data::{Dataset, Split};
use imagenette_playground::experiment::EngineChoice;
use imagenette_playground::experiment::{Experiment, Norm};
use imagenette_playground::model::{NamedTensor, Network};
use imagenette_playground::saved::{SavedModel, hash};
use imagenette_playground::train::assess::assess;
use imagenette_playground::train::device::{self, OpenedEngine};
use imagenette_playground::train::error::TrainError;
use imagenette_playground::train::find_lr::find_lr;
use imagenette_playground::train::picture::classify;
use imagenette_playground::train::setup::Setup;
use pollster::block_on;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

fn engine() -> OpenedEngine {
    block_on(device::open(EngineChoice::Cpu, None)).unwrap()
}

/// The model that `LINK` trains, and its run's probabilities.
fn trained() -> &'static (Arc<SavedModel>, Vec<f64>) {
    static TRAINED: OnceLock<(Arc<SavedModel>, Vec<f64>)> = OnceLock::new();
    TRAINED.get_or_init(|| {
        let (record, keeper) = block_on(train(LINK, dataset(), None, &engine())).unwrap();
        (keeper.trained.unwrap(), probabilities(&record))
    })
}

fn from_it(more: &str) -> String {
    format!("{LINK}&init={}{more}", hash(&trained().0.to_bytes()))
}

/// The sample without the images of some of its classes.
fn with_classes(wanted: usize) -> Arc<Dataset> {
    let mut fewer = (*dataset()).clone();
    fewer.classes.truncate(wanted);
    fewer.images.retain(|image| usize::from(image.label) < wanted);
    Arc::new(fewer)
}

#[test]
fn a_saved_and_loaded_model_predicts_the_same_to_the_bit() {
    let (model, expected) = trained();
    let file = model.to_bytes();
    let found = block_on(predict(&file, &engine()));
    // The run's own are rounded to f32 logarithms, so compare those of two loads.
    assert_eq!(
        found,
        block_on(predict(&SavedModel::from_bytes(&file).unwrap().to_bytes(), &engine()))
    );
    assert!(saved::largest_difference(&found, expected) < 1e-6);
    let about = &model.about;
    assert_eq!((about.model.as_str(), about.size, about.epochs), ("tiny", 16, 1));
    assert_eq!(about.classes.len(), 10);
    assert!(about.link.contains("subset=16"), "{}", about.link);
}

#[test]
fn the_same_link_saves_the_same_file() {
    let again = block_on(train(LINK, dataset(), None, &engine())).unwrap().1.trained.unwrap();
    assert_eq!(hash(&again.to_bytes()), hash(&trained().0.to_bytes()));
}

#[test]
fn a_run_from_a_saved_model_begins_where_it_ended() {
    let (model, _) = trained();
    // A rate so small that the weights hardly move.
    let link = from_it("&norm=model&lr=0.0000001");
    let (record, keeper) =
        block_on(train(&link, dataset(), Some(model.clone()), &engine())).unwrap();
    assert_eq!(keeper.normalization, model.about.normalization);
    assert!(keeper.notices.iter().any(|it| it.contains("starts from the saved model")));
    assert!((record.accuracy - model.about.accuracy).abs() < 0.15, "{}", record.accuracy);
    let setup = Setup::new(&experiment(&link), dataset(), Some(model.clone())).unwrap();
    let network = setup.network(&Device::flex().autodiff()).unwrap();
    assert_eq!(block_on(network.export_async()).unwrap(), model.tensors);
}

#[test]
fn fine_tuning_has_one_epoch_more_and_leaves_the_stem_nearly_alone() {
    let (model, _) = trained();
    let link = from_it("&norm=model&ft=1");
    let (record, keeper) =
        block_on(train(&link, dataset(), Some(model.clone()), &engine())).unwrap();
    assert_eq!(record.epochs.len(), 2);
    let after = keeper.trained.unwrap();
    let moved = |name: &str| {
        let find = |tensors: &[NamedTensor]| {
            tensors.iter().find(|it| it.name == name).unwrap().data.clone()
        };
        let (old, new) = (find(&model.tensors), find(&after.tensors));
        let total: f32 = old.iter().zip(&new).map(|(a, b)| (a - b).abs()).sum();
        total / old.len() as f32
    };
    let (stem, head) = (moved("stages.0.conv.weight"), moved("head.weight"));
    assert!(stem > 0.0 && stem < head / 20.0, "{stem} {head}");
}

#[test]
fn other_classes_get_a_new_head_and_keep_the_body() {
    let (model, _) = trained();
    let link = from_it("&norm=model");
    let setup = Setup::new(&experiment(&link), with_classes(4), Some(model.clone())).unwrap();
    assert!(
        setup.notices.iter().any(|it| it.contains("last layer is replaced")),
        "{:?}",
        setup.notices
    );
    let network = setup.network(&Device::flex().autodiff()).unwrap();
    let fresh = Network::new(setup.experiment.model, 4, setup.experiment.seed, &Device::flex());
    let tensors = block_on(network.export_async()).unwrap();
    for (tensor, drawn) in tensors.iter().zip(block_on(fresh.export_async()).unwrap()) {
        let saved = model.tensors.iter().find(|it| it.name == tensor.name).unwrap();
        let expected = if tensor.name.starts_with("head.") { &drawn } else { saved };
        assert_eq!(tensor, expected);
    }
    let (record, _) =
        block_on(train(&link, with_classes(4), Some(model.clone()), &engine())).unwrap();
    assert_eq!(record.epochs.len(), 1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (model, _) = trained();
    let refused = |link: &str, init| match block_on(train(link, dataset(), init, &engine())) {
        Ok(_) => panic!("{link} was trained"),
        Err(error) => error,
    };
    assert!(matches!(refused(&from_it(""), None), TrainError::MissingModel { .. }));
    let other = refused(&from_it("&model=conv5"), Some(model.clone()));
    assert!(other.to_string().contains("is a tiny"), "{other}");
    let mut broken = (**model).clone();
    broken.tensors.remove(0);
    let error = refused(&from_it(""), Some(Arc::new(broken)));
    assert!(matches!(error, TrainError::Model(_)), "{error}");
    let go_on = async |_, _| ControlFlow::Continue(());
    let four = block_on(assess(
        model,
        &experiment(LINK),
        &with_classes(4),
        &[Norm::Model],
        &engine(),
        go_on,
    ));
    assert!(matches!(four, Err(TrainError::Model(_))));
}

#[test]
fn wrong_statistics_are_measured_against_the_models_own() {
    let (model, _) = trained();
    let found = block_on(accuracies(model, LINK, &dataset(), &engine()));
    assert!((found[0] - model.about.accuracy).abs() < 1e-12, "{found:?}");
    // It was trained with ImageNet's.
    assert_eq!(found[0], found[1]);
    let stop = async |done: u32, _| {
        if done == 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let stopped =
        block_on(assess(model, &experiment(LINK), &dataset(), &[Norm::Model], &engine(), stop));
    assert!(matches!(stopped, Err(TrainError::Stopped)));
}

#[test]
fn the_search_for_a_rate_leaves_the_weights_as_they_were() {
    let mut setup = Setup::new(&experiment(LINK), dataset(), None).unwrap();
    let network = setup.network(&Device::flex().autodiff()).unwrap();
    let before = block_on(network.export_async()).unwrap();
    let steps = std::cell::Cell::new(0);
    let tick = async |done, _| {
        steps.set(done);
        ControlFlow::Continue(())
    };
    let found = block_on(find_lr(&mut setup, &network, &engine(), tick)).unwrap();
    assert_eq!(block_on(network.export_async()).unwrap(), before);
    assert_eq!(steps.get() + 1, found.tried.len() as u32);
    let suggestion = found.suggestion.unwrap();
    assert!((1e-6..1.0).contains(&suggestion.lr), "{suggestion:?}");
    // And the run that follows is the run without a search.
    let (_, keeper) = block_on(train(LINK, dataset(), None, &engine())).unwrap();
    assert_eq!(keeper.trained.unwrap().tensors, trained().0.tensors);
    let stop = async |_, _| ControlFlow::Break(());
    let stopped = block_on(find_lr(&mut setup, &network, &engine(), stop));
    assert!(matches!(stopped, Err(TrainError::Stopped)));
}

#[test]
fn a_picture_is_seen_as_a_validation_image_is() {
    let (model, expected) = trained();
    let data = dataset();
    // The first validation image that LINK selects, as a file.
    let setup = Setup::new(&experiment(LINK), data.clone(), None).unwrap();
    let image = &data.images[setup.selection.valid[0] as usize];
    assert_eq!(image.split, Split::Valid);
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_raw(image.width, image.height, image.pixels.to_vec())
        .unwrap()
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    let picture = decode(&file.into_inner(), image.width, 1 << 26).unwrap();
    let go_on = async |_, _| ControlFlow::Continue(());
    let sight = block_on(classify(model, picture, 4, &engine(), go_on)).unwrap();
    assert_eq!((sight.views.len(), sight.probabilities.len()), (5, 5));
    assert!(saved::largest_difference(&sight.probabilities[0], &expected[..10]) < 1e-5);
    for row in sight.probabilities.iter().chain([&sight.together]) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5, "{row:?}");
    }
    let beta = Experiment::default().beta;
    for class in 0..10 {
        let mean: f64 = sight.probabilities[1..].iter().map(|row| row[class]).sum::<f64>() / 4.0;
        let together = beta * sight.probabilities[0][class] + (1.0 - beta) * mean;
        assert!((sight.together[class] - together).abs() < 1e-6);
    }
}
