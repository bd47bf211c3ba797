//! The page as a whole: owns the state, passes it to the panels, listens to the worker
//! and the browser.

mod effects;
mod export;
mod files;
mod listeners;
mod persistence;
mod whole;

use super::ask::Asker;
use super::browser::{self, Listener};
use super::classroom::{Classroom, ClassroomNews};
use super::data::{self, DataProps};
use super::drop::{self, Given};
use super::embed;
use super::engine::{EngineClient, FromEngine};
use super::header::{embedded, header};
use super::inspect::LookInside;
use super::messages::{self, MessagesProps};
use super::model::{self, ModelProps};
use super::models::Handed;
use super::models::files::ModelFiles;
use super::queue::QueuePanel;
use super::results::{LiveResults, Results};
use super::store::{News, Store};
use super::techniques::{self, TechniquesProps};
use super::training::{self, TrainingProps};
use crate::app::{Action, AppState, Attachments};
use crate::lessons::asked;
use crate::protocol::{Command, Event};
use crate::report::ErrorReport;
use crate::runs::id_from_bytes;
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::shared::{Shared, SharedState};
use crate::view::{Panel, View};
use effects::act;
use js_sys::Array;
use std::rc::Rc;
use yew::prelude::*;

/// What reaches the page.
pub enum Message {
    /// Something happened.
    Do(Action),
    /// The worker sent something.
    Engine(FromEngine),
    /// A panel has a question for the worker.
    Post(Command, Array),
    /// The person gave files.
    FilesGiven(Given),
    /// The person gave files of runs, or what should be such.
    RunsGiven(Given),
    /// The browser's store is open, or will not open.
    StoreOpened(Result<Store, ErrorReport>),
    /// Something happened to the store outside of this tab.
    StoreNews(News),
    /// The classroom is wanted, or reports.
    Classroom(ClassroomNews),
}

