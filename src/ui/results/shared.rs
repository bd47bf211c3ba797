//! Large values as properties: cheap to clone, compared by identity.

use std::ops::Deref;
use std::rc::Rc;

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
