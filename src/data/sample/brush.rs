//! Drawing in a figure's own coordinates: shapes, frames and light. Knows the
//! canvas only; figures and scenes draw with it.

use super::canvas::{Canvas, Colour, Paint, Position, Ramp, mix};

/// Closed contours in the coordinates of a frame; y points down.
#[derive(Clone, Debug)]
pub(super) struct Outline(Vec<Vec<Position>>);

/// Corners of a polygon that stands for a full circle.
const CIRCLE: usize = 28;
/// Pieces of each curved section of a blob.
const CURVE: usize = 5;

/// Cosine and sine of an angle in turns, the same on every target.
fn direction(turns: f32) -> (f32, f32) {
    let angle = turns * core::f32::consts::TAU;
    (libm::cosf(angle), libm::sinf(angle))
}

impl Outline {
    /// A polygon.
    pub(super) fn polygon(corners: &[(f32, f32)]) -> Self {
        Self(vec![corners.iter().map(|&(x, y)| Position::new(x, y)).collect()])
    }

    /// An upright rectangle.
    pub(super) fn rect(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self::polygon(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    }

    /// An upright rectangle with its corners cut in two steps, as good as round.
    pub(super) fn rounded(x0: f32, y0: f32, x1: f32, y1: f32, r: f32) -> Self {
        let mut corners = Vec::with_capacity(12);
        // Where a quarter of a circle is cut: its ends and its middle.
        let middle = r * 0.293;
        let corner = |x: f32, y: f32, sx: f32, sy: f32, flip: bool| {
            let mut cut = [(x, y + sy * r), (x + sx * middle, y + sy * middle), (x + sx * r, y)];
            if flip {
                cut.reverse();
            }
            cut
        };
        corners.extend(corner(x0, y0, 1.0, 1.0, false));
        corners.extend(corner(x1, y0, -1.0, 1.0, true));
        corners.extend(corner(x1, y1, -1.0, -1.0, false));
        corners.extend(corner(x0, y1, 1.0, -1.0, true));
        Self::polygon(&corners)
    }

    /// An ellipse by its centre and half-axes.
    pub(super) fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Self {
        Self(vec![oval(x, y, rx, ry, CIRCLE)])
    }

    /// A small disc, cheaper than an ellipse.
    pub(super) fn dot(x: f32, y: f32, r: f32) -> Self {
        Self(vec![oval(x, y, r, r, 8)])
    }

    /// A smooth closed shape inside its control points (a quadratic B-spline).
    pub(super) fn blob(controls: &[(f32, f32)]) -> Self {
        let n = controls.len();
        let mut contour = Vec::with_capacity(n * CURVE);
        for i in 0..n {
            let (a, b, c) = (controls[(i + n - 1) % n], controls[i], controls[(i + 1) % n]);
            contour.extend(section(middle(a, b), b, middle(b, c)));
        }
        Self(vec![contour])
    }

    /// A line of constant width with round ends and joints.
    pub(super) fn stroke(points: &[(f32, f32)], width: f32) -> Self {
        let r = width / 2.0;
        let mut contours = Vec::with_capacity(2 * points.len());
        for pair in points.windows(2) {
            let (p, q) = (pair[0], pair[1]);
            let (dx, dy) = (q.0 - p.0, q.1 - p.1);
            let scale = r / (dx * dx + dy * dy).sqrt().max(1e-6);
            let (nx, ny) = (dy * scale, -dx * scale);
            contours.push(vec![
                Position::new(p.0 + nx, p.1 + ny),
                Position::new(q.0 + nx, q.1 + ny),
                Position::new(q.0 - nx, q.1 - ny),
                Position::new(p.0 - nx, p.1 - ny),
            ]);
        }
        contours.extend(points.iter().map(|&(x, y)| oval(x, y, r, r, 8)));
        Self(contours)
    }

    /// A stroke along a smooth open curve, from the first control to the last.
    pub(super) fn curve(controls: &[(f32, f32)], width: f32) -> Self {
        let mut points = Vec::with_capacity(controls.len() * CURVE);
        points.extend(controls.first());
        for triple in controls.windows(3) {
            let (a, b, c) = (triple[0], triple[1], triple[2]);
            points.extend(section(middle(a, b), b, middle(b, c)).map(|p| (p.x, p.y)));
        }
        points.extend(controls.last());
        Self::stroke(&points, width)
    }

    /// A stroke along part of an ellipse, in turns clockwise from the right.
    pub(super) fn arc(
        centre: (f32, f32),
        radii: (f32, f32),
        turns: (f32, f32),
        width: f32,
    ) -> Self {
        let steps = (((turns.1 - turns.0).abs() * CIRCLE as f32) as usize).max(3);
        let points: Vec<_> = (0..=steps)
            .map(|i| {
                let turn = turns.0 + (turns.1 - turns.0) * i as f32 / steps as f32;
                let (c, s) = direction(turn);
                (centre.0 + radii.0 * c, centre.1 + radii.1 * s)
            })
            .collect();
        Self::stroke(&points, width)
    }

    /// A circular band between two radii.
    pub(super) fn ring(x: f32, y: f32, outer: f32, inner: f32) -> Self {
        let mut hole = oval(x, y, inner, inner, CIRCLE);
        hole.reverse();
        Self(vec![oval(x, y, outer, outer, CIRCLE), hole])
    }
}

fn oval(x: f32, y: f32, rx: f32, ry: f32, corners: usize) -> Vec<Position> {
    (0..corners)
        .map(|i| {
            let (c, s) = direction(i as f32 / corners as f32);
            Position::new(x + rx * c, y + ry * s)
        })
        .collect()
}

fn middle(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0)
}

