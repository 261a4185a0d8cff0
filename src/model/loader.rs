//! Where texts come from.

/// Where the texts of models, modules, populations and libraries come from; the command line hands one down.
pub trait Loader {
    /// Finds the text called `name` (`pk/lenalidomide`, `cll-relapsed`, `rules/cll-hold`, `./my.toml`) of a kind.
    ///
    /// `beside` is the display name of the file that asked, so that relative paths work.
    /// Returns the name to show and the text. Errors are sentences for the user: where was looked, what is there.
    fn load(&self, kind: Kind, name: &str, beside: Option<&str>) -> Result<(String, String), String>;
}

/// What is being looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A model or module file under `models/`.
    Model,
    /// A population file under `models/populations/`, or a CSV of covariates.
    Population,
    /// A library of signals, rules and endpoints under `models/`.
    Library,
    /// A table of draws of population parameters, beside the scenario.
    Draws,
    /// A scenario under `scenarios/`.
    Scenario,
    /// What published trials reported, under `outcomes/`.
    Outcomes,
    /// What is fitted to them, under `calibrations/`.
    Calibration,
}
