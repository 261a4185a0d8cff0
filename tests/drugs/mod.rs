//! Models of few lines, and a scenario, that several tests run.

// Each test file uses its own part of this.
#![allow(dead_code)]

/// An oral drug with saturable elimination, so that it is integrated and a run takes a moment; clearance differs by patient.
pub const SATURABLE: &str = r#"
title = "Oral drug"
time  = "h"

[parameters]
cl = { value = 5,  unit = "L/h", about = "clearance" }
v  = { value = 40, unit = "L",   about = "volume" }
ka = { value = 1,  unit = "1/h", about = "absorption rate" }

[individual]
CL = { typical = "cl", distribution = "log-normal", omega = 0.3 }

[states]
depot   = { unit = "mg", rate = "-ka * depot" }
central = { unit = "mg", rate = "ka * depot - CL / v * central / (1 + central / 900 mg)" }

[doses]
drug = { into = "depot" }

[outputs]
Cp = { unit = "ng/mL", value = "central / v" }
"#;

/// A level that patients have from the start, log-normal about 10 ng/mL.
pub const LEVEL: &str = r#"
title = "A level"
time = "h"
[parameters]
base = { value = 10, unit = "ng/mL" }
rate = { value = 1, unit = "1/h" }
[individual]
Base = { typical = "base", distribution = "log-normal", omega = 0.5 }
[states]
central = { unit = "mg", rate = "-rate * central" }
[doses]
drug = { into = "central" }
[outputs]
Level = { unit = "ng/mL", value = "Base" }
"#;

/// Who has more than 10 and than 20 ng/mL of `LEVEL`.
pub const ONE_LEVEL: &str = r#"
title = "One dose"
model = "level"
horizon = "2 d"
[population]
patients = 3
[[arm]]
name = "low"
treatment = [{ drug = "drug", dose = "10 mg", days = "1", cycle = "28 d" }]
[[record]]
name = "course"
every = "12 h"
outputs = ["Level"]
[[endpoint]]
name = "high"
kind = "expression"
record = "course"
when = "largest(Level) > 10 ng/mL"
[[endpoint]]
name = "very high"
kind = "expression"
record = "course"
when = "largest(Level) > 20 ng/mL"
"#;
