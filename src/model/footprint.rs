//! What a network holds in memory while it trains, by arithmetic on its layout. Pure.

use super::layout::{self, Stage, side_after};
use super::summary::summary;
use crate::experiment::ModelKind;

/// Numbers of 4 bytes that a network holds at one image size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footprint {
    /// Trainable parameters.
    pub params: u64,
    /// Per image, held from the forward pass to the backward pass.
    pub kept: u64,
    /// Per image, in the largest tensor.
    pub largest: u64,
}

/// The footprint of `kind` with `classes` outputs on square images of `size` pixels.
///
/// A convolution's own output is held for batch norm's backward pass, and the output of
/// batch norm for the next layer. A sum and a pool hold their output.
pub fn footprint(kind: ModelKind, classes: usize, size: usize) -> Footprint {
    let image = 3 * size * size;
    let mut walk = FootprintWalk { side: size, channels: 3, kept: image, largest: image };
    for stage in layout::stages(kind) {
        walk.stage(stage);
    }
    Footprint {
        params: summary(kind, classes, size).params,
        kept: walk.kept as u64,
        largest: walk.largest as u64,
    }
}

struct FootprintWalk {
    side: usize,
    channels: usize,
    kept: usize,
    largest: usize,
}

impl FootprintWalk {
    fn stage(&mut self, stage: Stage) {
        match stage {
            Stage::Conv { output, stride, .. } => self.conv(output, stride),
            Stage::Pool { kernel, padding } => {
                self.side = side_after(self.side, kernel, 2, padding);
                self.keep(1);
            }
            Stage::Residual { channels } => {
                self.conv(channels, 1);
                self.conv(channels, 1);
                self.keep(1);
            }
            Stage::Block { input, output, stride } => {
                self.conv(output, stride);
                self.conv(output, 1);
                if stride > 1 {
                    self.kept += input * self.side * self.side;
                }
                if input != output {
                    self.keep(2);
                }
                // The sum and its ReLU.
                self.keep(2);
            }
        }
    }

    fn conv(&mut self, output: usize, stride: usize) {
        self.side = side_after(self.side, 3, stride, 1);
        self.channels = output;
        self.keep(2);
    }

    /// Adds `tensors` tensors of the current shape.
    fn keep(&mut self, tensors: usize) {
        let values = self.channels * self.side * self.side;
        self.kept += tensors * values;
        self.largest = self.largest.max(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counted by hand: five convolutions of two tensors each, and the images.
    #[test]
    fn conv5_keeps_what_was_counted_by_hand() {
        let found = footprint(ModelKind::Conv5, 10, 64);
        let outputs = 16 * 32 * 32 + 32 * 16 * 16 + 64 * 8 * 8 + 128 * 4 * 4 + 256 * 2 * 2;
        assert_eq!(found.kept, 3 * 64 * 64 + 2 * outputs);
        assert_eq!(found.largest, 16 * 32 * 32);
    }

    #[test]
    fn the_first_block_of_an_xresnet_has_its_largest_tensor_before_it() {
        assert_eq!(footprint(ModelKind::Xresnet18, 10, 160).largest, 64 * 80 * 80);
    }
}
