//! What a failure of the browser's store means to a person. Independent of when
//! it happened.

use crate::report::ErrorReport;
use crate::text;
use idb::Error;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// Why something was not written: where the space ended, less may still fit.
#[derive(Clone, Debug, PartialEq)]
pub enum NotWritten {
    /// The space is used up.
    Full,
    /// Anything else.
    Other(ErrorReport),
}

impl From<NotWritten> for ErrorReport {
    fn from(why: NotWritten) -> Self {
        match why {
            NotWritten::Full => full(text::store_full_change()),
            NotWritten::Other(report) => report,
        }
    }
}

/// The store could not be opened.
pub fn not_opened(error: &Error) -> ErrorReport {
    let what = text::store_not_opened();
    match name(error).as_deref() {
        Some("VersionError") => {
            ErrorReport::new(what, text::store_newer_why(), text::store_newer_remedy())
        }
        Some("AbortError") => {
            ErrorReport::new(what, text::store_older_why(), text::store_older_remedy())
        }
        _ => ErrorReport::new(
            what,
            text::store_refused_why(&error.to_string()),
            text::store_refused_remedy(),
        ),
    }
}

/// Something could not be written.
pub fn not_written(error: &Error) -> NotWritten {
    match name(error).as_deref() {
        Some("QuotaExceededError") => NotWritten::Full,
        Some("InvalidStateError") => NotWritten::Other(taken_over(text::store_not_stored())),
        _ => NotWritten::Other(not_stored(&error.to_string())),
    }
}

/// A write was undone by the browser, with its reason if it gave one.
pub fn aborted(cause: Option<&DomException>) -> NotWritten {
    match cause {
        Some(cause) if cause.name() == "QuotaExceededError" => NotWritten::Full,
        Some(cause) => NotWritten::Other(not_stored(&cause.message())),
        None => NotWritten::Other(not_stored(text::store_aborted_why())),
    }
}

/// Something could not be written, for this reason.
pub fn not_stored(why: &str) -> ErrorReport {
    ErrorReport::new(text::store_not_stored(), why, text::store_not_stored_remedy())
}

/// Something could not be read.
pub fn not_read(error: &Error) -> ErrorReport {
    match name(error).as_deref() {
        Some("InvalidStateError") => taken_over(text::store_not_read()),
        _ => unreadable(&error.to_string()),
    }
}

/// A run was to go on that goes on elsewhere.
pub fn claimed() -> ErrorReport {
    ErrorReport::new(
        text::store_not_resumed(),
        text::store_not_resumed_why(),
        text::store_not_resumed_remedy(),
    )
}

/// What was read makes no sense, for this reason.
pub fn unreadable(why: &str) -> ErrorReport {
    ErrorReport::new(text::store_unreadable(), why, text::store_unreadable_remedy())
}

/// This page's connection was closed.
fn taken_over(what: &str) -> ErrorReport {
    ErrorReport::new(what, text::store_closed_why(), text::store_closed_remedy())
}

/// The space is used up, and something was not stored: `what` says so.
pub fn full(what: &str) -> ErrorReport {
    ErrorReport::new(what, text::store_full_why(), text::store_full_remedy())
}

/// The DOM's name of an error.
fn name(error: &Error) -> Option<String> {
    let value: &JsValue = match error {
        Error::DomException(exception) => return Some(exception.name()),
        Error::AddFailed(value)
        | Error::DeleteFailed(value)
        | Error::GetFailed(value)
        | Error::IndexedDbOpenFailed(value)
        | Error::TransactionOpenFailed(value)
        | Error::UpdateFailed(value) => value,
        _ => return None,
    };
    value.dyn_ref::<DomException>().map(DomException::name)
}
