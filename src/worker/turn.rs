//! Giving way to the worker's other tasks.

use futures::channel::oneshot;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{MessageChannel, MessagePort};

/// Milliseconds of work between two turns: commands are received this often.
const EVERY: f64 = 12.0;

/// Yields a macrotask, so that `onmessage` runs. A microtask would come back
/// before any message, and a timer is clamped to 4 ms and throttled in hidden
/// tabs; a message to oneself is neither.
pub(super) struct Turn {
    port: MessagePort,
    waiting: Rc<RefCell<Option<oneshot::Sender<()>>>>,
    last: f64,
    _channel: MessageChannel,
    _listener: Closure<dyn FnMut()>,
}

impl Turn {
    /// # Errors
    ///
    /// The browser's exception, if it has no message channels.
    pub(super) fn new() -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let waiting = Rc::new(RefCell::new(None::<oneshot::Sender<()>>));
        let woken = waiting.clone();
        let listener = Closure::<dyn FnMut()>::new(move || {
            if let Some(sender) = woken.borrow_mut().take() {
                sender.send(()).ok();
            }
        });
        channel.port1().set_onmessage(Some(listener.as_ref().unchecked_ref()));
        let port = channel.port2();
        Ok(Self { port, waiting, last: now(), _channel: channel, _listener: listener })
    }

    /// Gives way if the last turn is long enough ago. True if it did.
    pub(super) async fn give(&mut self) -> bool {
        if now() - self.last < EVERY {
            return false;
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.replace(Some(sender));
        if self.port.post_message(&JsValue::NULL).is_ok() {
            receiver.await.ok();
        }
        self.last = now();
        true
    }
}

/// Milliseconds on the worker's monotonic clock.
pub(super) fn now() -> f64 {
    super::post::scope().performance().map_or(0.0, |performance| performance.now())
}

/// Waits, in milliseconds. A browser without timers does not wait.
pub(super) async fn sleep(milliseconds: i32) {
    let elapsed = js_sys::Promise::new(&mut |resolve, _| {
        let started = super::post::scope()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if started.is_err() {
            resolve.call0(&JsValue::NULL).ok();
        }
    });
    wasm_bindgen_futures::JsFuture::from(elapsed).await.ok();
}
