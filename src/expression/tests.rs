//! Trees of good texts, words and carets for bad ones, and arbitrary texts.

use super::{BinaryOperator, Expression, Kind, UnaryOperator, parse};
use crate::diagnostic::{Diagnostic, FileId, Sources, Span, Text, render};
use proptest::prelude::*;

/// An expression as it stands in a model file, between quotes.
fn file(expression: &str) -> (Text, Sources) {
    let before = "rate = \"";
    let mut sources = Sources::default();
    let file = sources.add("model.toml", format!("{before}{expression}\"\n"));
    let span = Span { file, start: before.len(), end: before.len() + expression.len() };
    (Text { value: expression.to_string(), span, verbatim: true }, sources)
}

fn read(expression: &str) -> Result<Expression, String> {
    let (text, sources) = file(expression);
    let mut diagnostics = Vec::new();
    let tree = parse(&text, &mut diagnostics);
    assert_eq!(tree.is_none(), !diagnostics.is_empty());
    tree.ok_or_else(|| render(&diagnostics, &sources, false))
}

fn tree(expression: &str) -> Expression {
    read(expression).unwrap_or_else(|report| panic!("{report}"))
}

/// The tree with every operation in parentheses.
fn shape(expression: &Expression) -> String {
    match &expression.kind {
        Kind::Number(value) => format!("{value}"),
        Kind::Quantity { value, unit, .. } => format!("{value}[{unit}]"),
        Kind::Logical(value) => format!("{value}"),
        Kind::Name(name) => name.clone(),
        Kind::Unary(operator, operand) => format!("({operator}{})", shape(operand)),
        Kind::Binary(operator, left, right) => format!("({} {operator} {})", shape(left), shape(right)),
        Kind::Call { function, arguments } => {
            format!("{function}({})", arguments.iter().map(shape).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn operators_bind_as_the_grammar_says() {
    let cases = [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a / b * c", "((a / b) * c)"),
        ("a / (b * c)", "(a / (b * c))"),
        ("2^3^x", "(2 ^ (3 ^ x))"),
        ("-x^2", "(-(x ^ 2))"),
        ("x^-y^z", "(x ^ (-(y ^ z)))"),
        ("-a * b", "((-a) * b)"),
        ("a * -b + c", "((a * (-b)) + c)"),
        ("--a", "(-(-a))"),
        ("+a - +b", "(a - b)"),
        ("a < b + c", "(a < (b + c))"),
        ("not a == b and c", "((not (a == b)) and c)"),
        ("a or b and not c or d", "((a or (b and (not c))) or d)"),
        ("(a or b) and c", "((a or b) and c)"),
        ("if(a < 1, -x, min(y, z, 0))", "if((a < 1), (-x), min(y, z, 0))"),
        ("exp(eta.CL) * f()", "(exp(eta.CL) * f())"),
        ("true and false", "(true and false)"),
    ];
    for (text, expected) in cases {
        assert_eq!(shape(&tree(text)), expected, "{text}");
    }
}

#[test]
fn a_number_and_what_follows_it_is_a_quantity() {
    let cases = [
        ("55 kg", "55[kg]"),
        ("90 mL/min", "90[mL/min]"),
        ("43 %", "43[%]"),
        ("43%", "43[%]"),
        ("5µg", "5[µg]"),
        ("0.02 1/d", "0.02[1/d]"),
        ("26.5 kg/m^2", "26.5[kg/m^2]"),
        ("3 1/h * x", "(3[1/h] * x)"),
        ("1 ng*h/mL", "1[ng*h/mL]"),
        ("2 d^-1", "2[d^-1]"),
        ("5 1e9", "5[1e9]"),
        ("5 umol/1e9", "5[umol/1e9]"),
        ("1.0e9/L", "1[1e9/L]"),
        ("0.5e9/L", "0.5[1e9/L]"),
        ("150E9/L + 1", "(150[1e9/L] + 1)"),
        ("1e9", "1000000000"),
        ("5e9 / x", "(5000000000 / x)"),
        ("1e-3/x", "(0.001 / x)"),
        ("10 mg / V", "(10[mg] / V)"),
        ("10 mg/2", "(10[mg] / 2)"),
        ("10 mg/pk.V", "(10[mg] / pk.V)"),
        ("10 mg/1.5", "(10[mg] / 1.5)"),
        ("(FFM / 55 kg)^0.75", "((FFM / 55[kg]) ^ 0.75)"),
        ("(5 kg)^2", "(5[kg] ^ 2)"),
        ("x^2 kg", "(x ^ 2[kg])"),
        ("3 and x", "(3 and x)"),
        ("x < 5 or y", "((x < 5) or y)"),
        ("2*x", "(2 * x)"),
        (".5 mg", "0.5[mg]"),
        ("5 min", "5[min]"),
        ("min(5 min, 3 h)", "min(5[min], 3[h])"),
    ];
    for (text, expected) in cases {
        assert_eq!(shape(&tree(text)), expected, "{text}");
    }
}

#[test]
fn places_are_those_of_the_file() {
    let (text, sources) = file("a + µ_1 * 1.0e9/L");
    let whole = sources.text(text.span.file);
    let tree = parse(&text, &mut Vec::new()).unwrap();
    let at = |span: Span| &whole[span.start..span.end];
    assert_eq!(at(tree.span), "a + µ_1 * 1.0e9/L");
    let Kind::Binary(_, left, right) = &tree.kind else { panic!() };
    assert_eq!((at(left.span), at(right.span)), ("a", "µ_1 * 1.0e9/L"));
    let Kind::Binary(_, name, cells) = &right.kind else { panic!() };
    assert_eq!((at(name.span), at(cells.span)), ("µ_1", "1.0e9/L"));
    let Kind::Quantity { unit, unit_span, .. } = &cells.kind else { panic!() };
    // As long as the unit text, so that a range inside the unit fits: `L` is at 4 in both.
    assert_eq!((unit.as_str(), at(*unit_span)), ("1e9/L", "0e9/L"));

    let group = self::tree("(a + b) * c");
    let Kind::Binary(_, group, _) = group.kind else { panic!() };
    assert_eq!(group.span.end - group.span.start, "(a + b)".len());
}

#[test]
fn a_text_with_escapes_is_blamed_as_a_whole() {
    let span = Span { file: FileId(0), start: 3, end: 20 };
    let text = Text { value: "a + * b".to_string(), span, verbatim: false };
    let mut diagnostics = Vec::new();
    assert!(parse(&text, &mut diagnostics).is_none());
    assert!(diagnostics.iter().all(|diagnostic| diagnostic.place.as_ref().unwrap().0 == span));
}

/// One bad expression: text, byte in the text at which the caret stands, parts of the report.
type Bad = (&'static str, usize, &'static [&'static str]);

const BAD: &[Bad] = &[
    ("", 0, &["this expression is empty", "write a number"]),
    ("(a + b", 6, &["a closing parenthesis is missing", "opened here"]),
    ("min(a, b", 8, &["a closing parenthesis is missing", "opened here"]),
    ("a + b)", 5, &["this parenthesis was never opened", "remove it"]),
    ("a = b", 2, &["`=` is not part of the language", "write `==`"]),
    ("a ** 2", 2, &["`**` is not part of the language", "write `^`"]),
    ("a && b", 2, &["`&&` is not part of the language", "write `and`"]),
    ("a || b", 2, &["`||` is not part of the language", "write `or`"]),
    ("!a", 0, &["`!` is not part of the language", "write `not`"]),
    ("a ≤ b", 2, &["`≤` is not part of the language", "write `<=`"]),
    ("a × b", 2, &["`×` is not part of the language", "write `*`"]),
    ("x² + 1", 1, &["`²` has no meaning here", "a power is written `x^2`"]),
    ("[a]", 0, &["write `(`", "only round parentheses group"]),
    ("f(a; b)", 3, &["write `,`"]),
    ("a < b < c", 6, &["comparisons cannot be chained", "write `a < b and b < …`"]),
    ("2 (x)", 2, &["an operator is missing here", "write `2 * (…)`"]),
    ("2 exp(x)", 5, &["an operator is missing here", "write `2 * exp(…)`"]),
    ("a b", 2, &["an operator is missing here", "write `a * b`"]),
    ("2 pk.V", 2, &["an operator is missing here", "write `2 * pk.V`"]),
    ("2 3", 2, &["an operator is missing here", "write `2 * 3`"]),
    ("if a then b else c", 3, &["an operator is missing here", "if(condition, value, other)"]),
    ("a ? b : c", 2, &["`?` has no meaning here", "if(condition, value, other)"]),
    ("55 kg^0.75", 5, &["a power of a quantity needs parentheses", "write `(55 kg)^…`"]),
    ("55 kg ^ 2", 6, &["a power of a quantity needs parentheses", "write `(55 kg)^…`"]),
    ("0,75 * x", 1, &["a comma stands outside of a function", "a decimal point is a point"]),
    ("min(a,, b)", 6, &["an argument is missing here"]),
    ("f(a,)", 4, &["an argument is missing here"]),
    ("a +", 3, &["`+` lacks its right side", "expected a value"]),
    ("* a", 0, &["`*` lacks its left side", "expected a value"]),
    ("()", 1, &["these parentheses are empty"]),
    ("1e400 mg", 0, &["this number is too large"]),
    ("\\'a\\'", 0, &["has no meaning here"]),
    ("a. b", 1, &["`.` has no meaning here"]),
    ("🦀", 0, &["`🦀` has no meaning here"]),
];

#[test]
fn bad_expressions_say_what_to_write_with_a_caret_in_place() {
    for (text, byte, parts) in BAD {
        let report = read(text).unwrap_err();
        for part in *parts {
            assert!(report.contains(part), "{text:?}: {part:?} is not in\n{report}");
        }
        let column = "rate = \"".len() + text[..*byte].chars().count() + 1;
        assert!(report.contains(&format!("model.toml:1:{column}\n")), "{text:?} at {column}:\n{report}");
    }
}

#[test]
fn a_report_looks_like_this() {
    let expected = r#"error: comparisons cannot be chained
 --> model.toml:1:23
  |
1 | rate = "0.5e9/L < ANC < 1.0e9/L"
  |                       ^ a second comparison in a row
  |
  = help: write `0.5e9/L < ANC and ANC < …`
"#;
    assert_eq!(read("0.5e9/L < ANC < 1.0e9/L").unwrap_err(), expected);
}

#[test]
fn several_errors_are_reported_together() {
    let report = read("a && b ** 2 + min(c,, d").unwrap_err();
    for part in ["write `and`", "write `^`", "an argument is missing", "a closing parenthesis is missing"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    assert!(read(&"? a ".repeat(100)).unwrap_err().matches("error: ").count() <= 6);
}

#[test]
fn depth_and_length_are_limited() {
    for unit in ["(", "-", "a+", "a^", "not ", "f(", "a<", "if(a,", "(a+"] {
        let report = read(&unit.repeat(19_000 / unit.len())).unwrap_err();
        assert!(report.contains("more than 200 levels") || report.contains("chained"), "{unit}:\n{report}");
        assert!(report.matches("error: ").count() <= 6, "{unit}:\n{report}");
    }
    let chain = |terms: usize| vec!["a"; terms].join(" + ");
    assert!(read(&chain(200)).is_ok());
    assert!(read(&chain(202)).unwrap_err().contains("split it into several named equations"));
    let nested = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
    assert!(read(&nested(200)).is_ok());
    assert!(read(&nested(201)).is_err());
    assert!(read(&"a".repeat(20_001)).unwrap_err().contains("longer than 20000 bytes"));
}

#[test]
fn normalised_text_has_the_fewest_parentheses() {
    let cases = [
        ("((a))+(b*c)", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a^b)^c", "(a^b)^c"),
        ("a^(b^c)", "a^b^c"),
        ("(-a)^2", "(-a)^2"),
        ("-(a*b)", "-(a * b)"),
        ("not(a and b)", "not (a and b)"),
        ("(not a) and b", "not a and b"),
        ("(a<b)==c", "(a < b) == c"),
        ("1.0e9/L", "1e9/L"),
        ("2.50 mg", "2.5 mg"),
        ("1000000000*x", "1e9 * x"),
        ("(55 kg)^0.75", "(55 kg)^0.75"),
        ("f( a,b )", "f(a, b)"),
    ];
    for (text, expected) in cases {
        assert_eq!(tree(text).to_string(), expected);
    }
}

/// The same tree with every place the same, for comparing.
fn placeless(expression: Expression) -> Expression {
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let strip = |boxed: Box<Expression>| Box::new(placeless(*boxed));
    let kind = match expression.kind {
        Kind::Quantity { value, unit, .. } => Kind::Quantity { value, unit, unit_span: span },
        Kind::Unary(operator, operand) => Kind::Unary(operator, strip(operand)),
        Kind::Binary(operator, left, right) => Kind::Binary(operator, strip(left), strip(right)),
        Kind::Call { function, arguments } => {
            Kind::Call { function, arguments: arguments.into_iter().map(placeless).collect() }
        }
        leaf => leaf,
    };
    Expression { kind, span }
}

fn any_expression() -> impl Strategy<Value = Expression> {
    let span = Span { file: FileId(0), start: 0, end: 0 };
    let node = move |kind| Expression { kind, span };
    let number =
        prop_oneof![Just(0.0), Just(1.0), 0.0..1e12, (0.0..1.0).prop_map(|x: f64| x * 1e-9), Just(1e300)];
    let unit = prop_oneof![
        Just("mg"),
        Just("1/d"),
        Just("1e9/L"),
        Just("1e9"),
        Just("kg/m^2"),
        Just("%"),
        Just("µg*h/mL")
    ];
    let leaf = prop_oneof![
        number.clone().prop_map(Kind::Number),
        (number, unit).prop_map(move |(value, unit)| Kind::Quantity {
            value,
            unit: unit.to_string(),
            unit_span: span
        }),
        any::<bool>().prop_map(Kind::Logical),
        prop_oneof!["[a-z][a-z0-9_]{0,3}", "[a-z]{1,2}\\.[A-Z]{1,2}"]
            .prop_filter("a word of the language", |name| !["and", "or", "not", "true", "false"]
                .contains(&&**name))
            .prop_map(Kind::Name),
    ]
    .prop_map(node);
    let operator = proptest::sample::select(vec![
        BinaryOperator::Add,
        BinaryOperator::Subtract,
        BinaryOperator::Multiply,
        BinaryOperator::Divide,
        BinaryOperator::Power,
        BinaryOperator::Less,
        BinaryOperator::GreaterEqual,
        BinaryOperator::NotEqual,
        BinaryOperator::And,
        BinaryOperator::Or,
    ]);
    leaf.prop_recursive(6, 40, 3, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            4 => (operator.clone(), boxed.clone(), boxed.clone()).prop_map(|(o, l, r)| Kind::Binary(o, l, r)),
            1 => (prop_oneof![Just(UnaryOperator::Negate), Just(UnaryOperator::Not)], boxed)
                .prop_map(|(operator, operand)| Kind::Unary(operator, operand)),
            1 => ("[f-h]", proptest::collection::vec(inner, 0..3))
                .prop_map(|(function, arguments)| Kind::Call { function, arguments }),
        ]
        .prop_map(node)
    })
}

proptest! {
    #[test]
    fn what_is_displayed_reads_back_to_the_same_tree(expression in any_expression()) {
        let text = expression.to_string();
        let back = read(&text);
        prop_assert!(back.is_ok(), "{}", back.unwrap_err());
        prop_assert_eq!(placeless(back.unwrap()), expression, "{}", text);
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC*") {
        let _ = read(&text);
    }

    #[test]
    fn no_text_of_tokens_is_a_panic(text in "([a-c.()^*/+<=!,% 0-9eµ&|-]|1e9/|not |and |if\\(){0,60}") {
        let _ = read(&text);
    }
}

#[test]
fn no_diagnostic_is_lost_where_several_expressions_are_read() {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for text in ["a +", "b", "* c"] {
        parse(&file(text).0, &mut diagnostics);
    }
    assert_eq!(diagnostics.len(), 2);
}
