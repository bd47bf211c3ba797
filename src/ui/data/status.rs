//! What the data panel says about loading: progress, cancel, errors.

use crate::app::{Action, DataState, LoadCause, Loading, Source};
use crate::dataset::{DatasetSummary, LoadProgress};
use crate::format::{bytes, duration};
use crate::text::{self, sentence};
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
                        { tag(text::page_synthetic_tag()) }
                    }
                </p>
                <p class="hint">
                    { extent(&loaded.summary) }
                    if loaded.summary.synthetic { { " " }{ text::data_sample() } }
                </p>
                if loaded.summary.skipped_count > 0 {
                    <details class="skipped">
                        <summary>
                            { text::data_left_out(loaded.summary.skipped_count) }
                        </summary>
                        <ul>{ for loaded.summary.skipped.iter().map(|path| html! { <li>{ path }</li> }) }</ul>
                    </details>
                }
            } else if props.data.loading.is_none() {
                { hint(text::data_none()) }
            }
            if let Some(files) = props.walking {
                { hint(text::data_folder_reading(files)) }
            }
            if let Some(loading) = &props.data.loading {
                { progress(&ProgressProps { loading: loading.clone(), on_cancel: on(|| Action::CancelLoad) }) }
            }
            if let Some((progress, loaded)) = props.data.again.as_ref().zip(props.data.loaded.as_ref()) {
                { hint(text::data_again(&line(&loaded.source, progress))) }
            }
            if let Some(error) = &props.data.error {
                <div class="message message-bad">
                    <p><strong>{ sentence(&error.what) }</strong>{ " " }{ sentence(&error.why) }</p>
                    <p>{ text::error_remedy(&sentence(&error.remedy)) }</p>
                    if props.data.loaded.is_some() {
                        { plain(text::data_unchanged()) }
                    }
                    { button(text::button_dismiss(), on(|| Action::LoadErrorRead)) }
                </div>
            }
        </>
    }
}

/// How many images there are, and of which size.
fn extent(summary: &DatasetSummary) -> String {
    let [train, valid] = summary.images();
    text::data_extent(train, valid, &summary.short_side.to_string())
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
    let name = source.name();
    let label = match source {
        Source::Sample => text::data_drawing(name),
        _ => text::data_loading(name),
    };
    html! {
        <div class="loading">
            <p id="load-label"><strong>{ label }</strong></p>
            if let LoadCause::Resized(reason) = cause {
                <p class="hint">{ text::data_read_again(reason) }</p>
            }
            <progress
                aria-labelledby="load-label"
                value={share.map(|share| share.to_string())}
                max="1"
            />
            <p class="hint numbers">{ line(source, progress) }</p>
            { button(text::button_cancel(), props.on_cancel.clone()) }
        </div>
    }
}

fn share(progress: &LoadProgress) -> Option<f64> {
    progress.bytes_total.filter(|total| *total > 0.0).map(|total| (progress.bytes / total).min(1.0))
}

/// `31 MB of 98.8 MB · 4,211 images · 00:12, about 00:24 left`.
fn line(source: &Source, progress: &LoadProgress) -> String {
    let (images, time) = (progress.images, duration(progress.seconds));
    if source == &Source::Sample {
        return text::data_progress_drawings(images, &time);
    }
    let read = match progress.bytes_total {
        Some(total) => text::data_progress_read(&bytes(progress.bytes), &bytes(total)),
        None => bytes(progress.bytes),
    };
    match share(progress) {
        // Before the first percent the guess is too rough to show.
        Some(share) if share > 0.01 && share < 1.0 => {
            let remaining = duration(progress.seconds / share * (1.0 - share));
            text::data_progress_remaining(&read, images, &time, &remaining)
        }
        _ => text::data_progress(&read, images, &time),
    }
}
