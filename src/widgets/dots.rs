//! The dot plot: one row per difference, with its 95% interval and its verdict in
//! words. What lies where is [`crate::chart::dots`]' work.

use super::chart::use_width;
use crate::chart::dots::{Dot, DotLayout, DotRow, layout};
use crate::format::points;
use crate::stats::verdict::Verdict;
use crate::sweep::{ContrastSummary, Summary};
use crate::text;
use crate::widgets::shared::Shared;
use yew::prelude::*;

/// Properties of [`Dots`].
#[derive(Clone, PartialEq, Properties)]
pub struct DotsProps {
    /// What the runs say.
    pub summary: Shared<Summary>,
}

/// The plot.
#[component]
pub fn Dots(props: &DotsProps) -> Html {
    let node = use_node_ref();
    let width = use_width(&node);
    let summary = &props.summary;
    let made = use_memo((summary.clone(), width), |(summary, width)| {
        let dots: Vec<Dot> = summary.contrasts.iter().map(dot).collect();
        layout(&dots, *width)
    });
    let made: &DotLayout = &made;
    let height = made.height;
    let names = |verdict: Verdict| {
        let of = summary.contrasts.iter().filter(move |it| it.verdict == verdict);
        of.map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let description = [Verdict::Helps, Verdict::Hurts, Verdict::CannotTell]
        .map(|verdict| (verdict, names(verdict)))
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(verdict, names)| format!("{}: {names}.", verdict.word()))
        .collect::<Vec<_>>()
        .join(" ");
    html! {
        <figure class="dots">
            <figcaption class="hint">
                { text::queue_dots_caption() }
            </figcaption>
            <div class="dots-plot" ref={node}>
                <svg
                    role="img" aria-label={text::queue_dots_label(&description)}
                    width={made.width.to_string()} height={height.to_string()}
                    viewBox={format!("0 0 {} {height}", made.width)}
                >
                    { axes(made) }
                    { for made.rows.iter().zip(&summary.contrasts).map(|(row, contrast)| draw(row, contrast, made.width)) }
                </svg>
            </div>
        </figure>
    }
}

fn dot(contrast: &ContrastSummary) -> Dot {
    Dot {
        name: contrast.name.clone(),
        value: contrast.delta,
        interval: contrast.interval.map(|it| (it.low, it.high)),
    }
}

fn axes(made: &DotLayout) -> Html {
    let DotLayout { zero, bottom, width, .. } = made;
    let grid: String = made.ticks.iter().map(|(x, _)| format!("M{x:.1} 0V{bottom}")).collect();
    html! {
        <g aria-hidden="true">
            <path class="chart-grid" d={grid} />
            <path class="dots-zero" d={format!("M{zero:.1} 0V{bottom}")} />
            { for made.ticks.iter().map(|(x, text)| html! {
                <text class="dots-tick" x={format!("{x:.1}")} y={(bottom + 16.0).to_string()} text-anchor="middle">{ text }</text>
            }) }
            <text class="dots-tick" x={(width / 2.0).to_string()} y={(bottom + 34.0).to_string()} text-anchor="middle">
                { text::queue_dots_axis() }
            </text>
        </g>
    }
}

fn draw(row: &DotRow, contrast: &ContrastSummary, width: f64) -> Html {
    let y = row.y;
    let (class, sign) = match contrast.verdict {
        Verdict::Helps => ("is-help", "▲"),
        Verdict::Hurts => ("is-hurt", "▼"),
        Verdict::CannotTell => ("is-open", "○"),
    };
    let line = row.interval.map(|(low, high)| {
        let ends = |x: f64, out: bool, way: f64| {
            if out {
                format!(
                    "M{:.1} {:.1}L{x:.1} {y}L{:.1} {:.1}",
                    x + 6.0 * way,
                    y - 4.0,
                    x + 6.0 * way,
                    y + 4.0
                )
            } else {
                format!("M{x:.1} {:.1}V{:.1}", y - 5.0, y + 5.0)
            }
        };
        let (left, right) = row.beyond;
        format!("M{low:.1} {y}H{high:.1}{}{}", ends(low, left, 1.0), ends(high, right, -1.0))
    });
    let value = contrast.delta.map_or_else(String::new, points);
    html! {
        <g key={contrast.name.clone()} class={class}>
            <text class="dots-name" x="4" y={row.text.to_string()}>{ &contrast.name }</text>
            <text class="dots-verdict" x={(width - 4.0).to_string()} y={row.text.to_string()} text-anchor="end">
                { format!("{value} {sign} {}", contrast.verdict.word()) }
            </text>
            if let Some(line) = line {
                <path class="dots-interval" d={line} />
            }
            if let Some(x) = row.x {
                <circle class="dots-dot" cx={format!("{x:.1}")} cy={y.to_string()} r="5" />
            }
        </g>
    }
}
