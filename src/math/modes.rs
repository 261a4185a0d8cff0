//! Small linear systems x' = A x + r in closed form, also where rates are equal or nearly so.
//!
//! A is block lower triangular: compartments that exchange (up to three) form a block, and what flows on goes one way. An
//! orthogonal change of basis makes A lower triangular with the rates λ on its diagonal (Schur; Golub and Van Loan
//! 2013, section 7.1), and forward substitution gives each element as Σ e^(−μt)·polynomial(t). Rates nearer to each other
//! than the rounding of their difference allows share one μ, about which e^(−(λ − μ)t) is a Taylor series: what is taken for
//! such a *slot* is a few more powers of t, and nothing cancels. (Compare the divided differences of McCurdy, Ng and
//! Parlett 1984, Math. Comp. 43:501.) A constant inflow and what merely accumulates have the slot μ = 0.

use super::elementary::exp;
use super::lane::Lane;
use super::processor::{Kernel, Processor};
use super::schur;

mod shape;

use shape::CLOSE_IN_SPAN;
pub use shape::{MOST_RATES, NoModes, Shape};

/// The numbers of one system.
#[derive(Debug, Clone)]
pub struct Modes {
    /// A as given last, row-major.
    matrix: Vec<f64>,
    /// Orthogonal basis in columns.
    basis: Vec<f64>,
    /// A in this basis: lower triangular.
    triangle: Vec<f64>,
    slot: Vec<usize>,
    /// Span for which the slots were shared out.
    span: f64,
    /// μ of each slot.
    rates: Vec<f64>,
    /// Terms of each element in the basis, then of each state: one row of terms each.
    elements: Vec<f64>,
    states: Vec<f64>,
    /// Terms that drive an element.
    driving: Vec<f64>,
    /// e^(At) for the spans t last asked for, and which is to be replaced next.
    transitions: [Transition; SPANS],
    oldest: usize,
    units: Units,
}

/// What becomes of 1 in each state and nothing in the others, for times up to a span.
#[derive(Debug, Clone)]
struct Units {
    span: f64,
    /// μ of each slot.
    rates: Vec<f64>,
    /// `[state that holds 1][state][term]`
    terms: Vec<f64>,
}

/// So many spans of time are remembered with their transitions: days from dose to dose, and each day of a pause.
const SPANS: usize = 12;

/// Spans that differ by less than this factor may share the terms of their transitions.
const ALIKE: f64 = 8.0;

/// e^(At) for one t; not a number if there is none yet.
#[derive(Debug, Clone)]
struct Transition {
    span: f64,
    matrix: Vec<f64>,
}

impl Modes {
    /// No numbers yet.
    pub fn new(shape: &Shape) -> Self {
        let (n, terms) = (shape.states(), shape.terms());
        Modes {
            matrix: vec![f64::NAN; n * n],
            basis: vec![0.0; n * n],
            triangle: vec![0.0; n * n],
            slot: vec![0; n],
            span: f64::NAN,
            rates: vec![0.0; shape.slots.len()],
            elements: vec![0.0; n * terms],
            states: vec![0.0; n * terms],
            driving: vec![0.0; terms.max(n)],
            transitions: std::array::from_fn(|_| Transition { span: f64::NAN, matrix: vec![0.0; n * n] }),
            oldest: 0,
            units: Units {
                span: f64::NAN,
                rates: vec![0.0; shape.slots.len()],
                terms: vec![0.0; n * n * terms],
            },
        }
    }

    /// Takes A (row-major); cheap if it is the same as before.
    ///
    /// # Errors
    /// [`NoModes`].
    pub fn set(&mut self, shape: &Shape, matrix: &[f64]) -> Result<(), NoModes> {
        let same = |(new, old): (&f64, &f64)| new.to_bits() == old.to_bits();
        if matrix.iter().zip(&self.matrix).all(same) {
            return Ok(());
        }
        let n = shape.states();
        if let Some(place) = matrix.iter().position(|value| !value.is_finite()) {
            self.matrix.fill(f64::NAN);
            return Err(NoModes::NotFinite(place / n));
        }
        self.transitions.iter_mut().for_each(|known| known.span = f64::NAN);
        self.units.span = f64::NAN;
        let reduced = self.reduce(shape, matrix);
        // What could not be reduced is not taken for known the next time.
        if reduced.is_ok() {
            self.matrix.copy_from_slice(matrix)
        } else {
            self.matrix.fill(f64::NAN)
        }
        reduced
    }

