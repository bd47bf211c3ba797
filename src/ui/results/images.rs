//! Two runs image by image: what one fixed and broke of the other. Reads the
//! predictions from the store only when asked, or where they alone decide.

use super::super::store::Store;
use crate::runs::compare::{Relation, pair_sentences, pairs};
use crate::text;
use crate::ui::browser::spawn;
use crate::ui::parts::{hint, quiet};
use yew::prelude::*;

/// Properties of [`Images`].
#[derive(Clone, PartialEq, Properties)]
pub struct ImagesProps {
    /// Where the predictions are.
    pub store: Store,
    /// Id of the run.
    pub run: AttrValue,
    /// Id of the run it is compared with.
    pub baseline: AttrValue,
    /// How the two are related.
    pub relation: Relation,
    /// Read them without being asked.
    #[prop_or_default]
    pub at_once: bool,
}

impl ImagesProps {
    /// Of test-time augmentation the images are the only evidence there is.
    fn unasked(&self) -> bool {
        self.at_once || self.relation == Relation::OnlyTta
    }
}

/// The comparison, or a button that asks for it.
#[component]
pub fn Images(props: &ImagesProps) -> Html {
    let said = use_state(|| None::<String>);
    let ask = {
        let (props, said) = (props.clone(), said.setter());
        Callback::from(move |()| {
            let (props, said) = (props.clone(), said.clone());
            spawn(async move {
                let text = compare(&props).await.unwrap_or_else(|why| why);
                said.set(Some(text));
            });
        })
    };
    use_effect_with(props.clone(), {
        let ask = ask.clone();
        move |props| {
            if props.unasked() {
                ask.emit(());
            }
        }
    });
    match &*said {
        // Said aloud only where it answers a click.
        Some(text) if props.unasked() => hint(text.clone()),
        Some(text) => html! { <p class="hint" role="status">{ text }</p> },
        None => quiet(text::run_count_images(), ask.reform(|_: MouseEvent| ())),
    }
}

/// The comparison in sentences; the error is one, too.
async fn compare(props: &ImagesProps) -> Result<String, String> {
    let ImagesProps { store, run, baseline, relation, .. } = props;
    let (mut both, gone) = (Vec::new(), text::run_predictions_gone());
    for id in [run, baseline] {
        let read = store.predictions(id).await.map_err(|error| error.cause())?;
        both.push(read.ok_or_else(|| gone.to_owned())?);
    }
    let [run, baseline] = both.as_slice() else { return Err(gone.to_owned()) };
    let pairs = pairs(run, baseline).map_err(|error| format!("{error}."))?;
    Ok(pair_sentences(&pairs, relation.checked(run, baseline)))
}
