//! Downloads an archive into a blob, which lies outside the worker's memory, and hands on what
//! arrives meanwhile.

use super::arriving::Arriving;
use super::post::{post, scope};
use crate::protocol::Event;
use crate::report::ErrorReport;
use crate::text;
use crate::wire::describe;
use js_sys::{Array, Reflect, Uint8Array};
use std::cell::Cell;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, ReadableStreamDefaultReader, Response, Url};

/// Bytes of a download, at most: the whole of Imagenette in full size has 1.6e9.
const MOST_BYTES: f64 = 4e9;

/// Bytes that are held here before they are handed to the browser.
const HELD: f64 = 3.3e7;

/// A download that the server has answered.
pub(super) struct Download<'a> {
    url: &'a str,
    response: Response,
    /// Its bytes, if the server told.
    pub(super) total: Option<f64>,
}

impl<'a> Download<'a> {
    /// Asks for `url`.
    ///
    /// # Errors
    ///
    /// What the server or the browser answered. A refusal by CORS has its own message, with the
    /// manual way. More than 4 GB are refused.
    pub(super) async fn start(url: &'a str) -> Result<Self, ErrorReport> {
        // The browser hides why a fetch failed: a refusal by CORS and a network
        // failure look the same, so the message names both.
        let response = JsFuture::from(scope().fetch_with_str(url)).await.map_err(|_| {
            ErrorReport::new(
                text::worker_download_refused(),
                text::worker_download_refused_why(url),
                text::worker_download_refused_remedy(),
            )
        })?;
        let response: Response = response.unchecked_into();
        if !response.ok() {
            return Err(ErrorReport::new(
                text::worker_download_failed(),
                text::worker_download_failed_why(
                    url,
                    format!("{} {}", response.status(), response.status_text()).trim_end(),
                ),
                text::worker_download_failed_remedy(),
            ));
        }
        if let Some(host) = redirected_host(url, &response.url()) {
            let message = text::worker_redirected(url, &host);
            post(&Event::Warning { message });
        }
        let header = |name| response.headers().get(name).ok().flatten();
        // What is unpacked on the way has another length than the server tells.
        let total = match header("content-encoding") {
            None => header("content-length").and_then(|length| length.parse::<f64>().ok()),
            Some(_) => None,
        };
        if total.is_some_and(|total| total > MOST_BYTES) {
            return Err(too_large(url));
        }
        Ok(Self { url, response, total })
    }

    /// Takes in the whole archive, gives each chunk to `arriving`, and tells the bytes so far after
    /// it. `None` when cancelled.
    ///
    /// # Errors
    ///
    /// If the connection breaks, or more than 4 GB arrive.
    pub(super) async fn run(
        self,
        cancelled: &Cell<bool>,
        arriving: &Arriving,
        mut tell: impl FnMut(f64),
    ) -> Result<Option<Blob>, ErrorReport> {
        let broken = |error: JsValue| {
            ErrorReport::new(
                text::worker_download_broke(),
                format!("{}: {}.", self.url, describe(&error)),
                text::worker_download_broke_remedy(),
            )
        };
        // Chunks are held by this worker, blobs by the browser, which may put them on disk.
        let (mut parts, blobs) = (Array::new(), Array::new());
        let (mut bytes, mut held) = (0.0, 0.0);
        if let Some(stream) = self.response.body() {
            let reader = StreamReader(stream.get_reader().unchecked_into());
            loop {
                let chunk = JsFuture::from(reader.0.read()).await.map_err(broken)?;
                if cancelled.get() {
                    return Ok(None);
                }
                if Reflect::get(&chunk, &"done".into()).is_ok_and(|done| done.is_truthy()) {
                    break;
                }
                let value: Uint8Array =
                    Reflect::get(&chunk, &"value".into()).map_err(broken)?.unchecked_into();
                let length = f64::from(value.length());
                (bytes, held) = (bytes + length, held + length);
                if bytes > MOST_BYTES {
                    return Err(too_large(self.url));
                }
                parts.push(&value);
                if held > HELD {
                    blobs.push(Blob::new_with_u8_array_sequence(&parts).map_err(broken)?.as_ref());
                    (parts, held) = (Array::new(), 0.0);
                }
                tell(bytes);
                arriving.push(value).await;
            }
        }
        arriving.complete();
        blobs.push(Blob::new_with_u8_array_sequence(&parts).map_err(broken)?.as_ref());
        Blob::new_with_blob_sequence(&blobs).map(Some).map_err(broken)
    }
}

/// A stream, which ends with its reader: nobody else wants the rest.
struct StreamReader(ReadableStreamDefaultReader);

impl Drop for StreamReader {
    fn drop(&mut self) {
        // Of a stream that has ended this is nothing; one that broke refuses, which changes nothing.
        let ended = JsFuture::from(self.0.cancel());
        spawn_local(async { drop(ended.await) });
    }
}

fn too_large(url: &str) -> ErrorReport {
    ErrorReport::new(
        text::worker_download_large(),
        text::worker_download_large_why(url, &(MOST_BYTES / 1e9).to_string()),
        text::worker_download_large_remedy(),
    )
}

/// The host that a download came from in the end, if it is not the one that was asked.
fn redirected_host(asked: &str, found: &str) -> Option<String> {
    let host = |url: &str| Url::new(url).ok().map(|url| url.host());
    let (asked, found) = (host(asked)?, host(found)?);
    (asked != found && !found.is_empty()).then_some(found)
}