/// Points of a quadratic Bézier curve, without its end.
fn section(
    start: (f32, f32),
    control: (f32, f32),
    end: (f32, f32),
) -> impl Iterator<Item = Position> {
    (0..CURVE).map(move |i| {
        let t = i as f32 / CURVE as f32;
        let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
        Position::new(
            a * start.0 + b * control.0 + c * end.0,
            a * start.1 + b * control.1 + c * end.1,
        )
    })
}

/// An affine map from a figure's coordinates to pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    origin: Position,
    x_axis: Position,
    y_axis: Position,
}

impl Frame {
    /// The map that puts the origin at `origin`, one unit as `scale` pixels,
    /// turned clockwise.
    pub(super) fn new(origin: Position, scale: f32, turns: f32) -> Self {
        let (c, s) = direction(turns);
        Self {
            origin,
            x_axis: Position::new(scale * c, scale * s),
            y_axis: Position::new(-scale * s, scale * c),
        }
    }

    /// The same map after the figure was stretched and sheared along its x axis.
    pub(super) fn skewed(self, stretch: f32, shear: f32) -> Self {
        let (x, y) = (self.x_axis, self.y_axis);
        Self {
            origin: self.origin,
            x_axis: Position::new(stretch * x.x, stretch * x.y),
            y_axis: Position::new(y.x + shear * x.x, y.y + shear * x.y),
        }
    }

    fn map(&self, p: Position) -> Position {
        Position::new(
            self.origin.x + p.x * self.x_axis.x + p.y * self.y_axis.x,
            self.origin.y + p.x * self.x_axis.y + p.y * self.y_axis.y,
        )
    }

    /// Pixels per unit, the larger of both axes.
    fn scale(&self) -> f32 {
        let x = self.x_axis.x * self.x_axis.x + self.x_axis.y * self.x_axis.y;
        let y = self.y_axis.x * self.y_axis.x + self.y_axis.y * self.y_axis.y;
        x.max(y).sqrt()
    }
}

/// Draws shapes of one frame into a canvas, under one light.
pub(super) struct Brush<'a> {
    canvas: &'a mut Canvas,
    frame: Frame,
    /// Towards the light, in pixels, of length 1.
    light: Position,
    /// Brightness of lit and dark sides is 1 ± this.
    relief: f32,
}

impl<'a> Brush<'a> {
    /// A brush under a light that comes from the given direction, in turns
    /// clockwise from the right.
    pub(super) fn new(canvas: &'a mut Canvas, frame: Frame, light: f32, relief: f32) -> Self {
        let (x, y) = direction(light);
        Self { canvas, frame, light: Position::new(x, y), relief }
    }

