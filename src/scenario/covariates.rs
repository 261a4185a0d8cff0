//! `[covariates]` of a population file: laws, their formulas, the order in which they can be drawn.

use super::names::missing;
use super::population::{CovariateLaw, CovariateSource};
use super::quantity::as_written;
use super::signal::{mentioned, sort};
use crate::diagnostic::{Diagnostic, Span, Text};
use crate::document::{Table, Value};
use crate::expression::{self, Expression};
use crate::model::{Checked, Formula, NamedUnit, Names, Symbol, Tag, check_expression, check_unit};
use crate::units::Dimension;

/// A covariate as written.
pub(super) struct Declared {
    pub name: Text,
    pub unit: NamedUnit,
    pub about: String,
    pub source: String,
    pub tag: Tag,
    pub law: Law,
}

/// A law as written.
pub(super) enum Law {
    /// A distribution with its named numbers.
    Drawn { distribution: Text, parts: Vec<(&'static str, Written)> },
    /// A formula, or a value set by the scenario.
    Fixed { written: Written, text: String },
    /// A column of a file of real covariates.
    Column(usize),
    /// Reported already; only the name stands.
    Faulty,
}

/// A number in the unit of its covariate, or an expression.
pub(super) enum Written {
    Number(f64, Span),
    Expression(Expression),
}

impl Written {
    fn read(value: Value, key: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        match value {
            Value::Number(number) => Some(Self::Number(number.value, number.span)),
            Value::Boolean(truth, span) => Some(Self::Number(f64::from(u8::from(truth)), span)),
            Value::Text(text) => expression::parse(&text, diagnostics).map(Self::Expression),
            other => {
                let example = format!("{key} = \"64 y\"");
                diagnostics.push(other.mistyped(key, "a number or an expression with units", &example));
                None
            }
        }
    }

    fn span(&self) -> Span {
        match self {
            Self::Number(_, span) => *span,
            Self::Expression(expression) => expression.span,
        }
    }
}

/// Keys of every distribution, and which of them must be there.
const DISTRIBUTIONS: [(&str, &[&str], &[&str]); 4] = [
    ("normal", &["mean", "sd"], &["lower", "upper"]),
    ("log-normal", &["median"], &["omega", "cv", "lower", "upper"]),
    ("uniform", &["lower", "upper"], &[]),
    ("bernoulli", &["probability"], &[]),
];
/// Every key that a distribution may have.
const PARTS: [&str; 8] = ["mean", "sd", "median", "omega", "cv", "lower", "upper", "probability"];

/// Reads `[covariates]`.
pub(super) fn declare(table: Table, diagnostics: &mut Vec<Diagnostic>) -> Vec<Declared> {
    let mut declared = Vec::new();
    for (name, value) in table.into_entries() {
        match value {
            Value::Table(table) => declared.extend(declare_one(name, table, diagnostics)),
            other => {
                let example = format!("{} = {{ unit = \"kg\", value = \"82 kg\" }}", name.value);
                diagnostics.push(other.mistyped(&name.value, "a table", &example));
            }
        }
    }
    declared
}

fn declare_one(name: Text, mut table: Table, diagnostics: &mut Vec<Diagnostic>) -> Option<Declared> {
    let unit = table.required_text("unit", diagnostics);
    let about = table.text("about", diagnostics).map_or(String::new(), |text| text.value);
    let source = table.text("source", diagnostics).map_or(String::new(), |text| text.value);
    let tag = tag(table.text("tag", diagnostics), diagnostics);
    let distribution = table.text("distribution", diagnostics);
    let value = table.value("value");
    let mut parts = Vec::new();
    let mut faulty = false;
    for key in PARTS {
        let Some(value) = table.value(key) else { continue };
        match Written::read(value, key, diagnostics) {
            Some(written) => parts.push((key, written)),
            None => faulty = true,
        }
    }
    table.finish(diagnostics);
    let unit =
        unit.and_then(|text| Some(NamedUnit { unit: check_unit(&text, diagnostics)?, name: text.value }));
    let law = match (distribution, value) {
        (Some(distribution), None) => {
            check_parts(&distribution, &parts, diagnostics).map(|()| Law::Drawn { distribution, parts })
        }
        (None, Some(value)) if parts.is_empty() => {
            let text = as_written(&value);
            Written::read(value, "value", diagnostics).map(|written| Law::Fixed { written, text })
        }
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    format!("the covariate `{}` is either drawn or computed", name.value),
                    name.span,
                    "needs `distribution` with its numbers, or `value` alone",
                )
                .help("write `distribution = \"normal\", mean = \"64 y\", sd = \"9.5 y\"`, or `value = \"BMI * HT^2\"`"),
            );
            None
        }
    };
    let law = law.filter(|_| !faulty).unwrap_or(Law::Faulty);
    Some(Declared { name, unit: unit?, about, source, tag, law })
}

