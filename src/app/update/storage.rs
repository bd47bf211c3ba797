//! Runs in the browser's store: read, saved, deleted, brought back, imported.

use crate::BUILD_ID;
use crate::app::storage::{
    DeletedRuns, ImportCounts, ImportedRuns, Lookup, StoreStatus, StoredParts,
};
use crate::app::{AppState, Attachments, Effect};
use crate::report::ErrorReport;
use crate::runs::RunEntry;
use crate::runs::list::Choices;
use crate::runs::opened::OpenedRuns;
use crate::text;
use std::collections::{HashMap, HashSet};
use std::mem;
use std::rc::Rc;

const BLOCKED: &str = "Another tab shows an older version of this page, which holds the stored \
                       runs. Close that tab: they appear here then.";

const CLOSED: &str = "The browser closed this page’s store, as it does when the site’s data is \
                      cleared. It was opened again; runs that are not in it any more are kept \
                      without their predictions.";

const OUTDATED: &str = "Another tab runs a newer version of this page: runs of this tab are kept \
                        again after a reload.";

impl AppState {
    pub(super) fn store_opened(&mut self, effects: &mut Vec<Effect>) {
        self.storage.status = StoreStatus::Open;
        effects.push(Effect::ReadModels);
        // Runs that ended before the store was open.
        effects.extend(self.shelf.runs().iter().map(|entry| Effect::SaveRun {
            entry: entry.clone(),
            predictions: None,
            epochs: Attachments::default(),
        }));
        effects.extend([Effect::ReadRuns, Effect::MeasureSpace, Effect::ReadUnfinished]);
    }

    /// Nothing will come from the store: the page need not wait for it.
    pub(super) fn store_unavailable(&mut self, error: &ErrorReport) {
        self.warn(error.to_string());
        self.storage.status = StoreStatus::Unavailable;
        self.stop_waiting_for_store();
        self.models.add_stored(Vec::new());
    }

    /// Another tab keeps the store from being opened; it may still open later.
    pub(super) fn store_blocked(&mut self) {
        self.warn(BLOCKED.into());
        self.stop_waiting_for_store();
        self.models.add_stored(Vec::new());
    }

    /// The stored runs cannot be read.
    pub(super) fn runs_unreadable(&mut self, error: &ErrorReport) {
        self.warn(error.to_string());
        self.stop_waiting_for_store();
    }

    fn stop_waiting_for_store(&mut self) {
        self.storage.runs = Lookup::Done;
        self.storage.unfinished = Lookup::Done;
        self.queue_stale = true;
    }

    /// The browser closed the store, for example because its data was cleared: it is
    /// opened again, and gets the runs of the list that it lost.
    pub(super) fn store_closed(&mut self, effects: &mut Vec<Effect>) {
        if self.storage.status != StoreStatus::Open {
            return;
        }
        self.storage.ids.clear();
        self.warn(CLOSED.into());
        effects.push(Effect::ReopenStore(self.shelf.runs().to_vec()));
    }

    /// A newer version of the page took the store over.
    pub(super) fn store_outdated(&mut self, effects: &mut Vec<Effect>) {
        self.storage.status = StoreStatus::Unavailable;
        self.warn(OUTDATED.into());
        effects.push(Effect::CloseStore);
    }

    /// The store holds these runs.
    pub(super) fn stored_runs_read(
        &mut self,
        mut runs: Vec<Rc<RunEntry>>,
        effects: &mut Vec<Effect>,
    ) {
        let ids: HashSet<String> = runs.iter().map(|run| run.id.clone()).collect();
        let known = mem::replace(&mut self.storage.ids, ids);
        // A run that was stored and is not there any more was deleted in another tab;
        // one that was never stored is only here.
        let unstored = self.shelf.runs().iter().filter(|run| !known.contains(&run.id));
        runs.extend(unstored.cloned());
        let numbers = numbers(&runs);
        self.shelf = Rc::new(self.shelf.with_runs(runs));
        self.storage.runs = Lookup::Done;
        if self.storage.choices.is_none() {
            effects.push(Effect::ReadChoices);
        }
        self.save_numbers(&numbers, effects);
    }

    /// Stores the numbers that the list gave to runs that had none, or that of another.
    fn save_numbers(&self, stored: &HashMap<String, u32>, effects: &mut Vec<Effect>) {
        let changed = |run: &&Rc<RunEntry>| stored.get(&run.id).is_some_and(|it| *it != run.number);
        let changed: Vec<Rc<RunEntry>> =
            self.shelf.runs().iter().filter(changed).cloned().collect();
        if !changed.is_empty() {
            effects.push(Effect::RewriteRuns(changed));
        }
    }

    /// What was chosen before a reload.
    pub(super) fn choices_read(&mut self, choices: Choices) {
        self.shelf = Rc::new(self.shelf.with_choices(&choices));
        self.storage.choices = Some(choices);
    }

    /// Saves the baseline and the overlays when they have changed.
    pub(super) fn save_choices(&mut self, effects: &mut Vec<Effect>) {
        let Some(saved) = &mut self.storage.choices else { return };
        let choices = self.shelf.choices();
        if *saved != choices {
            saved.clone_from(&choices);
            effects.push(Effect::SaveChoices(choices));
        }
    }

