//! The page as a whole: owns the state, hands it to the panels, hears the worker
//! and the browser.

mod carry;
mod durable;
mod effects;
mod keep;
mod models;
mod open;

use super::ask::Asker;
use super::browser::{self, Listener};
use super::data::{self, DataProps};
use super::drop::{self, Given};
use super::engine::{EngineClient, FromEngine};
use super::header::header;
use super::inspect::LookInside;
use super::messages::{self, MessagesProps};
use super::model::{self, ModelProps};
use super::models::Handed;
use super::models::files::ModelFiles;
use super::queue::QueuePanel;
use super::results::{Pick, Results, Wish};
use super::store::{Deleted, Imported, KeptAs, News, Space, Store};
use super::techniques::{self, TechniquesProps};
use super::training::{self, TrainingProps};
use crate::app::{Action, AppState, Source};
use crate::protocol::{Command, Event};
use crate::report::ErrorReport;
use crate::runs::opened::Opened;
use crate::runs::shelf::Choices;
use crate::runs::{RunEntry, id_from_bytes};
use crate::ui::browser::spawn;
use crate::ui::shared::{Shared, SharedState};
use js_sys::{Array, ArrayBuffer};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent};
use yew::prelude::*;

/// What reaches the page.
pub enum Message {
    /// Something happened.
    Do(Action),
    /// The worker spoke.
    Engine(FromEngine),
    /// A panel has a word for the worker.
    Post(Command, Array),
    /// The person gave files.
    Files(Given),
    /// The person gave files of runs, or what should be such.
    Runs(Given),
    /// Files of runs were read.
    RunsOpened(Opened),
    /// A dropped folder is being read; so many files were found.
    Walking(Option<usize>),
    /// Files are held over the page, or no longer.
    Hovering(bool),
    /// The person wants something of the list of runs.
    Wish(Wish),
    /// The browser's store is open, or will not open.
    StoreOpened(Result<Store, ErrorReport>),
    /// Another tab changed the store.
    StoreNews(News),
    /// The store holds these runs.
    StoreRead(Vec<Rc<RunEntry>>),
    /// The store has kept this run, as far as the space allowed.
    Stored(Rc<RunEntry>, KeptAs),
    /// The store has deleted runs.
    StoreDeleted(Deleted),
    /// The store has taken runs back.
    StoreRestored(Deleted),
    /// A file of runs was read.
    Imported(Imported),
    /// What the site uses of the browser's space.
    Measured(Option<Space>),
    /// The files that a run begins with were read.
    Begin(models::Beginning),
}

