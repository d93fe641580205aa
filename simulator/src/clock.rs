//! Timestamps in the gateway's formats. The caller supplies the clock, which may be wrong on purpose.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

/// The largest difference between a request's timestamp and the gateway's clock, either way.
pub(crate) const LARGEST_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// Parses a `Timestamp` parameter: exactly `yyyy-MM-ddTHH:mm:ssZ`, UTC, without fraction.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let exact = text.len() == "2018-06-01T08:00:00Z".len();
    let time = DateTime::strptime("%Y-%m-%dT%H:%M:%SZ", text).ok().filter(|_| exact)?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// A `Date` header.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether the text is a date as `DescribeImages` takes it, `yyyy-MM-dd HH:mm:ss`. Such dates compare as texts.
pub(crate) fn is_list_date(text: &str) -> bool {
    text.len() == "2018-06-01 08:00:00".len() && DateTime::strptime("%Y-%m-%d %H:%M:%S", text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        let check =
            |text: &str, expect: Option<i64>| assert_eq!(parse(text).map(Timestamp::as_second), expect, "{text}");
        check("1970-01-01T00:00:00Z", Some(0));
        check("2018-06-01T08:00:00Z", Some(1_527_840_000));
        check("2018-06-01T08:00:00.000Z", None);
        check("2018-06-01T08:00:00+00:00", None);
        check("2018-06-01 08:00:00", None);
        check("2018-6-1T8:0:0Z", None);
        check("2018-02-30T08:00:00Z", None);
        check("", None);
        check("时间", None);
    }

    #[test]
    fn date_header() {
        assert_eq!(http_date(Timestamp::UNIX_EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
