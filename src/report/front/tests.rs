//! The figure holds what it must, and nothing lies outside it; sentences name what they count.

use super::{section, text};
use crate::front::fixture::{front, searched};
use crate::report::draw::{self, FrontView};

#[test]
fn the_figure_shows_the_front_with_numbers_inside_its_frame() {
    let front = front();
    let scene = draw::front(FrontView { front: &front, objectives: (1, 0), earlier: &[] });
    let labels: Vec<&str> = scene.labels().map(|label| label.text.as_str()).collect();
    for number in ["1", "2"] {
        assert!(labels.contains(&number), "{labels:?}");
    }
    for label in scene.labels() {
        let (left, top, right, bottom) = label.bounds();
        assert!(
            left >= 0.0 && top >= 0.0 && right <= scene.size.0 + 0.5 && bottom <= scene.size.1,
            "{label:?}"
        );
    }
    let page = section(&front).expect("drawn").content.into_string();
    assert!(page.contains("<svg") && page.contains("front.csv"), "{page}");
    assert!(page.contains("without a value"), "a point without a value is told");
}

#[test]
fn what_is_printed_tells_the_front_and_what_is_not_compared() {
    let told = text(&front()).replace('\u{a0}', " ");
    assert!(told.starts_with("2 of 5 points are on the front\n"), "{told}");
    assert!(
        told.contains("1 miss a condition") && told.contains("1 have a result without a value"),
        "{told}"
    );
    // Dominated by estimates, on the front in a tenth of the resamples.
    assert!(told.contains("10 %") && told.contains("dominated, by point 1"), "{told}");
}

#[test]
fn a_search_tells_how_much_was_chance() {
    let found = searched();
    let told = super::search_text(&found).replace('\u{a0}', " ");
    // Two points promised 50 and 30 of exposure, to be maximised, and gave 47 and 29: two points too good on average.
    assert!(
        told.contains(
            "the search promised too much, by 2 ng·h/mL on average (2 of 2 points are worse than promised)"
        ),
        "{told}"
    );
    let page = super::search_sections(&found).expect("drawn").into_string();
    assert!(page.contains("estimated again") && page.contains("in the search"), "{page}");
}
