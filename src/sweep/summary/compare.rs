//! Chooses the test of a contrast and words its result. Independent of how arms are
//! planned and of how a summary is shown.

use super::{ContrastSummary, InteractionSummary, MeasureSummary, Seeded, TestSummary};
use crate::stats::intervals::Pairs;
use crate::stats::verdict::{Comparison, Judgement, Measure, Verdict, judge};
use crate::sweep::{Arm, Contrast, Interaction, Reading, RunResult, Score};
use crate::text;

/// The results of all arms.
pub(super) struct Sides<'a> {
    /// The arms.
    pub(super) arms: &'a [Arm],
    /// The results of each arm.
    pub(super) results: &'a [Vec<Seeded<'a>>],
    /// Seeds that each arm will have.
    pub(super) seeds: usize,
    /// Runs that have ended, and all of them.
    pub(super) so_far: (usize, usize),
}

/// One side of a contrast.
#[derive(Clone, Copy)]
struct Side<'a> {
    results: &'a [Seeded<'a>],
    reading: Reading,
}

impl<'a> Side<'a> {
    fn figures(self, measure: Measure) -> Vec<f64> {
        figures(self.results, self.reading, measure)
    }

    fn diverged(self) -> usize {
        self.results.iter().filter(|(_, it)| it.diverged).count()
    }

    fn of(self, seed: u32) -> Option<&'a RunResult> {
        self.results.iter().find(|(other, it)| *other == seed && !it.diverged).map(|it| it.1)
    }
}

/// A figure of every seed that has it.
pub(super) fn figures(results: &[Seeded], reading: Reading, measure: Measure) -> Vec<f64> {
    results.iter().filter_map(|(_, it)| it.score(reading)?.measured(measure)).collect()
}

impl<'a> Sides<'a> {
    fn side(&self, index: usize) -> Side<'a> {
        Side {
            results: self.results.get(index).map_or(&[], Vec::as_slice),
            reading: self.arms.get(index).map_or(Reading::Plain, |arm| arm.reading),
        }
    }

    /// Without and with what the contrast adds.
    fn sides(&self, contrast: &Contrast) -> [Side<'a>; 2] {
        [self.side(contrast.without), self.side(contrast.with)]
    }

    /// The contrasts by accuracy, and by the other figures.
    pub(super) fn contrasts(&self, contrasts: &[Contrast]) -> Vec<ContrastSummary> {
        let by = |measure: Measure| -> Vec<TestSummary> {
            let compared: Vec<Comparison> = contrasts
                .iter()
                .map(|contrast| compare(self.sides(contrast), contrast.only_tta, measure))
                .collect();
            let judged = judge(&compared).into_iter();
            let tests = contrasts.iter().zip(judged).map(|(contrast, judged)| {
                let judged = if measure.lower_is_better() { judged.of_losses() } else { judged };
                let word = judged.verdict.word();
                self.summarize(&self.sides(contrast), &judged, word, measure)
            });
            tests.collect()
        };
        let others = [Measure::Nll, Measure::Ece].map(|measure| (measure, by(measure)));
        contrasts
            .iter()
            .zip(by(Measure::Accuracy))
            .enumerate()
            .map(|(index, (contrast, test))| {
                let measures = others.iter().filter_map(|(measure, all)| {
                    Some(MeasureSummary { measure: *measure, test: all.get(index)?.clone() })
                });
                let compute = self.compute(contrast);
                let mut sentence = test.sentence;
                if let Some(ratio) = compute.filter(|_| test.delta.is_some()) {
                    sentence = format!("{sentence}; {}", pixels_text(ratio));
                }
                ContrastSummary {
                    name: contrast.name.clone(),
                    without: contrast.without,
                    with: contrast.with,
                    delta: test.delta,
                    interval: test.interval,
                    p: test.p,
                    p_adjusted: test.p_adjusted,
                    method: test.method,
                    verdict: test.verdict,
                    sentence,
                    provisional: test.provisional,
                    compute,
                    measures: measures.collect(),
                }
            })
            .collect()
    }

    /// The differences of differences, by accuracy.
    pub(super) fn interactions(
        &self,
        contrasts: &[Contrast],
        interactions: &[Interaction],
    ) -> Vec<InteractionSummary> {
        let four: Vec<(&Interaction, [[Side<'a>; 2]; 2])> = interactions
            .iter()
            .filter_map(|it| {
                let [first, other] = [contrasts.get(it.first)?, contrasts.get(it.other)?];
                Some((it, [self.sides(first), self.sides(other)]))
            })
            .collect();
        let accuracies = |sides: [Side; 2]| sides.map(|side| side.figures(Measure::Accuracy));
        let compared: Vec<Comparison> = four
            .iter()
            .map(|(_, [first, other])| Comparison::Interaction {
                first: accuracies(*first),
                other: accuracies(*other),
            })
            .collect();
        four.iter()
            .zip(judge(&compared))
            .map(|((interaction, sides), judged)| InteractionSummary {
                name: interaction.name.clone(),
                first: interaction.first,
                other: interaction.other,
                test: self.summarize(
                    sides.as_flattened(),
                    &judged,
                    gain_word(judged.verdict),
                    Measure::Accuracy,
                ),
            })
            .collect()
    }

    /// Figures, verdict and sentence of a judgement; `word` is the verdict's word.
    fn summarize(
        &self,
        sides: &[Side],
        judged: &Judgement,
        word: &str,
        measure: Measure,
    ) -> TestSummary {
        let diverged: usize = sides.iter().map(|side| side.diverged()).sum();
        let missing = sides.iter().any(|side| side.results.len() < self.seeds);
        let open = Verdict::CannotTell.word();
        let evidence = judged.evidence.as_ref().ok();
        let mut provisional = false;
        // Leaving out the runs that failed would flatter the arm that has them.
        let (verdict, sentence) = if diverged > 0 {
            (Verdict::CannotTell, text::verdict_diverged(open, diverged))
        } else if judged.delta.is_none() {
            (Verdict::CannotTell, text::verdict_no_result(open))
        } else if let Some(figures) = judged.figures(measure).filter(|_| missing) {
            provisional = true;
            let (ended, runs) = self.so_far;
            let sentence =
                text::verdict_so_far(open, &ended.to_string(), &runs.to_string(), &figures);
            (Verdict::CannotTell, sentence)
        } else {
            (judged.verdict, judged.sentence(word, measure))
        };
        TestSummary {
            delta: judged.delta,
            interval: evidence.map(|it| it.interval),
            p: evidence.map(|it| it.p),
            p_adjusted: evidence.map(|it| it.p_adjusted),
            method: evidence.map(|it| it.method),
            verdict,
            sentence,
            provisional,
        }
    }

    /// Trained pixels with over without; `None` where they are equal.
    fn compute(&self, contrast: &Contrast) -> Option<f64> {
        let [a, b] = [contrast.without, contrast.with].map(|index| {
            let images = self.side(index).results.first().map(|(_, it)| it.dataset.train);
            Some((self.arms.get(index)?.pixels(), images))
        });
        let ((a, a_images), (b, b_images)) = (a?, b?);
        let images = match (a_images, b_images) {
            (Some(a), Some(b)) if a > 0 => f64::from(b) / f64::from(a),
            _ => 1.0,
        };
        let ratio = b * images / a;
        (ratio.is_finite() && (ratio - 1.0).abs() > 0.005).then_some(ratio)
    }
}

/// The word for whether a gain is another one.
fn gain_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Helps => text::verdict_larger(),
        Verdict::Hurts => text::verdict_smaller(),
        Verdict::CannotTell => verdict.word(),
    }
}