fn tag(text: Option<Text>, diagnostics: &mut Vec<Diagnostic>) -> Tag {
    let Some(text) = text else { return Tag::Untagged };
    match text.value.as_str() {
        "read" => Tag::Read,
        "derived" => Tag::Derived,
        "calibrated" => Tag::Calibrated,
        "assumed" => Tag::Assumed,
        other => {
            let known = ["read", "derived", "calibrated", "assumed"];
            diagnostics.push(missing(other, text.span, "tag", known.into_iter()));
            Tag::Untagged
        }
    }
}

fn check_parts(
    distribution: &Text,
    parts: &[(&'static str, Written)],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<()> {
    let known = DISTRIBUTIONS.iter().find(|(name, ..)| *name == distribution.value);
    let Some((_, needed, allowed)) = known else {
        let names = DISTRIBUTIONS.iter().map(|(name, ..)| *name);
        diagnostics.push(missing(&distribution.value, distribution.span, "distribution", names));
        return None;
    };
    let errors = diagnostics.len();
    for key in needed.iter().filter(|key| parts.iter().all(|(part, _)| part != *key)) {
        diagnostics.push(
            Diagnostic::error(
                format!("a {} covariate needs `{key}`", distribution.value),
                distribution.span,
                format!("lacks `{key}`"),
            )
            .help(format!("add `{key} = …`")),
        );
    }
    for (key, written) in parts.iter().filter(|(key, _)| !needed.contains(key) && !allowed.contains(key)) {
        diagnostics.push(
            Diagnostic::error(
                format!("a {} covariate has no `{key}`", distribution.value),
                written.span(),
                "not known here",
            )
            .help(format!("its keys are `{}`", [*needed, *allowed].concat().join("`, `"))),
        );
    }
    let spreads = parts.iter().filter(|(key, _)| *key == "omega" || *key == "cv").count();
    if distribution.value == "log-normal" && spreads != 1 {
        diagnostics.push(
            Diagnostic::error(
                "a log-normal covariate has either `omega` or `cv`",
                distribution.span,
                format!("has {spreads} of them"),
            )
            .help("write `omega = 0.15` (SD of the logarithm) or `cv = \"15 %\"`"),
        );
    }
    (diagnostics.len() == errors).then_some(())
}

/// Puts the covariates into an order in which each uses only earlier ones, and checks every formula.
pub(super) fn check(declared: Vec<Declared>, diagnostics: &mut Vec<Diagnostic>) -> Vec<CovariateSource> {
    let position = |name: &str| declared.iter().position(|other| other.name.value == name);
    let uses: Vec<Vec<usize>> = declared
        .iter()
        .map(|covariate| {
            let mut names = Vec::new();
            for written in written(&covariate.law) {
                if let Written::Expression(expression) = written {
                    mentioned(expression, &mut names);
                }
            }
            names.into_iter().filter_map(position).collect()
        })
        .collect();
    let labels: Vec<(&str, Span)> =
        declared.iter().map(|covariate| (covariate.name.value.as_str(), covariate.name.span)).collect();
    let order = sort("covariates", &uses, &labels, diagnostics);
    let mut scope = Scope { all: &declared, known: Vec::new() };
    let mut sources = Vec::new();
    for index in order {
        let covariate = &declared[index];
        if let Some(law) = check_law(covariate, &mut scope, diagnostics) {
            sources.push(CovariateSource {
                name: covariate.name.value.clone(),
                unit: covariate.unit.clone(),
                about: covariate.about.clone(),
                source: covariate.source.clone(),
                tag: covariate.tag,
                model_index: None,
                law,
            });
            scope.known.push((covariate.name.value.clone(), covariate.unit.unit.dimension));
        }
    }
    sources
}

fn written(law: &Law) -> Vec<&Written> {
    match law {
        Law::Drawn { parts, .. } => parts.iter().map(|(_, written)| written).collect(),
        Law::Fixed { written, .. } => vec![written],
        Law::Column(_) | Law::Faulty => Vec::new(),
    }
}

/// Covariates of the population, by name.
struct Scope<'a> {
    all: &'a [Declared],
    known: Vec<(String, Dimension)>,
}

impl Names for Scope<'_> {
    fn resolve(&mut self, name: &str, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Checked> {
        let found = self.known.iter().position(|(known, _)| known == name);
        if let Some(index) = found {
            return Some(Checked::symbol(Symbol::Covariate(index), self.known[index].1));
        }
        if !self.explained(name) {
            let all = self.all.iter().map(|covariate| covariate.name.value.as_str());
            diagnostics.push(missing(name, span, "covariate", all));
        }
        None
    }

    /// A covariate with errors of its own, or in a circle.
    fn explained(&self, name: &str) -> bool {
        self.all.iter().any(|covariate| covariate.name.value == name)
    }

    fn candidates(&self) -> Vec<String> {
        self.all.iter().map(|covariate| covariate.name.value.clone()).collect()
    }
}

fn check_law(
    covariate: &Declared,
    scope: &mut Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<CovariateLaw> {
    let unit = &covariate.unit;
    match &covariate.law {
        Law::Faulty => None,
        Law::Column(column) => Some(CovariateLaw::Column(*column)),
        Law::Fixed { written, text } => {
            let what = format!("the unit of `{}`", covariate.name.value);
            let formula = formula(written, unit, &what, scope, diagnostics)?;
            Some(CovariateLaw::Derived { formula, text: text.clone() })
        }
        Law::Drawn { distribution, parts } => {
            let errors = diagnostics.len();
            let mut formulas = Vec::new();
            for (key, written) in parts {
                let pure = matches!(*key, "omega" | "cv" | "probability");
                let unit = if pure { super::signal::no_unit() } else { unit.clone() };
                let what = format!("`{key}` of `{}`", covariate.name.value);
                let formula = formula(written, &unit, &what, scope, diagnostics);
                formulas.push((*key, formula, written.span()));
            }
            if diagnostics.len() > errors {
                return None;
            }
            let formulas =
                formulas.into_iter().filter_map(|(key, formula, span)| Some((key, formula?, span))).collect();
            build(Parts(formulas), &distribution.value, covariate, diagnostics)
        }
    }
}

fn formula(
    written: &Written,
    unit: &NamedUnit,
    what: &str,
    scope: &mut Scope<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Formula> {
    match written {
        Written::Number(value, _) => Some(Formula::Constant(unit.read(*value))),
        Written::Expression(expression) => {
            check_expression(expression, scope, Some((unit.unit.dimension, what)), diagnostics)
                .map(|checked| checked.formula)
        }
    }
}

/// The numbers of a distribution.
struct Parts(Vec<(&'static str, Formula, Span)>);

impl Parts {
    fn take(&mut self, key: &str) -> Option<Formula> {
        let index = self.0.iter().position(|(part, ..)| *part == key)?;
        Some(self.0.remove(index).1)
    }

    /// The value and place of a part that does not depend on other covariates.
    fn constant(&self, key: &str) -> Option<(f64, Span)> {
        let (_, formula, span) = self.0.iter().find(|(part, ..)| *part == key)?;
        let mut free = true;
        formula.symbols(&mut |_| free = false);
        free.then(|| (formula.evaluate(&mut |_| f64::NAN), *span))
    }
}

fn build(
    mut parts: Parts,
    distribution: &str,
    covariate: &Declared,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<CovariateLaw> {
    check_constants(&parts, covariate, diagnostics)?;
    Some(match distribution {
        "normal" => CovariateLaw::Normal {
            mean: parts.take("mean")?,
            sd: parts.take("sd")?,
            lower: parts.take("lower"),
            upper: parts.take("upper"),
        },
        "log-normal" => CovariateLaw::LogNormal {
            median: parts.take("median")?,
            omega: match parts.take("omega") {
                Some(omega) => omega,
                None => log_scale(parts.take("cv")?),
            },
            lower: parts.take("lower"),
            upper: parts.take("upper"),
        },
        "uniform" => CovariateLaw::Uniform { lower: parts.take("lower")?, upper: parts.take("upper")? },
        _ => CovariateLaw::Bernoulli(parts.take("probability")?),
    })
}

/// ω of a coefficient of variation: √log(1 + CV²).
fn log_scale(cv: Formula) -> Formula {
    use crate::model::{BinaryOperation as Op, UnaryOperation as Un};
    let binary = |operation, a, b| Formula::Binary(operation, Box::new(a), Box::new(b));
    let square = binary(Op::Multiply, cv.clone(), cv);
    let sum = binary(Op::Add, Formula::Constant(1.0), square);
    Formula::Unary(Un::Sqrt, Box::new(Formula::Unary(Un::Log, Box::new(sum))))
}

/// What can be seen to be wrong before anyone is drawn.
fn check_constants(parts: &Parts, covariate: &Declared, diagnostics: &mut Vec<Diagnostic>) -> Option<()> {
    let name = &covariate.name.value;
    let mut report = |message: String, span: Span, label: &str, help: &str| {
        diagnostics.push(Diagnostic::error(message, span, label).help(help));
    };
    let mut fine = true;
    for key in ["sd", "omega", "cv"] {
        if let Some((value, span)) = parts.constant(key)
            && (value < 0.0 || !value.is_finite())
        {
            report(format!("`{key}` of `{name}` must be at least 0"), span, "below 0", "write a spread ≥ 0");
            fine = false;
        }
    }
    if let Some((value, span)) = parts.constant("probability")
        && !(0.0..=1.0).contains(&value)
    {
        let help = "write a share such as `0.67` or `\"67 %\"`";
        report(format!("`probability` of `{name}` must lie between 0 and 1"), span, "no probability", help);
        fine = false;
    }
    if let Some((value, span)) = parts.constant("median")
        && value <= 0.0
    {
        let help = "use a normal distribution for values that may be 0 or below";
        report(format!("`median` of `{name}` must be above 0"), span, "not above 0", help);
        fine = false;
    }
    if let (Some((lower, _)), Some((upper, span))) = (parts.constant("lower"), parts.constant("upper"))
        && lower >= upper
    {
        let help = "let `lower` lie below `upper`";
        report(format!("the bounds of `{name}` leave no room"), span, "not above `lower`", help);
        fine = false;
    }
    fine.then_some(())
}
