//! A part of the page that a person opens, and whose content is made only then.

use yew::prelude::*;

/// The state of one `<details>` element.
pub struct Details {
    /// Goes to the element.
    pub node: NodeRef,
    /// Whether it is open.
    pub open: bool,
    /// Hears that it was opened or closed.
    pub ontoggle: Callback<Event>,
}

/// A `<details>` that begins closed.
#[hook]
pub fn use_details() -> Details {
    use_details_from(|| false)
}

/// A `<details>` that begins open if `first` says so.
#[hook]
pub fn use_details_from(first: impl FnOnce() -> bool) -> Details {
    let node = use_node_ref();
    let open = use_state(first);
    let ontoggle = {
        let (open, node) = (open.setter(), node.clone());
        // Asks the element itself: what is inside may toggle, too.
        Callback::from(move |_: Event| {
            let details = node.cast::<web_sys::Element>();
            open.set(details.is_some_and(|details| details.has_attribute("open")));
        })
    };
    Details { node, open: *open, ontoggle }
}
