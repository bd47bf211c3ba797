//! What travels beside actions and effects.

use std::any::Any;
use std::fmt;
use std::rc::Rc;

/// Files or buffers of the browser. The state passes them on from the action that
/// brings them to the effect that needs them and never looks inside. Two are equal if
/// they are the same ones, or both nothing.
#[derive(Clone, Default)]
pub struct Attachments(Option<Rc<dyn Any>>);

impl Attachments {
    /// Wraps what the browser gave.
    pub fn new(value: impl Any) -> Self {
        Self(Some(Rc::new(value)))
    }

    /// What was wrapped, if it is of this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.as_ref()?.downcast_ref()
    }
}

impl PartialEq for Attachments {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Rc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl fmt::Debug for Attachments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Attachments(…)" } else { "Attachments()" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_equal_to_themselves_alone() {
        let given = Attachments::new("bytes");
        assert_eq!(given, given.clone());
        assert_ne!(given, Attachments::new("bytes"));
        assert_ne!(given, Attachments::default());
        assert_eq!(Attachments::default(), Attachments::default());
        assert_eq!((given.get::<&str>(), given.get::<u32>()), (Some(&"bytes"), None));
    }
}
