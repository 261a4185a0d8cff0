//! The functions of the equation language: what they take, what dimension they give, what formula they stand for.

use super::check::{Checked, Checker, Found, binary, unary};
use super::formula::{BinaryOperation, Formula, UnaryOperation};
use crate::diagnostic::{Diagnostic, Span, closest};
use crate::expression::Expression;
use crate::units::Dimension;

impl Checker<'_> {
    pub fn call(&mut self, function: &str, arguments: &[Expression], span: Span) -> Option<Found> {
        let wanted: Option<(usize, usize)> = match function {
            "exp" | "log" | "sqrt" | "abs" | "logit" | "expit" | "step" => Some((1, 1)),
            "smooth_step" => Some((2, 2)),
            "if" | "hill" => Some((3, 3)),
            "min" | "max" => Some((2, usize::MAX)),
            _ => None,
        };
        let Some((least, most)) = wanted else { return self.foreign_call(function, arguments, span) };
        if arguments.len() < least || arguments.len() > most {
            let count = if most == usize::MAX { format!("{least} or more") } else { least.to_string() };
            self.diagnostics.push(
                Diagnostic::error(
                    format!("`{function}` takes {count} argument(s), but {} were given", arguments.len()),
                    span,
                    "wrong number of arguments",
                )
                .help(signature(function)),
            );
            return None;
        }
        if function == "if" {
            return self.select(arguments);
        }
        let found: Vec<Option<Found>> = arguments.iter().map(|argument| self.infer(argument)).collect();
        let found: Vec<Found> = found.into_iter().collect::<Option<_>>()?;
        let mut quantities = Vec::new();
        for (found, argument) in found.into_iter().zip(arguments) {
            quantities.push((self.quantity(found, argument.span)?, argument.span));
        }
        self.builtin(function, quantities)
    }

    fn builtin(&mut self, function: &str, mut arguments: Vec<(Found, Span)>) -> Option<Found> {
        use BinaryOperation as Op;
        let (first, first_span) = arguments[0].clone();
        let x = first.checked.formula.clone();
        match function {
            "exp" | "log" | "logit" | "expit" => {
                let x = self.number(first, first_span, &format!("the argument of `{function}`"))?;
                let formula = match function {
                    "exp" => unary(UnaryOperation::Exp, x),
                    "log" => unary(UnaryOperation::Log, x),
                    "logit" => logit(x),
                    _ => expit(x),
                };
                Some(Checked::quantity(formula, Dimension::NONE).into())
            }
            "abs" => Some(Found {
                checked: Checked::quantity(unary(UnaryOperation::Abs, x), first.checked.dimension),
                ..first
            }),
            "sqrt" => {
                let dimension = first.checked.dimension.power(0.5)?;
                Some(Checked::quantity(unary(UnaryOperation::Sqrt, x), dimension).into())
            }
            "step" => {
                let reached = binary(Op::LessEqual, Formula::Constant(0.0), x);
                Some(Checked::quantity(reached, Dimension::NONE).into())
            }
            "smooth_step" => {
                let (width, width_span) = arguments.remove(1);
                self.common((&first, first_span), (&width, width_span), "compare")?;
                let formula = expit(binary(Op::Divide, x, width.checked.formula));
                Some(Checked::quantity(formula, Dimension::NONE).into())
            }
            "hill" => self.hill(arguments),
            _ => self.extreme(if function == "min" { Op::Minimum } else { Op::Maximum }, arguments),
        }
    }

    /// hill(x, x50, n) = xⁿ/(x50ⁿ + xⁿ), written (x/x50)ⁿ/(1 + (x/x50)ⁿ) so that both may have a dimension.
    fn hill(&mut self, mut arguments: Vec<(Found, Span)>) -> Option<Found> {
        use BinaryOperation as Op;
        let (n, n_span) = arguments.remove(2);
        let (x50, x50_span) = arguments.remove(1);
        let (x, x_span) = arguments.remove(0);
        self.common((&x, x_span), (&x50, x50_span), "compare")?;
        let n = self.number(n, n_span, "the Hill exponent")?;
        let ratio = binary(Op::Power, binary(Op::Divide, x.checked.formula, x50.checked.formula), n);
        let formula = binary(Op::Divide, ratio.clone(), binary(Op::Add, Formula::Constant(1.0), ratio));
        Some(Checked::quantity(formula, Dimension::NONE).into())
    }

    fn extreme(&mut self, operation: BinaryOperation, arguments: Vec<(Found, Span)>) -> Option<Found> {
        let mut arguments = arguments.into_iter();
        let (mut all, all_span) = arguments.next()?;
        for (next, span) in arguments {
            let dimension = self.common((&all, all_span), (&next, span), "compare")?;
            let formula = binary(operation, all.checked.formula, next.checked.formula);
            all = Found {
                checked: Checked::quantity(formula, dimension),
                fits_all: all.fits_all && next.fits_all,
            };
        }
        Some(all)
    }

    fn select(&mut self, arguments: &[Expression]) -> Option<Found> {
        let condition = self.infer(&arguments[0]);
        let yes = self.infer(&arguments[1]);
        let no = self.infer(&arguments[2]);
        let condition = self.condition(condition?, arguments[0].span)?;
        let (yes, no) = (yes?, no?);
        if yes.checked.logical && no.checked.logical {
            let formula = choose(condition, yes.checked.formula, no.checked.formula);
            return Some(Checked::condition(formula).into());
        }
        let yes = self.quantity(yes, arguments[1].span)?;
        let no = self.quantity(no, arguments[2].span)?;
        let dimension = self.common((&yes, arguments[1].span), (&no, arguments[2].span), "choose between")?;
        let formula = choose(condition, yes.checked.formula, no.checked.formula);
        Some(Found { checked: Checked::quantity(formula, dimension), fits_all: yes.fits_all && no.fits_all })
    }

    fn foreign_call(&mut self, function: &str, arguments: &[Expression], span: Span) -> Option<Found> {
        let said = self.diagnostics.len();
        if let Some(checked) = self.names.call(function, arguments, span, self.diagnostics) {
            return Some(checked.into());
        }
        if self.diagnostics.len() == said {
            let mut known = vec![
                "exp",
                "log",
                "sqrt",
                "abs",
                "min",
                "max",
                "if",
                "hill",
                "logit",
                "expit",
                "step",
                "smooth_step",
            ];
            known.extend(self.names.functions());
            let finding =
                Diagnostic::error(format!("there is no function `{function}`"), span, "unknown function");
            let aliases = [("ln", "log"), ("pow", "^"), ("log10", "log(x) / log(10)"), ("ifelse", "if")];
            let advice = match aliases.iter().find(|(alias, _)| *alias == function) {
                Some((_, instead)) => format!("write `{instead}`"),
                None => match closest(function, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the functions here are {}", known.join(", ")),
                },
            };
            self.diagnostics.push(finding.help(advice));
        }
        None
    }
}

fn signature(function: &str) -> String {
    let form = match function {
        "if" => "if(condition, yes, no)",
        "hill" => "hill(x, x50, n)",
        "smooth_step" => "smooth_step(x, width)",
        "min" | "max" => return format!("write `{function}(a, b)`"),
        _ => return format!("write `{function}(x)`"),
    };
    format!("write `{form}`")
}

fn choose(condition: Formula, yes: Formula, no: Formula) -> Formula {
    Formula::Select(Box::new(condition), Box::new(yes), Box::new(no))
}

/// log(p/(1 − p))
pub(super) fn logit(p: Formula) -> Formula {
    let rest = binary(BinaryOperation::Subtract, Formula::Constant(1.0), p.clone());
    unary(UnaryOperation::Log, binary(BinaryOperation::Divide, p, rest))
}

/// 1/(1 + e^−x)
pub(super) fn expit(x: Formula) -> Formula {
    let falling = unary(UnaryOperation::Exp, unary(UnaryOperation::Negate, x));
    let below = binary(BinaryOperation::Add, Formula::Constant(1.0), falling);
    binary(BinaryOperation::Divide, Formula::Constant(1.0), below)
}
