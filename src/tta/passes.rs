//! Test-time augmentation of the model that was trained last, pass by pass.

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// What the passes over the validation images give, for every number of them.
/// Nothing of it is trained or computed again.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct TtaPasses {
    /// The canonical link of the run that trained the model.
    pub link: String,
    /// Hash of the data set that it was trained on.
    pub dataset: String,
    /// Side of the images in pixels.
    pub size: u32,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// True class of each validation image.
    pub labels: Vec<u8>,
    /// Index in the data set of each validation image.
    pub images: Vec<u32>,
    /// Augmented passes that are held: the two accuracies below have one value
    /// more, the first of them of the plain pass alone.
    pub passes: u32,
    /// Accuracy, 0..1, of fastai's average over the first 0, 1, … passes.
    pub average: Vec<f64>,
    /// Accuracy, 0..1, of the maximum over the same.
    pub maximum: Vec<f64>,
    /// Predicted class of each image in the plain pass.
    pub plain: Vec<u8>,
    /// The same with all passes, combined as the run's link says.
    pub together: Vec<u8>,
    /// Seconds that the augmented passes took; 0 without any.
    pub seconds: f64,
}

/// One validation image as the model saw it. A square of RGBA lies beside the
/// answer for each row: the plain view, then those of the augmented passes.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Views {
    /// Position among the validation images.
    pub position: u32,
    /// Index in the data set.
    pub image: u32,
    /// True class.
    pub label: u8,
    /// Side of the views in pixels.
    pub size: u32,
    /// Log-probabilities of each view.
    pub rows: Vec<Vec<f32>>,
}
