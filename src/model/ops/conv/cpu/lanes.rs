//! Several channels side by side, one a lane, so that transforms of any image size fill vector
//! registers: rows of planes in `[channels, height, width]` to lanes and back.

use std::ops::{Add, Mul, Range, Sub};

/// Channels that are processed side by side.
pub(super) const LANES: usize = 8;

/// One value of each of [`LANES`] channels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lanes([f32; LANES]);

impl Lanes {
    /// One lane from each `stride` values, from the first on; those beyond the slice are 0.
    #[inline(always)]
    pub(super) fn strided(values: &[f32], stride: usize) -> Self {
        let mut lanes = Self::default();
        for (lane, value) in lanes.0.iter_mut().zip(values.iter().step_by(stride)) {
            *lane = *value;
        }
        lanes
    }

    /// From values that lie side by side; of fewer than [`LANES`], the other lanes are 0.
    #[inline(always)]
    pub(super) fn load(values: &[f32]) -> Self {
        match values.first_chunk() {
            Some(lanes) => Self(*lanes),
            None => Self::strided(values, 1),
        }
    }

    /// Writes as many lanes as there are places, side by side.
    #[inline(always)]
    pub(super) fn store(self, to: &mut [f32]) {
        match to.first_chunk_mut() {
            Some(to) => *to = self.0,
            None => {
                for (to, lane) in to.iter_mut().zip(self.0) {
                    *to = lane;
                }
            }
        }
    }

    /// Its values.
    #[inline(always)]
    pub(super) fn values(self) -> [f32; LANES] {
        self.0
    }

    #[inline(always)]
    fn with(self, other: Self, how: impl Fn(f32, f32) -> f32) -> Self {
        let mut out = self;
        for (a, b) in out.0.iter_mut().zip(other.0) {
            *a = how(*a, b);
        }
        out
    }
}

impl Add for Lanes {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }
}

impl Sub for Lanes {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }
}

impl Mul<f32> for Lanes {
    type Output = Self;

    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        self.with(self, |a, _| a * factor)
    }
}

/// The channels from `first` on that fill lanes together.
#[inline(always)]
pub(super) fn group(first: usize, channels: usize) -> Range<usize> {
    first..channels.min(first + LANES)
}

/// Reads row `y` of the planes of some channels into `to`, a lane each. `planes` are all planes of
/// an image, of `pixels` values and rows of `width`.
#[inline(always)]
pub(super) fn read_row(
    planes: &[f32],
    pixels: usize,
    channels: Range<usize>,
    (y, width): (usize, usize),
    to: &mut [Lanes],
) {
    for (lane, channel) in (0..LANES).zip(channels) {
        let row = &planes[channel * pixels + y * width..][..width];
        for (to, value) in to.iter_mut().zip(row) {
            to.0[lane] = *value;
        }
    }
}

/// The reverse of [`read_row`].
#[inline(always)]
pub(super) fn write_row(
    from: &[Lanes],
    planes: &mut [f32],
    pixels: usize,
    channels: Range<usize>,
    (y, width): (usize, usize),
) {
    for (lane, channel) in (0..LANES).zip(channels) {
        let row = &mut planes[channel * pixels + y * width..][..width];
        for (to, from) in row.iter_mut().zip(from) {
            *to = from.0[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_other_channels_stay() {
        let planes: Vec<f32> = (0..10 * 6).map(|i| i as f32).collect();
        for first in [0, 8] {
            let channels = group(first, 10);
            let mut lanes = [Lanes::default(); 3];
            read_row(&planes, 6, channels.clone(), (1, 3), &mut lanes);
            let mut back = vec![-1.0; planes.len()];
            write_row(&lanes, &mut back, 6, channels.clone(), (1, 3));
            for (at, (value, original)) in back.iter().zip(&planes).enumerate() {
                let read = channels.contains(&(at / 6)) && at % 6 >= 3;
                assert_eq!(*value, if read { *original } else { -1.0 }, "{at}");
            }
        }
    }

    #[test]
    fn lanes_beyond_the_values_are_left_out() {
        let lanes = Lanes::load(&[1.0, 2.0, 3.0]);
        assert_eq!(lanes.values(), [1.0, 2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let mut to = [9.0; 2];
        (lanes * 2.0 - lanes + lanes).store(&mut to);
        assert_eq!(to, [2.0, 4.0]);
    }
}
