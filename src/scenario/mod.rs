//! What a scenario file says, checked: population, visits, arms, rules, signals, endpoints, records, numerics.
//!
//! Description only: knows nothing of how anything is computed.

mod adherence;
mod adjustment;
mod alone;
mod alternatives;
mod analysis;
mod analysis_definition;
mod arm;
mod changed;
mod condition;
mod conduct;
mod covariates;
mod criteria;
mod definition;
mod endpoint;
mod endpoint_criteria;
mod endpoint_definition;
mod endpoint_expression;
mod endpoint_incidence;
mod endpoint_response;
mod enrolment;
mod estimand;
mod fields;
mod grade;
mod grade_check;
mod grade_definition;
mod laboratory;
mod library;
mod names;
mod numerics;
mod occasion;
mod outputs;
mod places;
mod plan;
pub mod population;
mod population_file;
mod quantity;
mod read;
mod record;
mod rule;
mod settings;
mod signal;
mod table_of_draws;
mod table_of_patients;
mod tablet;
mod time;
mod treatment;
mod uncertain;
mod uncertainty;
mod uncertainty_definition;
mod values;
mod visit;

pub use alone::{check_library, check_population};
pub use alternatives::{Alternative, alternatives};
pub use analysis::{limit_in, number_and_unit};
pub use analysis_definition::*;
pub use changed::{KeyChange, changed_keys};
pub use conduct::{Adherence, Conduct};
pub use definition::*;
pub use endpoint_criteria::*;
pub use endpoint_definition::*;
pub use endpoint_expression::{Aggregate, EndpointExpression, Summary};
pub use estimand::Strategy;
pub use grade_definition::{Grade, GradeTable};
pub use numerics::{DEFAULT_RELATIVE_TOLERANCE, chosen as chosen_numerics};
pub use places::{Places, RulePlace};
pub use read::{DEFAULT_SEED, load, load_with_places};
pub use settings::Settings;
pub use tablet::{DEFAULT_MOST as DEFAULT_TABLETS, Rounding, Tablets, can_be_made};
pub use time::duration;
pub use uncertainty_definition::*;
pub use values::set_values;

#[cfg(test)]
mod tests;
