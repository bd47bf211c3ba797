//! Inputs and readings that the tests of networks share. Runs natively and in a
//! browser: every reading is asynchronous.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData, Transaction};
use imagenette_playground::model::Network;
use imagenette_playground::rng::{Draws, Stream};

/// Standard normal values, the same for the same `item` everywhere.
pub fn normal<const D: usize>(shape: [usize; D], item: u32, device: &Device) -> Tensor<D> {
    let mut draws = Draws::new(1, Stream::Sample, 0, item);
    let len = shape.iter().product();
    let values = (0..len).map(|_| draws.normal() as f32).collect::<Vec<_>>();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// One-hot rows: row `i` is of class `i mod classes`.
pub fn one_hot(batch: usize, classes: usize, device: &Device) -> Tensor<2> {
    let hot = |row: usize, class: usize| if row % classes == class { 1.0 } else { 0.0 };
    let values = (0..batch * classes).map(|i| hot(i / classes, i % classes)).collect::<Vec<f32>>();
    Tensor::from_data(TensorData::new(values, [batch, classes]), device)
}

/// The gradients in the order of [`Network::export_async`], empty where there is none.
pub async fn gradients(network: &Network, gradients: &GradientsParams) -> Vec<Vec<f32>> {
    struct Reader<'a> {
        gradients: &'a GradientsParams,
        transaction: Transaction,
        present: Vec<bool>,
    }
    impl ModuleVisitor for Reader<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.gradients.get::<D>(param.id);
            self.present.push(gradient.is_some());
            if let Some(gradient) = gradient {
                self.transaction = std::mem::take(&mut self.transaction).register(gradient);
            }
        }
    }
    let mut reader = Reader { gradients, transaction: Transaction::default(), present: Vec::new() };
    network.visit(&mut reader);
    let mut read = reader.transaction.execute_async().await.unwrap().into_iter();
    let present = reader.present.into_iter();
    present.map(|p| if p { values(read.next().unwrap()) } else { Vec::new() }).collect()
}

/// A tensor's values.
pub fn values(data: TensorData) -> Vec<f32> {
    data.try_into_vec_as::<f32>().unwrap()
}
