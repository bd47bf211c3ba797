//! Resampling of 8-bit RGB images. Independent of crops, burn and browsers.
//!
//! Bilinear with antialiasing when shrinking, as Pillow's `BILINEAR` filter
//! (fastai's item transforms resize with it): a triangle as wide as one output
//! pixel, but never narrower than one input pixel.

use crate::data::Image;

/// A borrowed RGB image whose buffer is known to fit its size.
#[derive(Clone, Copy, Debug)]
pub struct Raster<'a> {
    width: u32,
    height: u32,
    pixels: &'a [u8],
}

impl<'a> Raster<'a> {
    /// `height × width × 3` bytes; `None` if the buffer does not fit or a side is 0.
    pub fn new(width: u32, height: u32, pixels: &'a [u8]) -> Option<Self> {
        let bytes = u64::from(width) * u64::from(height) * 3;
        (width > 0 && height > 0 && bytes == pixels.len() as u64).then_some(Self {
            width,
            height,
            pixels,
        })
    }

    /// The stored pixels of an image; `None` as in [`Raster::new`].
    pub fn of(image: &'a Image) -> Option<Self> {
        Self::new(image.width, image.height, &image.pixels)
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The shorter side in pixels.
    pub fn short_side(&self) -> u32 {
        self.width.min(self.height)
    }

    /// The whole image as a window.
    pub fn whole(&self) -> Window {
        Window { x: 0, y: 0, width: self.width, height: self.height }
    }

    /// The largest square in the middle; an odd remainder goes to the right and
    /// to the bottom, as in fastai.
    pub fn centre_square(&self) -> Window {
        let side = self.short_side();
        Window {
            x: (self.width - side) / 2,
            y: (self.height - side) / 2,
            width: side,
            height: side,
        }
    }

    /// The part of the window that lies inside, at least one pixel of it.
    pub(crate) fn inside(&self, window: Window) -> Window {
        let x = window.x.min(self.width - 1);
        let y = window.y.min(self.height - 1);
        Window {
            x,
            y,
            width: window.width.clamp(1, self.width - x),
            height: window.height.clamp(1, self.height - y),
        }
    }

    /// `count` pixels (as bytes) of row `y` from column `x`; both lie inside.
    pub(crate) fn row(&self, y: u32, x: u32, count: u32) -> &'a [u8] {
        let start = (y as usize * self.width as usize + x as usize) * 3;
        &self.pixels[start..start + count as usize * 3]
    }
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Left column.
    pub x: u32,
    /// Top row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Resizes a window of an image to `width × height`, RGB, rows first. Nothing
/// outside the window is looked at (Pillow crops first). The window is clipped
/// to the image. At the window's own size this is a copy.
pub fn resize(source: Raster<'_>, window: Window, width: u32, height: u32) -> Vec<u8> {
    let window = source.inside(window);
    let (width, height) = (width.max(1), height.max(1));
    if (width, height) == (window.width, window.height) {
        let mut copy = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            copy.extend_from_slice(source.row(window.y + y, window.x, width));
        }
        return copy;
    }

    // Rows first: a buffer of window.height × width × 3.
    let stride = width as usize * 3;
    let mut squeezed = vec![0f32; stride * window.height as usize];
    let columns = taps(window.width, width);
    for (y, row) in squeezed.chunks_exact_mut(stride).enumerate() {
        let input = source.row(window.y + y as u32, window.x, window.width);
        for (pixel, tap) in row.chunks_exact_mut(3).zip(&columns) {
            let mut sum = [0f32; 3];
            for (rgb, weight) in input[tap.start * 3..].chunks_exact(3).zip(&tap.weights) {
                for (sum, &value) in sum.iter_mut().zip(rgb) {
                    *sum += f32::from(value) * weight;
                }
            }
            pixel.copy_from_slice(&sum);
        }
    }

    let mut output = Vec::with_capacity(stride * height as usize);
    let mut sum = vec![0f32; stride];
    for tap in taps(window.height, height) {
        sum.fill(0.0);
        let rows = squeezed[tap.start * stride..].chunks_exact(stride);
        for (row, weight) in rows.zip(&tap.weights) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += value * weight;
            }
        }
        // The cast saturates and drops the fraction: this rounds to nearest.
        output.extend(sum.iter().map(|value| (value + 0.5) as u8));
    }
    output
}

/// The inputs that one output pixel averages.
struct Tap {
    start: usize,
    weights: Vec<f32>,
}

/// One [`Tap`] per output pixel of an axis; the weights of each sum to 1.
fn taps(input: u32, output: u32) -> Vec<Tap> {
    let scale = f64::from(input) / f64::from(output);
    let reach = scale.max(1.0);
    (0..output)
        .map(|index| {
            let centre = (f64::from(index) + 0.5) * scale;
            let start = (centre - reach + 0.5).floor().max(0.0);
            let end = (centre + reach + 0.5).floor().min(f64::from(input));
            let raw: Vec<f64> = (start as u32..end as u32)
                .map(|x| (1.0 - ((f64::from(x) + 0.5 - centre) / reach).abs()).max(0.0))
                .collect();
            let total: f64 = raw.iter().sum();
            Tap {
                start: start as usize,
                weights: raw.iter().map(|weight| (weight / total) as f32).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_weighs_the_neighbours_by_a_triangle() {
        let taps = taps(8, 4);
        assert_eq!(taps[1].start, 1);
        assert_eq!(taps[1].weights, [0.125, 0.375, 0.375, 0.125]);
        // At the border the triangle is cut and scaled up again.
        assert_eq!(taps[0].start, 0);
        let expected = [0.375 / 0.875, 0.375 / 0.875, 0.125 / 0.875];
        assert_eq!(taps[0].weights, expected.map(|weight: f64| weight as f32));
    }

    #[test]
    fn doubling_interpolates_between_pixel_centres() {
        let pixels: Vec<u8> = [0u8, 100, 200].iter().flat_map(|&grey| [grey; 3]).collect();
        let raster = Raster::new(3, 1, &pixels).unwrap();
        let wide = resize(raster, raster.whole(), 6, 1);
        let red: Vec<u8> = wide.chunks_exact(3).map(|rgb| rgb[0]).collect();
        assert_eq!(red, [0, 25, 75, 125, 175, 200]);
    }

    #[test]
    fn a_constant_image_stays_constant_at_any_size() {
        let pixels = vec![137u8; 31 * 17 * 3];
        let raster = Raster::new(31, 17, &pixels).unwrap();
        for (width, height) in [(1, 1), (8, 40), (31, 17), (64, 3)] {
            let resized = resize(raster, raster.whole(), width, height);
            assert_eq!(resized.len(), (width * height * 3) as usize);
            assert!(resized.iter().all(|&value| value == 137), "at {width}x{height}");
        }
    }

    #[test]
    fn the_window_is_clipped_and_nothing_else_is_seen() {
        let mut pixels = vec![0u8; 4 * 4 * 3];
        pixels[..3].copy_from_slice(&[255; 3]);
        let raster = Raster::new(4, 4, &pixels).unwrap();
        let right = Window { x: 1, y: 1, width: 3, height: 3 };
        assert!(resize(raster, right, 2, 2).iter().all(|&value| value == 0));
        let outside = Window { x: 9, y: 9, width: 9, height: 9 };
        assert_eq!(resize(raster, outside, 1, 1), [0, 0, 0]);
    }

    #[test]
    fn a_buffer_that_does_not_fit_is_refused() {
        assert!(Raster::new(2, 2, &[0; 11]).is_none());
        assert!(Raster::new(0, 2, &[]).is_none());
    }
}
