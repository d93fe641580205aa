//! The calendar of the cloud: dates and months in UTC+8, where subscriptions are bought and end. Proleptic Gregorian, pure
//! arithmetic. The journal does the same in SQL; a test of it compares the two.

/// The cloud's distance from UTC, in milliseconds. China has had no summer time since 1991.
const OFFSET: i64 = 8 * 3_600_000;
const DAY: i64 = 24 * 3_600_000;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// The day of a moment, which is in milliseconds since 1970 UTC.
    #[must_use]
    pub fn of(moment: i64) -> Self {
        Self::of_day((moment + OFFSET).div_euclid(DAY))
    }

    /// The day with this number since 1970. As in Howard Hinnant's `civil_from_days`: years begin in March, so that the
    /// leap day is the last.
    fn of_day(number: i64) -> Self {
        let shifted = number + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month: small(month), day: small(day) }
    }

    /// The number of the day since 1970.
    fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let month = i64::from(self.month);
        let month_from_march = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    /// The moment at which the day begins, in milliseconds since 1970 UTC.
    #[must_use]
    pub fn begin(self) -> i64 {
        self.number() * DAY - OFFSET
    }

    /// The same day some months later, or the last day of a month that is too short for it.
    #[must_use]
    pub fn later(self, months: u32) -> Self {
        let index = self.year * 12 + i64::from(self.month) - 1 + i64::from(months);
        let (year, month) = (index.div_euclid(12), small(index.rem_euclid(12) + 1));
        Self { year, month, day: self.day.min(days_of(year, month)) }
    }
}

/// The moment at which so many months from a moment are over, both in milliseconds since 1970 UTC: the same time of the
/// day. The months are counted at once: a month at a time would end on the 28th after February.
#[must_use]
pub fn add_months(moment: i64, months: u32) -> i64 {
    let date = Date::of(moment).later(months);
    date.number() * DAY + (moment + OFFSET).rem_euclid(DAY) - OFFSET
}

/// A moment as `2026-11-28 22:05:09`, the cloud's time.
#[must_use]
pub fn timestamp(moment: i64) -> String {
    let seconds = (moment + OFFSET).rem_euclid(DAY) / 1_000;
    format!("{} {:02}:{:02}:{:02}", Date::of(moment), seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// As `2026-11-28`.
impl std::fmt::Display for Date {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_of(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of at most two digits.
fn small(number: i64) -> u8 {
    u8::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Midnight in the cloud's time zone.
    fn midnight(year: i64, month: u8, day: u8) -> i64 {
        Date { year, month, day }.begin()
    }

    #[test]
    fn days_are_those_of_the_cloud() {
        let check = |moment: i64, expect: &str| assert_eq!(timestamp(moment), expect);
        check(0, "1970-01-01 08:00:00");
        check(1_709_135_999_999, "2024-02-28 23:59:59");
        check(1_709_136_000_000, "2024-02-29 00:00:00");
        check(-1, "1970-01-01 07:59:59");
    }

    #[test]
    fn months_end_on_the_last_day_they_have() {
        let check = |from: (i64, u8, u8), months: u32, expect: &str| {
            let end = add_months(midnight(from.0, from.1, from.2), months);
            assert_eq!(Date::of(end).to_string(), expect, "{from:?} + {months}");
        };
        check((2026, 1, 31), 1, "2026-02-28");
        check((2028, 1, 31), 1, "2028-02-29");
        check((2026, 1, 31), 2, "2026-03-31");
        check((2026, 8, 31), 1, "2026-09-30");
        check((2028, 2, 29), 12, "2029-02-28");
        check((2028, 2, 29), 48, "2032-02-29");
        check((2100, 1, 29), 1, "2100-02-28");
        check((2026, 12, 15), 1, "2027-01-15");
        check((2026, 11, 30), 36, "2029-11-30");
        check((2026, 5, 5), 0, "2026-05-05");
    }

    proptest! {
        #[test]
        fn days_and_numbers_are_inverses(number in -200_000_i64..200_000) {
            let date = Date::of_day(number);
            prop_assert_eq!(date.number(), number);
            prop_assert!(date.day >= 1 && date.day <= days_of(date.year, date.month));
            prop_assert!(Date::of_day(number + 1) > date);
        }

        #[test]
        fn a_later_month_is_that_month_at_the_same_time(moment in 0_i64..4_000_000_000_000, months in 0_u32..200) {
            let (from, end) = (Date::of(moment), add_months(moment, months));
            let to = Date::of(end);
            let index = |date: Date| date.year * 12 + i64::from(date.month);
            prop_assert_eq!(index(to) - index(from), i64::from(months));
            prop_assert_eq!(to.day, from.day.min(days_of(to.year, to.month)));
            prop_assert_eq!((end - moment) % DAY, 0);
            prop_assert!(add_months(moment, months + 1) > end);
        }
    }
}
