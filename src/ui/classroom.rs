//! The place of the classroom in the page: two panels that it fills, the loading of its program,
//! and the page's end of the bridge to it.

use super::ask::{Asker, PendingQuestion, Reply};
use super::browser::{self, Listener};
use super::parts::{button, refusal};
use crate::app::{Action, AppState, QueueAction};
use crate::bridge::{self, PageRequest, PageSnapshot, TimingNews};
use crate::experiment::link;
use crate::lessons::asked;
use crate::protocol::ask::models::{ModelAnswer, ModelQuestion};
use crate::protocol::ask::{Answer, Question};
use crate::text;
use crate::widgets::signal;
use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlScriptElement};
use yew::prelude::*;

/// What happens to the classroom.
pub enum ClassroomNews {
    /// One of its panels was opened, or closed.
    Toggled(bool),
    /// Load it, or try that again.
    Wanted,
    /// The address names a lesson.
    LessonAsked,
    /// It did not arrive or did not start, and why.
    Failed(String),
    /// It sent something.
    Sent(String),
}

/// How far the classroom is.
enum ClassroomState {
    /// No panel was opened yet.
    Closed,
    /// Its program is on its way.
    Loading,
    /// It listens; what it was sent last.
    Listening(Option<Box<PageSnapshot>>),
    /// It is not there, and why.
    Failed(String),
}

/// The classroom, as the page knows it.
pub struct Classroom {
    state: ClassroomState,
    on: Callback<ClassroomNews>,
    asker: Asker,
    /// The training steps whose time is taken.
    timing: Option<PendingQuestion>,
    /// How often it was loaded: each attempt has an address of its own, because browsers
    /// remember modules that failed.
    attempts: u32,
    listeners: Vec<Listener>,
}

impl Classroom {
    /// A classroom that is not loaded; `on` takes the news of it.
    pub fn new(on: Callback<ClassroomNews>, asker: Asker) -> Self {
        let state = ClassroomState::Closed;
        Self { state, on, asker, timing: None, attempts: 0, listeners: Vec::new() }
    }

    /// Takes news; returns what the page has to do. Links that are opened get `view` behind them, so
    /// that what a teacher's link hides stays hidden.
    pub fn hear(&mut self, news: ClassroomNews, view: &str) -> Vec<Action> {
        match news {
            ClassroomNews::Toggled(open) => {
                if open && matches!(self.state, ClassroomState::Closed) {
                    self.load();
                }
            }
            ClassroomNews::Wanted => self.load(),
            ClassroomNews::LessonAsked => self.open_asked(),
            ClassroomNews::Failed(why) => {
                self.state = ClassroomState::Failed(why);
                // Nobody can ask for the prediction.
                return vec![Action::Predicted];
            }
            ClassroomNews::Sent(text) => match bridge::open(&text) {
                Ok(PageRequest::Listen) => self.state = ClassroomState::Listening(None),
                Ok(PageRequest::Open(link)) => return vec![Action::LinkOpened(link + view)],
                Ok(PageRequest::Start(link)) => {
                    let start = match link.contains("&sweep=") {
                        true => Action::Queue(QueueAction::Start),
                        false => Action::Play,
                    };
                    // A lesson has asked for a prediction of its own.
                    return vec![Action::LinkOpened(link + view), Action::Predicted, start];
                }
                Ok(PageRequest::Show(element)) => reveal(&element),
                Ok(PageRequest::Time(link)) => self.timing = Some(self.time(&link)),
                Ok(PageRequest::StopTiming) => self.timing = None,
                Ok(PageRequest::Predicted) => return vec![Action::Predicted],
                Err(error) => self.state = ClassroomState::Failed(error.to_string()),
            },
        }
        Vec::new()
    }

    /// Takes training steps of a link's experiment: the search for a learning rate does so, and
    /// leaves no trace.
    fn time(&self, link: &str) -> PendingQuestion {
        let experiment = Box::new(link::parse(link).experiment);
        let reply = |reply: Reply| {
            let news = match reply {
                Reply::Progress(progress) => TimingNews::Steps(progress.done),
                Reply::Answer(answer) => match &answer.answer {
                    Answer::Model(ModelAnswer::Rates(found)) => {
                        TimingNews::Over(found.tried.len() as u32)
                    }
                    _ => return,
                },
                Reply::Failed(error) => TimingNews::Failed(error.to_string()),
            };
            signal::send(bridge::TIMING, &bridge::seal(&news));
        };
        let question = Question::Model(ModelQuestion::FindRate { experiment });
        self.asker.ask(question, Array::new(), reply.into())
    }

