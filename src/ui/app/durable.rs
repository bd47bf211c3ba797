//! What happens to the browser's store while the page is open: other tabs change it or
//! keep it, the browser closes it, the person wants it kept for good.

use super::super::store::{News, Store};
use super::keep::warn;
use super::{App, Message};
use crate::app::Action;
use crate::ui::browser::spawn;
use js_sys::Array;
use yew::prelude::*;

impl App {
    pub(super) fn store_news(&mut self, ctx: &Context<Self>, news: News) {
        match news {
            News::Changed => self.read_runs(ctx),
            News::Copied => self.apply(ctx, Action::QueueElsewhere, &Array::new()),
            News::Blocked => {
                let warning = "Another tab shows an older version of this page, which holds the \
                               stored runs. Close that tab: they appear here then.";
                self.apply(ctx, Action::Warned(warning.into()), &Array::new());
                // The page need not wait for it.
                self.apply(ctx, Action::StoreMissing, &Array::new());
                self.apply(ctx, Action::ModelsRead(Vec::new()), &Array::new());
            }
            News::Closed => self.reopen_store(ctx),
            News::Outdated => {
                self.store = None;
                self.model_files.set_store(None);
                let warning = "Another tab runs a newer version of this page: runs of this tab are \
                               kept again after a reload.";
                ctx.link().send_message(Message::Do(Action::Warned(warning.into())));
            }
        }
    }

    /// Opens the store again after the browser has closed it, and keeps the runs of the
    /// list that are not in it any more: without their predictions, which only it had.
    fn reopen_store(&mut self, ctx: &Context<Self>) {
        let Some(store) = self.store.clone() else { return };
        let runs = self.state.shelf.runs().to_vec();
        self.stored.clear();
        let warning = "The browser closed this page’s store, as it does when the site’s data is \
                       cleared. It was opened again; runs that are not in it any more are kept \
                       without their predictions.";
        self.apply(ctx, Action::Warned(warning.into()), &Array::new());
        let link = ctx.link().clone();
        spawn(async move {
            match store.reopen(&runs).await {
                Ok(()) => link.send_message(Message::StoreNews(News::Changed)),
                Err(error) => warn(&link, &error),
            }
        });
    }

    /// Asks the browser never to clear what is stored on its own.
    pub(super) fn persist(&self, ctx: &Context<Self>) {
        let link = ctx.link().clone();
        spawn(async move {
            if !Store::persist().await {
                let refused = "The browser did not agree to keep the runs for good: it may clear \
                               them when space runs short. Export those that you want to keep.";
                link.send_message(Message::Do(Action::Warned(refused.into())));
            }
            link.send_message(Message::Measured(Store::space().await));
        });
    }
}