/// The page: the state, and the browser's own objects, which the state cannot hold.
pub struct App {
    state: SharedState,
    engine: Option<EngineClient>,
    asker: Asker,
    model_files: ModelFiles,
    store: Option<Store>,
    on: Callback<Action>,
    on_files: Callback<web_sys::FileList>,
    on_runs: Callback<web_sys::FileList>,
    classroom: Classroom,
    /// The served archive on its way, beside what the worker does.
    whole: Option<whole::Fetch>,
    /// Asks before the page is left, while a run is under way.
    guard: Option<Listener>,
    /// Tells the page around this one how high it is.
    height: Option<embed::HeightReport>,
    _listeners: Vec<Listener>,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        let picked = |message: fn(Given) -> Message| {
            link.batch_callback(move |list: web_sys::FileList| drop::picked(&list).map(message))
        };
        let asker = Asker::new(link.callback(|(command, beside)| Message::Post(command, beside)));
        let mut app = Self {
            state: Shared(Rc::new(AppState::new(
                id_from_bytes(browser::visit_bytes()),
                browser::device_seed(),
            ))),
            engine: None,
            asker: asker.clone(),
            model_files: ModelFiles::default(),
            store: None,
            on: link.callback(Message::Do),
            on_files: picked(Message::FilesGiven),
            on_runs: picked(Message::RunsGiven),
            classroom: Classroom::new(link.callback(Message::Classroom), asker),
            whole: None,
            guard: None,
            height: None,
            _listeners: listeners::listeners(link),
        };
        // Read first: a sweep in the link begins a queue, which is saved in its place.
        let saved = browser::kept_queue();
        // Before the first paint, so that no control shows another value first.
        app.apply(ctx, Action::LinkOpened(asked(&browser::fragment()).1));
        if let Some(saved) = saved {
            app.apply(ctx, Action::QueueRestored(saved));
        }
        app
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        browser::show_title(self.state.headline().as_deref());
        self.guard_leaving();
        self.classroom.update(&self.state);
        if !first_render {
            return;
        }
        if self.state.view.embed {
            self.height = embed::HeightReport::start();
        }
        self.classroom.open_asked();
        // The controls are painted before the worker's program is asked for.
        let link = ctx.link().clone();
        browser::after(0.0, move || {
            act(&link, Action::RestartEngine);
        });
        // A link to several runs points to their panel.
        if self.state.queue.is_some() && browser::fragment().contains("sweep=") {
            browser::show("queue-title");
        }
        Self::open_store(ctx);
        let link = ctx.link().clone();
        spawn(async move {
            if let Some(served) = browser::served_archive().await {
                act(&link, Action::ServedFound(served));
            }
        });
    }

    fn update(&mut self, ctx: &Context<Self>, message: Message) -> bool {
        match message {
            // Browsers report several times a second that files are still there.
            Message::Do(Action::FilesHovering(hovering))
                if hovering == self.state.drop.hovering =>
            {
                return false;
            }
            Message::Do(action) => self.apply(ctx, action),
            Message::Engine(FromEngine::Broken(error)) => {
                self.apply(ctx, Action::EngineFailed(error));
            }
            Message::Engine(FromEngine::Event(event, attachments)) => {
                self.handle_event(ctx, event, attachments);
            }
            Message::Post(command, attachments) => {
                self.post(ctx, command, attachments);
                return false;
            }
            Message::FilesGiven(given) => self.take_files(ctx, given),
            Message::RunsGiven(given) => self.open_runs(ctx, given),
            Message::StoreOpened(store) => self.store_opened(ctx, store),
            Message::StoreNews(news) => self.apply(ctx, persistence::action_of(news)),
            Message::Classroom(news) => {
                let view = self.state.view.suffix();
                if matches!(news, ClassroomNews::LessonAsked) {
                    effects::show_link(&(self.state.link() + &view));
                }
                for action in self.classroom.hear(news, &view) {
                    self.apply(ctx, action);
                }
            }
        }
        true
    }

    fn view(&self, _ctx: &Context<Self>) -> Html {
        let state = &self.state;
        let on = &self.on;
        let dataset = state.dataset();
        let square = dataset.is_some_and(|dataset| dataset.square);
        let classes = dataset.map_or(10, |dataset| dataset.classes.len());
        let shows = |panel| state.view.shows(panel);
        html! {
            <ContextProvider<Rc<View>> context={Rc::new(state.view.clone())}>
            <ContextProvider<Asker> context={self.asker.clone()}>
            <ContextProvider<ModelFiles> context={self.model_files.clone()}>
            <div class={classes!("page", state.drop.hovering.then_some("is-hovered"), state.view.show.then_some("is-show"))}>
                if state.view.embed {
                    { embedded(state.link().into()) }
                } else {
                    { header(state.link().into(), on.clone()) }
                }
                { messages::messages(&MessagesProps { state: state.clone(), on: on.clone() }) }
                <main class="flow">
                    { training::training(&TrainingProps { state: state.clone(), on: on.clone() }) }
                    if shows(Panel::Results) {
                        <LiveResults
                            shelf={Shared(state.shelf.clone())}
                            live={state.run.as_ref().map(|run| Shared(run.live.clone()))}
                            id={state.run.as_ref().map(|run| AttrValue::from(run.key.clone()))}
                            training={state.active_run().is_some()}
                            baseline={state.baseline()}
                            store={self.store.clone()}
                        />
                    }
                    if shows(Panel::Techniques) {
                        { techniques::techniques(&TechniquesProps { experiment: state.experiment.clone(), on: on.clone() }) }
                    }
                    if shows(Panel::Data) {
                        { data::data(&DataProps {
                            data: state.data.clone(),
                            experiment: state.experiment.clone(),
                            training: state.active_run().is_some(),
                            locked: !state.view.may_change("data"),
                            walking: state.drop.found,
                            on: on.clone(),
                            on_files: self.on_files.clone(),
                        }) }
                    }
                    if shows(Panel::Model) {
                        { model::model(&ModelProps { experiment: state.experiment.clone(), classes, square, on: on.clone() }) }
                    }
                    if shows(Panel::Lessons) {
                        { self.classroom.lessons() }
                    }
                    if shows(Panel::Queue) {
                        <QueuePanel state={state.clone()} on={on.clone()} on_runs={self.on_runs.clone()} />
                    }
                    if shows(Panel::Runs) {
                        <Results
                            shelf={Shared(state.shelf.clone())}
                            training={state.active_run().is_some()}
                            deleted={state.storage.deleted.as_ref().map(|it| Shared(it.entries.clone()))}
                            told={state.storage.import_summary.clone().map(AttrValue::from)}
                            pick={state.pick.clone()}
                            dataset={state.data.loaded.as_ref().map(|it| Shared(it.summary.clone()))}
                            store={self.store.clone()}
                            space={state.storage.space}
                            on={on.clone()}
                        />
                    }
                    if shows(Panel::Recorded) {
                        { self.classroom.recorded() }
                    }
                    if shows(Panel::Class) {
                        { self.classroom.class() }
                    }
                    if shows(Panel::Inside) {
                        <LookInside
                            state={state.clone()}
                            picture={state.picture.as_ref().and_then(Handed::of)}
                            model={state.model_file.as_ref().and_then(Handed::of)}
                            store={self.store.clone()}
                            stored={state.storage.stored_runs()}
                            on={on.clone()}
                        />
                    }
                </main>
                if !state.view.embed {
                    <footer><a href="licenses.html">{ text::page_licences() }</a></footer>
                }
                <p class="visually-hidden" role="status" aria-live="polite">
                    // The key makes a repeated sentence a new one.
                    <span key={state.announcement.count}>{ &state.announcement.text }</span>
                </p>
                <p class="drop-hint" aria-hidden="true">{ text::page_drop() }</p>
            </div>
            </ContextProvider<ModelFiles>>
            </ContextProvider<Asker>>
            </ContextProvider<Rc<View>>>
        }
    }
}

impl App {
    fn apply(&mut self, ctx: &Context<Self>, action: Action) {
        let effects = Rc::make_mut(&mut self.state.0).apply(action);
        for effect in effects {
            self.carry_out(ctx, effect);
        }
    }

    fn handle_event(&mut self, ctx: &Context<Self>, event: Event, attachments: Array) {
        if let Event::Ready { build, .. } = &event
            && let Some(engine) = &mut self.engine
            && let Err(error) = engine.flush(build)
        {
            act(ctx.link(), Action::EngineFailed(error));
        }
        self.asker.dispatch(&event, &attachments);
        let (event, at) = (Box::new(event), browser::now());
        let attachments = Attachments::new(attachments);
        self.apply(ctx, Action::EngineReported { event, at, attachments });
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
}
