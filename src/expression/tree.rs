//! The syntax tree of an expression. Every node knows its place in the user's file.

use crate::diagnostic::Span;
use std::fmt;

/// A node with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A bare number, `0.75`.
    Number(f64),
    /// A number with a unit, `55 kg`, `1.0e9/L`, `43 %`; the unit as written, its meaning checked later.
    Quantity {
        /// The number in front of the unit.
        value: f64,
        /// The unit text.
        unit: String,
        /// Where the unit text stands.
        unit_span: Span,
    },
    /// `true` or `false`.
    Logical(bool),
    /// A name, dotted or not: `CL`, `eta.CL`, `pk.Cp`.
    Name(String),
    /// One operand.
    Unary(UnaryOperator, Box<Expression>),
    /// Two operands.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// A function call; `if(c, a, b)` too.
    Call {
        /// The function's name.
        function: String,
        /// Its arguments.
        arguments: Vec<Expression>,
    },
}

/// `-x`, `not x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-x`
    Negate,
    /// `not x`
    Not,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}

impl BinaryOperator {
    /// As written in an equation.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "and",
            Self::Or => "or",
        }
    }

    /// How tightly it binds; between `And` and the comparisons stands [`UnaryOperator::Not`], between the products
    /// and `Power` the sign.
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual
            | Self::Equal
            | Self::NotEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide => 6,
            Self::Power => 8,
        }
    }

    /// `<`, `<=`, `>`, `>=`, `==`, `!=`.
    pub fn is_comparison(self) -> bool {
        self.precedence() == Self::Less.precedence()
    }
}

impl UnaryOperator {
    pub(super) const fn precedence(self) -> u8 {
        match self {
            Self::Not => 3,
            Self::Negate => 7,
        }
    }
}

impl fmt::Display for BinaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl fmt::Display for UnaryOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Negate => "-",
            Self::Not => "not ",
        })
    }
}

impl Expression {
    fn precedence(&self) -> u8 {
        match &self.kind {
            Kind::Unary(operator, _) => operator.precedence(),
            Kind::Binary(operator, ..) => operator.precedence(),
            // A quantity needs parentheses only as the base of a power.
            Kind::Quantity { .. } => BinaryOperator::Power.precedence(),
            Kind::Number(value) if value.is_sign_negative() => UnaryOperator::Negate.precedence(),
            Kind::Number(_) | Kind::Logical(_) | Kind::Name(_) | Kind::Call { .. } => {
                BinaryOperator::Power.precedence() + 1
            }
        }
    }

    /// Writes the expression, in parentheses if it binds less tightly than `minimum`.
    fn write(&self, f: &mut fmt::Formatter<'_>, minimum: u8) -> fmt::Result {
        if self.precedence() < minimum {
            return write!(f, "({self})");
        }
        write!(f, "{self}")
    }
}

/// A number in the fewest digits that read back to it.
fn write_number(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) {
        write!(f, "{value:e}")
    } else {
        write!(f, "{value}")
    }
}

impl fmt::Display for Expression {
    /// Normalised text: single spaces, the fewest parentheses; [`super::parse`] reads it back to the same tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(value) => write_number(f, *value),
            Kind::Quantity { value, unit, .. } => {
                // Cells in the short form: `1e9/L`, not `1 1e9/L`.
                if unit.starts_with("1e9/") && (1e-4..1e7).contains(value) {
                    return write!(f, "{value}{}", &unit[1..]);
                }
                write_number(f, *value)?;
                write!(f, " {unit}")
            }
            Kind::Logical(value) => write!(f, "{value}"),
            Kind::Name(name) => f.write_str(name),
            Kind::Unary(operator, operand) => {
                write!(f, "{operator}")?;
                operand.write(f, operator.precedence())
            }
            Kind::Binary(BinaryOperator::Power, base, exponent) => {
                base.write(f, BinaryOperator::Power.precedence() + 1)?;
                f.write_str("^")?;
                exponent.write(f, UnaryOperator::Negate.precedence())
            }
            Kind::Binary(operator, left, right) => {
                // A comparison binds neither side: chains are not part of the language.
                left.write(f, operator.precedence() + u8::from(operator.is_comparison()))?;
                write!(f, " {operator} ")?;
                right.write(f, operator.precedence() + 1)
            }
            Kind::Call { function, arguments } => {
                write!(f, "{function}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    write!(f, "{argument}")?;
                }
                f.write_str(")")
            }
        }
    }
}
