//! The rival: P1 written out by hand in Rust and given to ode_solvers, a new solver at each stop.
//!
//! Nothing is interpreted here, nothing allocated per evaluation, and the parameters are in registers: this is the program
//! that somebody who needs one model writes.

use ode_solvers::dop_shared::OutputType;
use ode_solvers::{Dopri5, SVector, System};

type State = SVector<f64, 7>;

/// Parameters of one patient, in days, mg and L.
#[derive(Debug, Clone, Copy)]
pub struct Neutropenia {
    pub ka: f64,
    pub cl: f64,
    pub v: f64,
    pub ktr: f64,
    pub circ0: f64,
    pub slope: f64,
    pub gamma: f64,
}

impl System<f64, State> for Neutropenia {
    fn system(&self, _t: f64, y: &State, dy: &mut State) {
        let effect = self.slope * y[1] / self.v;
        dy[0] = -self.ka * y[0];
        dy[1] = self.ka * y[0] - self.cl / self.v * y[1];
        dy[2] = self.ktr * y[2] * ((1.0 - effect) * (self.circ0 / y[6]).powf(self.gamma) - 1.0);
        dy[3] = self.ktr * (y[2] - y[3]);
        dy[4] = self.ktr * (y[3] - y[4]);
        dy[5] = self.ktr * (y[4] - y[5]);
        dy[6] = self.ktr * (y[5] - y[6]);
    }
}

/// Neutrophils on days 0, 1, …, `days` under `dose` on days 1 to 21 of 28; and the number of evaluations.
pub fn course(patient: Neutropenia, dose: f64, days: u32, rtol: f64, atol: f64) -> (Vec<f64>, u64) {
    let mut y =
        State::from([0.0, 0.0, patient.circ0, patient.circ0, patient.circ0, patient.circ0, patient.circ0]);
    let mut neutrophils = vec![y[6]];
    let mut evaluations = 0;
    for day in 0..days {
        if day % 28 < 21 {
            y[0] += dose;
        }
        let (safety, beta, least, most, longest, first) = (0.9, 0.04, 0.2, 10.0, 1.0, 0.0);
        let mut solver = Dopri5::from_param(
            patient,
            0.0,
            1.0,
            1.0,
            y,
            rtol,
            atol,
            safety,
            beta,
            least,
            most,
            longest,
            first,
            100_000,
            u32::MAX,
            OutputType::Sparse,
        );
        let stats = solver.integrate().expect("the course is integrated");
        evaluations += u64::from(stats.num_eval);
        y = *solver.y_out().last().expect("a last value");
        neutrophils.push(y[6]);
    }
    (neutrophils, evaluations)
}