    fn reduce(&mut self, shape: &Shape, matrix: &[f64]) -> Result<(), NoModes> {
        let n = shape.states();
        self.basis.fill(0.0);
        let mut first = 0;
        for &(size, _) in &shape.blocks {
            let at = |row: usize, column: usize| matrix[(first + row) * n + first + column];
            let vectors = match size {
                1 => [[1.0, 0.0, 0.0]; 3],
                2 => schur::two([[at(0, 0), at(0, 1)], [at(1, 0), at(1, 1)]])
                    .map(|[a, b]| [[a[0], a[1], 0.0], [b[0], b[1], 0.0], [0.0; 3]])
                    .ok_or(NoModes::Oscillating(first))?,
                _ => schur::three(std::array::from_fn(|row| std::array::from_fn(|column| at(row, column))))
                    .ok_or(NoModes::Oscillating(first))?,
            };
            for (column, vector) in vectors.iter().enumerate().take(size) {
                for (row, value) in vector.iter().enumerate().take(size) {
                    self.basis[(first + row) * n + first + column] = *value;
                }
            }
            first += size;
        }
        // Bᵀ A B, whose upper triangle is rounding.
        for row in 0..n {
            for column in 0..=row {
                let mut sum = 0.0;
                for i in 0..n {
                    for j in 0..n {
                        sum += self.basis[i * n + row] * matrix[i * n + j] * self.basis[j * n + column];
                    }
                }
                self.triangle[row * n + column] = sum;
            }
        }
        self.span = f64::NAN;
        Ok(())
    }

    /// Gives every rate a slot for a span of time, the larger groups of near rates first. Those near 0 rest with what is
    /// constant.
    fn share(&mut self, shape: &Shape, span: f64) {
        let n = shape.states();
        let resting = shape.slots.len() - usize::from(shape.has_resting);
        // (rate, element); the rate of what rests has none.
        let mut rates = [(0.0, None); MOST_RATES + 1];
        let mut count = usize::from(shape.has_resting);
        let mut place = 0;
        for &(size, accumulates) in &shape.blocks {
            for element in place..place + size {
                if accumulates {
                    self.triangle[element * n + element] = 0.0;
                    self.slot[element] = resting;
                } else {
                    rates[count] = (-self.triangle[element * n + element], Some(element));
                    count += 1;
                }
            }
            place += size;
        }
        let rates = &mut rates[..count];
        rates.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let within = CLOSE_IN_SPAN / span;
        let near = |a: &(f64, Option<usize>), b: &(f64, Option<usize>)| {
            (b.0 - a.0).abs() <= within.max(shape.closeness * a.0.abs().max(b.0.abs()))
        };
        self.rates.fill(0.0);
        let mut next = 0;
        for size in (1..=count).rev() {
            for group in rates.chunk_by(near).filter(|group| group.len() == size) {
                let rests = group.iter().any(|member| member.1.is_none());
                let slot = if rests { resting } else { next };
                if !rests {
                    self.rates[slot] = 0.5 * (group[0].0 + group[size - 1].0);
                    next += 1;
                }
                group.iter().filter_map(|member| member.1).for_each(|element| self.slot[element] = slot);
            }
        }
        self.span = span;
    }

    /// Starts at t = 0 from these states, with this constant inflow r; for times up to `span`.
    pub fn begin(&mut self, shape: &Shape, span: f64, start: &[f64], inflow: &[f64]) {
        if self.span.to_bits() != span.to_bits() {
            self.share(shape, span);
        }
        let (n, terms) = (shape.states(), shape.terms());
        let Modes { basis, triangle, slot, rates, elements, states, driving, .. } = self;
        let along = |values: &[f64], element: usize| {
            (0..n).map(|state| basis[state * n + element] * values[state]).sum::<f64>()
        };
        for element in 0..n {
            let (before, from) = elements.split_at_mut(element * terms);
            let own = &mut from[..terms];
            let driving = &mut driving[..terms];
            driving.fill(0.0);
            for (earlier, known) in before.chunks_exact(terms).enumerate() {
                let coupling = triangle[element * n + earlier];
                if coupling != 0.0 {
                    driving.iter_mut().zip(known).for_each(|(sum, term)| *sum += coupling * term);
                }
            }
            if shape.has_resting {
                driving[terms - shape.slots[shape.slots.len() - 1]] += along(inflow, element);
            }
            let rate = -triangle[element * n + element];
            let mut rest = along(start, element);
            let mut first = 0;
            for (place, &length) in shape.slots.iter().enumerate() {
                if place != slot[element] {
                    let (own, driving) = (&mut own[first..first + length], &driving[first..first + length]);
                    follow(own, driving, rate - rates[place]);
                    rest -= own[0];
                }
                first += length;
            }
            let (first, length) = (shape.first_term(slot[element]), shape.slots[slot[element]]);
            let (own, driving) = (&mut own[first..first + length], &driving[first..first + length]);
            resonate(own, driving, rate - rates[slot[element]], rest);
        }
        states.fill(0.0);
        for (state, row) in states.chunks_exact_mut(terms).enumerate() {
            for (element, known) in elements.chunks_exact(terms).enumerate() {
                let share = basis[state * n + element];
                if share != 0.0 {
                    row.iter_mut().zip(known).for_each(|(sum, term)| *sum += share * term);
                }
            }
        }
    }

