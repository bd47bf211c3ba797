//! Ways to a data set: the sample, the archive that the site serves, files of
//! the person, the real Imagenette, an address from a link.

use super::super::browser;
use crate::app::{Action, DataState, SampleDrawing, Served, Source, Whole, WholeNews};
use crate::experiment::DataSource;
use crate::format::bytes;
use crate::report::ErrorReport;
use crate::text::{self, sentence};
use crate::ui::browser::spawn;
use crate::ui::parts::{button, button_if, plain, primary_if, wishes};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The official archive, and its size in bytes.
const IMAGENETTE: (&str, f64) =
    ("https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz", 98_752_094.0);

/// What [`import`] shows.
pub struct ImportProps {
    /// What is loaded and what can be had.
    pub data: DataState,
    /// What the experiment names.
    pub wanted: DataSource,
    /// A run uses the data.
    pub training: bool,
    /// The link keeps them from being changed.
    pub locked: bool,
    /// Hears the person's wishes.
    pub on: Callback<Action>,
    /// Takes what a picker holds.
    pub on_files: Callback<web_sys::FileList>,
}

impl ImportProps {
    fn load(&self, source: Source) -> Callback<MouseEvent> {
        self.on.reform(move |_: MouseEvent| Action::Load(source.clone()))
    }

    fn loaded(&self) -> Option<&Source> {
        self.data.loaded.as_ref().map(|loaded| &loaded.source)
    }

    fn busy(&self) -> bool {
        self.training || self.locked || self.data.loading.is_some()
    }
}

/// The data sets at hand that are not in place, as buttons, and where the real one is.
pub fn offers(props: &ImportProps) -> Html {
    let ImportProps { data, wanted, on, .. } = props;
    let (loaded, busy) = (props.loaded(), props.busy());
    let load = |source: Source| props.load(source);
    let real_is_here =
        matches!(loaded, Some(Source::Given { .. } | Source::Served(_) | Source::Cached(_)));
    html! {
        <div class="import">
            if let Some(offer) = &data.served {
                { served(props, offer) }
            }
            if let Some(cached) = &data.cached {
                if loaded.is_none_or(|source| source.data().text() != cached.data) {
                    <p>{ primary_if(!busy, text::data_cached_load(&cached.name), load(Source::Cached(cached.clone()))) }</p>
                }
            }
            if let Some(given) = data.given.as_ref().filter(|given| loaded != Some(*given)) {
                <p>
                    { button_if(!busy, text::data_given_load(given.name()), load(given.clone())) }
                </p>
            }
            if let DataSource::Url(url) = wanted {
                if loaded.is_none_or(|source| source.data() != *wanted) && data.part(wanted).is_none() {
                    <Remote url={url.clone()} {busy} on={on.clone()} />
                }
            }
            if !real_is_here {
                <details class="card" open={*wanted == DataSource::Imagenette}>
                    <summary>{ text::data_imagenette_get() }</summary>
                    { plain(text::data_imagenette()) }
                    { plain(text::data_imagenette_licence()) }
                    <p>
                        <a href={IMAGENETTE.0} rel="noreferrer">
                            { text::data_imagenette_download(&bytes(IMAGENETTE.1)) }
                        </a>
                        { ". " }{ text::data_imagenette_drop() }
                    </p>
                </details>
            }
        </div>
    }
}

