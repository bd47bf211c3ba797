//! Ways to a data set: the sample, the archive that the site serves, files of
//! the person, the real Imagenette, an address from a link.

use super::super::{browser, text};
use crate::app::{Action, DataState, SampleDrawing, Source};
use crate::experiment::DataSource;
use crate::format::bytes;
use crate::report::ErrorReport;
use crate::text::sentence;
use crate::ui::browser::spawn;
use crate::ui::parts::{button, button_if, plain, primary_if, wishes};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What [`import`] shows.
pub struct ImportProps {
    /// What is loaded and what can be had.
    pub data: DataState,
    /// What the experiment names.
    pub wanted: DataSource,
    /// A run uses the data.
    pub busy: bool,
    /// Hears the person's wishes.
    pub on: Callback<Action>,
    /// Takes what a picker holds.
    pub on_files: Callback<web_sys::FileList>,
}

/// The ways to a data set.
pub fn import(props: &ImportProps) -> Html {
    let ImportProps { data, wanted, busy, on, on_files } = props;
    let load = |source: Source| {
        let on = on.clone();
        Callback::from(move |_: MouseEvent| on.emit(Action::Load(source.clone())))
    };
    let loaded = data.loaded.as_ref().map(|loaded| &loaded.source);
    let busy = *busy || data.loading.is_some();
    // By itself, once the engine is up.
    let sample_comes = loaded.is_none()
        && data.sample == SampleDrawing::Automatic
        && *wanted == DataSource::Sample;
    let real_is_here =
        matches!(loaded, Some(Source::Given { .. } | Source::Served(_) | Source::Cached(_)));
    let onchange = {
        let on_files = on_files.clone();
        Callback::from(move |event: web_sys::Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                if let Some(files) = input.files() {
                    on_files.emit(files);
                }
                // So that choosing the same file again is a change again.
                input.set_value("");
            }
        })
    };
    html! {
        <div class="import">
            if let Some(served) = data.served.as_ref().filter(|served| {
                loaded != Some(&Source::Served((*served).clone()))
            }) {
                <p>
                    { primary_if(!(busy), format!("Load {} from this site ({})", served.name, bytes(served.bytes as f64)), load(Source::Served(served.clone()))) }
                </p>
            }
            if let Some(cached) = &data.cached {
                <p>
                    if loaded.is_none_or(|source| source.data().text() != cached.data) {
                        { primary_if(!(busy), format!("Load {}", cached.name), load(Source::Cached(cached.clone()))) }
                        { " " }
                    }
                    { format!("This browser keeps {} of its images for your next visit. ", bytes(cached.bytes)) }
                    { button("Forget them", wishes(on, || Action::DeleteCachedData)) }
                </p>
            }
            if let Some(given) = data.given.as_ref().filter(|given| loaded != Some(*given)) {
                <p>
                    { button_if(!(busy), format!("Load {} again", given.name()), load(given.clone())) }
                </p>
            }
            if let DataSource::Url(url) = wanted {
                if loaded.is_none_or(|source| source.data() != *wanted) {
                    <Remote url={url.clone()} {busy} on={on.clone()} />
                }
            }
            if loaded != Some(&Source::Sample) && !sample_comes {
                <p>
                    { button_if(!(busy), "Use the built-in sample (synthetic)", load(Source::Sample)) }
                </p>
            }
            <details class="card" open={*wanted == DataSource::Imagenette && !real_is_here}>
                <summary>{ "Get the real Imagenette" }</summary>
                { plain(text::IMAGENETTE) }
                { plain(text::IMAGENETTE_LICENCE) }
                <p>
                    <a href={text::IMAGENETTE_URL} rel="noreferrer">
                        { "Download " }{ text::IMAGENETTE_FILE }
                    </a>
                    { " from fast.ai’s server at s3.amazonaws.com. " }{ text::IMAGENETTE_DROP }
                </p>
            </details>
            <div class="field">
                <label for="archive">{ "Open an archive (.tgz, .tar) or a .zip file" }</label>
                <input
                    type="file" id="archive" accept=".tgz,.tar,.gz,.zip"
                    disabled={busy} onchange={onchange.clone()}
                />
            </div>
            <div class="field">
                <label for="folder">{ "Or a folder with train/… and val/… in it" }</label>
                <input type="file" id="folder" webkitdirectory=true multiple=true disabled={busy} {onchange} />
            </div>
        </div>
    }
}

/// Properties of [`Remote`].
#[derive(Clone, PartialEq, Properties)]
struct RemoteProps {
    url: String,
    busy: bool,
    on: Callback<Action>,
}

/// What is known of an archive elsewhere.
#[derive(Clone, PartialEq)]
enum RemoteArchive {
    Not,
    Asking,
    /// Its size, and the host that sends it.
    Size(Option<f64>, String),
    Refused(ErrorReport),
}

/// An archive elsewhere: nothing is fetched before a click, nothing large before
/// a click that shows host and size.
#[component]
fn Remote(props: &RemoteProps) -> Html {
    let asked = use_state(|| RemoteArchive::Not);
    {
        let asked = asked.clone();
        use_effect_with(props.url.clone(), move |_| asked.set(RemoteArchive::Not));
    }
    let host = browser::host(&props.url).unwrap_or_else(|| props.url.clone());
    let ask = {
        let (asked, url) = (asked.clone(), props.url.clone());
        move |_| {
            asked.set(RemoteArchive::Asking);
            let (asked, url) = (asked.clone(), url.clone());
            spawn(async move {
                asked.set(match browser::remote_size(&url).await {
                    Ok((size, from)) => RemoteArchive::Size(size, from),
                    Err(error) => RemoteArchive::Refused(error),
                });
            });
        }
    };
    let load = {
        let (on, url) = (props.on.clone(), props.url.clone());
        move |_| on.emit(Action::Load(Source::Url(url.clone())))
    };
    html! {
        <div class="card">
            <p>
                { "This link’s data are at " }<strong>{ &host }</strong>{ "." }
                if *asked == RemoteArchive::Not { { " Nothing was asked for yet." } }
            </p>
            { match &*asked {
                RemoteArchive::Not | RemoteArchive::Asking => button_if(!(props.busy || *asked == RemoteArchive::Asking), format!("Ask {host} for the size"), ask),
                RemoteArchive::Size(size, from) => html! { <>
                    if *from != host { <p>{ format!("{host} sends it on to {from}.") }</p> }
                    <button type="button" class="primary" disabled={props.busy} onclick={load}>
                        { match size {
                            Some(size) => format!("Download {} from {from}", bytes(*size)),
                            None => format!("Download from {from} (size unknown)"),
                        } }
                    </button>
                </> },
                RemoteArchive::Refused(error) => html! {
                    <div class="message message-bad" role="alert">
                        <p><strong>{ sentence(&error.what) }</strong>{ " " }{ sentence(&error.why) }</p>
                        <p>{ "What to do: " }{ sentence(&error.remedy) }</p>
                        <p><a href={props.url.clone()} rel="noreferrer">{ &props.url }</a></p>
                    </div>
                },
            } }
        </div>
    }
}
