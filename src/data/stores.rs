//! One data set as it is stored at several sides, each resampled once from the originals: what
//! a worker or a sweep holds, so that experiments of several sizes read the files once a side.
//! Independent of burn and browsers.

use super::Dataset;
use std::sync::Arc;

/// Bytes of pixels beyond which the least recently used stores are dropped. The one in use and
/// one that holds the originals are never dropped.
pub const BUDGET: u64 = 768 << 20;

/// The stores, the one that was used last at the end.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    stores: Vec<Arc<Dataset>>,
}

impl Stores {
    /// The store that was used last.
    pub fn current(&self) -> Option<Arc<Dataset>> {
        self.stores.last().cloned()
    }

    /// Takes in a store and makes it the current one. Stores of another data set, and one of
    /// the same side, are let go.
    pub fn insert(&mut self, dataset: Arc<Dataset>) {
        self.stores.retain(|it| it.hash == dataset.hash && it.short_side != dataset.short_side);
        self.stores.push(dataset);
        // The originals stay: any side can be made of them.
        let spare = |it: &[Arc<Dataset>]| {
            it.split_last().and_then(|(_, rest)| rest.iter().position(|it| !it.holds_originals()))
        };
        let mut bytes: u64 = self.stores.iter().map(|it| it.pixel_bytes()).sum();
        while bytes > BUDGET
            && let Some(index) = spare(&self.stores)
        {
            bytes -= self.stores.remove(index).pixel_bytes();
        }
    }

    /// Whether this very store is still here.
    pub fn holds(&self, dataset: &Arc<Dataset>) -> bool {
        self.stores.iter().any(|it| Arc::ptr_eq(it, dataset))
    }

    /// Makes the store with pixels of `short_side` the current one and returns it: an existing
    /// one, or one made of the originals. `None` if the files have to be read again.
    pub fn at(&mut self, short_side: u32) -> Option<Arc<Dataset>> {
        if let Some(index) = self.stores.iter().position(|it| it.serves(short_side)) {
            let found = self.stores.remove(index);
            self.stores.push(found.clone());
            return Some(found);
        }
        let made = Arc::new(self.stores.iter().find_map(|it| it.at(short_side))?);
        self.insert(made.clone());
        Some(made)
    }

    /// Sides that need no reading, besides all of them where the originals are here.
    pub fn sides(&self) -> Vec<u32> {
        self.stores.iter().map(|it| it.short_side).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::decode::decode;
    use crate::data::{Class, Image, Split};
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
    use std::io::Cursor;

    /// PNG files of these sizes, with something to see in each.
    fn files(sizes: &[[u32; 2]]) -> Vec<Vec<u8>> {
        let picture = |&[width, height]: &[u32; 2]| {
            let pixel = |x: u32, y: u32| Rgb([x * 37 + y, (y * 11) ^ x, x * y].map(|it| it as u8));
            let mut bytes = Cursor::new(Vec::new());
            DynamicImage::from(RgbImage::from_fn(width, height, pixel))
                .write_to(&mut bytes, ImageFormat::Png)
                .unwrap();
            bytes.into_inner()
        };
        sizes.iter().map(picture).collect()
    }

    fn stored(files: &[Vec<u8>], short_side: u32) -> Dataset {
        let image = |(index, bytes): (usize, &Vec<u8>)| {
            let decoded = decode(bytes, short_side, 1 << 20).unwrap();
            Image {
                path: format!("train/a/{index}"),
                split: Split::Train,
                label: 0,
                width: decoded.width,
                height: decoded.height,
                original_short_side: decoded.original_short_side,
                pixels: decoded.pixels,
            }
        };
        Dataset {
            name: "made".into(),
            synthetic: false,
            classes: vec![Class { id: "a".into(), name: "a".into() }],
            images: files.iter().enumerate().map(image).collect(),
            hash: "made".into(),
            short_side,
            official_noise: None,
            skipped: Vec::new(),
        }
    }

    const SIZES: [[u32; 2]; 4] = [[60, 60], [64, 90], [100, 61], [40, 200]];

    #[test]
    fn a_store_made_of_originals_equals_one_read_from_the_files() {
        let files = files(&SIZES);
        let whole = stored(&files, 160);
        for side in [16, 31, 40, 50, 61, 160, 500] {
            let (made, read) = (whole.at(side).unwrap(), stored(&files, side));
            assert_eq!(made.short_side, read.short_side);
            for (made, read) in made.images.iter().zip(&read.images) {
                assert_eq!((made.width, made.height), (read.width, read.height), "side {side}");
                assert!(made.pixels == read.pixels, "side {side}: {}", made.path);
            }
        }
    }

    #[test]
    fn a_larger_store_does_not_serve_unless_its_pixels_are_the_same() {
        let files = files(&SIZES);
        let large = stored(&files, 50);
        assert!(large.serves(50) && !large.serves(32) && !large.serves(64));
        assert!(large.at(32).is_none());
        let whole = stored(&files, 64);
        assert!(whole.serves(64) && whole.serves(500) && !whole.serves(60));
    }

    #[test]
    fn stores_of_several_sides_are_kept_until_another_data_set_comes() {
        let files = files(&SIZES);
        let mut stores = Stores::default();
        stores.insert(Arc::new(stored(&files, 32)));
        assert!(stores.at(48).is_none());
        stores.insert(Arc::new(stored(&files, 48)));
        let first = stores.at(32).unwrap();
        assert_eq!((first.short_side, stores.sides()), (32, vec![48, 32]));
        assert!(Arc::ptr_eq(&first, &stores.current().unwrap()));
        let mut other = stored(&files, 32);
        other.hash = "other".into();
        stores.insert(Arc::new(other));
        assert_eq!(stores.sides(), [32]);
    }

    #[test]
    fn the_one_in_use_stays_beyond_the_budget() {
        let mut large = stored(&files(&[[4, 4]]), 4);
        large.images[0].pixels = vec![0; BUDGET as usize + 1].into();
        let mut stores = Stores::default();
        stores.insert(Arc::new(stored(&files(&[[4, 4]]), 2)));
        stores.insert(Arc::new(large));
        assert_eq!(stores.sides(), [4]);
        // It holds the originals, so what is made of it takes no place from it.
        stores.insert(Arc::new(stored(&files(&[[4, 4]]), 2)));
        stores.insert(Arc::new(stored(&files(&[[4, 4]]), 3)));
        assert_eq!(stores.sides(), [4, 3]);
    }
}
