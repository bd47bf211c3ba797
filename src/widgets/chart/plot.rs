//! The drawing of a chart and the cursor over it.

use crate::chart::cursor::{self, CursorReading};
use crate::chart::layout::{Curve, Layout};
use crate::chart::{Figure, Marker, Series, Style, Weight, path};
use crate::text;
use crate::widgets::shared::Shared;
use yew::prelude::*;

/// What [`plot`] draws.
#[derive(Clone)]
pub struct PlotProps {
    /// What is drawn.
    pub figure: Shared<Figure>,
    /// Where it lies.
    pub layout: Shared<Layout>,
    /// The places at which the cursor can stand.
    pub places: Shared<Vec<f64>>,
    /// Where the cursor is.
    pub place: Option<f64>,
    /// What the curves say there.
    pub readings: Vec<CursorReading>,
    /// Prefix of ids.
    pub id: AttrValue,
    /// Hears where the cursor shall be.
    pub on_place: Callback<Option<f64>>,
}

/// The drawing and the cursor.
pub fn plot(props: &PlotProps) -> Html {
    let PlotProps { figure, layout, places, id, .. } = props;
    let (width, height) = (layout.width, layout.height);
    let (title, description) = (format!("{id}-title"), format!("{id}-description"));
    html! {
        <>
            <svg
                role="img"
                aria-labelledby={format!("{title} {description}")}
                width={width.to_string()}
                height={height.to_string()}
                viewBox={format!("0 0 {width} {height}")}
            >
                <title id={title}>{ text::chart_caption(&figure.y.label, &figure.x.label) }</title>
                <desc id={description}>{ describe(figure) }</desc>
                { axes(figure, layout) }
                { for layout.bands.iter().map(|(series, path)| band(figure, *series, path)) }
                { for layout.curves.iter().rev().map(|curve| draw(figure, curve)) }
                { for layout.labels.iter().map(|label| end_label(figure, label)) }
                { for props.place.map(|place| cursor_line(props, place)) }
            </svg>
            if !places.is_empty() {
                { slider(props) }
            }
        </>
    }
}

/// A look as a little picture, for legends.
pub fn swatch(style: Style) -> Html {
    html! {
        <svg class="swatch" aria-hidden="true" width="34" height="14" viewBox="0 0 34 14">
            <path class={line_class(style)} stroke-dasharray={style.dash.array()} d="M1 7H33" />
            <path class={marker_class(style)} d={path::markers([(17.0, 7.0)], style.marker)} />
        </svg>
    }
}

/// What the chart shows, for those who do not see it.
fn describe(figure: &Figure) -> String {
    if figure.series.iter().all(|series| series.points.is_empty()) {
        return text::chart_no_values().to_owned();
    }
    let latest = figure.series.iter().filter_map(|series| {
        let last = series.points.last()?;
        Some(format!("{}: {}", series.name, figure.y.unit.value(last.y)))
    });
    text::chart_latest_values(&latest.collect::<Vec<_>>().join(", "))
}

fn axes(figure: &Figure, layout: &Layout) -> Html {
    let ((left, right), (bottom, top)) = (layout.x.range(), layout.y.range());
    let grid: String =
        layout.y_ticks.iter().map(|(y, _)| format!("M{left} {y:.1}H{right}")).collect();
    let ticks: String = layout.x_ticks.iter().map(|(x, _)| format!("M{x:.1} {bottom}v5")).collect();
    let middle = (top + bottom) / 2.0;
    html! {
        <g class="chart-axes">
            <path class="chart-grid" d={grid} />
            <path class="chart-axis" d={format!("M{left} {bottom}H{right}{ticks}")} />
            { for layout.y_ticks.iter().map(|(y, text)| html! {
                <text class="chart-tick" x={(left - 7.0).to_string()} y={format!("{:.1}", y + 4.0)} text-anchor="end">{ text }</text>
            }) }
            { for layout.x_ticks.iter().map(|(x, text)| html! {
                <text class="chart-tick" x={format!("{x:.1}")} y={(bottom + 18.0).to_string()} text-anchor="middle">{ text }</text>
            }) }
            <text class="chart-axis-name" x={((left + right) / 2.0).to_string()} y={(bottom + 36.0).to_string()} text-anchor="middle">
                { &figure.x.label }
            </text>
            <text class="chart-axis-name" text-anchor="middle" transform={format!("translate(13 {middle:.1}) rotate(-90)")}>
                { &figure.y.label }
            </text>
            { for layout.marks.iter().map(|(x, text)| html! {
                <g class="chart-mark">
                    <path d={format!("M{x:.1} {bottom}V{:.1}", top - 8.0)} />
                    <text x={format!("{:.1}", x + 4.0)} y={format!("{:.1}", top - 6.0)}>{ text }</text>
                </g>
            }) }
        </g>
    }
}

fn band(figure: &Figure, series: usize, path: &str) -> Html {
    let style = figure.series.get(series).map(|series| series.style);
    let colour = style.map(colour_class);
    html! { <path class={classes!("chart-band", colour)} d={path.to_owned()} /> }
}

