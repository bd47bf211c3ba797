//! All runs as one file: offered as a download, read back and put on the list.

use super::super::browser;
use super::super::results::save;
use super::super::store::{self, Imported};
use super::keep::fail;
use super::{App, Message};
use crate::app::Action;
use crate::runs::archive::EXTENSION;
use crate::ui::browser::spawn;
use js_sys::Array;
use std::collections::{HashMap, HashSet};
use web_sys::File;
use yew::prelude::*;

impl App {
    pub(super) fn export(&self, ctx: &Context<Self>) {
        let (runs, choices) = (self.state.shelf.runs().to_vec(), self.state.shelf.choices());
        let (link, store) = (ctx.link().clone(), self.store.clone());
        spawn(async move {
            match store::export(store, &runs, choices).await {
                Ok(parts) => {
                    let now = browser::now();
                    let day = now.get(..10).unwrap_or_default();
                    save::parts(
                        &format!("imagenette-runs-{day}.{EXTENSION}"),
                        "application/octet-stream",
                        &parts,
                    );
                }
                Err(error) => fail(&link, error),
            }
        });
    }

    pub(super) fn import(&mut self, ctx: &Context<Self>, file: File) {
        self.told = None;
        let runs = self.state.shelf.runs();
        let known: HashSet<String> = runs.iter().map(|run| run.id.clone()).collect();
        let numbers: HashSet<u32> = runs.iter().map(|run| run.number).collect();
        let (link, store) = (ctx.link().clone(), self.store.clone());
        spawn(async move {
            match store::import(store, &file, &known, &numbers).await {
                Ok(imported) => link.send_message(Message::Imported(imported)),
                Err(error) => fail(&link, error),
            }
        });
    }

    pub(super) fn runs_imported(&mut self, ctx: &Context<Self>, imported: Imported) {
        let Imported { runs, choices, known, refused } = imported;
        let numbers: HashMap<String, u32> =
            runs.iter().map(|run| (run.id.clone(), run.number)).collect();
        let count = |runs: usize| match runs {
            1 => "1 run".to_owned(),
            more => format!("{more} runs"),
        };
        let mut told = format!("{} imported", count(runs.len()));
        if known > 0 {
            told.push_str(&format!("; {} of the file were here already", count(known)));
        }
        self.told = Some(format!("{told}.").into());
        if self.store.is_some() {
            self.stored.extend(numbers.keys().cloned());
        }
        // The file's undo is over: what was deleted may be in it.
        self.deleted = None;
        self.apply(ctx, Action::RunsAdded { runs, choices }, &Array::new());
        self.store_numbers(ctx, &numbers);
        for warning in refused {
            self.apply(ctx, Action::Warned(warning), &Array::new());
        }
        self.measure(ctx);
    }
}
