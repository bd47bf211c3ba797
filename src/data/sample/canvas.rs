//! A square picture and the anti-aliased filling of polygons in it; knows
//! neither figures nor scenes, and only arithmetic that is exact on any target.

/// Red, green and blue in 0..1, as shown (not linear light).
pub(super) type Colour = [f32; 3];

/// A position in pixels; the centre of the first pixel is (0.5, 0.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Position {
    pub x: f32,
    pub y: f32,
}

impl Position {
    pub(super) fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

/// How the colour runs across a shape.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ramp {
    /// One colour.
    Flat,
    /// From the first point to the second, constant across.
    Linear(Position, Position),
    /// From the centre outwards to the radius.
    Radial(Position, f32),
}

/// What a shape is filled with, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    /// Colour and opacity at the start of the ramp.
    pub from: (Colour, f32),
    /// Colour and opacity at its end.
    pub to: (Colour, f32),
    /// How the one becomes the other.
    pub ramp: Ramp,
    /// Relative brightness of a texture one pixel fine; 0 for none.
    pub grain: f32,
}

impl Paint {
    /// Colour and opacity at a position.
    fn at(&self, x: f32, y: f32) -> (Colour, f32) {
        let t = match self.ramp {
            Ramp::Flat => 0.0,
            Ramp::Linear(a, b) => {
                let (dx, dy) = (b.x - a.x, b.y - a.y);
                ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy).max(1e-6)
            }
            Ramp::Radial(centre, radius) => {
                let (dx, dy) = (x - centre.x, y - centre.y);
                (dx * dx + dy * dy).sqrt() / radius.max(1e-3)
            }
        };
        let t = t.clamp(0.0, 1.0);
        let mut colour = mix(self.from.0, self.to.0, t);
        if self.grain > 0.0 {
            let gain = 1.0 + self.grain * (lattice(x as i32, y as i32) - 0.5);
            colour = colour.map(|value| value * gain);
        }
        (colour, self.from.1 + (self.to.1 - self.from.1) * t)
    }
}

/// `a` for t = 0, `b` for t = 1.
pub(super) fn mix(a: Colour, b: Colour, t: f32) -> Colour {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * t)
}

/// A fixed pattern of values in 0..1, one per whole position.
pub(super) fn lattice(x: i32, y: i32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    ((h ^ (h >> 15)) >> 8) as f32 / 16_777_216.0
}

/// A square picture.
pub(super) struct Canvas {
    side: usize,
    pixels: Vec<Colour>,
    /// Change of coverage from each pixel to the next of its row; all zero
    /// between two fills. Rows are one longer than those of the picture.
    deltas: Vec<f32>,
}

impl Canvas {
    /// A picture whose pixels are given by their centres.
    pub(super) fn new(side: usize, mut colour: impl FnMut(f32, f32) -> Colour) -> Self {
        let pixels = (0..side * side)
            .map(|i| colour((i % side) as f32 + 0.5, (i / side) as f32 + 0.5))
            .collect();
        Self { side, pixels, deltas: vec![0.0; (side + 1) * side] }
    }

    /// Width and height in pixels.
    pub(super) fn side(&self) -> f32 {
        self.side as f32
    }

    /// The pixels, row by row.
    pub(super) fn pixels(&self) -> &[Colour] {
        &self.pixels
    }

    /// Fills closed contours. Where they overlap, those of the same direction
    /// unite, and one of the opposite direction cuts a hole.
    pub(super) fn fill(&mut self, contours: &[Vec<Position>], paint: &Paint) {
        let (mut left, mut right) = (f32::MAX, f32::MIN);
        let (mut top, mut bottom) = (f32::MAX, f32::MIN);
        for contour in contours {
            for (i, &p) in contour.iter().enumerate() {
                (left, right) = (left.min(p.x), right.max(p.x));
                (top, bottom) = (top.min(p.y), bottom.max(p.y));
                self.edge(p, contour[(i + 1) % contour.len()]);
            }
        }
        // One pixel more on either side, for what rounding moves across a border.
        let columns = self.range(left - 1.0, right + 1.0);
        for row in self.range(top, bottom) {
            let mut covered = 0.0;
            for column in columns.clone() {
                covered += std::mem::take(&mut self.deltas[row * (self.side + 1) + column]);
                let share = covered.abs().min(1.0);
                if share < 1e-3 {
                    continue;
                }
                let (colour, opacity) = paint.at(column as f32 + 0.5, row as f32 + 0.5);
                let pixel = &mut self.pixels[row * self.side + column];
                *pixel = mix(*pixel, colour, share * opacity);
            }
            self.deltas[row * (self.side + 1) + columns.end] = 0.0;
        }
    }

    /// The rows or columns that the extent touches.
    fn range(&self, low: f32, high: f32) -> std::ops::Range<usize> {
        let end = (high.ceil().max(0.0) as usize).min(self.side);
        (low.floor().max(0.0) as usize).min(end)..end
    }

