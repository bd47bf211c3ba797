//! The legend of a chart: a button per curve that shows or hides it, with its
//! look and its value at the cursor, or its latest one.

use super::plot::swatch;
use crate::chart::cursor::{self, CursorReading};
use crate::chart::{Figure, Series};
use crate::text;
use crate::widgets::shared::Shared;
use yew::prelude::*;

/// What [`legend`] shows.
pub struct LegendProps {
    /// The chart's content.
    pub figure: Shared<Figure>,
    /// Names of the hidden curves.
    pub hidden: Vec<String>,
    /// Where the cursor is.
    pub place: Option<f64>,
    /// What the curves say there.
    pub readings: Vec<CursorReading>,
    /// Hears the name of a curve to show or hide.
    pub on_toggle: Callback<String>,
}

/// The legend.
pub fn legend(props: &LegendProps) -> Html {
    let LegendProps { figure, hidden, place, .. } = props;
    let at = match place {
        Some(place) => format!("{} {}", figure.x.label, cursor::place_on(figure, *place)),
        None => text::chart_latest().to_owned(),
    };
    html! {
        <div class="legend" role="group" aria-label={text::chart_legend(&figure.title)}>
            <span class="legend-place numbers">{ at }</span>
            { for figure.series.iter().enumerate().map(|(index, series)| {
                entry(props, index, series, !hidden.contains(&series.name))
            }) }
        </div>
    }
}

fn entry(props: &LegendProps, index: usize, series: &Series, shown: bool) -> Html {
    let value = match props.place {
        Some(_) => {
            let reading = props.readings.iter().find(|reading| reading.series == index);
            reading.map(|reading| reading.point.y)
        }
        None => series.points.last().map(|point| point.y),
    };
    let value = value.map_or_else(|| "–".to_owned(), |value| props.figure.y.unit.value(value));
    let onclick = {
        let (on_toggle, name) = (props.on_toggle.clone(), series.name.clone());
        Callback::from(move |_: MouseEvent| on_toggle.emit(name.clone()))
    };
    html! {
        <button key={series.name.clone()} type="button" class="legend-entry" aria-pressed={shown.to_string()} {onclick}>
            { swatch(series.style) }
            <span>{ &series.name }</span>
            <span class="legend-value numbers">{ if shown { value } else { text::chart_hidden().to_owned() } }</span>
        </button>
    }
}
