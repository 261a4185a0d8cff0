//! The syntax tree of an expression. Every node knows its place in the user's file.

use crate::diagnostic::Span;

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
