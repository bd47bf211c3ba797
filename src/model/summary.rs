//! What a network costs: parameters and multiply-accumulates, layer by layer,
//! by arithmetic on its layout. Pure.

use super::layout::{self, Stage, side_after};
use crate::experiment::ModelKind;

/// A network's layers and their costs at one image size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSummary {
    /// Trainable parameters.
    pub params: u64,
    /// Multiply-accumulates of one forward pass of one image. Convolutions and
    /// the linear head only, as is usual; a training step costs about three times that.
    pub macs: u64,
    /// The layers, from the image to the logits.
    pub layers: Vec<LayerSummary>,
}

/// One layer of a [`ModelSummary`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSummary {
    /// What it does, e.g. `conv 3×3 s2 + bn + relu`.
    pub name: String,
    /// Channels, height and width of its output.
    pub output: [usize; 3],
    /// Trainable parameters.
    pub params: u64,
    /// Multiply-accumulates for one image.
    pub macs: u64,
}

/// The costs of `kind` with `classes` outputs on square images of `size` pixels.
pub fn summary(kind: ModelKind, classes: usize, size: usize) -> ModelSummary {
    let mut walk = SummaryWalk { side: size, channels: 3, layers: Vec::new() };
    for stage in layout::stages(kind) {
        walk.stage(stage);
    }
    walk.side = 1;
    walk.push("global average pool", 0, 0);
    let inputs = walk.channels;
    walk.channels = classes;
    walk.push("linear", (inputs * classes + classes) as u64, (inputs * classes) as u64);
    ModelSummary {
        params: walk.layers.iter().map(|layer| layer.params).sum(),
        macs: walk.layers.iter().map(|layer| layer.macs).sum(),
        layers: walk.layers,
    }
}

/// The position of the walk from the image to the logits.
struct SummaryWalk {
    side: usize,
    channels: usize,
    layers: Vec<LayerSummary>,
}

impl SummaryWalk {
    fn stage(&mut self, stage: Stage) {
        match stage {
            Stage::Conv { input, output, stride } => {
                let (params, macs) = self.conv(input, output, 3, stride);
                self.push(&format!("conv 3×3{} + bn + relu", step(stride)), params, macs);
            }
            Stage::Pool { kernel, padding } => {
                self.side = side_after(self.side, kernel, 2, padding);
                self.push(&format!("max pool {kernel}×{kernel} s2"), 0, 0);
            }
            Stage::Residual { channels } => {
                let (params, macs) = self.conv(channels, channels, 3, 1);
                self.push("residual, 2 × (conv 3×3 + bn + relu)", 2 * params, 2 * macs);
            }
            Stage::Block { input, output, stride } => {
                let first = self.conv(input, output, 3, stride);
                let second = self.conv(output, output, 3, 1);
                let identity =
                    if input == output { (0, 0) } else { self.conv(input, output, 1, 1) };
                self.push(
                    &format!("xresnet block{}", step(stride)),
                    first.0 + second.0 + identity.0,
                    first.1 + second.1 + identity.1,
                );
            }
        }
    }

    /// Passes a convolution with batch norm; returns its parameters and MACs.
    fn conv(&mut self, input: usize, output: usize, kernel: usize, stride: usize) -> (u64, u64) {
        self.side = side_after(self.side, kernel, stride, kernel / 2);
        self.channels = output;
        let weights = (input * output * kernel * kernel) as u64;
        (weights + 2 * output as u64, weights * (self.side * self.side) as u64)
    }

    fn push(&mut self, name: &str, params: u64, macs: u64) {
        let output = [self.channels, self.side, self.side];
        self.layers.push(LayerSummary { name: name.to_owned(), output, params, macs });
    }
}

fn step(stride: usize) -> String {
    if stride == 1 { String::new() } else { format!(" s{stride}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(kind: ModelKind, size: usize) -> (u64, u64) {
        let summary = summary(kind, 10, size);
        (summary.params, summary.macs)
    }

    /// Counted by hand: resnet9 at 64 px is 864·32² in the stem, then five times
    /// 18,432·32² (each halving doubles the channels), and 2,560 in the head.
    #[test]
    fn resnet9_costs_what_was_counted_by_hand() {
        let (params, macs) = costs(ModelKind::Resnet9, 64);
        assert_eq!(params, 1_641_312 + 2_240 + 2_570);
        assert_eq!(macs, 864 * 1024 + 5 * 18_432 * 1024 + 2_560);
    }

    #[test]
    fn tiny_costs_what_was_counted_by_hand() {
        let (params, macs) = costs(ModelKind::Tiny, 64);
        assert_eq!(params, 216 + 1_152 + 4_608 + 4_608 + 18_432 + 73_728 + 560 + 650);
        assert_eq!(macs, 216 * 1024 + 5 * 1_152 * 1024 + 640);
    }

    /// The parameters of fastai's `xresnet18(n_out=10, widen=.5)`.
    #[test]
    fn xresnet18_costs_what_was_counted_by_hand() {
        let (params, macs) = costs(ModelKind::Xresnet18, 64);
        let stem = 864 + 9_216 + 18_432;
        let first = (18_432 + 9_216 + 2_048) + 2 * 9_216;
        let second = (18_432 + 36_864 + 2_048) + 2 * 36_864;
        let (third, fourth) = (4 * second, 16 * second);
        let norms = 2 * (32 + 32 + 64 + 5 * (32 + 64 + 128 + 256));
        assert_eq!(params, stem + first + second + third + fourth + norms + 2_570);
        assert_eq!(macs, stem * 1024 + first * 256 + second * 64 + third * 16 + fourth * 4 + 2_560);
    }

    #[test]
    fn conv5_costs_what_was_counted_by_hand() {
        let (params, macs) = costs(ModelKind::Conv5, 128);
        assert_eq!(params, 432 + 4_608 + 18_432 + 73_728 + 294_912 + 992 + 2_570);
        assert_eq!(
            macs,
            432 * 4096 + 4_608 * 1024 + 18_432 * 256 + 73_728 * 64 + 294_912 * 16 + 2_560
        );
    }

    #[test]
    fn costs_round_to_the_published_ones() {
        let rounded = |kind, size| {
            let (params, macs) = costs(kind, size);
            (params as f64 / 1e6, macs as f64 / 1e6)
        };
        for (kind, size, params, macs) in [
            (ModelKind::Resnet9, 64, 1.65, 95.0),
            (ModelKind::Resnet9, 96, 1.65, 214.0),
            (ModelKind::Resnet9, 128, 1.65, 381.0),
            (ModelKind::Xresnet18, 64, 2.84, 67.0),
            (ModelKind::Xresnet18, 128, 2.84, 267.0),
        ] {
            let (p, m) = rounded(kind, size);
            assert!((p - params).abs() <= 0.006, "{kind:?} {p}M parameters");
            assert!((m - macs).abs() <= 0.6, "{kind:?} at {size}: {m}M MACs");
        }
    }

    #[test]
    fn no_size_shrinks_to_nothing() {
        for kind in ModelKind::ALL {
            for size in 16..=160 {
                for layer in summary(kind, 10, size).layers {
                    assert!(layer.output.iter().all(|side| *side > 0), "{kind:?} {size} {layer:?}");
                }
            }
        }
    }
}
