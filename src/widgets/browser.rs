//! Small services of the browser: timers, the address, the theme, the clipboard.
//! The only place outside of `ui::engine` and `ui::drop` that asks for global objects.

use crate::app::Served;
use crate::report::ErrorReport;
use crate::text;
use crate::wire;
use crate::{json, number};
use futures::future::LocalBoxFuture;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The window. The page runs in one, so this is `None` only in a worker.
pub fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// The element with this id.
pub fn element(id: &str) -> Option<web_sys::Element> {
    window()?.document()?.get_element_by_id(id)
}

/// Moves the focus to the element with this id, and the view with it.
pub fn focus(id: &str) {
    if let Some(element) = element(id).and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Moves view and focus to the element with this id, which need not be a control.
pub fn show(id: &str) {
    if let Some(element) = element(id) {
        element.set_attribute("tabindex", "-1").ok();
        element.scroll_into_view();
    }
    focus(id);
}

/// A listener that lives as long as this value.
pub struct Listener {
    target: web_sys::EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Calls `handler` for each event of this kind.
    pub fn new(
        target: &web_sys::EventTarget,
        kind: &'static str,
        handler: impl FnMut(web_sys::Event) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(web_sys::Event)>::new(handler);
        if let Err(error) =
            target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref())
        {
            web_sys::console::warn_1(&error);
        }
        Self { target: target.clone(), kind, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.target
            .remove_event_listener_with_callback(self.kind, self.closure.as_ref().unchecked_ref())
            .ok();
    }
}

/// Runs a task beside what the page does. Boxed, because the code that takes a task
/// over would else be compiled anew for each of the thirty kinds that there are.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    fn boxed(task: LocalBoxFuture<'static, ()>) {
        wasm_bindgen_futures::spawn_local(task);
    }
    boxed(Box::pin(task));
}

/// Calls `action` once, after this many milliseconds, and so after the browser
/// has painted what is there.
pub fn after(milliseconds: f64, action: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(action);
    if let Some(window) = window()
        && let Err(error) = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            callback.unchecked_ref(),
            milliseconds as i32,
        )
    {
        web_sys::console::warn_1(&error);
    }
}

/// The fragment of the page's address, with its `#`; without one the query, where it
/// is a link whose `#` became a `?`; else nothing.
pub fn fragment() -> String {
    let Some(location) = window().map(|window| window.location()) else { return String::new() };
    let fragment = location.hash().unwrap_or_default();
    let query = || location.search().ok().filter(|query| query.to_ascii_lowercase().contains("v="));
    if fragment.is_empty() { query().unwrap_or_default() } else { fragment }
}

/// Puts `link` into the page's address without a new entry in the history.
pub fn replace_fragment(link: &str) {
    let fragment = format!("#{link}");
    let Some(history) = window().and_then(|window| window.history().ok()) else { return };
    // Safari refuses more than 100 changes in half a minute. The address is then
    // late by one change, which the next one repairs; "Copy link" is never late.
    if let Err(error) = history.replace_state_with_url(&JsValue::NULL, "", Some(&fragment)) {
        web_sys::console::warn_1(&error);
    }
}

/// The address of the page with `link` as its fragment.
pub fn address_of(link: &str) -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    format!("{page}#{link}")
}

/// An address relative to the page, made absolute against the document's base.
pub fn resolve(relative: &str) -> Option<String> {
    let base = window()?.document()?.base_uri().ok().flatten()?;
    web_sys::Url::new_with_base(relative, &base).ok().map(|url| url.href())
}

/// What the page's `<meta>` element of this name says.
pub fn meta(name: &str) -> Option<String> {
    let selector = format!("meta[name={name}]");
    window()?.document()?.query_selector(&selector).ok().flatten()?.get_attribute("content")
}

/// The name under which this site keeps something: one origin may host it at several
/// paths, and each keeps its own.
pub fn own(name: &str) -> String {
    let folder = resolve(".").and_then(|folder| web_sys::Url::new(&folder).ok());
    let path = folder.map_or_else(|| "/".to_owned(), |folder| folder.pathname());
    format!("{FORMER} {path} {name}")
}

/// What the names of everything kept began with when they did not tell paths apart.
pub const FORMER: &str = "imagenette-playground";

/// True if the page came by https or from this machine: elsewhere browsers withhold
/// WebGPU and much else.
pub fn is_secure() -> bool {
    window().is_none_or(|window| window.is_secure_context())
}

