//! Questions about trained models, and the search for a learning rate. The model
//! that a question is about travels beside it as its file's bytes; where there
//! are none, it is the one that the last run trained.

use crate::experiment::{Experiment, Norm};
use crate::finder::FoundRate;
use crate::saved::ModelCard;
use crate::saved::assessment::Assessment;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelQuestion {
    /// Read a model's file, which travels beside. Answered by [`ModelAnswer::Card`].
    Open {
        /// The hash that it must have.
        wanted: Option<String>,
    },
    /// The model that the last run trained, as a file. Answered by
    /// [`ModelAnswer::Card`].
    Save,
    /// Try learning rates for an experiment; beside it the model that it starts
    /// from, if it does. Answered by [`ModelAnswer::Rates`].
    FindRate {
        /// The experiment.
        experiment: Box<Experiment>,
    },
    /// Measure a model on the validation images of an experiment. Answered by
    /// [`ModelAnswer::Assessment`].
    Assess {
        /// Says which images, and the engine.
        experiment: Box<Experiment>,
        /// Whose statistics; the first is what the others are compared with.
        norms: Vec<Norm>,
    },
    /// Show a picture to a model: the first thing beside is the picture's `File`,
    /// the second the model. Answered by [`ModelAnswer::Sight`].
    Look {
        /// Augmented views beside the plain one.
        passes: u32,
        /// Says which engine.
        experiment: Box<Experiment>,
    },
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ModelAnswer {
    /// A model; the bytes of its file come beside.
    Card(Box<ModelCard>),
    /// The learning rates that were tried.
    Rates(FoundRate),
    /// A model's figures.
    Assessment(Assessment),
    /// What a model takes a picture for; one RGBA buffer per view comes beside.
    Sight(Sight),
}

/// What a model takes a picture for.
#[derive(Clone, Debug, PartialEq, Serialize_tuple, Deserialize_tuple)]
pub struct Sight {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Side of the views in pixels.
    pub size: u32,
    /// `[views][classes]` probabilities: the plain view first.
    pub probabilities: Vec<Vec<f64>>,
    /// Probabilities of all views together.
    pub together: Vec<f64>,
}
