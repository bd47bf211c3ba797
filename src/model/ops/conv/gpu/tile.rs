//! Convolution as a matrix multiplication in tiles: a workgroup copies the operands of one
//! tile of the result into its own memory, so that each value is read once for many
//! multiplications. `tile.wgsl` is what the three products have in common.
//!
//! | product | rows | columns | terms of each sum |
//! |---|---|---|---|
//! | output | output channels | output pixels | input channels × kernel taps |
//! | input's gradient | input channels | input pixels | output channels × kernel taps |
//! | weight's gradient | output channels | input channels × kernel taps | output pixels |
//!
//! Where there are too few tiles to keep a graphics card busy, the terms of each sum are split
//! into parts, which another dispatch adds up in a fixed order. Where there are too many for
//! one dispatch, several follow each other.

use super::{ConvShape, Product, SIZES};
use crate::model::ops::shader::{
    MOST_GROUPS, Shader, bindings, dispatch, dispatch_each, empty, expand, per_value,
};
use burn_cubecl::tensor::CubeTensor;

/// Terms of each sum that are in workgroup memory at a time.
const DEPTH: usize = 16;

/// Columns of a tile.
const COLUMNS: usize = 64;

/// Terms in one turn of the innermost loop: more are no faster and take longer to compile.
const STEPS: usize = 4;

/// Workgroups that keep a large graphics card busy: two on each of 132 multiprocessors, or
/// twice as many where sums have many terms.
const BUSY: usize = 264;
const BUSY_WITH_MANY_TERMS: usize = 2 * BUSY;

/// Fewest terms that are worth a part of their own.
const FEWEST_TERMS: usize = 128;

/// Parts that are loaded at once when they are added up.
const LOADS: usize = 8;

/// Most floating-point operations of one dispatch. A slow adapter, at 50 GFLOP/s, takes a
/// second for them; browsers and systems end a dispatch that takes several.
const MOST_FLOP: u64 = 50_000_000_000;

/// How a product is cut into workgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tiling {
    shader: TileShader,
    tiles: usize,
    /// Parts into which the terms of each sum are split, and the terms of each part.
    parts: usize,
    part_terms: usize,
}

/// The shader of one tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TileShader {
    product: Product,
    /// Side of the kernel: its taps have to fit the bits of a `u32`, so that it is 5 at most.
    kernel: usize,
    stride: usize,
    /// Rows of a tile: 16, 32 or 64. An invocation computes 8 of 64 rows, else 4.
    rows: usize,
}

/// The shader that adds up parts of sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct SumShader;

impl Tiling {
    fn of(product: Product, shape: ConvShape) -> Self {
        let [rows, columns, terms] = product.matrix(shape);
        let ConvShape { kernel, stride, .. } = shape;
        let height = [16, 32].into_iter().find(|height| rows <= *height).unwrap_or(64);
        let shader = TileShader { product, kernel, stride, rows: height };
        let tiles = rows.div_ceil(height) * columns.div_ceil(COLUMNS);
        let many = product == Product::WeightGradient;
        let busy = if many { BUSY_WITH_MANY_TERMS } else { BUSY };
        let wanted = if tiles * 2 > busy { 1 } else { busy.div_ceil(tiles.max(1)) };
        let parts = wanted.clamp(1, terms.div_ceil(FEWEST_TERMS).max(1));
        let part_terms = terms.div_ceil(parts).next_multiple_of(DEPTH).max(DEPTH);
        Self { shader, tiles, parts: terms.div_ceil(part_terms).max(1), part_terms }
    }

    /// Floating-point operations of a workgroup.
    fn flop(self) -> u64 {
        2 * (self.shader.rows * COLUMNS) as u64 * self.part_terms as u64
    }

    /// The first workgroup of each dispatch, and how many there are in it.
    fn dispatches(self) -> impl Iterator<Item = (usize, usize)> {
        let groups = self.tiles * self.parts;
        let most = usize::try_from(MOST_FLOP / self.flop()).unwrap_or(usize::MAX);
        let most = most.clamp(1, MOST_GROUPS);
        (0..groups).step_by(most).map(move |first| (first, most.min(groups - first)))
    }
}

impl TileShader {
    /// Quads of rows that an invocation computes.
    fn halves(self) -> usize {
        if self.rows == 64 { 2 } else { 1 }
    }

    fn invocations(self) -> usize {
        self.rows / 4 / self.halves() * (COLUMNS / 4)
    }

    fn buffers(self) -> [&'static str; 3] {
        match self.product {
            Product::Output => ["input", "weight", "out"],
            Product::InputGradient => ["weight", "gradient", "out"],
            Product::WeightGradient => ["input", "gradient", "out"],
        }
    }
}

