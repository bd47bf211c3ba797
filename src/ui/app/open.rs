//! Files of runs: read one after another, so that the page stays at hand, and put
//! on the list.

use super::super::drop::Given;
use super::{App, Message};
use crate::app::Action;
use crate::protocol::LoadSource;
use crate::report::ErrorReport;
use crate::runs::opened::{Opened, are_runs, is_export, is_json, same_run};
use crate::ui::browser::spawn;
use crate::wire;
use js_sys::Array;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use yew::prelude::*;

/// True if the person gave runs rather than a data set.
pub(super) fn holds_runs(given: &Given) -> bool {
    are_runs(names(&given.source).iter().map(String::as_str))
}

impl App {
    /// Reads the files and puts their runs on the list.
    pub(super) fn open_runs(&mut self, ctx: &Context<Self>, given: Given) {
        self.walking = None;
        let link = ctx.link().clone();
        let known = self.state.shelf.clone();
        let (exported, files): (Vec<_>, Vec<_>) = names(&given.source)
            .into_iter()
            .zip(given.files.iter())
            .partition(|(name, _)| is_export(name));
        for (_, file) in &exported {
            self.import(ctx, file.clone().unchecked_into());
        }
        if !exported.is_empty() && files.is_empty() {
            return;
        }
        spawn(async move {
            let mut opened = Opened::default();
            // Among the files of a folder are checkpoints, which are no business here.
            let some_json = files.iter().any(|(name, _)| is_json(name));
            for (name, file) in files {
                if some_json && !is_json(&name) {
                    continue;
                }
                match text(file).await {
                    Ok(text) => opened.read(&name, &text, |run| {
                        known.runs().iter().any(|known| same_run(run, known))
                    }),
                    Err(why) => opened.faults.push((name, format!("cannot be read ({why})"))),
                }
            }
            link.send_message(Message::RunsOpened(opened));
        });
    }

    pub(super) fn runs_opened(&mut self, ctx: &Context<Self>, opened: Opened) {
        if let Some(error) = opened.report() {
            self.apply(ctx, Action::PageFailed(error), &Array::new());
        } else if opened.runs.is_empty() && opened.sweep.is_none() {
            let error = ErrorReport::new(
                "Nothing new was opened",
                match opened.known {
                    0 => "no file of a run was among the files".into(),
                    known => format!("all {known} runs are on the list already"),
                },
                "see the list of runs",
            );
            return self.apply(ctx, Action::PageFailed(error), &Array::new());
        }
        let Opened { runs, sweep, .. } = opened;
        if runs.is_empty() && sweep.is_none() {
            return;
        }
        let runs = runs.into_iter();
        let runs = runs.map(|(run, predictions)| (Rc::new(run), predictions.map(Rc::new)));
        self.apply(ctx, Action::RunsOpened { runs: runs.collect(), sweep }, &Array::new());
    }
}

fn names(source: &LoadSource) -> Vec<String> {
    match source {
        LoadSource::File { name } => vec![name.clone()],
        LoadSource::Folder { paths, .. } => paths.clone(),
        LoadSource::Sample | LoadSource::Kept | LoadSource::Url { .. } => Vec::new(),
    }
}

async fn text(file: wasm_bindgen::JsValue) -> Result<String, String> {
    let blob: web_sys::Blob = file.dyn_into().map_err(|_| "it is no file".to_owned())?;
    let text = JsFuture::from(blob.text()).await.map_err(|error| wire::describe(&error))?;
    text.as_string().ok_or_else(|| "it is no text".to_owned())
}
