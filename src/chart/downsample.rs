//! Fewer points for the same picture. Independent of everything else.

use super::Point;
use super::scale::Scale;

/// The points that matter at this width: of those that fall into the same pixel
/// column the first, the lowest, the highest and the last, in order. Points that
/// are not finite are left out. A spike of one batch stays visible.
pub fn to_columns(points: &[Point], x: &Scale) -> Vec<Point> {
    let mut kept = Vec::new();
    let mut column: Option<Column> = None;
    for point in points.iter().filter(|point| point.x.is_finite() && point.y.is_finite()) {
        let pixel = x.pixel(point.x).floor();
        match &mut column {
            Some(open) if open.pixel == pixel => open.add(*point),
            _ => {
                if let Some(full) = column.take() {
                    full.flush(&mut kept);
                }
                column = Some(Column::new(pixel, *point));
            }
        }
    }
    if let Some(full) = column {
        full.flush(&mut kept);
    }
    kept
}

/// What is kept of one pixel column: points with their places in it.
struct Column {
    pixel: f64,
    count: usize,
    first: Point,
    low: (usize, Point),
    high: (usize, Point),
    last: Point,
}

impl Column {
    fn new(pixel: f64, point: Point) -> Self {
        Self { pixel, count: 1, first: point, low: (0, point), high: (0, point), last: point }
    }

    fn add(&mut self, point: Point) {
        if point.y < self.low.1.y {
            self.low = (self.count, point);
        }
        if point.y > self.high.1.y {
            self.high = (self.count, point);
        }
        self.last = point;
        self.count += 1;
    }

    fn flush(self, kept: &mut Vec<Point>) {
        let Self { count, first, low, high, last, .. } = self;
        let [earlier, later] = if low.0 <= high.0 { [low, high] } else { [high, low] };
        let mut previous = None;
        for (place, point) in [(0, first), earlier, later, (count - 1, last)] {
            if previous != Some(place) {
                kept.push(point);
            }
            previous = Some(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(values: &[f64]) -> Vec<Point> {
        let n = values.len() as f64;
        values.iter().enumerate().map(|(i, &y)| Point { x: i as f64 / n, y }).collect()
    }

    proptest! {
        #[test]
        fn ends_and_extremes_stay_and_few_points_remain(
            values in proptest::collection::vec(-3.0..3.0f64, 1..2000),
        ) {
            let scale = Scale::new((0.0, 1.0), (0.0, 100.0));
            let all = points(&values);
            let kept = to_columns(&all, &scale);
            prop_assert!(kept.len() <= 4 * 101);
            prop_assert_eq!(kept.first(), all.first());
            prop_assert_eq!(kept.last(), all.last());
            let high = |points: &[Point]| points.iter().map(|p| p.y).fold(f64::MIN, f64::max);
            prop_assert_eq!(high(&kept), high(&all));
            prop_assert!(kept.windows(2).all(|pair| pair[0].x < pair[1].x));
        }
    }

    #[test]
    fn few_points_are_all_kept_and_gaps_left_out() {
        let scale = Scale::new((0.0, 1.0), (0.0, 500.0));
        let mut all = points(&[1.0, 2.0, 1.5]);
        assert_eq!(to_columns(&all, &scale), all);
        all[1].y = f64::NAN;
        assert_eq!(to_columns(&all, &scale).len(), 2);
    }
}
