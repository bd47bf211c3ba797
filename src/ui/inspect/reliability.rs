//! The two diagrams of confidence: how many images have how much of it, and how
//! many of those are right.

use crate::format::percent;
use crate::inspect::confidence::BinBars;
use crate::text;
use crate::ui::shared::Shared;
use yew::prelude::*;

/// Width and height of the plot, and its margins left and top, in SVG units.
const PLOT: (f64, f64) = (330.0, 150.0);
const LEFT: f64 = 34.0;
const TOP: f64 = 30.0;
/// Height of the labels below.
const BELOW: f64 = 30.0;

/// What [`histogram`] shows.
pub struct HistogramProps {
    /// The bins.
    pub bars: Shared<Vec<BinBars>>,
    /// Unique in the page.
    pub id: AttrValue,
    /// Whose confidence it is.
    pub name: AttrValue,
}

/// Images per bin of confidence, right ones below and wrong ones above.
pub fn histogram(props: &HistogramProps) -> Html {
    let HistogramProps { bars, id, name } = props;
    let wide = PLOT.0 / bars.len().max(1) as f64;
    let hatch = format!("hatch-{id}");
    let [right, wrong] =
        bars.iter().fold([0, 0], |sum, bar| [sum[0] + bar.counts[0], sum[1] + bar.counts[1]]);
    let label = text::confidence_histogram_label(name, right, &wrong.to_string());
    // Both together reach the top where the bin is the fullest.
    let bar = |(place, bar): (usize, &BinBars)| {
        let x = LEFT + wide * place as f64 + 1.0;
        let [low, high] = bar.heights.map(|height| height * PLOT.1);
        let bottom = TOP + PLOT.1;
        let count = bar.counts[0] + bar.counts[1];
        html! {
            <g>
                <rect class="bar-right" x={x.to_string()} width={(wide - 2.0).to_string()} y={(bottom - low).to_string()} height={low.to_string()} />
                <rect class="bar-wrong" fill={format!("url(#{hatch})")} x={x.to_string()} width={(wide - 2.0).to_string()} y={(bottom - low - high).to_string()} height={high.to_string()} />
                if count > 0 {
                    { count_text(x + 0.5 * wide, bottom - low - high, count) }
                }
            </g>
        }
    };
    html! {
        <figure class="diagram">
            <figcaption>
                { text::confidence_histogram() }
                <span class="diagram-key"><span class="key-right" aria-hidden="true"></span>{ " " }{ text::confidence_right() }{ " " }<span class="key-wrong" aria-hidden="true"></span>{ " " }{ text::confidence_wrong() }</span>
            </figcaption>
            <svg viewBox={view_box()} role="img" aria-label={label}>
                <pattern id={hatch.clone()} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="hatch-ground" width="5" height="5" />
                    <path class="hatch-line" d="M0 0V5" />
                </pattern>
                { for bars.iter().enumerate().map(bar) }
                { axis(text::confidence_axis(), None) }
            </svg>
        </figure>
    }
}

/// What [`reliability`] shows.
pub struct ReliabilityProps {
    /// The bins.
    pub bars: Shared<Vec<BinBars>>,
    /// Whose confidence it is.
    pub name: AttrValue,
}

/// Accuracy per bin of confidence, against the diagonal of a perfect judge.
pub fn reliability(props: &ReliabilityProps) -> Html {
    let ReliabilityProps { bars, name } = props;
    let wide = PLOT.0 / bars.len().max(1) as f64;
    let told: Vec<String> = bars
        .iter()
        .filter_map(|bar| {
            let (accuracy, confidence) = bar.accuracy.zip(bar.confidence)?;
            Some(text::confidence_reliability_point(&percent(confidence), &percent(accuracy)))
        })
        .collect();
    let label = text::confidence_reliability_label(name, &told.join(", "));
    let bottom = TOP + PLOT.1;
    let bar = |(place, bar): (usize, &BinBars)| {
        let Some((accuracy, confidence)) = bar.accuracy.zip(bar.confidence) else {
            return Html::default();
        };
        let x = LEFT + wide * place as f64 + 1.0;
        let height = accuracy * PLOT.1;
        let at = bottom - confidence * PLOT.1;
        html! {
            <g>
                <rect class="bar-right" x={x.to_string()} width={(wide - 2.0).to_string()} y={(bottom - height).to_string()} height={height.to_string()} />
                <path class="bar-sure" d={format!("M{:.1} {at:.1}h{:.1}", x - 1.0, wide)} />
                { count_text(x + 0.5 * wide, (bottom - height).min(at), bar.counts[0] + bar.counts[1]) }
            </g>
        }
    };
    html! {
        <figure class="diagram">
            <figcaption>
                { text::confidence_reliability() }
                <span class="diagram-key"><span class="key-right" aria-hidden="true"></span>{ " " }{ text::confidence_key_accuracy() }{ " " }<span class="key-sure" aria-hidden="true"></span>{ " " }{ text::confidence_key_confidence() }</span>
            </figcaption>
            <svg viewBox={view_box()} role="img" aria-label={label}>
                <path class="diagonal" d={format!("M{LEFT} {bottom}L{} {TOP}", LEFT + PLOT.0)} />
                { for bars.iter().enumerate().map(bar) }
                { axis(text::confidence_axis(), Some(text::confidence_axis_accuracy())) }
            </svg>
        </figure>
    }
}

fn view_box() -> String {
    format!("0 0 {} {}", LEFT + PLOT.0 + 18.0, TOP + PLOT.1 + BELOW)
}

/// The number of images above a bar, upright so that it fits.
fn count_text(x: f64, y: f64, count: u32) -> Html {
    let (x, y) = (x + 2.5, y - 3.0);
    html! {
        <text class="bar-count" x={x.to_string()} y={y.to_string()} transform={format!("rotate(-90 {x} {y})")}>{ count }</text>
    }
}

fn axis(across: &str, up: Option<&str>) -> Html {
    let bottom = TOP + PLOT.1;
    html! {
        <g>
            <path class="chart-axis" d={format!("M{LEFT} {TOP}V{bottom}H{}", LEFT + PLOT.0)} />
            { for [0.0, 0.5, 1.0].into_iter().map(|share: f64| html! {
                <text class="axis-text" text-anchor="middle" x={(LEFT + share * PLOT.0).to_string()} y={(bottom + 13.0).to_string()}>{ text::percentage(&format!("{:.0}", 100.0 * share)) }</text>
            }) }
            <text class="axis-text" text-anchor="middle" x={(LEFT + 0.5 * PLOT.0).to_string()} y={(bottom + 26.0).to_string()}>{ across }</text>
            if let Some(up) = up {
                { for [0.0, 0.5, 1.0].into_iter().map(|share: f64| html! {
                    <text class="axis-text" text-anchor="end" x={(LEFT - 4.0).to_string()} y={(bottom - share * PLOT.1 + 4.0).to_string()}>{ text::percentage(&format!("{:.0}", 100.0 * share)) }</text>
                }) }
                <text class="axis-text" x={LEFT.to_string()} y={(TOP - 18.0).to_string()}>{ up }</text>
            } else {
                <text class="axis-text" x={LEFT.to_string()} y={(TOP - 18.0).to_string()}>{ text::confidence_axis_images() }</text>
            }
        </g>
    }
}