    pub(super) fn run_stored(
        &mut self,
        mut entry: Rc<RunEntry>,
        parts: StoredParts,
        effects: &mut Vec<Effect>,
    ) {
        self.storage.ids.insert(entry.id.clone());
        effects.push(Effect::MeasureSpace);
        let number = entry.number.to_string();
        self.warn(match parts {
            StoredParts::All => return,
            StoredParts::WithoutEpochs => text::store_without_epochs(&number),
            StoredParts::WithoutPredictions => text::store_without_predictions(&number),
        });
        if parts == StoredParts::WithoutPredictions {
            Rc::make_mut(&mut entry).has_predictions = false;
            self.shelf = Rc::new(self.shelf.with_all(vec![entry]));
        }
    }

    pub(super) fn delete_runs(&mut self, runs: Vec<Rc<RunEntry>>, effects: &mut Vec<Effect>) {
        if runs.is_empty() {
            return;
        }
        self.forget_import();
        let (entries, choices) = (Rc::new(runs), self.shelf.choices());
        let deleted = DeletedRuns { entries, choices, contents: Attachments::default() };
        if self.storage.status == StoreStatus::Open {
            effects.push(Effect::DeleteRuns(deleted));
        } else {
            self.runs_deleted(deleted, effects);
        }
    }

    pub(super) fn runs_deleted(&mut self, deleted: DeletedRuns, effects: &mut Vec<Effect>) {
        let ids: Vec<String> = deleted.entries.iter().map(|entry| entry.id.clone()).collect();
        self.storage.ids.retain(|id| !ids.contains(id));
        self.storage.deleted = Some(deleted);
        self.shelf = Rc::new(self.shelf.without(&ids));
        effects.push(Effect::MeasureSpace);
    }

    pub(super) fn undo_delete(&mut self, effects: &mut Vec<Effect>) {
        let Some(deleted) = self.storage.deleted.take() else { return };
        let runs = deleted.entries.to_vec();
        self.shelf = Rc::new(self.shelf.with_all(runs).with_choices(&deleted.choices));
        if self.storage.status == StoreStatus::Open {
            effects.push(Effect::RestoreRuns(deleted));
        }
    }

    pub(super) fn runs_restored(&mut self, ids: Vec<String>, effects: &mut Vec<Effect>) {
        self.storage.ids.extend(ids);
        effects.push(Effect::MeasureSpace);
    }

    pub(super) fn import_runs(&mut self, file: Attachments, effects: &mut Vec<Effect>) {
        self.forget_import();
        effects.push(Effect::ImportRuns { file, shelf: self.shelf.clone() });
    }

    pub(super) fn runs_imported(&mut self, imported: ImportedRuns, effects: &mut Vec<Effect>) {
        let ImportedRuns { runs, choices, known, refused } = imported;
        let numbers = numbers(&runs);
        let added: Vec<&RunEntry> = runs.iter().map(|run| &**run).collect();
        self.account_for(&added, known, refused.len());
        if self.storage.status == StoreStatus::Open {
            self.storage.ids.extend(numbers.keys().cloned());
        }
        // Undo is over: what was deleted may be in the file.
        self.storage.deleted = None;
        self.shelf = Rc::new(self.shelf.with_all(runs).with_choices(&choices));
        self.save_numbers(&numbers, effects);
        for warning in refused {
            self.warn(warning);
        }
        effects.push(Effect::MeasureSpace);
    }

    /// A file that gives no run is one unusable thing in the account of those chosen with it.
    pub(super) fn import_failed(&mut self, error: ErrorReport) {
        self.account_for(&[], 0, 1);
        self.page_failed(error);
    }

    fn forget_import(&mut self) {
        self.storage.import_summary = None;
        self.storage.imported = ImportCounts::default();
    }

    /// Adds to the account of an import.
    fn account_for(&mut self, added: &[&RunEntry], known: usize, unusable: usize) {
        let counts = &mut self.storage.imported;
        counts.added += added.len();
        counts.others += added.iter().filter(|run| run.record.build != BUILD_ID).count();
        counts.known += known;
        counts.unusable += unusable;
        let ImportCounts { added, known, unusable, others } = *counts;
        self.storage.import_summary = Some(text::import_account(added, known, unusable, others));
    }

    /// Files of runs were read: what is new goes to the list.
    pub(super) fn run_files_read(&mut self, opened: OpenedRuns, effects: &mut Vec<Effect>) {
        let nothing = opened.runs.is_empty() && opened.sweep.is_none();
        if let Some(error) = opened.report() {
            self.page_failed(error);
        } else if nothing {
            let why = match opened.known {
                0 => text::files_no_runs().into(),
                known => text::files_known_runs(known),
            };
            let remedy = text::files_nothing_new_remedy();
            self.page_failed(ErrorReport::new(text::files_nothing_new(), why, remedy));
        }
        if !opened.beside_exports {
            self.forget_import();
        }
        let added: Vec<&RunEntry> = opened.runs.iter().map(|(run, _)| run).collect();
        self.account_for(&added, opened.known, opened.faults.len());
        if nothing {
            return;
        }
        let OpenedRuns { runs, sweep, .. } = opened;
        let runs = runs.into_iter();
        let runs = runs.map(|(run, predictions)| (Rc::new(run), predictions.map(Rc::new)));
        self.add_runs(runs.collect(), sweep, effects);
    }

    pub(super) fn download_run(&self, id: &str, probabilities: bool, effects: &mut Vec<Effect>) {
        let Some(entry) = self.shelf.get(id).cloned() else { return };
        let probabilities = probabilities && entry.has_predictions;
        effects.push(Effect::DownloadRun { entry, probabilities });
    }
}

fn numbers(runs: &[Rc<RunEntry>]) -> HashMap<String, u32> {
    runs.iter().map(|run| (run.id.clone(), run.number)).collect()
}