fn draw(figure: &Figure, curve: &Curve) -> Html {
    let Some(Series { style, name, .. }) = figure.series.get(curve.series) else {
        return Html::default();
    };
    html! {
        <g key={name.clone()}>
            <path class={line_class(*style)} stroke-dasharray={style.dash.array()} d={curve.line.clone()} />
            if !curve.markers.is_empty() {
                <path class={marker_class(*style)} d={curve.markers.clone()} />
            }
        </g>
    }
}

fn end_label(figure: &Figure, label: &crate::chart::layout::EndLabel) -> Html {
    let Some(series) = figure.series.get(label.series) else { return Html::default() };
    let colour = colour_class(series.style);
    html! {
        <text key={series.name.clone()} class={classes!("chart-label", colour)} x={format!("{:.1}", label.x)} y={format!("{:.1}", label.y + 4.0)}>
            { &series.label }
        </text>
    }
}

fn cursor_line(props: &PlotProps, place: f64) -> Html {
    let PlotProps { figure, layout, readings, .. } = props;
    let (bottom, top) = layout.y.range();
    let x = layout.x.pixel(place);
    html! {
        <g class="chart-cursor-line">
            <path d={format!("M{x:.1} {top}V{bottom}")} />
            { for readings.iter().filter_map(|reading| {
                let style = figure.series.get(reading.series)?.style;
                let y = layout.y.pixel(reading.point.y).clamp(top, bottom);
                let x = layout.x.pixel(reading.point.x);
                Some(html! {
                    <circle class={colour_class(style)} cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="4.5" />
                })
            }) }
        </g>
    }
}

/// The cursor's handle: lies over the plot, takes pointer and arrow keys, and
/// tells assistive technology what the curves say.
fn slider(props: &PlotProps) -> Html {
    let PlotProps { figure, layout, places, place, readings, on_place, .. } = props;
    let ((left, right), (bottom, top)) = (layout.x.range(), layout.y.range());
    let (first, last) = (places.first().copied(), places.last().copied());
    let now = place.or(last).unwrap_or_default();
    let text = match place {
        Some(place) => cursor::sentence(figure, *place, readings),
        None => text::chart_keys().to_owned(),
    };
    let at_pointer = |layout: &Shared<Layout>, on_place: &Callback<Option<f64>>| {
        let (layout, on_place) = (layout.clone(), on_place.clone());
        Callback::from(move |event: PointerEvent| {
            let (left, _) = layout.x.range();
            on_place.emit(Some(layout.x.value(left + f64::from(event.offset_x()))));
        })
    };
    let leave = {
        let on_place = on_place.clone();
        Callback::from(move |event: PointerEvent| {
            // A finger that was lifted leaves the reading in place.
            if event.pointer_type() == "mouse" {
                on_place.emit(None);
            }
        })
    };
    let onkeydown = {
        let (places, place, on_place) = (places.clone(), *place, on_place.clone());
        let far = layout.x_step();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            if let Some(moved) = moved(&places, place, &event.key(), far) {
                event.prevent_default();
                on_place.emit(moved);
            }
        })
    };
    let onblur = {
        let on_place = on_place.clone();
        Callback::from(move |_: FocusEvent| on_place.emit(None))
    };
    html! {
        <div
            class="chart-cursor"
            role="slider"
            tabindex="0"
            aria-label={text::chart_values(&figure.title)}
            aria-orientation="horizontal"
            aria-valuemin={format!("{:.2}", first.unwrap_or_default())}
            aria-valuemax={format!("{:.2}", last.unwrap_or_default())}
            aria-valuenow={format!("{now:.2}")}
            aria-valuetext={text}
            ~style={format!("left:{left}px;top:{top}px;width:{}px;height:{}px", right - left, bottom - top)}
            onpointermove={at_pointer(layout, on_place)}
            onpointerdown={at_pointer(layout, on_place)}
            onpointerleave={leave}
            {onkeydown}
            {onblur}
        />
    }
}

/// Where a key takes the cursor: `Some(None)` puts it away, `None` is not for it.
fn moved(places: &[f64], place: Option<f64>, key: &str, step: f64) -> Option<Option<f64>> {
    let last = places.len().saturating_sub(1);
    let here = place.and_then(|place| cursor::nearest(places, place));
    let from = here.unwrap_or(last);
    let index = match key {
        "ArrowLeft" | "ArrowDown" if here.is_none() => last,
        "ArrowRight" | "ArrowUp" if here.is_none() => 0,
        "ArrowLeft" | "ArrowDown" => from.saturating_sub(1),
        "ArrowRight" | "ArrowUp" => (from + 1).min(last),
        "PageDown" => cursor::far(places, from, -step),
        "PageUp" => cursor::far(places, from, step),
        "Home" => 0,
        "End" => last,
        "Escape" if here.is_some() => return Some(None),
        _ => return None,
    };
    places.get(index).map(|place| Some(*place))
}

fn line_class(style: Style) -> Classes {
    let weight = match style.weight {
        Weight::Light => "is-light",
        Weight::Thin => "is-thin",
        Weight::Normal => "is-normal",
    };
    classes!("chart-line", weight, colour_class(style))
}

fn marker_class(style: Style) -> Classes {
    let shape = match style.marker {
        Marker::Ring | Marker::Cross => "is-outline",
        _ => "is-filled",
    };
    classes!("chart-marker", shape, colour_class(style))
}

fn colour_class(style: Style) -> String {
    format!("colour-{}", style.colour)
}
