//! What the data panel says about loading: progress, cancel, errors.

use super::super::text;
use crate::app::{Action, DataState, LoadCause, Loading, Source};
use crate::dataset::{DatasetSummary, LoadProgress};
use crate::format::{bytes, duration};
use crate::number::grouped;
use crate::text::sentence;
use crate::ui::parts::{button, hint, plain, tag, wishes};
use yew::prelude::*;

/// What [`status`] shows.
pub struct StatusProps {
    /// What is loaded and what is on its way.
    pub data: DataState,
    /// Files found so far in a dropped folder.
    pub walking: Option<usize>,
    /// Hears the person's wishes.
    pub on: Callback<Action>,
}

/// The data set in place, the load in progress, the last failure.
pub fn status(props: &StatusProps) -> Html {
    let on = |action| wishes(&props.on, action);
    html! {
        <>
            if let Some(loaded) = &props.data.loaded {
                <p class="dataset-name">
                    <strong>{ &loaded.summary.name }</strong>
                    if loaded.summary.synthetic {
                        { tag("synthetic") }
                    }
                </p>
                <p class="hint">
                    { extent(&loaded.summary) }
                    if loaded.summary.synthetic { { " " }{ text::SAMPLE } }
                </p>
                if loaded.summary.skipped_count > 0 {
                    <details class="skipped">
                        <summary>
                            { format!("{} files were left out", loaded.summary.skipped_count) }
                        </summary>
                        <ul>{ for loaded.summary.skipped.iter().map(|path| html! { <li>{ path }</li> }) }</ul>
                    </details>
                }
            } else if props.data.loading.is_none() {
                { hint("No data set is loaded yet.") }
            }
            if let Some(files) = props.walking {
                { hint(format!("Reading the folder: {files} files found…")) }
            }
            if let Some(loading) = &props.data.loading {
                { progress(&ProgressProps { loading: loading.clone(), on_cancel: on(|| Action::CancelLoad) }) }
            }
            if let Some(error) = &props.data.error {
                <div class="message message-bad">
                    <p><strong>{ sentence(&error.what) }</strong>{ " " }{ sentence(&error.why) }</p>
                    <p>{ "What to do: " }{ sentence(&error.remedy) }</p>
                    if props.data.loaded.is_some() {
                        { plain("The data set from before is still in place.") }
                    }
                    { button("Dismiss", on(|| Action::LoadErrorRead)) }
                </div>
            }
        </>
    }
}

/// How many images there are, and of which size.
fn extent(summary: &DatasetSummary) -> String {
    let [train, valid] = summary.images().map(grouped);
    let side = summary.short_side;
    format!("{train} training and {valid} validation images, stored at {side} px.")
}

/// What [`progress`] shows.
struct ProgressProps {
    loading: Loading,
    on_cancel: Callback<MouseEvent>,
}

/// How far a load is.
fn progress(props: &ProgressProps) -> Html {
    let Loading { source, cause, progress, .. } = &props.loading;
    let share = share(progress);
    html! {
        <div class="loading">
            <p id="load-label"><strong>{ if *source == Source::Sample { "Drawing " } else { "Loading " } }{ source.name() }</strong></p>
            if let LoadCause::Resized(reason) = cause {
                <p class="hint">{ reason }{ " So they are read again." }</p>
            }
            <progress
                aria-labelledby="load-label"
                value={share.map(|share| share.to_string())}
                max="1"
            />
            <p class="hint numbers">{ line(source, progress) }</p>
            { button("Cancel", props.on_cancel.clone()) }
        </div>
    }
}

fn share(progress: &LoadProgress) -> Option<f64> {
    progress.bytes_total.filter(|total| *total > 0.0).map(|total| (progress.bytes / total).min(1.0))
}

/// `31 MB of 94 MB · 4 211 images · 00:12, about 00:24 to go`.
fn line(source: &Source, progress: &LoadProgress) -> String {
    let images = grouped(u64::from(progress.images));
    if source == &Source::Sample {
        return format!("{images} drawings · {}", duration(progress.seconds));
    }
    let read = match progress.bytes_total {
        Some(total) => format!("{} of {}", bytes(progress.bytes), bytes(total)),
        None => bytes(progress.bytes),
    };
    let to_go = match share(progress) {
        // Before the first percent the guess is too rough to show.
        Some(share) if share > 0.01 && share < 1.0 => {
            format!(", about {} to go", duration(progress.seconds / share * (1.0 - share)))
        }
        _ => String::new(),
    };
    format!("{read} · {images} images · {}{to_go}", duration(progress.seconds))
}