/// Says how much was trained.
pub(in crate::sweep) fn pixels_text(ratio: f64) -> String {
    text::verdict_pixels(&text::decimal(&format!("{ratio:.2}")))
}

/// Chooses the comparison: by pairs of the same images where both sides are the
/// same trained weights, else by a figure of each seed.
fn compare([without, with]: [Side; 2], only_tta: bool, measure: Measure) -> Comparison {
    if only_tta && let Some(comparison) = same_weights([without, with], measure) {
        return comparison;
    }
    Comparison::Retrained { baseline: without.figures(measure), variant: with.figures(measure) }
}

/// The comparison of the seeds that both sides have; `None` if any has other weights on
/// either side, or cannot be compared image by image.
fn same_weights([without, with]: [Side; 2], measure: Measure) -> Option<Comparison> {
    let shared =
        without.results.iter().filter_map(|(seed, _)| Some((without.of(*seed)?, with.of(*seed)?)));
    let (mut pairs, mut differences) = (Vec::new(), Vec::new());
    for (a, b) in shared {
        pairs.push(pair(a, without.reading, b, with.reading)?);
        let figure = |run: &RunResult, reading| run.score(reading)?.measured(measure);
        differences.extend(
            figure(b, with.reading)
                .zip(figure(a, without.reading))
                .map(|(with, without)| with - without),
        );
    }
    Some(match measure {
        Measure::Accuracy => Comparison::SameWeights { pairs },
        Measure::Nll | Measure::Ece => Comparison::SameWeightsFigures { differences },
    })
}

/// The pairs of two readings, if the plain predictions show the same weights.
fn pair(a: &RunResult, a_reading: Reading, b: &RunResult, b_reading: Reading) -> Option<Pairs> {
    fn correct(score: Option<&Score>) -> Option<&[bool]> {
        score?.correct.as_deref()
    }
    let same_weights = correct(a.plain.as_ref()) == correct(b.plain.as_ref());
    match (correct(a.score(a_reading)), correct(b.score(b_reading))) {
        (Some(a), Some(b)) if same_weights => Pairs::new(a, b).ok(),
        _ => None,
    }
}