    /// Adds one edge: every row to the right of it changes its coverage by the
    /// height that the edge crosses there, counted negative downwards.
    fn edge(&mut self, p: Position, q: Position) {
        let (sign, high, low) = if p.y < q.y { (-1.0, p, q) } else { (1.0, q, p) };
        let slope = (low.x - high.x) / (low.y - high.y).max(1e-6);
        let limit = self.side as f32;
        for row in self.range(high.y, low.y) {
            let y0 = high.y.max(row as f32);
            let y1 = low.y.min((row + 1) as f32);
            let height = sign * (y1 - y0);
            let x0 = (high.x + slope * (y0 - high.y)).clamp(0.0, limit);
            let x1 = (high.x + slope * (y1 - high.y)).clamp(0.0, limit);
            let deltas = &mut self.deltas[row * (self.side + 1)..][..self.side + 1];
            spread(deltas, x0.min(x1), x0.max(x1), height);
        }
    }
}

/// Shares one row's piece of an edge, from `x0` to `x1`, among the columns:
/// a column's coverage is the part of `height` that lies left of each of its points.
fn spread(deltas: &mut [f32], x0: f32, x1: f32, height: f32) {
    let first = x0 as usize;
    let last = x1 as usize;
    // The integral of the coverage up to a column's right border, whose second
    // difference is what the row stores.
    let width = x1 - x0;
    let reach = |x: f32| -> f32 {
        if x <= x0 {
            0.0
        } else if x >= x1 {
            x - 0.5 * (x0 + x1)
        } else {
            0.5 * (x - x0) * (x - x0) / width
        }
    };
    let (mut before, mut cell_before) = (0.0, 0.0);
    for column in first..=(last + 1).min(deltas.len() - 1) {
        let integral = reach((column + 1) as f32);
        let cell = integral - before;
        deltas[column] += height * (cell - cell_before);
        (before, cell_before) = (integral, cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Paint =
        Paint { from: ([1.0; 3], 1.0), to: ([1.0; 3], 1.0), ramp: Ramp::Flat, grain: 0.0 };

    fn points(corners: &[(f32, f32)]) -> Vec<Position> {
        corners.iter().map(|&(x, y)| Position::new(x, y)).collect()
    }

    /// White on black, so that a pixel's value is its coverage.
    fn filled(contours: &[Vec<Position>]) -> Canvas {
        let mut canvas = Canvas::new(8, |_, _| [0.0; 3]);
        canvas.fill(contours, &WHITE);
        assert!(canvas.deltas.iter().all(|&delta| delta == 0.0), "the fill left a residue");
        canvas
    }

    fn area(canvas: &Canvas) -> f32 {
        canvas.pixels().iter().map(|pixel| pixel[0]).sum()
    }

    #[test]
    fn coverage_is_exact_to_the_area() {
        let rect = filled(&[points(&[(1.25, 2.5), (4.0, 2.5), (4.0, 5.25), (1.25, 5.25)])]);
        assert!((area(&rect) - 2.75 * 2.75).abs() < 1e-4);
        assert!((rect.pixels()[2 * 8 + 1][0] - 0.75 * 0.5).abs() < 1e-5);
        assert!((rect.pixels()[3 * 8 + 2][0] - 1.0).abs() < 1e-5);
        let triangle = filled(&[points(&[(0.5, 0.5), (7.5, 1.5), (2.0, 7.75)])]);
        assert!((area(&triangle) - 0.5 * (7.0 * 7.25 - 1.5 * 1.0)).abs() < 1e-3);
    }

    #[test]
    fn a_reversed_contour_cuts_a_hole_and_an_overlap_counts_once() {
        let outer = points(&[(1.0, 1.0), (7.0, 1.0), (7.0, 7.0), (1.0, 7.0)]);
        let mut inner = points(&[(3.0, 3.0), (5.0, 3.0), (5.0, 5.0), (3.0, 5.0)]);
        assert!((area(&filled(&[outer.clone(), inner.clone()])) - 36.0).abs() < 1e-4);
        inner.reverse();
        assert!((area(&filled(&[outer, inner])) - 32.0).abs() < 1e-4);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        let wide = filled(&[points(&[(-5.0, -3.0), (20.0, -3.0), (20.0, 4.0), (-5.0, 4.0)])]);
        assert!((area(&wide) - 32.0).abs() < 1e-4);
        let away = filled(&[points(&[(9.0, 1.0), (12.0, 1.0), (12.0, 5.0)])]);
        assert_eq!(area(&away), 0.0);
    }

    #[test]
    fn ramps_run_from_their_start_to_their_end() {
        let mut paint = WHITE;
        paint.to = ([0.0; 3], 1.0);
        paint.ramp = Ramp::Linear(Position::new(0.0, 0.0), Position::new(8.0, 0.0));
        assert_eq!(paint.at(2.0, 5.0).0, [0.75; 3]);
        paint.ramp = Ramp::Radial(Position::new(0.0, 0.0), 10.0);
        assert_eq!(paint.at(3.0, 4.0).0, [0.5; 3]);
        assert_eq!(paint.at(30.0, 40.0).0, [0.0; 3]);
    }
}
