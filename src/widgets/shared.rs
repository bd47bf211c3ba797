//! Large values as properties: cheap to clone, compared by identity.

use crate::app::AppState;
use crate::widgets::browser;
use std::ops::Deref;
use std::rc::Rc;
use yew::prelude::*;

/// A shared value that is equal only to itself. Comparing a curve of thousands
/// of points in each frame would cost more than drawing it.
#[derive(Debug)]
pub struct Shared<T>(pub Rc<T>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The page's state, as the panels are given it.
pub type SharedState = Shared<AppState>;

/// A value as it was before the page last painted. What takes long to draw is given
/// this one, so that it is drawn apart from what shows the value itself, and the
/// page reacts in between.
#[hook]
pub fn use_late<T: Default + 'static>(value: &Shared<T>) -> Shared<T> {
    let late = use_state(|| Shared(Rc::<T>::default()));
    let setter = late.setter();
    use_effect_with(value.clone(), move |value| {
        let value = value.clone();
        browser::after(0.0, move || setter.set(value));
    });
    (*late).clone()
}
