//! A line chart: SVG, a cursor for pointer and keyboard, a legend that shows and
//! hides, a table twin and a CSV. What lies where is [`crate::chart`]'s work.

mod legend;
mod plot;
mod width;

pub use plot::swatch;
pub use width::use_width;

use super::save;
use super::table::TableView;
use crate::chart::table::Table;
use crate::chart::{Figure, cursor, layout, table};
use crate::text;
use crate::widgets::parts::csv_button;
use crate::widgets::shared::Shared;
use std::rc::Rc;
use yew::prelude::*;

/// Usual height of the charts in pixels.
const HEIGHT: f64 = 260.0;

/// Properties of [`Chart`].
#[derive(Clone, PartialEq, Properties)]
pub struct ChartProps {
    /// What to draw.
    pub figure: Shared<Figure>,
    /// Prefix of the ids of its parts, unique on the page.
    pub id: AttrValue,
    /// What a reader has to know to read it rightly.
    #[prop_or_default]
    pub note: Option<AttrValue>,
    /// What its table shows; by default the end of each epoch.
    #[prop_or_default]
    pub caption: Option<AttrValue>,
    /// Height in pixels.
    #[prop_or(HEIGHT)]
    pub height: f64,
    /// The table twin and what it shows, where it is not the curves' values at the
    /// end of each epoch.
    #[prop_or_default]
    pub twin: Option<(Shared<Table>, AttrValue)>,
}

/// A line chart with everything that belongs to it.
#[component]
pub fn Chart(props: &ChartProps) -> Html {
    let ChartProps { figure, id, note, caption, height, twin } = props;
    let node = use_node_ref();
    let width = use_width(&node);
    // By name, so that a choice outlives curves that come and go.
    let hidden = use_state(Vec::<String>::new);
    let place = use_state(|| None::<f64>);

    let flags: Vec<bool> =
        figure.series.iter().map(|series| hidden.contains(&series.name)).collect();
    let made = use_memo(
        (figure.clone(), (*hidden).clone(), width, *height),
        |(figure, _, width, height)| layout::layout(figure, &flags, *width, *height),
    );
    let places = use_memo(Shared(made.clone()), |made| cursor::places(made));
    let snapped = place.and_then(|value| {
        cursor::nearest(&places, value).and_then(|index| places.get(index)).copied()
    });
    let readings = match snapped {
        Some(place) => cursor::readings(&made, place),
        None => Vec::new(),
    };

    let on_toggle = {
        let (hidden, figure) = (hidden.clone(), figure.clone());
        Callback::from(move |name: String| {
            let mut names = (*hidden).clone();
            match names.iter().position(|hidden| *hidden == name) {
                Some(index) => {
                    names.remove(index);
                }
                None => names.push(name),
            }
            // The last curve cannot be hidden: an empty chart says nothing.
            if figure.series.iter().any(|series| !names.contains(&series.name)) {
                hidden.set(names);
            }
        })
    };
    let on_place = {
        let place = place.clone();
        Callback::from(move |value| place.set(value))
    };
    html! {
        <figure class="chart">
            <figcaption class="chart-title"><h3>{ &figure.title }</h3></figcaption>
            <div class="chart-plot" ref={node} ~style={format!("min-block-size:{height}px")}>
                { plot::plot(&plot::PlotProps {
                    figure: figure.clone(),
                    layout: Shared(made),
                    places: Shared(places),
                    place: snapped,
                    readings: readings.clone(),
                    id: id.clone(),
                    on_place,
                }) }
            </div>
            { legend::legend(&legend::LegendProps { figure: figure.clone(), hidden: (*hidden).clone(), place: snapped, readings, on_toggle }) }
            if let Some(note) = note {
                <p class="hint chart-note">{ note }</p>
            }
            <Twin figure={figure.clone()} caption={caption.clone()} twin={twin.clone()} />
        </figure>
    }
}

/// What the table twin shows: of curves by epoch less than the CSV does.
fn caption(figure: &Figure) -> String {
    if figure.series.iter().any(|series| series.dense) {
        text::chart_dense_caption(&figure.title)
    } else {
        text::chart_caption(&figure.title, &figure.x.label)
    }
}

#[derive(Clone, PartialEq, Properties)]
struct TwinProps {
    figure: Shared<Figure>,
    caption: Option<AttrValue>,
    twin: Option<(Shared<Table>, AttrValue)>,
}

/// The table twin, built only while it is open, and the CSV.
#[component]
fn Twin(props: &TwinProps) -> Html {
    let open = use_state(|| false);
    let figure = &props.figure;
    let on_toggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            let element: Option<web_sys::Element> = event.target_dyn_into();
            open.set(element.is_some_and(|details| details.has_attribute("open")));
        })
    };
    let on_csv = {
        let figure = figure.clone();
        Callback::from(move |_: MouseEvent| {
            let name = format!("{}.csv", figure.title.to_ascii_lowercase());
            save::text(&name, "text/csv", &table::every_point(&figure).csv());
        })
    };
    html! {
        <div class="chart-data">
            <details ontoggle={on_toggle}>
                <summary>{ text::inside_data_table() }</summary>
                if *open {
                    { match &props.twin {
                        Some((table, caption)) => html! {
                            <TableView table={table.clone()} caption={caption.clone()} />
                        },
                        None => html! {
                            <TableView
                                table={Shared(Rc::new(table::by_epoch(figure)))}
                                caption={props.caption.clone().unwrap_or_else(|| caption(figure).into())}
                            />
                        },
                    } }
                }
            </details>
            { csv_button(text::chart_csv(&figure.title), on_csv) }
        </div>
    }
}
