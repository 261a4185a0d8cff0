//! Random streams keyed by identity (seed, patient, purpose, occasion).

/// The identity of a stream. Two different identities give independent streams; the same identity always the same.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The scenario's seed.
    pub seed: u64,
    /// Patient number.
    pub patient: u64,
    /// What for: "covariate:age", "eta", "residual:ANC", "hazard:death".
    pub purpose: &'a str,
    /// Which draw: attempt, visit number, recurrence.
    pub occasion: u64,
}

/// A ChaCha8 stream of one identity.
pub struct Stream {
    generator: rand_chacha::ChaCha8Rng,
}

impl Stream {
    /// The stream of an identity.
    pub fn new(_identity: Identity<'_>) -> Self {
        todo!()
    }
    /// Uniform on (0, 1), both ends excluded.
    pub fn uniform(&mut self) -> f64 {
        let _ = &mut self.generator;
        todo!()
    }
    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        todo!()
    }
}
