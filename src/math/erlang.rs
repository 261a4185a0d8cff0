//! Chains of equal first-order rates in closed form (Erlang).

/// Propagates a chain a₀' = −k a₀, aᵢ' = k(aᵢ₋₁ − aᵢ) over `elapsed`: writes a(t) from `start` = a(0), and returns the
/// amount that has left the last element. Lengths of `start` and `now` are equal. Exact in real arithmetic; relative
/// error a few ulp, also for large k·elapsed. `start` may be anything ≥ 0.
pub fn propagate(_rate: f64, _elapsed: f64, _start: &[f64], _now: &mut [f64]) -> f64 {
    todo!()
}
