//! Pictures of the data set, as they are stored.

use super::{QuestionWork, Unanswered};
use crate::data::Dataset;
use crate::data::thumbnail::rgba;
use crate::protocol::ask::{Answer, AskProgress};
use js_sys::{Array, Uint8Array};

pub(super) async fn answer(
    dataset: &Dataset,
    images: Vec<u32>,
    size: u32,
    work: &mut QuestionWork,
) -> Result<(Answer, Array), Unanswered> {
    let buffers = Array::new();
    let mut found = Vec::with_capacity(images.len());
    let of = u32::try_from(images.len()).unwrap_or(u32::MAX);
    for (done, index) in (0..).zip(images) {
        work.goes_on(AskProgress { done, of }).await?;
        if let Some(image) = dataset.images.get(index as usize) {
            buffers.push(&Uint8Array::from(rgba(image, size).as_slice()).buffer());
            found.push(index);
        }
    }
    Ok((Answer::Thumbnails { images: found, size }, buffers))
}
