//! The classroom: the lessons, the recorded results and the tools for a class. A program of its
//! own, which the page loads when one of its panels is opened; it fills them. Knows yew and web-sys; what it
//! knows of the page, and all that it wants of it, goes through [`crate::bridge`].

mod class;
mod lessons;
mod predict;
mod qr;
mod recorded;
mod terms;

use crate::bridge::{self, BridgeError, PageRequest, PageSnapshot};
use crate::widgets::browser::{self, Listener};
use crate::widgets::parts::refusal;
use crate::widgets::shared::Shared;
use crate::widgets::{signal, texts};
use class::Class;
use lessons::Lessons;
use predict::Prediction;
use recorded::Recorded;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// More trees than the page ever has: it has one.
const PAGE_TREES: usize = 16;

/// Fills the page's two panels, as far as they are shown.
pub fn start() {
    browser::log_panics();
    if let Err(why) = texts::install() {
        // web/classroom_loader.js reports it.
        wasm_bindgen::throw_str(why);
    }
    number_trees_apart();
    let props = ClassroomProps {
        lessons: browser::element(bridge::LESSONS),
        recorded: browser::element(bridge::RECORDED),
        class: browser::element(bridge::CLASS),
    };
    if let Some(root) = unseen() {
        yew::Renderer::<Classroom>::with_root_and_props(root, props).render();
    }
}

/// A new element that is not in the document.
fn unseen() -> Option<Element> {
    browser::window()?.document()?.create_element("div").ok()
}

/// yew numbers its trees from 1 and writes the number on their elements, by which the page tells
/// its own events from those of trees inside of it. Another program's trees need other numbers;
/// otherwise the page would run its own handlers for events in here.
fn number_trees_apart() {
    for root in (0..PAGE_TREES).filter_map(|_| unseen()) {
        yew::Renderer::<Nothing>::with_root(root).render().destroy();
    }
}

/// A tree with nothing in it.
#[component]
fn Nothing() -> Html {
    Html::default()
}

/// Asks the page for something.
fn ask(request: &PageRequest) {
    signal::send(bridge::FROM_CLASSROOM, &bridge::seal(request));
}

/// Whether the `<details>` around the element of this id is open.
#[hook]
fn use_opened(id: &'static str) -> bool {
    let open = use_state(|| is_open(id));
    let setter = open.setter();
    use_effect_with((), move |()| {
        let listener = surroundings(id)
            .map(|details| Listener::new(&details, "toggle", move |_| setter.set(is_open(id))));
        move || drop(listener)
    });
    *open
}

/// The `<details>` around the element of this id.
fn surroundings(id: &str) -> Option<Element> {
    browser::element(id)?.closest("details").ok().flatten()
}

fn is_open(id: &str) -> bool {
    surroundings(id).is_some_and(|details| details.has_attribute("open"))
}

/// Properties of [`Classroom`].
#[derive(Clone, PartialEq, Properties)]
struct ClassroomProps {
    /// The page's element for the lessons.
    lessons: Option<Element>,
    /// The page's element for the recorded results.
    recorded: Option<Element>,
    /// The page's element for what a class needs.
    class: Option<Element>,
}

/// Which recorded results a lesson wants to show. The number makes the same wish a new one.
type WantedTable = Option<(u32, AttrValue)>;

/// Both panels.
#[component]
fn Classroom(props: &ClassroomProps) -> Html {
    let heard = use_state(|| None::<Result<Shared<PageSnapshot>, BridgeError>>);
    let wanted = use_state(|| WantedTable::None);
    {
        let heard = heard.setter();
        use_effect_with((), move |()| {
            let listener = signal::listen(bridge::FROM_PAGE, move |text| {
                heard.set(Some(bridge::open(&text).map(|snapshot| Shared(Rc::new(snapshot)))));
            });
            ask(&PageRequest::Listen);
            move || drop(listener)
        });
    }
    let on_recorded = {
        let wanted = wanted.clone();
        Callback::from(move |name: AttrValue| {
            let number = wanted.as_ref().map_or(0, |(number, _)| number + 1);
            wanted.set(Some((number, name)));
        })
    };
    let (lessons, recorded, class) = match &*heard {
        None => return Html::default(),
        Some(Err(error)) => {
            let refused = || refusal(error.to_string());
            (refused(), refused(), refused())
        }
        Some(Ok(page)) => (
            html! { <Lessons page={page.clone()} {on_recorded} /> },
            html! { <Recorded wanted={(*wanted).clone()} /> },
            html! { <Class page={page.clone()} /> },
        ),
    };
    // The page has this element only where its link asks for a prediction.
    let predict = match &*heard {
        Some(Ok(page)) if page.predict => browser::element(bridge::PREDICT)
            .map(|panel| create_portal(html! { <Prediction page={page.clone()} /> }, panel)),
        _ => None,
    };
    let fill = |panel: &Option<Element>, content: Html| {
        panel.clone().map(|panel| create_portal(content, panel))
    };
    html! {
        <>
            { fill(&props.lessons, lessons) }
            { fill(&props.recorded, recorded) }
            { fill(&props.class, class) }
            { predict }
        </>
    }
}
