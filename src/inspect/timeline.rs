//! The schedule before training: size, learning rate and momentum of each batch.

use crate::chart::table::Table;
use crate::chart::{Axis, Dash, Figure, Mark, Marker, Point, Series, Style, Unit, Weight};
use crate::schedule::{EpochPlan, Schedule};
use crate::text;

/// Size, learning rate and momentum over the epochs, one chart each, with the
/// phases marked alike.
pub fn figures(plan: &Schedule) -> [Figure; 3] {
    let batches = plan.batches_per_epoch.max(1);
    let over =
        |title: &str, label: &str, colour, include, value: &dyn Fn(&EpochPlan, u32) -> f64| {
            let points = plan.epochs.iter().flat_map(|epoch| {
                let at =
                    |batch: u32| f64::from(epoch.epoch) + f64::from(batch) / f64::from(batches);
                let inside = (0..batches).map(move |batch| (batch, at(batch)));
                // A step at the end of an epoch is upright only with a point on each side.
                inside.chain([(batches - 1, at(batches))])
            });
            let owners = plan.epochs.iter().flat_map(|epoch| (0..=batches).map(move |_| epoch));
            let points: Vec<Point> = points
                .zip(owners)
                .map(|((batch, x), epoch)| Point { x, y: value(epoch, batch) })
                .collect();
            Figure {
                title: title.to_owned(),
                x: Axis {
                    label: text::chart_epoch().to_owned(),
                    unit: Unit::Number,
                    include: Some((0.0, plan.epochs.len().max(1) as f64)),
                },
                y: Axis { label: label.to_owned(), unit: Unit::Number, include },
                series: vec![Series {
                    name: label.to_owned(),
                    label: String::new(),
                    points: points.into(),
                    style: Style {
                        colour,
                        dash: Dash::Solid,
                        marker: Marker::None,
                        weight: Weight::Normal,
                    },
                    dense: true,
                }],
                bands: Vec::new(),
                marks: marks(plan),
            }
        };
    [
        over(text::resizing_side(), text::resizing_pixels(), 2, Some((0.0, 0.0)), &|epoch, _| {
            f64::from(epoch.size)
        }),
        over(text::finder_title(), text::finder_axis(), 1, Some((0.0, 0.0)), &|epoch, batch| {
            epoch.at(batch).lr
        }),
        over(
            text::resizing_momentum(),
            text::resizing_momentum_axis(),
            3,
            None,
            &|epoch, batch| epoch.at(batch).momentum,
        ),
    ]
}

/// Where a phase or its warm-up epoch begins; none for one constant size.
fn marks(plan: &Schedule) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut before: Option<&EpochPlan> = None;
    for epoch in &plan.epochs {
        if before.is_none_or(|before| before.phase != epoch.phase) {
            let label = format!("{} px", epoch.size);
            marks.push(Mark { x: f64::from(epoch.epoch), label });
        }
        before = Some(epoch);
    }
    if marks.len() > 1 { marks } else { Vec::new() }
}

/// One row per epoch.
pub fn table(plan: &Schedule) -> Table {
    let header = [
        text::chart_epoch(),
        text::resizing_column_phase(),
        text::resizing_column_size(),
        text::resizing_column_kind(),
        text::resizing_column_lr_first(),
        text::resizing_column_lr_highest(),
        text::resizing_column_lr_last(),
        text::resizing_column_momentum_first(),
        text::resizing_column_momentum_last(),
    ];
    let last = plan.batches_per_epoch.saturating_sub(1);
    let rows = plan.epochs.iter().map(|epoch| {
        let highest = (0..=last).map(|batch| epoch.at(batch).lr).fold(0.0, f64::max);
        let kind = match (epoch.warmup, epoch.frozen) {
            (true, true) => text::resizing_kind_frozen(),
            (true, false) => text::resizing_kind_warmup(),
            (false, _) => text::resizing_kind_training(),
        };
        let (first, end) = (epoch.at(0), epoch.at(last));
        let mut row = vec![
            epoch.epoch.to_string(),
            (epoch.phase + 1).to_string(),
            format!("{} px", epoch.size),
            kind.to_owned(),
        ];
        row.extend([first.lr, highest, end.lr].map(|lr| format!("{lr:.2e}")));
        row.extend([first.momentum, end.momentum].map(|momentum| format!("{momentum:.4}")));
        row
    });
    Table { header: header.map(str::to_owned).to_vec(), rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::link::parse;

    fn plan(link: &str) -> Schedule {
        Schedule::new(&parse(link).experiment, 10)
    }

    #[test]
    fn each_chart_has_every_batch_and_both_sides_of_each_step() {
        let plan = plan("prog=32x2,64x1&lr=0.01");
        let [size, lr, momentum] = figures(&plan);
        for figure in [&size, &lr, &momentum] {
            assert_eq!(figure.series[0].points.len(), 4 * 11);
            assert!(figure.series[0].points.windows(2).all(|pair| pair[0].x <= pair[1].x));
            assert_eq!(figure.x.include, Some((0.0, 4.0)));
        }
        let sides = |at: f64| -> Vec<f64> {
            size.series[0]
                .points
                .iter()
                .filter(|point| point.x == at)
                .map(|point| point.y)
                .collect()
        };
        assert_eq!(sides(2.0), [32.0, 64.0]);
        assert_eq!(lr.series[0].points[0].y, 0.01 / 25.0);
        assert_eq!(momentum.series[0].points[0].y, 0.95);
    }

    #[test]
    fn phases_are_marked_where_there_are_several() {
        let marks: Vec<_> = figures(&plan("prog=32x2,64x1"))[1]
            .marks
            .iter()
            .map(|mark| (mark.x, mark.label.clone()))
            .collect();
        assert_eq!(marks, [(0.0, "32 px".to_owned()), (2.0, "64 px".to_owned())]);
        assert!(figures(&plan("epochs=3"))[0].marks.is_empty());
    }

    #[test]
    fn the_table_tells_each_epoch() {
        let table = table(&plan("prog=32x2,64x1&freeze=1&lr=0.03"));
        assert_eq!(table.rows.len(), 4);
        assert_eq!(table.rows[2][..4], ["2", "2", "64 px", "warm-up, convolutions frozen"]);
        assert_eq!(table.rows[0][4], "1.20e-3");
        // At batch 9 of 10: .0004 + .0096 · (1 - cos(π · .9 / .99)) / 2.
        assert_eq!(table.rows[2][5], "9.81e-3");
    }

    #[test]
    fn no_batches_are_no_panic() {
        let plan = Schedule::new(&parse("epochs=2").experiment, 0);
        assert_eq!(figures(&plan)[0].series[0].points.len(), 4);
        assert_eq!(table(&plan).rows.len(), 2);
    }
}
