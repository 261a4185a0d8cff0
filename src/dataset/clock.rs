//! Clock times and dates: `8:30` on `2024-03-01`, as seconds that can be subtracted without rounding.

use jiff::civil::Date;

/// In which order a date that is not written year-first with hyphens names its parts (NONMEM's DATE, DAT1, DAT2, DAT3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    MonthDayYear,
    DayMonthYear,
    YearMonthDay,
    YearDayMonth,
}

/// Years of two digits up to this are of the 21st century, later ones of the 20th (NONMEM's LAST20).
const LAST_OF_21ST_CENTURY: i16 = 50;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// A clock time `hh:mm` or `hh:mm:ss`, s since midnight.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hour: u32 = parts.next()?.trim().parse().ok()?;
    let minute: u32 = parts.next()?.trim().parse().ok()?;
    let second: f64 = parts.next().map_or(Some(0.0), |part| part.trim().parse().ok())?;
    let valid = parts.next().is_none() && hour <= 24 && minute < 60 && (0.0..60.0).contains(&second);
    let whole = f64::from(hour * 3600 + minute * 60) + second;
    (valid && whole <= SECONDS_PER_DAY).then_some(whole)
}

/// A date, s from an arbitrary day to its midnight. A bare whole number counts days.
pub(super) fn midnight(text: &str, order: DateOrder) -> Option<f64> {
    if let Ok(day) = text.parse::<i32>() {
        return Some(f64::from(day) * SECONDS_PER_DAY);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = if first.len() == 4 && order != DateOrder::YearDayMonth {
        (first, second, third)
    } else {
        match order {
            DateOrder::MonthDayYear => (third, first, second),
            DateOrder::DayMonthYear => (third, second, first),
            DateOrder::YearMonthDay => (first, second, third),
            DateOrder::YearDayMonth => (first, third, second),
        }
    };
    let year: i16 = match (year.len(), year.parse().ok()?) {
        (..=2, short) if short <= LAST_OF_21ST_CENTURY => 2000 + short,
        (..=2, short) => 1900 + short,
        (_, year) => year,
    };
    let date = Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
    let days = Date::new(2000, 1, 1).ok()?.until(date).ok()?.get_days();
    Some(f64::from(days) * SECONDS_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_times() {
        assert_eq!(seconds("8:30"), Some(30_600.0));
        assert_eq!(seconds("00:00:30"), Some(30.0));
        assert_eq!(seconds("24:00"), Some(86_400.0));
        for text in ["8", "25:00", "8:60", "8:30:61", "a:b", "8:30:00:00", "24:01"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn dates_in_every_order() {
        let day = |text, order| midnight(text, order).map(|seconds| seconds / SECONDS_PER_DAY);
        // 2024 is a leap year: 31 + 29 days before 1 March, after 24 years with 6 leap days.
        let expected = Some(24.0 * 365.0 + 6.0 + 60.0);
        assert_eq!(day("2024-03-01", DateOrder::MonthDayYear), expected);
        assert_eq!(day("3/1/2024", DateOrder::MonthDayYear), expected);
        assert_eq!(day("1.3.2024", DateOrder::DayMonthYear), expected);
        assert_eq!(day("24/03/01", DateOrder::YearMonthDay), expected);
        assert_eq!(day("2024-01-03", DateOrder::YearDayMonth), expected);
        assert_eq!(day("3/1/24", DateOrder::MonthDayYear), expected);
        assert_eq!(day("12/31/99", DateOrder::MonthDayYear), Some(-1.0));
        assert_eq!(day("17", DateOrder::MonthDayYear), Some(17.0));
        for text in ["2024-02-30", "2024-13-01", "1/2", "March 1"] {
            assert_eq!(day(text, DateOrder::MonthDayYear), None, "{text}");
        }
    }
}
