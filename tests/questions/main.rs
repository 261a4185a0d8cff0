//! The scenarios of this package through the library: what they define in words, whom they draw, what they show.

mod reading;
mod what_they_show;