/// What the site serves: a first part, to begin with, and the whole archive.
fn served(props: &ImportProps, served: &Served) -> Html {
    let (loaded, able) = (props.loaded(), !props.busy());
    let size = bytes(served.bytes as f64);
    let train = |source: Source| {
        let on = props.on.clone();
        Callback::from(move |_: MouseEvent| {
            on.emit(Action::Load(source.clone()));
            on.emit(Action::Play);
        })
    };
    let whole = Source::Served(served.clone());
    let in_place =
        loaded.is_some_and(|it| *it == whole || props.data.whole == Some(Whole::Here(it.clone())));
    if in_place {
        return Html::default();
    }
    let part = served.part.as_ref().map(|part| (part, Source::Url(part.url.clone())));
    let on_part = part.as_ref().is_some_and(|(_, part)| loaded == Some(part));
    let part = part.filter(|_| !on_part).map(|(part, source)| {
        let label = text::data_part_train(part.images.unwrap_or(0), &bytes(part.bytes as f64));
        html! { <p>{ primary_if(able, label, train(source)) }</p> }
    });
    let rest = match &props.data.whole {
        Some(Whole::Here(source)) => html! { <p>
            { text::data_whole_here() }{ " " }
            { primary_if(able, text::data_whole_train(), train(source.clone())) }
        </p> },
        Some(Whole::Arriving(arrived)) => html! { <p class="numbers">
            { text::data_whole_arriving(&bytes(*arrived), &size) }{ " " }
            { button(text::button_cancel(), wishes(&props.on, || Action::Whole(WholeNews::Unwanted))) }
        </p> },
        None if on_part && props.training && !props.locked => html! { <p>
            { button(text::data_whole_fetch(&size), wishes(&props.on, || Action::Whole(WholeNews::Wanted))) }
        </p> },
        None => {
            let label = text::data_served_load(&served.name, &size);
            let load = props.load(whole);
            html! { <p>
                { if part.is_some() { button_if(able, label, load) } else { primary_if(able, label, load) } }
            </p> }
        }
    };
    html! { <>{ part }{ rest }</> }
}

/// The ways to any other data set.
pub fn pickers(props: &ImportProps) -> Html {
    let ImportProps { data, wanted, on, on_files, .. } = props;
    let (loaded, busy) = (props.loaded(), props.busy());
    // By itself, once the engine is up.
    let sample_comes = loaded.is_none()
        && data.sample == SampleDrawing::Automatic
        && *wanted == DataSource::Sample;
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
            if let Some(cached) = &data.cached {
                <p>
                    { text::data_cached(&bytes(cached.bytes)) }{ " " }
                    { button(text::data_cached_delete(), wishes(on, || Action::DeleteCachedData)) }
                </p>
            }
            if loaded != Some(&Source::Sample) && !sample_comes {
                <p>
                    { button_if(!busy, text::data_sample_use(), props.load(Source::Sample)) }
                </p>
            }
            <div class="field">
                <label for="archive">{ text::data_open_archive() }</label>
                <input
                    type="file" id="archive" accept=".tgz,.tar,.gz,.zip"
                    disabled={busy} onchange={onchange.clone()}
                />
            </div>
            <div class="field">
                <label for="folder">{ text::data_open_folder() }</label>
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
                { text::data_remote(&host) }
                if *asked == RemoteArchive::Not { { " " }{ text::data_remote_unasked() } }
            </p>
            { match &*asked {
                RemoteArchive::Not | RemoteArchive::Asking => button_if(!(props.busy || *asked == RemoteArchive::Asking), text::data_remote_ask(&host), ask),
                RemoteArchive::Size(size, from) => html! { <>
                    if *from != host { <p>{ text::data_remote_redirect(&host, from) }</p> }
                    <button type="button" class="primary" disabled={props.busy} onclick={load}>
                        { match size {
                            Some(size) => text::data_remote_download(&bytes(*size), from),
                            None => text::data_remote_download_unknown(from),
                        } }
                    </button>
                </> },
                RemoteArchive::Refused(error) => html! {
                    <div class="message message-bad" role="alert">
                        <p><strong>{ sentence(&error.what) }</strong>{ " " }{ sentence(&error.why) }</p>
                        <p>{ text::error_remedy(&sentence(&error.remedy)) }</p>
                        <p><a href={props.url.clone()} rel="noreferrer">{ &props.url }</a></p>
                    </div>
                },
            } }
        </div>
    }
}