    /// μ of a slot.
    pub fn rate(&self, slot: usize) -> f64 {
        self.rates[slot]
    }

    /// A state's coefficient of t^`power` e^(−μt) in a slot.
    pub fn coefficient(&self, shape: &Shape, state: usize, slot: usize, power: usize) -> f64 {
        self.states[state * shape.terms() + shape.first_term(slot) + power]
    }

    /// Writes all states at a time after the start.
    pub fn at(&self, processor: Processor, shape: &Shape, elapsed: f64, now: &mut [f64]) {
        processor.run_single(Sum { rates: &self.rates, states: &self.states, shape, elapsed, now });
    }
}

impl Modes {
    /// The transition over a span without inflow, e^(At), row-major. What is computed for a span is kept for the next times.
    pub fn transition(&mut self, processor: Processor, shape: &Shape, span: f64) -> &[f64] {
        let known = self.transitions.iter().position(|known| known.span == span);
        let place = known.unwrap_or_else(|| self.learn(processor, shape, span));
        &self.transitions[place].matrix
    }

    /// Computes the transition over a span, column by column.
    fn learn(&mut self, processor: Processor, shape: &Shape, span: f64) -> usize {
        let (n, place) = (shape.states(), self.oldest);
        self.oldest = (place + 1) % SPANS;
        // Terms serve spans of like length, and are a function of this one alone, whatever was asked before.
        let mut longest: f64 = 1.0;
        while longest < span && longest.is_finite() {
            longest *= ALIKE;
        }
        while span * ALIKE <= longest && longest > f64::MIN_POSITIVE {
            longest /= ALIKE;
        }
        if self.units.span != longest {
            self.look_at_units(shape, longest);
        }
        let mut column = vec![0.0; n];
        let Units { rates, terms, .. } = &self.units;
        let matrix = &mut self.transitions[place].matrix;
        for (from, states) in terms.chunks_exact(n * shape.terms()).enumerate() {
            processor.run_single(Sum { rates, states, shape, elapsed: span, now: &mut column });
            for (to, value) in column.iter().enumerate() {
                matrix[to * n + from] = *value;
            }
        }
        self.transitions[place].span = span;
        place
    }

    fn look_at_units(&mut self, shape: &Shape, span: f64) {
        let n = shape.states();
        let (mut unit, nothing) = (vec![0.0; n], vec![0.0; n]);
        for from in 0..n {
            unit[from] = 1.0;
            self.begin(shape, span, &unit, &nothing);
            let size = self.states.len();
            self.units.terms[from * size..][..size].copy_from_slice(&self.states);
            unit[from] = 0.0;
        }
        self.units.rates.copy_from_slice(&self.rates);
        self.units.span = span;
    }
}

/// Σ e^(−μt)·polynomial(t) of every state.
struct Sum<'a> {
    /// μ of each slot.
    rates: &'a [f64],
    /// Terms of each state.
    states: &'a [f64],
    shape: &'a Shape,
    elapsed: f64,
    now: &'a mut [f64],
}

impl Kernel for Sum<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lane>(self, _token: L::Token) {
        let Sum { rates, states, shape, elapsed, now } = self;
        let terms = shape.terms();
        now.fill(0.0);
        let mut first = 0;
        for (slot, &length) in shape.slots.iter().enumerate() {
            let decay = exp(-rates[slot] * elapsed);
            for (value, row) in now.iter_mut().zip(states.chunks_exact(terms)) {
                let mut polynomial = 0.0;
                for term in row[first..first + length].iter().rev() {
                    polynomial = polynomial * elapsed + term;
                }
                *value += decay * polynomial;
            }
            first += length;
        }
    }
}

/// q' + gap·q = p in another slot: the polynomial that is driven.
fn follow(own: &mut [f64], driving: &[f64], gap: f64) {
    let mut above = 0.0;
    for power in (0..own.len()).rev() {
        let term = (driving[power] - (power + 1) as f64 * above) / gap;
        // Nothing drives nothing, whatever the gap.
        above = if term == 0.0 || (driving[power] == 0.0 && above == 0.0) { 0.0 } else { term };
        own[power] = above;
    }
}

/// q' + δ·q = p in the element's own slot, from q(0) on.
fn resonate(own: &mut [f64], driving: &[f64], shift: f64, start: f64) {
    let mut term = start;
    for power in 0..own.len() {
        own[power] = term;
        term = (driving[power] - shift * term) / (power + 1) as f64;
    }
}

#[cfg(test)]
mod tests;
