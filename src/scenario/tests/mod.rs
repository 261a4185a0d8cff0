//! Scenarios from texts: what a good one becomes, and one test per kind of mistake.

mod conditions;
mod endpoints;
mod grades;
mod mistakes;
mod population;
mod reading;
mod torn;

use super::{Scenario, Settings, load};
use crate::diagnostic::{Diagnostic, Sources, render};
use crate::model::Kind;
use crate::model::fixture::Texts;

/// A drug with a count that it lowers; everything that scenarios can point at.
pub(super) const MODEL: &str = r#"
title = "A drug and a count"
time = "d"
[covariates]
WT = { unit = "kg", about = "weight" }
CRCL = { unit = "mL/min", about = "creatinine clearance" }
[controls]
hydration = { unit = "1", value = 1 }
[parameters]
CL_typ = { value = 240, unit = "L/d" }
V_typ = { value = 60, unit = "L" }
N_typ = { value = 4, unit = "1e9/L" }
kout = { value = 0.5, unit = "1/d" }
hazard = { value = 0.001, unit = "1/d" }
[individual]
CL = { typical = "CL_typ * (CRCL / 90 mL/min)^0.5 * hydration", distribution = "log-normal", omega = 0.3 }
V = { typical = "V_typ * WT / 70 kg", distribution = "log-normal", omega = 0.2, lower = "20 L", upper = "200 L" }
N0 = { typical = "N_typ", distribution = "log-normal", omega = 0.5 }
[[correlation]]
between = ["CL", "V"]
value = 0.6
[states]
central = { unit = "mg", rate = "-CL / V * central" }
count = { unit = "1e9/L", initial = "N0", rate = "kout * (N0 * (1 - hill(central / V, 0.2 mg/L, 1)) - count)" }
H = { unit = "1", rate = "hazard" }
steroid = { unit = "mg", rate = "-1 1/d * steroid" }
[doses]
drug = { into = "central" }
prednisone = { into = "steroid" }
[outputs]
Cp = { unit = "ng/mL", value = "central / V" }
ANC = { unit = "1e9/L", value = "count", error = { exponential = 0.2 } }
flare = { unit = "1", value = "central / (central + 1 mg)" }
size = { unit = "cm", value = "3 cm * (1 + flare)" }
[hazards]
death = { cumulative = "H", terminal = true }
[[require]]
condition = "N0 < 100 1e9/L"
about = "not leukaemic"
"#;

/// A scenario that uses every kind of declaration once.
pub(super) const SCENARIO: &str = r#"
title = "Two arms"
about = "A test."
model = "m"
horizon = "6 cycles"
seed = 7
use = ["shared"]
[population]
patients = 20
from = "people"
entry = ["CRCL >= 30 mL/min"]
[visits]
laboratory = ["every 7 d to day 57", "every 28 d"]
restaging = ["every 56 d"]
while_held = "7 d"
[[arm]]
name = "low"
treatment = [{ drug = "drug", levels = ["5 mg", "10 mg"], start = "5 mg", start_if = [{ when = "CRCL > 60 mL/min", dose = "10 mg" }] }]
rules = ["hold", "step up", "stop"]
controls = [{ set = "hydration", value = 1.1, days = "1-28" }]
[[arm]]
name = "high"
treatment = [{ drug = "drug", dose = "25 mg", days = "1-21", cycle = "28 d" }]
[[rule]]
name = "hold"
when = "ANC < 0.5e9/L or lasting(ANC < 1.0e9/L, 7 d)"
hold = "drug"
resume = { when = "ANC >= 1.0e9/L", at = "one level lower", lowest = "5 mg" }
give = { drug = "prednisone", dose = "20 mg" }
[[rule]]
name = "step up"
escalate = "drug"
when = "not recent(ANC < 1.0e9/L, 28 d) and flare < 0.9"
every = "28 d"
to = "10 mg"
[[endpoint]]
name = "neutropenia"
kind = "worst grade"
of = "ANC"
thresholds = ["2.0e9/L", "1.5e9/L", "1.0e9/L", "0.5e9/L"]
[[group]]
name = "renal"
when = "CRCL < 60 mL/min"
[numerics]
rtol = 1e-7
"#;

const PEOPLE: &str = r#"
title = "People"
[covariates]
WT = { unit = "kg", value = "BMI * HT^2" }
HT = { unit = "cm", distribution = "normal", mean = "if(MALE == 1, 176 cm, 162 cm)", sd = "7 cm", lower = "140 cm", upper = "210 cm" }
MALE = { unit = "1", distribution = "bernoulli", probability = 0.6 }
BMI = { unit = "kg/m^2", distribution = "log-normal", median = "26 kg/m^2", omega = 0.15 }
CRCL = { unit = "mL/min", distribution = "uniform", lower = "20 mL/min", upper = "120 mL/min" }
[[correlation]]
between = ["HT", "BMI"]
value = 0.3
[[entry]]
condition = "N0 > 1.0e9/L"
about = "enough neutrophils"
"#;

const SHARED: &str = r#"
title = "Shared"
[[signal]]
name = "grown"
when = "size > 1.2 * nadir(size)"
at = "restaging"
[[signal]]
name = "worse"
when = "grown or small_count"
at = "restaging"
[[signal]]
name = "small_count"
when = "ANC < 0.1e9/L"
at = "restaging"
[[rule]]
name = "stop"
when = "worse"
discontinue = "all"
[[rule]]
name = "never named"
when = "no_such_signal"
discontinue = "all"
[[endpoint]]
name = "PFS"
kind = "progression-free survival"
progression = "worse"
death = "death"
[[note]]
title = "Use"
lines = ["a test"]
"#;

/// Loads a scenario beside the files above.
pub(super) fn load_with(
    scenario: &str,
    settings: &Settings,
    more: Vec<(Kind, &'static str, String)>,
) -> (Option<Scenario>, Vec<Diagnostic>, String) {
    let mut files = more;
    files.extend([
        (Kind::Scenario, "s", scenario.to_owned()),
        (Kind::Model, "m", MODEL.to_owned()),
        (Kind::Population, "people", PEOPLE.to_owned()),
        (Kind::Library, "shared", SHARED.to_owned()),
    ]);
    let (mut sources, mut diagnostics) = (Sources::default(), Vec::new());
    let scenario = load("s", settings, &Texts(files), &mut sources, &mut diagnostics);
    let rendered = render(&diagnostics, &sources, false);
    (scenario, diagnostics, rendered)
}

pub(super) fn good(scenario: &str) -> Scenario {
    let (scenario, diagnostics, rendered) = load_with(scenario, &Settings::default(), Vec::new());
    assert!(diagnostics.is_empty(), "{rendered}");
    scenario.unwrap_or_else(|| panic!("{rendered}"))
}

/// Replaces a part of the scenario; the part must be there.
pub(super) fn with(from: &str, to: &str) -> String {
    assert!(SCENARIO.contains(from), "`{from}` is not in the scenario");
    SCENARIO.replacen(from, to, 1)
}
