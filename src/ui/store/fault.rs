//! What a failure of the browser's store means to a person. Independent of when
//! it happened.

use crate::report::ErrorReport;
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
            NotWritten::Full => full("The change"),
            NotWritten::Other(report) => report,
        }
    }
}

/// The store could not be opened.
pub fn not_opened(error: &Error) -> ErrorReport {
    let what = "Runs cannot be stored".to_owned();
    match name(error).as_deref() {
        Some("VersionError") => ErrorReport::new(
            what,
            "a newer version of this page has stored runs in this browser",
            "reload the page to get that version; the stored runs are untouched",
        ),
        Some("AbortError") => ErrorReport::new(
            what,
            "what an older version of this page stored could not be taken over",
            "reload the page to try again; the stored runs are untouched",
        ),
        _ => ErrorReport::new(
            what,
            format!("the browser does not let this page store anything ({error})"),
            "leave private browsing or allow this site to store data; until then \
                     export the runs that you want to keep",
        ),
    }
}

/// Something could not be written.
pub fn not_written(error: &Error) -> NotWritten {
    match name(error).as_deref() {
        Some("QuotaExceededError") => NotWritten::Full,
        Some("InvalidStateError") => NotWritten::Other(taken_over("The change was not stored")),
        _ => NotWritten::Other(not_stored(&error.to_string())),
    }
}

/// A write was undone by the browser, with its reason if it gave one.
pub fn aborted(cause: Option<&DomException>) -> NotWritten {
    match cause {
        Some(cause) if cause.name() == "QuotaExceededError" => NotWritten::Full,
        Some(cause) => NotWritten::Other(not_stored(&cause.message())),
        None => NotWritten::Other(not_stored(
            "the browser undid the write without a reason, as it does when the disk is full",
        )),
    }
}

/// Something could not be written, for this reason.
pub fn not_stored(why: &str) -> ErrorReport {
    ErrorReport::new(
        "The change was not stored",
        why,
        "export the runs that you want to keep, then reload the page",
    )
}

/// Something could not be read.
pub fn not_read(error: &Error) -> ErrorReport {
    match name(error).as_deref() {
        Some("InvalidStateError") => taken_over("The stored runs were not read"),
        _ => unreadable(&error.to_string()),
    }
}

/// A run was to go on that goes on elsewhere.
pub fn claimed() -> ErrorReport {
    ErrorReport::new(
        "The run was not resumed",
        "another tab goes on with it",
        "see that tab; if there is none, try again in a minute",
    )
}

/// What was read makes no sense, for this reason.
pub fn unreadable(why: &str) -> ErrorReport {
    ErrorReport::new(
        "A stored run could not be read",
        why,
        "reload the page; if that does not help, delete the run",
    )
}

/// This page's connection was closed.
fn taken_over(what: &str) -> ErrorReport {
    ErrorReport::new(
        what,
        "the browser closed the store: its data was cleared, or another tab with a newer \
              version of this page took it over",
        "reload this tab; export the runs that you want to keep first",
    )
}

/// The space is used up, and this was not stored.
pub fn full(what: &str) -> ErrorReport {
    ErrorReport::new(
        format!("{what} was not stored"),
        "the space that the browser gives this site is used up, or the disk is full",
        "export all runs as one file, then delete those that you no longer need here",
    )
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