/// True if the page has room for more than one column.
pub fn is_wide() -> bool {
    let query = window().and_then(|window| window.match_media("(width >= 46rem)").ok().flatten());
    query.is_none_or(|query| query.matches())
}

/// Host of an absolute address.
pub fn host(address: &str) -> Option<String> {
    web_sys::Url::new(address).ok().map(|url| url.host())
}

/// Loads the page again, past what was cached where the browser allows it.
pub fn reload() {
    if let Some(window) = window() {
        window.location().reload().ok();
    }
}

/// Offers to print the page.
pub fn print() {
    if let Some(window) = window() {
        window.print().ok();
    }
}

/// Now, ISO 8601 in UTC.
pub fn now() -> String {
    js_sys::Date::new_0().to_iso_string().into()
}

/// Milliseconds on a clock that never goes back.
pub fn milliseconds() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

/// 16 random bytes for the ids of this visit's runs.
pub fn visit_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    let crypto = window().and_then(|window| window.crypto().ok());
    if crypto.and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok()).is_none() {
        // Without a source of randomness the time has to tell visits apart.
        bytes[..8].copy_from_slice(&js_sys::Date::now().to_bits().to_le_bytes());
    }
    bytes
}

/// The seed that this device has drawn for classes: the same in all later visits, where the
/// browser stores anything.
pub fn device_seed() -> u32 {
    const NAME: &str = "device-seed";
    let stored = kept_text(NAME).and_then(|text| text.parse().ok());
    stored.unwrap_or_else(|| {
        let [a, b, c, d, ..] = visit_bytes();
        let seed = u32::from_le_bytes([a, b, c, d]);
        keep_text(NAME, &seed.to_string());
        seed
    })
}

/// Puts a few words before the page's name in the window's title.
pub fn show_title(words: Option<&str>) {
    let title = match words {
        Some(words) => format!("{words} · {}", text::page_title()),
        None => text::page_title().to_owned(),
    };
    let document = window().and_then(|window| window.document());
    if let Some(document) = document.filter(|document| document.title() != title) {
        document.set_title(&title);
    }
}

/// Copies text.
///
/// # Errors
/// The browser's reason, for example that the page has no permission.
pub async fn copy(text: &str) -> Result<(), String> {
    let clipboard = window().map(|window| window.navigator().clipboard());
    // Pages that came over plain http have no clipboard at all.
    let clipboard = clipboard
        .filter(|clipboard| !clipboard.is_undefined())
        .ok_or_else(|| text::page_no_clipboard().to_owned())?;
    JsFuture::from(clipboard.write_text(text))
        .await
        .map(drop)
        .map_err(|error| wire::describe(&error))
}

/// The archive that the site serves, if `data/served.json` beside the page names
/// one. Sites without one are the rule, so that every failure means "none".
pub async fn served_archive() -> Option<Served> {
    let index = resolve("data/served.json")?;
    let response = JsFuture::from(window()?.fetch_with_str(&index)).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let mut served: Served = json::read(&text).ok()?;
    served.url = resolve(&served.url)?;
    if let Some(part) = &mut served.part {
        part.url = resolve(&part.url)?;
    }
    Some(served)
}

/// Fetches a file of this site, by its address relative to the page.
///
/// # Errors
/// A report that names the file, if it does not arrive.
pub async fn fetch_bytes(file: &str) -> Result<Vec<u8>, ErrorReport> {
    let fetched = async {
        let address = resolve(file).ok_or(JsValue::NULL)?;
        let response = window().ok_or(JsValue::NULL)?.fetch_with_str(&address);
        let response: web_sys::Response = JsFuture::from(response).await?.dyn_into()?;
        if !response.ok() {
            return Ok(Err(text::browser_answered(&response.status().to_string())));
        }
        let buffer = JsFuture::from(response.array_buffer()?).await?;
        Ok::<_, JsValue>(Ok(Uint8Array::new(&buffer).to_vec()))
    };
    let fetched = fetched.await.unwrap_or_else(|_| Err(text::browser_no_answer().to_owned()));
    fetched
        .map_err(|why| ErrorReport::new(text::browser_file(file), why, text::browser_file_remedy()))
}