/// The page.
pub struct App {
    state: SharedState,
    engine: Option<EngineClient>,
    /// Files that the person gave, by the number in [`Source::Given`].
    files: HashMap<u32, Array>,
    asker: Asker,
    model_files: ModelFiles,
    /// The picture and the model's file that were dropped or pasted last.
    picture: Option<Handed>,
    model: Option<Handed>,
    walking: Option<usize>,
    hovering: bool,
    store: Option<Store>,
    /// Ids of the runs that the store is known to hold.
    stored: HashSet<String>,
    deleted: Option<Deleted>,
    /// What an import brought, in words.
    told: Option<AttrValue>,
    /// The two runs that are compared, as far as the person picked them.
    pick: Pick,
    /// What was chosen when it was last written; `None` until it was read.
    choices: Option<Choices>,
    space: Option<Space>,
    /// The last checkpoint of this visit: resuming works without a store, too.
    checkpoint: Option<(String, ArrayBuffer)>,
    on: Callback<Action>,
    on_files: Callback<web_sys::FileList>,
    on_runs: Callback<web_sys::FileList>,
    on_wish: Callback<Wish>,
    /// Asks before the page is left, while a run is under way.
    guard: Option<Listener>,
    _listeners: Vec<Listener>,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let on_files =
            link.batch_callback(|list: web_sys::FileList| drop::picked(&list).map(Message::Files));
        let mut app = Self {
            state: Shared(Rc::new(AppState::new(id_from_bytes(browser::visit_bytes())))),
            engine: None,
            files: HashMap::new(),
            asker: Asker::new(link.callback(|(command, beside)| Message::Post(command, beside))),
            model_files: ModelFiles::default(),
            picture: None,
            model: None,
            walking: None,
            hovering: false,
            store: None,
            stored: HashSet::new(),
            deleted: None,
            told: None,
            pick: Pick::default(),
            choices: None,
            space: None,
            checkpoint: None,
            on: link.callback(Message::Do),
            on_files,
            on_runs: link
                .batch_callback(|list: web_sys::FileList| drop::picked(&list).map(Message::Runs)),
            on_wish: link.callback(Message::Wish),
            guard: None,
            _listeners: listeners(link),
        };
        // Read first: a sweep in the link begins a queue, which is kept in its place.
        let kept = browser::kept_queue();
        // Before the first paint, so that no control shows another value first.
        app.apply(ctx, Action::LinkOpened(browser::fragment()), &Array::new());
        if let Some(kept) = kept {
            app.apply(ctx, Action::QueueRestored(kept), &Array::new());
        }
        app
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        browser::show_title(self.state.headline().as_deref());
        self.guard_leaving();
        if !first_render {
            return;
        }
        // The controls are painted before the worker's program is asked for.
        let link = ctx.link().clone();
        browser::after(0.0, move || {
            link.send_message(Message::Do(Action::RestartEngine));
        });
        self.open_store(ctx);
        let link = ctx.link().clone();
        spawn(async move {
            if let Some(served) = browser::served_archive().await {
                link.send_message(Message::Do(Action::ServedFound(served)));
            }
        });
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Do(action) => self.apply(ctx, action, &Array::new()),
            Message::Engine(FromEngine::Broken(error)) => {
                self.apply(ctx, Action::EngineFailed(error), &Array::new());
            }
            Message::Engine(FromEngine::Event(event, attachments)) => {
                self.hear(ctx, event, &attachments);
            }
            Message::Post(command, attachments) => {
                self.post(ctx, command, attachments);
                return false;
            }
            Message::Files(given) if open::holds_runs(&given) => self.open_runs(ctx, given),
            Message::Files(given) => self.take_files(ctx, given),
            Message::Runs(given) => self.open_runs(ctx, given),
            Message::RunsOpened(opened) => self.runs_opened(ctx, opened),
            Message::Walking(files) => self.walking = files,
            Message::Hovering(hovering) => {
                if self.hovering == hovering {
                    return false;
                }
                self.hovering = hovering;
            }
            Message::Wish(wish) => self.grant(ctx, wish),
            Message::StoreOpened(store) => self.store_opened(ctx, store),
            Message::StoreNews(news) => self.store_news(ctx, news),
            Message::StoreRead(runs) => self.store_read(ctx, runs),
            Message::Stored(entry, kept) => self.run_stored(ctx, entry, kept),
            Message::StoreDeleted(deleted) => self.runs_deleted(ctx, deleted),
            Message::StoreRestored(deleted) => {
                self.stored.extend(deleted.entries.iter().map(|entry| entry.id.clone()));
                self.measure(ctx);
                return false;
            }
            Message::Imported(imported) => self.runs_imported(ctx, imported),
            Message::Measured(space) => self.space = space,
            Message::Begin(beginning) => self.begin(ctx, beginning),
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let state = &self.state;
        let on = &self.on;
        let dataset = state.dataset();
        let square = dataset.is_some_and(|dataset| dataset.square);
        let classes = dataset.map_or(10, |dataset| dataset.classes.len());
        html! {
            <ContextProvider<Asker> context={self.asker.clone()}>
            <ContextProvider<ModelFiles> context={self.model_files.clone()}>
            <div class={classes!("page", self.hovering.then_some("is-hovered"))}>
                { header(state.link().into()) }
                { messages::messages(&MessagesProps { state: state.clone(), on: on.clone() }) }
                <main class="flow">
                    { data::data(&DataProps {
                        data: state.data.clone(),
                        experiment: state.experiment.clone(),
                        busy: state.active_run().is_some(),
                        walking: self.walking,
                        on: on.clone(),
                        on_files: self.on_files.clone(),
                    }) }
                    { techniques::techniques(&TechniquesProps { experiment: state.experiment.clone(), on: on.clone() }) }
                    { model::model(&ModelProps { experiment: state.experiment.clone(), classes, square, on: on.clone() }) }
                    { training::training(&TrainingProps { state: state.clone(), on: on.clone() }) }
                    <QueuePanel state={state.clone()} on={on.clone()} on_runs={self.on_runs.clone()} />
                    <Results
                        shelf={Shared(state.shelf.clone())}
                        live={state.run.as_ref().map(|run| Shared(run.live.clone()))}
                        training={state.active_run().is_some()}
                        deleted={self.deleted.as_ref().map(|it| Shared(it.entries.clone()))}
                        told={self.told.clone()}
                        pick={self.pick.clone()}
                        dataset={state.data.loaded.as_ref().map(|it| Shared(it.summary.clone()))}
                        store={self.store.clone()}
                        space={self.space}
                        on={self.on_wish.clone()}
                    />
                    <LookInside
                        state={state.clone()}
                        picture={self.picture.clone()}
                        model={self.model.clone()}
                        store={self.store.clone()}
                        stored={self.stored.len()}
                        on={on.clone()}
                    />
                </main>
                <footer><a href="licenses.html">{ "Licences" }</a></footer>
                <p class="visually-hidden" role="status" aria-live="polite">
                    // The key makes a sentence that is said twice a new one.
                    <span key={state.announcement.count}>{ &state.announcement.text }</span>
                </p>
                <p class="drop-hint" aria-hidden="true">{ "Drop an archive, a folder, a picture, a saved model or files of runs" }</p>
            </div>
            </ContextProvider<ModelFiles>>
            </ContextProvider<Asker>>
        }
    }
}

