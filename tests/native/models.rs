//! The networks as they are trained: shapes, first weights, gradients.

use crate::common::{gradients, normal, one_hot};
use crate::weights::{FIRST_WEIGHTS, fingerprint};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use imagenette_playground::experiment::ModelKind;
use imagenette_playground::model::{ImportError, NamedTensor, Network, summary};
use imagenette_playground::train::loss::cross_entropy;
use imagenette_playground::train::optimizer::Adam;
use pollster::block_on;

fn images(batch: usize, size: usize, device: &Device) -> Tensor<4> {
    normal([batch, 3, size, size], size as u32, device)
}

fn export(network: &Network) -> Vec<NamedTensor> {
    block_on(network.export_async()).unwrap()
}

fn trainable(tensors: &[NamedTensor]) -> impl Iterator<Item = &NamedTensor> {
    tensors.iter().filter(|tensor| !tensor.name.contains("running"))
}

/// Weights are part of `v=1`: the same link starts from the same weights for ever.
/// `parity_web.rs` asks the same of wasm.
#[test]
fn first_weights_are_frozen() {
    for (kind, expected) in FIRST_WEIGHTS {
        let network = Network::new(kind, 10, 42, &Device::flex());
        assert_eq!(fingerprint(&export(&network)), expected, "{kind:?}");
    }
}

#[test]
fn the_network_has_the_parameters_that_its_summary_counts() {
    for kind in ModelKind::ALL {
        for classes in [2, 10] {
            let tensors = export(&Network::new(kind, classes, 1, &Device::flex()));
            let count = trainable(&tensors).map(|tensor| tensor.data.len() as u64).sum::<u64>();
            assert_eq!(count, summary(kind, classes, 64).params, "{kind:?}");
        }
    }
}

#[test]
fn every_network_works_at_every_size() {
    for kind in ModelKind::ALL {
        let network = Network::new(kind, 10, 1, &Device::flex());
        for size in [16, 17, 18, 23, 31, 33, 48, 50, 63] {
            let logits = network.forward(images(2, size, &Device::flex()));
            assert_eq!(logits.dims(), [2, 10], "{kind:?} at {size}");
            let values = logits.into_data().try_into_vec::<f32>().unwrap();
            assert!(values.iter().all(|value| value.is_finite()), "{kind:?} at {size}");
        }
    }
}

#[test]
fn every_parameter_has_a_gradient_within_three_steps() {
    let device = Device::flex().autodiff();
    for kind in ModelKind::ALL {
        let mut network = Network::new(kind, 10, 42, &device);
        let mut adam = Adam::new();
        let order = export(&network);
        let mut silent: Vec<_> = trainable(&order).map(|tensor| tensor.name.clone()).collect();
        for _ in 0..3 {
            let logits = network.forward(images(8, 32, &device));
            let loss = cross_entropy(logits, one_hot(8, 10, &device));
            let found = GradientsParams::from_grads(loss.backward(), &network);
            for (tensor, gradient) in order.iter().zip(block_on(gradients(&network, &found))) {
                assert!(gradient.iter().all(|value| value.is_finite()), "{}", tensor.name);
                if gradient.iter().any(|value| *value != 0.0) {
                    silent.retain(|name| *name != tensor.name);
                }
            }
            network = adam.step(network, found, 1e-3, 0.9);
        }
        assert!(silent.is_empty(), "{kind:?}: no gradient in {silent:?}");
    }
}

#[test]
fn export_and_import_give_the_same_network() {
    let device = Device::flex().autodiff();
    for kind in ModelKind::ALL {
        let trained = Network::new(kind, 4, 1, &device);
        // Moves the running statistics away from 0 and 1.
        let _ = trained.forward(images(4, 32, &device));
        let saved = export(&trained);
        let running = saved.iter().filter(|t| t.name.contains("running_mean"));
        assert!(running.clone().count() > 0, "{kind:?}");
        assert!(running.clone().all(|t| t.data.iter().any(|v| *v != 0.0)), "{kind:?}");

        let other = Network::new(kind, 4, 2, &device);
        let _ = other.forward(images(4, 32, &device));
        let other = other.import(&saved).unwrap();
        assert_eq!(export(&other), saved, "{kind:?}");
        let probe = images(3, 32, &Device::flex());
        let logits = |network: &Network| network.valid().forward(probe.clone()).into_data();
        assert_eq!(logits(&other), logits(&trained), "{kind:?}");
        // It can still be trained.
        let loss = cross_entropy(other.forward(images(4, 32, &device)), one_hot(4, 4, &device));
        let gradients = GradientsParams::from_grads(loss.backward(), &other);
        assert_eq!(gradients.len(), trainable(&saved).count(), "{kind:?}");
    }
}

#[test]
fn tensors_that_do_not_fit_are_refused() {
    let network = || Network::new(ModelKind::Tiny, 10, 1, &Device::flex());
    let saved = export(&network());
    let refused = |change: &dyn Fn(&mut Vec<NamedTensor>)| {
        let mut tensors = saved.clone();
        change(&mut tensors);
        network().import(&tensors).unwrap_err()
    };
    let first = "stages.0.conv.weight".to_owned();
    assert_eq!(saved[0].name, first);
    assert_eq!(refused(&|t| drop(t.remove(0))), ImportError::Missing(first.clone()));
    assert_eq!(refused(&|t| t.push(t[0].clone())), ImportError::Duplicate(first));
    assert!(matches!(refused(&|t| t[0].shape = vec![8, 3, 9]), ImportError::Shape { .. }));
    assert!(matches!(refused(&|t| t[0].data.truncate(5)), ImportError::Length { .. }));
    let extra = NamedTensor { name: "more".to_owned(), shape: vec![1], data: vec![0.0] };
    assert_eq!(refused(&|t| t.push(extra.clone())), ImportError::Unknown("more".to_owned()));
    let other = export(&Network::new(ModelKind::Resnet9, 10, 1, &Device::flex()));
    assert!(network().import(&other).is_err());
}

#[test]
fn frozen_convolutions_get_no_gradient_and_batch_norm_still_trains() {
    let device = Device::flex().autodiff();
    for kind in ModelKind::ALL {
        let network = Network::new(kind, 10, 1, &device).freeze_convolutions(true);
        let before = export(&network);
        let loss = cross_entropy(network.forward(images(4, 32, &device)), one_hot(4, 10, &device));
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        let others = trainable(&before).filter(|t| !t.name.contains("conv.")).count();
        assert_eq!(gradients.len(), others, "{kind:?}");
        let moved = export(&network)
            .iter()
            .zip(&before)
            .filter(|(new, old)| new.name.contains("running") && new.data != old.data)
            .count();
        assert_eq!(moved, before.len() - trainable(&before).count(), "{kind:?}");
    }
}
