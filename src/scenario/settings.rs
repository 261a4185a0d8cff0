//! What the command line may change in a scenario.

/// Settings of one invocation; what is `None` keeps the file's value.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Number of virtual patients.
    pub patients: Option<usize>,
    /// Root of all random numbers.
    pub seed: Option<u64>,
    /// Name of the ODE method, as in `[numerics] method`.
    pub method: Option<String>,
    /// Relative tolerance.
    pub relative_tolerance: Option<f64>,
    /// `--set path=value`, in order: any key of the scenario file by its dotted path, lists by number (from 0) or by the
    /// `name` of their item (`arm.0.treatment.0.dose`, `parameters."flare.ga"`). The value is TOML if it reads as
    /// TOML, else a text.
    pub set: Vec<(String, String)>,
}