impl App {
    fn apply(&mut self, ctx: &Context<Self>, action: Action, attachments: &Array) {
        let effects = Rc::make_mut(&mut self.state.0).apply(action);
        for effect in effects {
            self.carry_out(ctx, effect, attachments);
        }
        self.remember_choices();
    }

    fn hear(&mut self, ctx: &Context<Self>, event: Event, attachments: &Array) {
        match &event {
            Event::Ready { build, .. } => {
                if let Some(engine) = &mut self.engine
                    && let Err(error) = engine.ready(build)
                {
                    ctx.link().send_message(Message::Do(Action::EngineFailed(error)));
                }
            }
            Event::RunEnded { .. } => self.measure(ctx),
            _ => {}
        }
        self.asker.hear(&event, attachments);
        let (event, at) = (Box::new(event), browser::now());
        self.apply(ctx, Action::Reported { event, at }, attachments);
    }

    /// The browser asks whether to leave the page, as long as that cuts a run short.
    fn guard_leaving(&mut self) {
        let trains = self.state.active_run().is_some() || self.state.goes_on();
        if trains != self.guard.is_some() {
            self.guard = browser::window().filter(|_| trains).map(|window| {
                Listener::new(&window, "beforeunload", |event| event.prevent_default())
            });
        }
    }

    fn take_files(&mut self, ctx: &Context<Self>, given: Given) {
        self.walking = None;
        if self.hand_over(&given) {
            return;
        }
        let number = self.files.keys().max().map_or(0, |last| last + 1);
        // Older files stay as long as the page may read them again.
        let used = |number: &u32| {
            let data = &self.state.data;
            let sources = [
                data.loaded.as_ref().map(|loaded| &loaded.source),
                data.loading.as_ref().map(|loading| &loading.source),
            ];
            sources
                .into_iter()
                .flatten()
                .any(|source| matches!(source, Source::Given { files, .. } if files == number))
        };
        self.files.retain(|number, _| used(number));
        self.files.insert(number, given.files);
        let source = Source::Given { source: given.source, files: number };
        self.apply(ctx, Action::Load(source), &Array::new());
    }
}

/// What the page hears of the browser: another link, files dropped anywhere.
fn listeners(link: &html::Scope<App>) -> Vec<Listener> {
    let Some(window) = browser::window() else { return Vec::new() };
    let heard = |kind, handler: fn(&html::Scope<App>, &web_sys::Event)| {
        let link = link.clone();
        Listener::new(&window, kind, move |event| handler(&link, &event))
    };
    vec![
        heard("hashchange", |link, _| {
            link.send_message(Message::Do(Action::LinkChanged(browser::fragment())));
        }),
        heard("dragover", |link, event| {
            // Without this the browser would open the file instead of the page.
            event.prevent_default();
            link.send_message(Message::Hovering(true));
        }),
        heard("dragleave", |link, event| {
            // Leaving an element inside of the page is not leaving the page.
            let event: &DragEvent = event.unchecked_ref();
            if event.related_target().is_none() {
                link.send_message(Message::Hovering(false));
            }
        }),
        heard("paste", |link, event| {
            let event: &ClipboardEvent = event.unchecked_ref();
            let files = event.clipboard_data().and_then(|data| data.files());
            if let Some(given) = files.and_then(|files| drop::picked(&files))
                && drop::picture(&given).is_some()
            {
                event.prevent_default();
                link.send_message(Message::Files(given));
            }
        }),
        heard("drop", |link, event| {
            event.prevent_default();
            link.send_message(Message::Hovering(false));
            let event: &DragEvent = event.unchecked_ref();
            if let Some(transfer) = event.data_transfer() {
                read_drop(link.clone(), &transfer);
            }
        }),
    ]
}

fn read_drop(link: html::Scope<App>, transfer: &DataTransfer) {
    let entries = drop::dropped(transfer);
    if entries.is_empty() {
        // A browser that does not show folders still shows files.
        if let Some(given) = transfer.files().and_then(|files| drop::picked(&files)) {
            link.send_message(Message::Files(given));
        }
        return;
    }
    spawn(async move {
        let found = {
            let link = link.clone();
            move |files| link.send_message(Message::Walking(Some(files)))
        };
        let given = drop::walk(entries, found).await;
        link.send_message(Message::Walking(None));
        match given {
            Ok(Some(given)) => link.send_message(Message::Files(given)),
            Ok(None) => {}
            Err(why) => link.send_message(Message::Do(Action::PageFailed(ErrorReport::new(
                "The dropped files could not be read",
                why,
                "use the file picker in “Data” instead",
            )))),
        }
    });
}
