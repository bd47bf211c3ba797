//! Files that the person gives: a data set, runs, a picture or a saved model.

use super::super::drop::{self, Given};
use super::App;
use super::effects::act;
use crate::app::{Action, Attachments, Source};
use crate::protocol::LoadSource;
use crate::runs::opened::{OpenedRuns, are_runs, is_export, is_json, same_run};
use crate::text;
use crate::ui::browser::spawn;
use crate::wire;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use yew::prelude::*;

impl App {
    /// Takes files that were dropped, pasted or chosen as data.
    pub(super) fn take_files(&mut self, ctx: &Context<Self>, given: Given) {
        if are_runs(names(&given.source).iter().map(String::as_str)) {
            return self.open_runs(ctx, given);
        }
        let action = if let Some(file) = drop::picture(&given) {
            Action::PictureGiven(Attachments::new(file))
        } else if let Some(file) = drop::model(&given) {
            Action::ModelFileGiven(Attachments::new(file))
        } else {
            let files = Attachments::new(given.files);
            Action::Load(Source::Given { source: given.source, files })
        };
        self.apply(ctx, action);
    }

    /// Reads files of runs, one after another, so that the page reacts in between.
    pub(super) fn open_runs(&mut self, ctx: &Context<Self>, given: Given) {
        let (exported, files): (Vec<_>, Vec<_>) = names(&given.source)
            .into_iter()
            .zip(given.files.iter())
            .partition(|(name, _)| is_export(name));
        for (_, file) in &exported {
            let file: web_sys::File = file.clone().unchecked_into();
            self.apply(ctx, Action::ImportRuns(Attachments::new(file)));
        }
        if !exported.is_empty() && files.is_empty() {
            return;
        }
        let (link, known) = (ctx.link().clone(), self.state.shelf.clone());
        spawn(async move {
            let beside_exports = !exported.is_empty();
            let mut opened = OpenedRuns { beside_exports, ..OpenedRuns::default() };
            // The checkpoints in a folder of runs are not read.
            let some_json = files.iter().any(|(name, _)| is_json(name));
            for (name, file) in files {
                if some_json && !is_json(&name) {
                    continue;
                }
                match read_text(file).await {
                    Ok(text) => opened.read(&name, &text, |run| {
                        known.runs().iter().any(|known| same_run(run, known))
                    }),
                    Err(why) => opened.faults.push((name, text::files_unreadable(&why))),
                }
            }
            act(&link, Action::OpenedRunsRead(opened));
        });
    }
}

fn names(source: &LoadSource) -> Vec<String> {
    match source {
        LoadSource::File { name } => vec![name.clone()],
        LoadSource::Folder { paths, .. } => paths.clone(),
        LoadSource::Sample | LoadSource::Cached | LoadSource::Url { .. } => Vec::new(),
    }
}

async fn read_text(file: wasm_bindgen::JsValue) -> Result<String, String> {
    let blob: web_sys::Blob = file.dyn_into().map_err(|_| text::files_no_file().to_owned())?;
    let text = JsFuture::from(blob.text()).await.map_err(|error| wire::describe(&error))?;
    text.as_string().ok_or_else(|| text::files_no_text().to_owned())
}