    /// Fills a shape evenly.
    pub(super) fn flat(&mut self, shape: &Outline, colour: Colour) {
        self.even(shape, colour, 1.0, 0.0);
    }

    /// Fills a shape evenly and lets what is below shine through.
    pub(super) fn glaze(&mut self, shape: &Outline, colour: Colour, opacity: f32) {
        self.even(shape, colour, opacity, 0.0);
    }

    fn even(&mut self, shape: &Outline, colour: Colour, opacity: f32, grain: f32) {
        let end = (colour, opacity);
        let paint = Paint { from: end, to: end, ramp: Ramp::Flat, grain };
        self.canvas.fill(&self.mapped(shape), &paint);
    }

    /// Fills a shape, brighter towards the light.
    pub(super) fn solid(&mut self, shape: &Outline, colour: Colour) {
        self.rough(shape, colour, 0.0);
    }

    /// Fills a shape, brighter towards the light, with a texture (0 = smooth).
    pub(super) fn rough(&mut self, shape: &Outline, colour: Colour, grain: f32) {
        let contours = self.mapped(shape);
        let along = |p: &Position| p.x * self.light.x + p.y * self.light.y;
        let (mut near, mut far) = (f32::MIN, f32::MAX);
        for t in contours.iter().flatten().map(along) {
            (near, far) = (near.max(t), far.min(t));
        }
        let at = |t: f32| Position::new(self.light.x * t, self.light.y * t);
        let paint = Paint {
            from: (lighten(colour, self.relief), 1.0),
            to: (darken(colour, self.relief), 1.0),
            ramp: Ramp::Linear(at(near), at(far)),
            grain,
        };
        self.canvas.fill(&contours, &paint);
    }

    /// Fills a shape with a ramp between two positions of the frame.
    pub(super) fn blend(
        &mut self,
        shape: &Outline,
        from: (Colour, (f32, f32)),
        to: (Colour, (f32, f32)),
        grain: f32,
    ) {
        let at = |p: (f32, f32)| self.frame.map(Position::new(p.0, p.1));
        let paint = Paint {
            from: (from.0, 1.0),
            to: (to.0, 1.0),
            ramp: Ramp::Linear(at(from.1), at(to.1)),
            grain,
        };
        self.canvas.fill(&self.mapped(shape), &paint);
    }

    /// Fills a shape as a ball of the given centre and radius would be lit.
    pub(super) fn ball(
        &mut self,
        shape: &Outline,
        colour: Colour,
        centre: (f32, f32),
        radius: f32,
    ) {
        let middle = self.frame.map(Position::new(centre.0, centre.1));
        let reach = radius * self.frame.scale();
        let lit = Position::new(
            middle.x + 0.45 * reach * self.light.x,
            middle.y + 0.45 * reach * self.light.y,
        );
        let paint = Paint {
            from: (lighten(colour, 0.8 * self.relief), 1.0),
            to: (darken(colour, 2.2 * self.relief), 1.0),
            ramp: Ramp::Radial(lit, 1.5 * reach),
            grain: 0.0,
        };
        self.canvas.fill(&self.mapped(shape), &paint);
    }

    /// A soft dark patch, e.g. the shadow on the ground, fading to its rim.
    pub(super) fn shadow(&mut self, x: f32, y: f32, rx: f32, ry: f32, strength: f32) {
        // Three thinner layers fade as well as a ramp, whatever the aspect.
        for share in [1.0, 0.75, 0.5] {
            let shape = Outline::ellipse(x, y, rx * share, ry * share);
            self.glaze(&shape, [0.02, 0.02, 0.05], strength / 3.0);
        }
    }

    fn mapped(&self, shape: &Outline) -> Vec<Vec<Position>> {
        let map = |contour: &Vec<Position>| contour.iter().map(|&p| self.frame.map(p)).collect();
        shape.0.iter().map(map).collect()
    }
}

/// Towards white.
pub(super) fn lighten(colour: Colour, amount: f32) -> Colour {
    mix(colour, [1.0; 3], amount.clamp(0.0, 1.0))
}

/// Towards black.
pub(super) fn darken(colour: Colour, amount: f32) -> Colour {
    mix(colour, [0.0; 3], amount.clamp(0.0, 1.0))
}
