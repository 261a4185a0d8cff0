//! Factors against their definitions, names there and back.

use super::*;
use proptest::prelude::*;

fn factor(text: &str) -> f64 {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).factor
}

#[test]
fn factors_carry_no_rounding_dirt() {
    let expected = [
        ("ng/mL", 1e-3),
        ("L/h", 24.0),
        ("mL/min", 1.44),
        ("1/h", 24.0),
        ("g/dL", 1e4),
        ("kg/m^2", 1e4),
        ("umol/L", 1.0),
        ("mmol/L", 1e3),
        ("µmol/L", 1.0),
        ("1e9/L", 1.0),
        ("1e6/mL", 1.0),
        ("1e3/uL", 1.0),
        ("cells/nL", 1.0),
        ("umol/1e9", 1.0),
        ("ng*h/mL", 1e-3 / 24.0),
        ("ng·h/mL", 1e-3 / 24.0),
        ("%", 0.01),
        ("1", 1.0),
        ("", 1.0),
        ("month", 30.4375),
        ("y", 365.25),
        ("weeks", 7.0),
        ("m^3", 1e3),
        ("cm³", 1e-3),
        ("nM", 1e-3),
        ("d^-1", 1.0),
        ("lb", 453_592.37),
    ];
    for (text, value) in expected {
        let error = (factor(text) - value).abs() / value;
        assert!(error <= f64::EPSILON, "{text}: {} is not {value}", factor(text));
    }
    for (text, value) in [("ng/mL", 1e-3), ("L/h", 24.0), ("mL/min", 1.44), ("cm", 0.1), ("pg/mL", 1e-6)] {
        assert_eq!(factor(text), value, "{text}");
    }
}

#[test]
fn same_dimension_whatever_the_spelling() {
    let dimension = |text| parse(text).unwrap().dimension;
    assert_eq!(dimension("L/h"), dimension("mL/min"));
    assert_eq!(dimension("m^3"), dimension("L"));
    assert_eq!(dimension("nM"), dimension("umol/L"));
    assert_eq!(dimension("1/d"), dimension("h^-1"));
    assert_eq!(dimension("mg/L/h"), dimension("mg*1/h/mL"));
    assert_ne!(dimension("1e9/L"), dimension("1/L"));
    assert_ne!(dimension("umol"), dimension("mg"));
    assert_eq!(conversion(parse("ug/L").unwrap(), parse("ng/mL").unwrap()), Some(1.0));
    assert_eq!(conversion(parse("ug/L").unwrap(), parse("ng").unwrap()), None);
}

#[test]
fn dimensions_read_in_words() {
    let words = [
        ("ng/mL", "mass/volume", "mg/L"),
        ("1/d", "1/time", "1/d"),
        ("1e9/L", "cells/volume", "1e9/L"),
        ("kg/m^2", "mass/length^2", "mg/dm^2"),
        ("L/h", "volume/time", "L/d"),
        ("ng*h/mL", "mass*time/volume", "mg*d/L"),
        ("L/umol/h", "volume/amount/time", "L/umol/d"),
        ("umol/1e9", "amount/cells", "umol/1e9"),
        ("cm", "length", "dm"),
        ("%", "no dimension", "1"),
    ];
    for (text, dimension, coherent) in words {
        let unit = parse(text).unwrap();
        assert_eq!(unit.dimension.to_string(), dimension);
        assert_eq!(coherent_name(unit.dimension), coherent);
    }
    assert_eq!(parse("mg").unwrap().dimension.power(0.5).unwrap().to_string(), "mass^0.5");
}

#[test]
fn powers_are_exact_or_refused() {
    let mass = Dimension::mass();
    assert_eq!(mass.power(0.75).and_then(|d| d.power(4.0 / 3.0)), Some(mass));
    assert_eq!(mass.power(0.224), None);
    assert_eq!(mass.power(f64::NAN), None);
    assert_eq!(mass.power(1e300), None);
    assert_eq!(Dimension::NONE.power(0.224), Some(Dimension::NONE));
    assert_eq!(Dimension::volume().over(Dimension::time()).times(Dimension::time()), Dimension::volume());
    assert!(Dimension::cells().over(Dimension::cells()).is_none());
    assert_eq!(Dimension::amount().over(Dimension::volume()), parse("uM").unwrap().dimension);
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    let unknown = parse("ng/ml").unwrap_err();
    assert_eq!(unknown.range(), 3..5);
    assert_eq!(unknown.to_string(), "`ml` is not a unit");
    assert_eq!(unknown.help(), "did you mean `mL`?");
    for (text, range) in [
        ("mg/", 3..3),
        ("mg /L", 2..3),
        ("m^x", 2..3),
        ("5mg", 0..3),
        ("mg/(L*h)", 3..4),
        ("ln", 0..2),
        ("/d", 0..0),
    ] {
        assert_eq!(parse(text).unwrap_err().range(), range, "{text}");
    }
    assert!(parse("mcg").unwrap_err().help().contains("`ug`"));
    assert!(parse("hr").unwrap_err().help().contains("`h`"));
    assert!(parse("kg^12*kg^12*kg^12").is_err());
}

#[test]
fn every_name_in_the_table_is_read_back() {
    for (name, exponents, (above, below)) in TABLE {
        let unit = parse(name).unwrap();
        assert_eq!(unit.factor, *above as f64 / *below as f64);
        assert_eq!(unit.dimension.exponents, exponents.map(|exponent| exponent * TWELFTHS));
    }
}

proptest! {
    #[test]
    fn no_text_is_a_panic(text in "\\PC*") {
        let _ = parse(&text);
    }

    #[test]
    fn coherent_names_are_read_back_with_factor_one(powers in proptest::array::uniform5(-4_i16..=4)) {
        let dimension = Dimension { exponents: powers.map(|power| power * TWELFTHS) };
        let unit = parse(&coherent_name(dimension)).unwrap();
        prop_assert_eq!(unit, Unit { dimension, factor: 1.0 });
    }
}
