//! A cache of validation views at the current size, so that an image is resampled
//! once per size and not once per epoch. Independent of burn and of browsers.

use std::collections::HashMap;
use std::sync::Arc;

use super::crop::valid_pixels;
use super::resample::Raster;
use crate::data::Image;
use crate::experiment::Crop;

/// Size of the cache, in bytes: all 13,394 images of Imagenette up to 115 px.
/// Further views are made each time.
const BUDGET: usize = 512 << 20;

/// The validation views of one crop, at one size at a time.
#[derive(Clone, Debug)]
pub(super) struct Bases {
    crop: Crop,
    size: u32,
    views: HashMap<u32, Arc<[u8]>>,
    bytes: usize,
}

impl Bases {
    pub(super) fn new(crop: Crop) -> Self {
        Self { crop, size: 0, views: HashMap::new(), bytes: 0 }
    }

    /// The view (`size × size × 3`) of the image with this index. A new size clears
    /// the cache.
    pub(super) fn get(
        &mut self,
        index: u32,
        image: &Image,
        source: Raster<'_>,
        size: u32,
    ) -> Arc<[u8]> {
        if size != self.size {
            *self = Self { size, ..Self::new(self.crop) };
        }
        if let Some(view) = self.views.get(&index) {
            return view.clone();
        }
        if self.crop != Crop::Rrc && (image.width, image.height) == (size, size) {
            return image.pixels.clone();
        }
        let view: Arc<[u8]> = valid_pixels(source, self.crop, size).into();
        // A square cut out of a stored image of the right height is cheap.
        let cheap = self.crop != Crop::Rrc && source.short_side() == size;
        if !cheap && self.bytes + view.len() <= BUDGET {
            self.bytes += view.len();
            self.views.insert(index, view.clone());
        }
        view
    }
}
