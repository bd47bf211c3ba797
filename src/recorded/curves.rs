//! The curves of recorded runs: validation accuracy by epoch, a line for each arm.

use super::{RecordedError, RecordedTable, plan};
use crate::chart::{Axis, Band, Edges, Figure, Point, Series, Style, Unit, Weight};
use crate::stats::intervals::spread;
use crate::sweep::{LOOKS, Reading};
use crate::text;

impl RecordedTable {
    /// The mean accuracy over the seeds after each epoch, with a band of one standard deviation.
    /// Test-time augmentation has no curve: it is measured once, after the last epoch.
    ///
    /// # Errors
    /// [`RecordedError::NoSweep`].
    pub fn curves(&self) -> Result<Figure, RecordedError> {
        let plan = plan(&self.link)?;
        let (mut series, mut bands) = (Vec::new(), Vec::new());
        let arms = plan.arms();
        let trained = arms.iter().filter(|arm| arm.reading == Reading::Plain);
        for (arm, (colour, (dash, marker))) in trained.zip((1..).zip(LOOKS)) {
            let links: Vec<String> =
                plan.sweep().seeds.iter().map(|seed| arm.run(*seed).link()).collect();
            let runs: Vec<_> =
                self.runs.iter().filter(|run| links.contains(&run.record.link)).collect();
            let epochs = runs.iter().map(|run| run.record.epochs.len()).min().unwrap_or(0);
            let edges: Vec<Edges> = (0..epochs)
                .map(|epoch| {
                    let rows = runs.iter().filter_map(|run| run.record.epochs.get(epoch));
                    let found = spread(&rows.map(|row| row.accuracy).collect::<Vec<_>>());
                    let sd = found.sd.unwrap_or(0.0);
                    (epoch as f64 + 1.0, found.mean - sd, found.mean + sd)
                })
                .collect();
            let middle = |(x, low, high): &Edges| Point { x: *x, y: 0.5 * (low + high) };
            series.push(Series {
                name: arm.name.clone(),
                label: arm.name.clone(),
                points: edges.iter().map(middle).collect(),
                style: Style { colour, dash, marker, weight: Weight::Normal },
                dense: false,
            });
            bands.push(Band { series: bands.len(), points: edges });
        }
        Ok(Figure {
            title: text::recorded_chart().to_owned(),
            x: Axis { label: text::chart_epoch().to_owned(), unit: Unit::Number, include: None },
            y: Axis { label: text::chart_accuracy().to_owned(), unit: Unit::Share, include: None },
            series,
            bands,
            marks: Vec::new(),
        })
    }
}