/// Size of the file at an address, if its server tells, and the host that it came from in
/// the end; asks with `HEAD`.
///
/// # Errors
/// A report that explains what the person can do, when the server does not let
/// the page ask (CORS), cannot be reached, or has no such file.
pub async fn remote_size(url: &str) -> Result<(Option<f64>, String), ErrorReport> {
    let asked = host(url).unwrap_or_else(|| url.to_owned());
    let by_hand = || text::browser_archive_by_hand(url);
    let init = web_sys::RequestInit::new();
    init.set_method("HEAD");
    let window = window().ok_or_else(|| {
        ErrorReport::new(
            text::browser_no_window(),
            text::browser_no_window_why(),
            text::browser_no_window_remedy(),
        )
    })?;
    let response = JsFuture::from(window.fetch_with_str_and_init(url, &init))
        .await
        .and_then(JsCast::dyn_into::<web_sys::Response>)
        .map_err(|_| {
            ErrorReport::new(
                text::browser_archive_no_answer(&asked),
                text::browser_archive_no_answer_why(),
                by_hand(),
            )
        })?;
    if !response.ok() {
        return Err(ErrorReport::new(
            text::browser_archive_missing(&asked),
            text::browser_archive_missing_why(&response.status().to_string(), url),
            text::browser_archive_missing_remedy(),
        ));
    }
    let length = response.headers().get("content-length").ok().flatten();
    let found = host(&response.url()).unwrap_or(asked);
    Ok((length.and_then(|text| number::read(&text)), found))
}

/// How light the page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// As the system is.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Its name in the store and in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of this name, or the system's.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Self::Auto)
    }

    /// The theme that was chosen in an earlier visit.
    pub fn stored() -> Self {
        let stored = storage().and_then(|storage| storage.get_item(THEME_KEY).ok().flatten());
        stored.map_or(Self::Auto, |name| Self::named(&name))
    }
}

/// The queue that this tab kept before it was reloaded.
pub fn kept_queue() -> Option<String> {
    recall(&tab_storage()?, QUEUE).filter(|text| !text.is_empty())
}

/// Keeps the queue for a reload of this tab, and of no other: two tabs must not
/// train the same queue. An empty text forgets it.
pub fn keep_queue(text: &str) {
    let Some(storage) = tab_storage() else { return };
    let kept = if text.is_empty() {
        storage.remove_item(&former(QUEUE)).ok();
        storage.remove_item(&own(QUEUE))
    } else {
        storage.set_item(&own(QUEUE), text)
    };
    if let Err(error) = kept {
        web_sys::console::warn_1(&error);
    }
}

/// What this tab is called over its reloads: `new` if it has no name yet. A duplicated
/// tab goes by the name of the tab that it is a copy of, until it is renamed.
pub fn tab_name(new: &str) -> String {
    let kept = tab_storage().and_then(|storage| recall(&storage, TAB));
    kept.unwrap_or_else(|| {
        name_tab(new);
        new.to_owned()
    })
}

/// Gives this tab a name.
pub fn name_tab(name: &str) {
    if let Some(storage) = tab_storage() {
        // Where nothing is stored, no other tab has the name either.
        storage.set_item(&own(TAB), name).ok();
    }
}

const TAB: &str = "tab";
const QUEUE: &str = "queue";

/// What is kept under the site's own name, or was before it had one.
fn recall(storage: &web_sys::Storage, name: &str) -> Option<String> {
    let get = |key: &str| storage.get_item(key).ok().flatten();
    get(&own(name)).or_else(|| get(&former(name)))
}

fn former(name: &str) -> String {
    format!("{FORMER}.{name}")
}

fn tab_storage() -> Option<web_sys::Storage> {
    window()?.session_storage().ok().flatten()
}

/// One for all playgrounds of an origin: it is about the reader, not about what is kept.
const THEME_KEY: &str = "imagenette-playground.theme";

fn storage() -> Option<web_sys::Storage> {
    window()?.local_storage().ok().flatten()
}

/// A text that was kept in an earlier visit.
pub fn kept_text(name: &str) -> Option<String> {
    recall(&storage()?, name)
}

/// Keeps a short text for later visits, where the browser stores anything.
pub fn keep_text(name: &str, text: &str) {
    if let Some(storage) = storage() {
        storage.set_item(&own(name), text).ok();
    }
}

/// Shows the page in this theme.
pub fn apply_theme(theme: Theme) {
    let root = window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root {
        root.set_attribute("data-theme", theme.name()).ok();
    }
}

/// Shows the page in this theme, now and in later visits.
pub fn keep_theme(theme: Theme) {
    apply_theme(theme);
    if let Some(storage) = storage() {
        // A browser that stores nothing still shows the theme now.
        storage.set_item(THEME_KEY, theme.name()).ok();
    }
}

/// Writes panics to the console. The visible message is the page's own script's
/// (`index.html`), which still works when this program does not.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
    }));
}