impl Shader for TileShader {
    fn source(&self) -> String {
        let Self { kernel, stride, rows, .. } = *self;
        let product = match self.product {
            Product::Output => include_str!("tile_output.wgsl"),
            Product::InputGradient => include_str!("tile_input_gradient.wgsl"),
            Product::WeightGradient => include_str!("tile_weight_gradient.wgsl"),
        };
        let invocations = self.invocations();
        let counts = [
            ("KERNEL", kernel),
            ("STRIDE", stride),
            ("TAPS", kernel * kernel),
            ("PADDING", kernel / 2),
            ("DEPTH", DEPTH),
            ("STEPS", STEPS),
            ("INVOCATIONS", invocations),
            ("TILE_ROWS", rows),
            ("TILE_COLUMNS", COLUMNS),
            ("HALVES", self.halves()),
            ("QUADS", COLUMNS / 4),
            // Quads from one term to the next: one more than there are, so that the quads
            // of neighbouring terms lie in different banks.
            ("LEFT_PITCH", rows / 4 + 1),
            ("RIGHT_PITCH", COLUMNS / 4 + 1),
            ("LEFT_LOADS", DEPTH * rows / 4 / invocations),
            ("RIGHT_LOADS", DEPTH * COLUMNS / 4 / invocations),
        ];
        let constants = counts.map(|(name, count)| (name, count.into()));
        let sizes = [&SIZES[..], &["parts", "part_terms", "first_group"]].concat();
        let template = [include_str!("tile.wgsl"), product].concat();
        bindings(&self.buffers(), &sizes) + &expand(&template, &constants)
    }
}

impl Shader for SumShader {
    fn source(&self) -> String {
        per_value(
            &["parts", "out"],
            &["parts"],
            include_str!("sum.wgsl"),
            &[("LOADS", LOADS.into())],
        )
    }
}

/// Writes a product of two tensors to `out`.
pub(super) fn multiply(
    product: Product,
    shape: ConvShape,
    [first, second]: [&CubeTensor; 2],
    out: &CubeTensor,
) {
    let tiling = Tiling::of(product, shape);
    let Tiling { shader, parts, part_terms, .. } = tiling;
    let [rows, columns, _] = product.matrix(shape);
    let values = rows * columns;
    let found = if parts == 1 { out.clone() } else { empty([parts, values], out) };
    for (first_group, groups) in tiling.dispatches() {
        let sizes = [&shape.sizes()[..], &[parts, part_terms, first_group]].concat();
        dispatch(shader, groups, &[first, second, &found], &sizes);
    }
    if parts > 1 {
        dispatch_each(SumShader, values, &[&found, out], &[parts]);
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::experiment::ModelKind;
    use crate::experiment::range::{BATCH, SIZE};
    use crate::model::layout::{Stage, side_after, stages};
    use crate::model::ops::shader::tests::runs_everywhere;

    #[test]
    fn every_shader_runs_everywhere() {
        runs_everywhere(&SumShader);
        for product in Product::ALL {
            for (kernel, stride) in [(3, 1), (3, 2), (1, 1), (1, 2), (5, 1)] {
                for rows in [16, 32, 64] {
                    runs_everywhere(&TileShader { product, kernel, stride, rows });
                }
            }
        }
    }

    /// All convolutions of a network: its input's side, channels, side of the kernel, stride.
    fn convolutions(kind: ModelKind, size: usize) -> Vec<(usize, [usize; 2], usize, usize)> {
        let mut found = Vec::new();
        let mut side = size;
        for stage in stages(kind) {
            match stage {
                Stage::Conv { input, output, stride } => {
                    found.push((side, [input, output], 3, stride));
                    side = side_after(side, 3, stride, 1);
                }
                Stage::Pool { kernel, padding } => side = side_after(side, kernel, 2, padding),
                Stage::Residual { channels } => found.push((side, [channels; 2], 3, 1)),
                Stage::Block { input, output, stride } => {
                    found.push((side, [input, output], 3, stride));
                    side = side_after(side, 3, stride, 1);
                    found.push((side, [output; 2], 3, 1));
                    found.push((side, [input, output], 1, 1));
                }
            }
        }
        found
    }

    #[test]
    fn no_dispatch_of_the_largest_batch_is_too_long() {
        let (batch, size) = (BATCH.high as usize, SIZE.high as usize);
        let mut several = 0;
        for kind in ModelKind::ALL {
            for (side, [input, output], kernel, stride) in convolutions(kind, size) {
                let images = [batch, input, side, side];
                let shape = ConvShape::of(images, [output, input, kernel, kernel], stride);
                for product in Product::ALL {
                    let tiling = Tiling::of(product, shape);
                    let mut next = 0;
                    for (first, groups) in tiling.dispatches() {
                        assert_eq!(first, next, "{kind:?} {product:?} {shape:?}");
                        assert!(
                            groups as u64 * tiling.flop() <= MOST_FLOP,
                            "{product:?} {shape:?}"
                        );
                        next += groups;
                    }
                    assert_eq!(next, tiling.tiles * tiling.parts, "{product:?} {shape:?}");
                    // All of the matrix and all of its terms are computed.
                    let [rows, columns, terms] = product.matrix(shape);
                    assert!(tiling.tiles * tiling.shader.rows * COLUMNS >= rows * columns);
                    assert!(tiling.parts * tiling.part_terms >= terms);
                    several += usize::from(tiling.dispatches().count() > 1);
                }
            }
        }
        assert!(several > 0, "no shape needs a second dispatch: the test shows nothing");
    }
}
