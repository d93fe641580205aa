//! Fuzz targets: the query parser, and the parameters made from its output.

use proptest::prelude::*;
use shared::{
    actions::NAMES,
    parameters::{from_pairs, take_region, to_pairs},
    with_action,
};

use super::query::parse;
use fuzz::{edited, run};

/// A second implementation of the query syntax, to compare with. `None` if a part is not UTF-8.
fn reference(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let hex = |byte: u8| char::from(byte).to_digit(16);
        let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
        while let [first, after @ ..] = rest {
            rest = after;
            let pair = after.first_chunk().map(|[high, low]| (hex(*high), hex(*low)));
            let byte = match (first, pair) {
                (b'%', Some((Some(high), Some(low)))) => {
                    rest = &after[2..];
                    u8::try_from(high * 16 + low).ok()?
                }
                (b'+', _) => b' ',
                _ => *first,
            };
            bytes.push(byte);
        }
        String::from_utf8(bytes).ok()
    };
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| Some((decode(name)?, decode(value)?)))
        .collect()
}

const QUERIES: &[&str] = &[
    "RegionId=cn-hangzhou&TypeItemId=desktop.n1.small&ZoneId=cn-hangzhou-b&ChargeType=PREPAY",
    "RegionId=cn-hangzhou&ImageType=private&Page=2&PageSize=5&ImageName=%E5%BC%A0+x",
    "RegionId=cn-hangzhou&UserName=%E6%9D%8E%E5%9B%9B&Email=a%2Bb%40example.com",
    "RegionId=cn-hangzhou&VpcId=vpc-1&PageNumber=1&PageSize=50&ZoneId=",
    "limit=50&cursor=17&state=placed&q=%25_&since=2018-06-01T08:00:00Z",
    "",
];
const WORDS: &[&str] = &[
    "&",
    "=",
    "%",
    "%00",
    "%FF",
    "%C3%28",
    "%F0%9F%98%80",
    "+",
    "%2B",
    "%26",
    "%3D",
    "RegionId=",
    "Page=",
    "&&",
    "a=1",
    "#",
    "?",
    "OwnerId=1",
    "RegionId=cn-beijing",
    "99999999999999999999",
];

#[test]
fn queries() {
    let inputs = (edited(QUERIES, WORDS), proptest::sample::select(NAMES));
    run("queries", &inputs, |(query, name)| {
        let query = String::from_utf8_lossy(&query);
        let read = parse(&query);
        prop_assert_eq!(read.clone().ok(), reference(&query), "{}", query);
        let Ok(mut pairs) = read else { return Ok(()) };
        if take_region(&mut pairs).is_err() {
            return Ok(());
        }
        with_action!(name, A => {
            // Accepted parameters survive the round trip: none is made up, and only empty ones are lost.
            if let Ok(request) = from_pairs::<A>(&pairs) {
                let mut sent = to_pairs(&request);
                pairs.retain(|(_, value)| !value.is_empty());
                pairs.sort();
                sent.sort();
                let names = |pairs: &[(String, String)]| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                prop_assert_eq!(names(&sent), names(&pairs));
            }
        }, _ => {});
        Ok(())
    });
}
