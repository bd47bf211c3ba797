//! Runs as files: exported, imported, downloaded one by one.

use super::super::browser;
use super::super::store;
use super::App;
use super::effects::act;
use crate::app::{Action, Attachments};
use crate::json;
use crate::report::ErrorReport;
use crate::runs::RunEntry;
use crate::runs::archive::EXTENSION;
use crate::runs::list::RunList;
use crate::text;
use crate::ui::browser::spawn;
use crate::widgets::save;
use std::collections::HashSet;
use std::rc::Rc;
use web_sys::File;
use yew::prelude::*;

impl App {
    pub(super) fn export_runs(&self, ctx: &Context<Self>, shelf: Rc<RunList>) {
        let (link, store) = (ctx.link().clone(), self.store.clone());
        spawn(async move {
            match store::export(store, shelf.runs(), shelf.choices()).await {
                Ok(parts) => {
                    let now = browser::now();
                    let day = now.get(..10).unwrap_or_default();
                    save::parts(
                        &format!("imagenette-runs-{day}.{EXTENSION}"),
                        "application/octet-stream",
                        &parts,
                    );
                }
                Err(error) => act(&link, Action::PageFailed(error)),
            }
        });
    }

    pub(super) fn import_runs(&self, ctx: &Context<Self>, file: &Attachments, shelf: &RunList) {
        let Some(file) = file.get::<File>().cloned() else { return };
        let known: HashSet<String> = shelf.runs().iter().map(|run| run.id.clone()).collect();
        let numbers: HashSet<u32> = shelf.runs().iter().map(|run| run.number).collect();
        let (link, store) = (ctx.link().clone(), self.store.clone());
        spawn(async move {
            let imported = store::import(store, &file, &known, &numbers).await;
            act(&link, imported.map_or_else(Action::ImportFailed, Action::RunsImported));
        });
    }

    pub(super) fn download_run(
        &self,
        ctx: &Context<Self>,
        entry: Rc<RunEntry>,
        probabilities: bool,
    ) {
        let store = self.store.clone().filter(|_| probabilities);
        let link = ctx.link().clone();
        spawn(async move {
            let written = async {
                let mut record = entry.record.clone();
                if let Some(store) = store {
                    record.log_probabilities = store.whole_predictions(&entry.id).await?;
                }
                json::write_pretty(&record).map_err(|error| {
                    ErrorReport::new(text::files_run(), error, text::files_run_remedy())
                })
            };
            match written.await {
                Ok(json) => {
                    let record = &entry.record;
                    let day = record.date.get(..10).unwrap_or_default();
                    let name = format!("imagenette-{}-{day}.json", record.model.name);
                    save::text(&name, "application/json", &json);
                }
                Err(error) => act(&link, Action::PageFailed(error)),
            }
        });
    }
}
