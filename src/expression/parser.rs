//! Tokens to tree. The grammar is stated here once.
//!
//! ```text
//! expression = disjunction
//! disjunction = conjunction { "or" conjunction }
//! conjunction = negation { "and" negation }
//! negation    = "not" negation | comparison
//! comparison  = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]     a chain a < b < c is an error
//! sum         = product { ( "+" | "-" ) product }
//! product     = signed { ( "*" | "/" ) signed }
//! signed      = ( "-" | "+" ) signed | power
//! power       = operand [ "^" signed ]                 to the right, before the sign: -a^b^c is -(a^(b^c))
//! operand     = number | quantity | "true" | "false" | name | call | "(" expression ")"
//! call        = name "(" [ expression { "," expression } ] ")"
//! name        = part { "." part }                      a part: a letter or `_`, then letters, digits, `_`
//! number      = digits [ "." digits ] [ "e" [ "+" | "-" ] digits ]
//! quantity    = number unit                            white space allowed between, not inside the unit
//!             | number ending in "e9", at once "/" unit    cells: 1.0e9/L is 1.0 of the unit 1e9/L
//! unit        = unitname [ "^" integer ] { ( "/" | "*" | "·" ) unitname [ "^" integer ] }
//! unitname    = letters | "%" | "1" | "1e" digits
//! ```
//!
//! What follows a number is therefore always its unit, and there is no implicit product. A quantity is raised to a
//! power only in parentheses, `(55 kg)^0.75`, since `55 kg^2` is 55 of the unit kg².

use super::lexer::{Token, TokenKind, lex, place};
use super::tree::{BinaryOperator, Expression, Kind, UnaryOperator};
use crate::diagnostic::{Diagnostic, Span, Text};
use std::ops::Range;

/// Levels of nesting an expression may have; a sum of n terms has n levels.
const MAXIMUM_DEPTH: usize = 200;
/// Bytes an expression may have.
const MAXIMUM_LENGTH: usize = 20_000;
/// How tightly a sign binds.
const SIGN: u8 = UnaryOperator::Negate.precedence();
/// Errors shown for one expression; more would only be consequences.
const MAXIMUM_ERRORS: usize = 6;

/// Parses an expression; errors point into the user's file.
pub fn parse(text: &Text, diagnostics: &mut Vec<Diagnostic>) -> Option<Expression> {
    if text.value.len() > MAXIMUM_LENGTH {
        let what = format!("this expression is longer than {MAXIMUM_LENGTH} bytes");
        diagnostics
            .push(Diagnostic::error(what, text.span, "").help("split it into several named equations"));
        return None;
    }
    let (tokens, lexical) = lex(text);
    let mut parser = Parser {
        text,
        tokens,
        position: 0,
        nesting: 0,
        diagnostics: lexical,
        stopped: false,
        operator_missed: false,
    };
    let tree = parser.whole();
    if parser.diagnostics.is_empty() {
        return Some(tree.expression);
    }
    diagnostics.extend(parser.diagnostics.into_iter().take(MAXIMUM_ERRORS));
    None
}

/// A subtree with its number of levels and its place in the text.
struct Tree {
    expression: Expression,
    depth: usize,
    range: Range<usize>,
}

struct Parser<'a> {
    text: &'a Text,
    tokens: Vec<Token>,
    position: usize,
    nesting: usize,
    diagnostics: Vec<Diagnostic>,
    /// Set when the depth limit is met: the rest is skipped, and not complained about.
    stopped: bool,
    operator_missed: bool,
}

