//! The worker's log and its last words.

use super::post::post;
use crate::protocol::Event;
use crate::report::ErrorReport;
use crate::text;
use log::{Level, LevelFilter, Log, Metadata, Record};

/// Writes to the console, and reports errors to the page: on wasm a shader that
/// does not compile is only logged, and would otherwise go unnoticed.
struct Console;

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let text = format!("{}: {}", record.target(), record.args());
        if record.level() == Level::Error {
            web_sys::console::error_1(&text.as_str().into());
            // The operation in progress reports a lost device.
            if !record.target().ends_with("device_poison") {
                post(&Event::Warning { message: text });
            }
        } else {
            web_sys::console::warn_1(&text.into());
        }
    }

    fn flush(&self) {}
}

/// Installs the log and a panic hook that informs the page. After a panic the wasm
/// instance is poisoned: the page ends this worker and starts another.
pub(super) fn install() {
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
        post(&Event::Crashed {
            error: ErrorReport::new(
                text::worker_crashed(),
                info.to_string(),
                text::worker_crashed_remedy(),
            ),
        });
    }));
}
