//! Tests of the figures of runs.

use super::*;
use crate::cost;
use crate::record::TtaResult;
use crate::runs::tests::entry;

fn live() -> LiveRun {
    LiveRun {
        link: "v=1".to_owned(),
        total_epochs: 5,
        rows: entry("a", "v=1", 0.6).record.epochs,
        points: (0..6)
            .map(|step| StepPoint {
                step,
                epoch: f64::from(step + 1) / 2.0,
                loss: 2.0,
                smooth_loss: 2.0,
                lr: 0.01,
                momentum: 0.9,
            })
            .collect(),
        tta: None,
        synthetic: true,
        model: None,
        train: 0,
    }
}

fn names(figure: &Figure) -> Vec<&str> {
    figure.series.iter().map(|series| series.name.as_str()).collect()
}

#[test]
fn nll_is_drawn_only_where_it_is_another_curve() {
    let mut run = live();
    assert_eq!(
        names(&loss(Some(&run), &[], XAxis::Epochs)),
        ["train_loss", "valid_loss", "batch loss"]
    );
    run.rows[0].nll -= 0.1;
    assert!(names(&loss(Some(&run), &[], XAxis::Epochs)).contains(&"nll"));
}

#[test]
fn the_axis_spans_the_whole_run_and_any_longer_overlay() {
    let figure = loss(Some(&live()), &[], XAxis::Epochs);
    assert_eq!(figure.x.include, Some((0.0, 5.0)));
    assert!(figure.marks.is_empty());
    let mut long = entry("b", "v=1", 0.7);
    long.record.epochs.last_mut().unwrap().epoch = 9;
    let overlay = Overlay { place: 0, name: "run 2".to_owned(), runs: vec![Rc::new(long)] };
    assert_eq!(accuracy(Some(&live()), &[overlay], XAxis::Epochs).x.include, Some((0.0, 10.0)));
}

#[test]
fn several_seeds_are_their_mean_with_a_band() {
    let runs = [0.3, 0.6].map(|accuracy| Rc::new(entry("b", "v=1", accuracy))).to_vec();
    let overlay = Overlay { place: 0, name: "runs 1, 2".to_owned(), runs };
    let made = accuracy(None, &[overlay], XAxis::Epochs);
    assert_eq!(names(&made), ["runs 1, 2 accuracy"]);
    assert!((made.series[0].points[2].y - 0.45).abs() < 1e-12);
    let (x, low, high) = made.bands[0].points[2];
    assert_eq!(x, 3.0);
    assert!((high - low - 2.0 * 0.3 / 2f64.sqrt()).abs() < 1e-12);
}

#[test]
fn sizes_of_progressive_resizing_are_marked() {
    let mut run = live();
    run.rows[1].phase = 1;
    run.rows[2].phase = 1;
    run.rows[0].size = 32;
    let marks: Vec<_> = loss(Some(&run), &[], XAxis::Epochs)
        .marks
        .into_iter()
        .map(|mark| (mark.x, mark.label))
        .collect();
    assert_eq!(marks, [(0.0, "32 px".to_owned()), (1.0, "64 px".to_owned())]);
}

#[test]
fn curves_of_runs_of_other_sizes_lie_by_their_own_compute() {
    let run = |link: &str, size: u32| {
        let mut run = entry("b", link, 0.7);
        run.record.dataset.train = 640;
        run.record.model = crate::record::ModelInfo {
            name: "tiny".into(),
            params: 0,
            macs: cost::macs(crate::experiment::ModelKind::Tiny, 10, size),
        };
        for row in &mut run.record.epochs {
            row.size = size;
        }
        run
    };
    let epochs = run("v=1&size=64", 64).record.epochs.len();
    let live = LiveRun::of(&run("v=1&epochs=3&size=64", 64));
    let small = run("v=1&epochs=3&size=32", 32);
    let overlay = Overlay { place: 0, name: "run 2".to_owned(), runs: vec![Rc::new(small)] };
    let figure = accuracy(Some(&live), &[overlay], XAxis::Compute);
    assert_eq!(figure.x.label, "training compute, GFLOP");
    let last = |index: usize| figure.series[index].points.last().unwrap().x;
    // 6 · 640 · (216 + 5 · 1,152) · 32² + … each epoch.
    assert!((last(0) - epochs as f64 * 23.5).abs() < 0.5 * epochs as f64, "{}", last(0));
    assert!((last(0) / last(1) - 4.0).abs() < 0.01);
    assert_eq!(figure.x.include.map(|(low, _)| low), Some(0.0));
}

#[test]
fn tta_is_one_point_at_the_end() {
    let mut run = live();
    run.tta = Some(TtaResult { accuracy: 0.65, passes: 5, seconds: 1.0 });
    let figure = accuracy(Some(&run), &[], XAxis::Epochs);
    let tta = figure.series.last().unwrap();
    assert_eq!(&*tta.points, [Point { x: 3.0, y: 0.65 }]);
}

#[test]
fn no_two_overlays_share_colour_dash_or_marker() {
    let styles: Vec<_> = (0..crate::runs::list::OVERLAYS).map(overlay_style).collect();
    for (i, a) in styles.iter().enumerate() {
        for b in &styles[i + 1..] {
            assert!(a.colour != b.colour && a.dash != b.dash && a.marker != b.marker);
        }
        assert!((4..=Style::COLOURS).contains(&a.colour));
    }
}