    /// Opens the panel of the lessons if the address names one.
    pub fn open_asked(&self) {
        if asked(&browser::fragment()).0.is_some()
            && let Some(panel) =
                browser::element(bridge::LESSONS).and_then(|it| it.parent_element())
        {
            panel.set_attribute("open", "").ok();
        }
    }

    /// Sends the classroom what changed, if it listens, and loads it for a prediction.
    pub fn update(&mut self, state: &AppState) {
        if state.view.predict && matches!(self.state, ClassroomState::Closed) {
            self.load();
        }
        if let ClassroomState::Listening(sent) = &mut self.state {
            let snapshot = state.snapshot();
            if sent.as_deref() != Some(&snapshot) {
                signal::send(bridge::FROM_PAGE, &bridge::seal(&snapshot));
                *sent = Some(Box::new(snapshot));
            }
        }
    }

    /// The panel of the lessons.
    pub fn lessons(&self) -> Html {
        self.panel(bridge::LESSONS, text::classroom_lessons(), text::classroom_lessons_summary())
    }

    /// The panel of what a class needs.
    pub fn class(&self) -> Html {
        self.panel(bridge::CLASS, text::class_title(), text::class_summary())
    }

    /// The panel of the recorded results.
    pub fn recorded(&self) -> Html {
        self.panel(bridge::RECORDED, text::classroom_recorded(), text::classroom_recorded_summary())
    }

    fn panel(&self, id: &'static str, title: &'static str, summary: &'static str) -> Html {
        let heading = format!("{id}-title");
        let ontoggle = self.on.reform(|event: Event| {
            let details = event.target_dyn_into::<HtmlElement>();
            ClassroomNews::Toggled(details.is_some_and(|it| it.has_attribute("open")))
        });
        html! {
            <section class={format!("panel panel-{id}")} aria-labelledby={heading.clone()}>
                <h2 id={heading}>{ title }</h2>
                <details {ontoggle}>
                    <summary>{ summary }</summary>
                    // The classroom's own: nothing of the page goes in there.
                    <div {id}></div>
                    { match &self.state {
                        ClassroomState::Closed | ClassroomState::Loading => {
                            html! { <p role="status">{ text::classroom_loading() }</p> }
                        }
                        ClassroomState::Listening(_) => Html::default(),
                        ClassroomState::Failed(why) => html! {
                            <>
                                { refusal(why.clone()) }
                                <p>{ button(text::classroom_again(), self.on.reform(|_: MouseEvent| ClassroomNews::Wanted)) }</p>
                            </>
                        },
                    } }
                </details>
            </section>
        }
    }

    fn load(&mut self) {
        self.state = ClassroomState::Loading;
        self.attempts += 1;
        if self.add_script().is_none() {
            self.state = ClassroomState::Failed(text::classroom_unnamed().to_owned());
        }
    }

    fn add_script(&mut self) -> Option<()> {
        let loader = browser::resolve(&browser::meta("classroom")?)?;
        let document = browser::window()?.document()?;
        let script = document.create_element("script").ok()?;
        let script: HtmlScriptElement = script.dyn_into().ok()?;
        script.set_type("module");
        script.set_src(&format!("{loader}?attempt={}", self.attempts));
        let failed = self.on.clone();
        self.listeners = vec![Listener::new(&script, "error", move |_| {
            failed.emit(ClassroomNews::Failed(text::classroom_not_loaded(&loader)));
        })];
        let (failed, sent) = (self.on.clone(), self.on.clone());
        self.listeners.extend(signal::listen(bridge::CLASSROOM_FAILED, move |why| {
            failed.emit(ClassroomNews::Failed(text::classroom_no_start(&why)));
        }));
        self.listeners.extend(signal::listen(bridge::FROM_CLASSROOM, move |text| {
            sent.emit(ClassroomNews::Sent(text));
        }));
        document.body()?.append_child(&script).ok()?;
        Some(())
    }
}

/// Opens the element and what it lies in, and moves view and focus to it.
fn reveal(id: &str) {
    let Some(element) = browser::element(id) else { return };
    let mut around = Some(element.clone());
    while let Some(details) = around.and_then(|it| it.closest("details").ok().flatten()) {
        details.set_attribute("open", "").ok();
        around = details.parent_element();
    }
    let target = match element.tag_name().as_str() {
        "DETAILS" => element.query_selector("summary").ok().flatten(),
        _ => {
            // Below a heading, the panel's content opens with it.
            let panel = element.parent_element();
            if let Some(details) =
                panel.and_then(|it| it.query_selector(":scope > details").ok().flatten())
            {
                details.set_attribute("open", "").ok();
            }
            element.set_attribute("tabindex", "-1").ok();
            Some(element)
        }
    };
    if let Some(target) = target.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        target.scroll_into_view();
        target.focus().ok();
    }
}