impl Parser<'_> {
    fn peek(&self) -> &TokenKind {
        &self.tokens[self.position].kind
    }

    fn range(&self) -> Range<usize> {
        self.tokens[self.position].range.clone()
    }

    fn advance(&mut self) {
        // The last token is the end and is never passed.
        self.position = (self.position + 1).min(self.tokens.len() - 1);
    }

    fn previous_end(&self) -> usize {
        self.position.checked_sub(1).map_or(0, |before| self.tokens[before].range.end)
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        if !self.stopped {
            self.diagnostics.push(diagnostic);
        }
    }

    fn span(&self, range: &Range<usize>) -> Span {
        place(self.text, range)
    }

    fn tree(&mut self, kind: Kind, range: Range<usize>, depth: usize) -> Tree {
        let span = self.span(&range);
        if depth > MAXIMUM_DEPTH {
            return self.too_deep(&range);
        }
        Tree { expression: Expression { kind, span }, depth, range }
    }

    /// Stands where an operand could not be read.
    fn hole(&mut self, range: Range<usize>) -> Tree {
        let span = self.span(&range);
        Tree { expression: Expression { kind: Kind::Number(0.0), span }, depth: 1, range }
    }

    fn too_deep(&mut self, range: &Range<usize>) -> Tree {
        let what = format!("this expression has more than {MAXIMUM_DEPTH} levels");
        let help = "split it into several named equations";
        self.error(Diagnostic::error(what, self.span(range), "").help(help));
        self.stopped = true;
        self.position = self.tokens.len() - 1;
        self.hole(range.clone())
    }

    fn whole(&mut self) -> Tree {
        if *self.peek() == TokenKind::End {
            let range = self.range();
            if self.diagnostics.is_empty() {
                let help = "write a number, a quantity such as `5 mg`, or an equation of names";
                self.error(Diagnostic::error("this expression is empty", self.text.span, "").help(help));
            }
            return self.hole(range);
        }
        let mut tree = self.expression(0);
        while *self.peek() != TokenKind::End {
            let range = self.range();
            let diagnostic = match self.peek() {
                TokenKind::Close => {
                    Diagnostic::error("this parenthesis was never opened", self.span(&range), "")
                        .help("remove it, or put `(` where the group begins")
                }
                _ => Diagnostic::error("a comma stands outside of a function", self.span(&range), "")
                    .help("commas separate arguments, as in `min(a, b)`; a decimal point is a point"),
            };
            self.error(diagnostic);
            let comma = *self.peek() == TokenKind::Comma;
            self.advance();
            tree = if comma { self.expression(0) } else { self.continued(tree, 0) };
        }
        tree
    }

    /// An expression of operators that bind at least as tightly as `minimum`.
    fn expression(&mut self, minimum: u8) -> Tree {
        let operand = self.signed(minimum);
        self.continued(operand, minimum)
    }

    /// The operators and operands behind a first operand.
    fn continued(&mut self, mut left: Tree, minimum: u8) -> Tree {
        loop {
            let operator = match self.peek() {
                TokenKind::Operator(operator) => *operator,
                TokenKind::End | TokenKind::Close | TokenKind::Comma => return left,
                _ => {
                    if minimum > BinaryOperator::Multiply.precedence() {
                        return left;
                    }
                    self.missing_operator(&left);
                    let right = self.expression(BinaryOperator::Multiply.precedence() + 1);
                    left = self.binary(BinaryOperator::Multiply, left, right);
                    continue;
                }
            };
            let binding = operator.precedence();
            if binding < minimum {
                return left;
            }
            let place = self.range();
            self.advance();
            left = match operator {
                BinaryOperator::Power => self.power(left, place),
                _ => {
                    let right = self.expression(binding + 1);
                    self.binary(operator, left, right)
                }
            };
            if operator.is_comparison() {
                self.refuse_chain(&left);
            }
        }
    }

    fn power(&mut self, base: Tree, place: Range<usize>) -> Tree {
        if self.nesting >= MAXIMUM_DEPTH {
            return self.too_deep(&place);
        }
        let in_parentheses = self.text.value[base.range.clone()].starts_with('(');
        if matches!(base.expression.kind, Kind::Quantity { .. }) && !in_parentheses {
            let written = self.text.value[base.range.clone()].to_string();
            let diagnostic =
                Diagnostic::error("a power of a quantity needs parentheses", self.span(&place), "").help(
                    format!(
                        "write `({written})^…`; a whole power without spaces belongs to the unit, as in `m^2`"
                    ),
                );
            self.error(diagnostic);
        }
        self.nesting += 1;
        let exponent = self.expression(SIGN);
        self.nesting -= 1;
        self.binary(BinaryOperator::Power, base, exponent)
    }

    fn binary(&mut self, operator: BinaryOperator, left: Tree, right: Tree) -> Tree {
        let depth = left.depth.max(right.depth) + 1;
        let range = left.range.start..right.range.end.max(left.range.end);
        self.tree(Kind::Binary(operator, Box::new(left.expression), Box::new(right.expression)), range, depth)
    }

    /// `a < b < c` would compare a truth value with a number.
    fn refuse_chain(&mut self, left: &Tree) {
        let TokenKind::Operator(second) = *self.peek() else {
            return;
        };
        let Kind::Binary(_, _, middle) = &left.expression.kind else {
            return;
        };
        if !second.is_comparison() {
            return;
        }
        let help = format!("write `{} and {middle} {second} …`", left.expression);
        let range = self.range();
        let label = "a second comparison in a row";
        self.error(Diagnostic::error("comparisons cannot be chained", self.span(&range), label).help(help));
    }

    /// Two operands beside each other. Said once per expression: what follows is mostly a consequence.
    fn missing_operator(&mut self, left: &Tree) {
        if std::mem::replace(&mut self.operator_missed, true) {
            return;
        }
        let range = self.range();
        let before = &self.text.value[left.range.clone()];
        let after = &self.text.value[range.clone()];
        let choice = "a choice is written `if(condition, value, other)`".to_string();
        let help = match (&left.expression.kind, self.peek()) {
            (_, TokenKind::Name(word)) if word == "then" || word == "else" => choice,
            (Kind::Name(word), _) if word == "if" => choice,
            // A word right behind a number was taken for its unit, but an argument list follows.
            (Kind::Quantity { value, unit, .. }, TokenKind::Open) if left.range.end == range.start => {
                format!("for a product write `{value} * {unit}(…)`")
            }
            (_, TokenKind::Open) if before.len() < 40 => format!("for a product write `{before} * (…)`"),
            _ if before.len() + after.len() < 60 => format!("for a product write `{before} * {after}`"),
            _ => "for a product write `a * b`".to_string(),
        };
        self.error(Diagnostic::error("an operator is missing here", self.span(&range), "").help(help));
    }

    /// `not`, signs, then an operand.
    fn signed(&mut self, minimum: u8) -> Tree {
        let range = self.range();
        let operator = match self.peek() {
            TokenKind::Not => UnaryOperator::Not,
            TokenKind::Operator(BinaryOperator::Subtract | BinaryOperator::Add) => UnaryOperator::Negate,
            _ => return self.operand(),
        };
        let plus = *self.peek() == TokenKind::Operator(BinaryOperator::Add);
        if self.nesting >= MAXIMUM_DEPTH {
            return self.too_deep(&range);
        }
        self.nesting += 1;
        self.advance();
        // Behind an operator that binds more tightly, a prefix takes no more than that operator would.
        let operand = self.expression(operator.precedence().max(minimum.min(SIGN)));
        self.nesting -= 1;
        if plus {
            return operand;
        }
        let whole = range.start..operand.range.end;
        self.tree(Kind::Unary(operator, Box::new(operand.expression)), whole, operand.depth + 1)
    }

    fn operand(&mut self) -> Tree {
        let range = self.range();
        let kind = match self.peek().clone() {
            TokenKind::Number(value) => Kind::Number(value),
            TokenKind::Quantity(value, unit, unit_range) => {
                Kind::Quantity { value, unit, unit_span: self.span(&unit_range) }
            }
            TokenKind::True => Kind::Logical(true),
            TokenKind::False => Kind::Logical(false),
            TokenKind::Name(name) => {
                self.advance();
                if *self.peek() == TokenKind::Open {
                    return self.call(name, range);
                }
                return self.tree(Kind::Name(name), range, 1);
            }
            TokenKind::Open => return self.group(range),
            TokenKind::Close
            | TokenKind::Comma
            | TokenKind::End
            | TokenKind::Operator(_)
            | TokenKind::Not => {
                return self.missing_operand(range);
            }
        };
        self.advance();
        self.tree(kind, range, 1)
    }

    fn missing_operand(&mut self, range: Range<usize>) -> Tree {
        let what = match (self.position.checked_sub(1).map(|before| &self.tokens[before].kind), self.peek()) {
            (Some(TokenKind::Open), TokenKind::Close) => "these parentheses are empty".to_string(),
            (Some(TokenKind::Comma), _) | (Some(TokenKind::Open), TokenKind::Comma) => {
                "an argument is missing here".to_string()
            }
            (Some(TokenKind::Operator(operator)), _) => format!("`{operator}` lacks its right side"),
            (_, TokenKind::Operator(operator)) => format!("`{operator}` lacks its left side"),
            _ => "a value is missing here".to_string(),
        };
        let help =
            "a value is a number, a quantity such as `5 mg`, a name, a function or a group in parentheses";
        let place = self.span(&range);
        self.error(Diagnostic::error(what, place, "expected a value").help(help));
        self.hole(range.start..range.start)
    }

    fn enter(&mut self, range: &Range<usize>) -> bool {
        if self.nesting >= MAXIMUM_DEPTH {
            self.too_deep(range);
            return false;
        }
        self.nesting += 1;
        self.advance();
        true
    }

    fn group(&mut self, open: Range<usize>) -> Tree {
        if !self.enter(&open) {
            return self.hole(open);
        }
        let mut inner = self.expression(0);
        while *self.peek() == TokenKind::Comma {
            let range = self.range();
            let diagnostic = Diagnostic::error("a comma stands outside of a function", self.span(&range), "")
                .help("commas separate arguments, as in `min(a, b)`; a decimal point is a point");
            self.error(diagnostic);
            self.advance();
            inner = self.expression(0);
        }
        self.close(&open);
        self.nesting -= 1;
        inner.range = open.start..self.previous_end().max(inner.range.end);
        inner.expression.span = self.span(&inner.range);
        inner
    }

    fn call(&mut self, function: String, name: Range<usize>) -> Tree {
        let open = self.range();
        if !self.enter(&open) {
            return self.hole(open);
        }
        let mut arguments = Vec::new();
        let mut depth = 0;
        if *self.peek() != TokenKind::Close {
            loop {
                let argument = self.expression(0);
                depth = depth.max(argument.depth);
                arguments.push(argument.expression);
                if *self.peek() != TokenKind::Comma {
                    break;
                }
                self.advance();
            }
        }
        self.close(&open);
        self.nesting -= 1;
        let range = name.start..self.previous_end().max(name.end);
        self.tree(Kind::Call { function, arguments }, range, depth + 1)
    }

    fn close(&mut self, open: &Range<usize>) {
        if *self.peek() == TokenKind::Close {
            self.advance();
            return;
        }
        let end = self.previous_end();
        let diagnostic = Diagnostic::error(
            "a closing parenthesis is missing",
            self.span(&(end..end)),
            "expected `)` here",
        )
        .related(self.span(open), "opened here")
        .help("put `)` where the group ends");
        self.error(diagnostic);
    }
}
