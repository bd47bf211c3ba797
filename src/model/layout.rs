//! The networks as data: one list of stages each, read by the summary and by
//! the builder, so that neither can drift from the other. Pure.

use crate::experiment::ModelKind;

/// One stage of a network's body. Every convolution has no bias and is followed
/// by batch normalization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// 3×3 convolution with padding 1, batch norm, ReLU.
    Conv {
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
        /// Step in both directions: 1 or 2.
        stride: usize,
    },
    /// Maximum over `kernel`², rounded down to whole windows.
    Pool {
        /// Side of the window.
        kernel: usize,
        /// Padding on each side, never the maximum.
        padding: usize,
    },
    /// `x + conv(conv(x))`: two [`Stage::Conv`] of stride 1, the ReLU inside the
    /// branch. Its gammas start at 1: with the ReLU last, a gamma of 0 would
    /// give the branch no gradient, ever.
    Residual {
        /// Channels in and out.
        channels: usize,
    },
    /// xresnet's basic block: two convolutions, the second without an activation
    /// and with gamma 0; identity path with an average pool where the stride is
    /// 2 and a 1×1 convolution where the channels change; ReLU of the sum.
    Block {
        /// Channels in.
        input: usize,
        /// Channels out.
        output: usize,
        /// Step of the first convolution.
        stride: usize,
    },
}

/// The stages of a network, from the image to the global average pool.
pub fn stages(kind: ModelKind) -> Vec<Stage> {
    match kind {
        ModelKind::Tiny => resnet9(8),
        ModelKind::Resnet9 => resnet9(32),
        ModelKind::Xresnet18 => xresnet18(),
        ModelKind::Conv5 => conv5(),
    }
}

/// Channels of the body's output, which go to the global average pool and the head.
pub fn features(kind: ModelKind) -> usize {
    match kind {
        ModelKind::Tiny => 64,
        ModelKind::Resnet9 | ModelKind::Xresnet18 | ModelKind::Conv5 => 256,
    }
}

/// Stages that are the stem: the first of fastai's three groups of parameters
/// (`vision_learner` splits an xresnet after its third convolution); the other
/// networks have two convolutions before their features are halved again.
pub fn stem(kind: ModelKind) -> usize {
    match kind {
        ModelKind::Xresnet18 => 3,
        ModelKind::Tiny | ModelKind::Resnet9 | ModelKind::Conv5 => 2,
    }
}

const fn conv(input: usize, output: usize, stride: usize) -> Stage {
    Stage::Conv { input, output, stride }
}

const HALVE: Stage = Stage::Pool { kernel: 2, padding: 0 };

/// The ResNet-9 shape of DAWNBench with a strided stem of width `w`.
fn resnet9(w: usize) -> Vec<Stage> {
    vec![
        conv(3, w, 2),
        conv(w, 2 * w, 1),
        HALVE,
        Stage::Residual { channels: 2 * w },
        conv(2 * w, 4 * w, 1),
        HALVE,
        conv(4 * w, 8 * w, 1),
        HALVE,
        Stage::Residual { channels: 8 * w },
    ]
}

/// fastai's `xresnet18` with the stage widths halved (`widen=.5`); the stem
/// keeps its 32, 32, 64.
fn xresnet18() -> Vec<Stage> {
    let mut stages = vec![
        conv(3, 32, 2),
        conv(32, 32, 1),
        conv(32, 64, 1),
        Stage::Pool { kernel: 3, padding: 1 },
    ];
    let mut input = 64;
    for (index, output) in [32, 64, 128, 256].into_iter().enumerate() {
        let stride = if index == 0 { 1 } else { 2 };
        stages.push(Stage::Block { input, output, stride });
        stages.push(Stage::Block { input: output, output, stride: 1 });
        input = output;
    }
    stages
}

/// The first network of fastbook chapter 14: five strided convolutions.
fn conv5() -> Vec<Stage> {
    [3, 16, 32, 64, 128]
        .into_iter()
        .zip([16, 32, 64, 128, 256])
        .map(|(i, o)| conv(i, o, 2))
        .collect()
}

/// Side after a convolution or a pool with `kernel`, `stride` and `padding`.
pub(crate) fn side_after(side: usize, kernel: usize, stride: usize, padding: usize) -> usize {
    (side + 2 * padding).saturating_sub(kernel) / stride + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_follow_on_from_stage_to_stage() {
        for kind in ModelKind::ALL {
            let mut channels = 3;
            for stage in stages(kind) {
                let (input, output) = match stage {
                    Stage::Conv { input, output, .. } | Stage::Block { input, output, .. } => {
                        (input, output)
                    }
                    Stage::Residual { channels } => (channels, channels),
                    Stage::Pool { .. } => (channels, channels),
                };
                assert_eq!(input, channels, "{kind:?} {stage:?}");
                channels = output;
            }
            assert_eq!(channels, features(kind), "{kind:?}");
        }
    }
}
