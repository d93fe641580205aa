//! List filters: parses the queries of `GET /api/orders` and `GET /api/desktops`. The journal finds the rows.

use std::time::{SystemTime, UNIX_EPOCH};

use shared::{
    Action, Code,
    actions::{CreateDesktop, DeleteDesktop, RenewDesktop},
    order::{
        OrderState,
        fields::{LONGEST_VALUE, is_plain},
    },
    parameters::ParameterError,
};

use orders::{Accounts, Filter, OrderFieldRules};

/// Default and largest page size.
const DEFAULT_PAGE_SIZE: u32 = 50;
const MAX_PAGE_SIZE: u32 = 200;
/// What a key of an order field follows.
const FIELD: &str = "field.";
/// The longest text in a filter, in bytes.
const MAX_SEARCH_LENGTH: usize = 256;

/// The query of `GET /api/orders`: `limit`, `cursor`, `state` (one, or several separated by commas), `action`,
/// `region`, `user`, `q` (a part of user, desktop, order, token or type), `since` and `until` in milliseconds since
/// 1970 UTC, or `within` a number of seconds until now, and `field.KEY`, the exact value of an order field. The filter is limited
/// to `accounts`.
pub(in crate::http) fn orders_filter(
    query: &[(String, String)],
    accounts: Accounts,
    fields: &OrderFieldRules,
) -> Result<Filter, ParameterError> {
    let filter = parse(query, accounts, fields, |filter, name, text| {
        match name {
            "state" => {
                let states = text.split(',').map(str::parse::<OrderState>);
                filter.states = states.collect::<Result<_, ()>>()?;
            }
            "action" => {
                let is_known = [CreateDesktop::NAME, RenewDesktop::NAME, DeleteDesktop::NAME].contains(&text);
                filter.action = Some(is_known.then(|| text.to_owned()).ok_or(())?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    // The cursor of a list that is sorted, which this one is not.
    let is_other = filter.before.is_some_and(|place| place.end.is_some());
    if is_other { Err(ParameterError::new(Code::InvalidParameter, "cursor")) } else { Ok(filter) }
}

/// The query of `GET /api/desktops`: the same without `state` and `action`, and with `released` (`true` or `false`), `type`,
/// `valid_since` and `valid_before` in milliseconds since 1970 UTC, or `valid_within` a number of days from now. A filter
/// by time leaves out what is released.
pub(in crate::http) fn desktops_filter(
    query: &[(String, String)],
    accounts: Accounts,
    fields: &OrderFieldRules,
) -> Result<Filter, ParameterError> {
    parse(query, accounts, fields, of_desktops)
}

/// The query of a page of `GET /api/desktops`: the same with `sort`, a name of [`shared::order::SortKey`], behind `-` where
/// the largest come first.
pub(in crate::http) fn sorted_desktops_filter(
    query: &[(String, String)],
    accounts: Accounts,
    fields: &OrderFieldRules,
) -> Result<Filter, ParameterError> {
    parse(query, accounts, fields, |filter, name, text| match name {
        "sort" => {
            filter.sort = Some(text.parse()?);
            Ok(true)
        }
        _ => of_desktops(filter, name, text),
    })
}

fn of_desktops(filter: &mut Filter, name: &str, text: &str) -> Result<bool, ()> {
    match name {
        "released" => filter.released = Some(text.parse().map_err(|_| ())?),
        "type" => filter.type_item = Some(text.parse().map_err(|_| ())?),
        "valid_since" => later(&mut filter.valid_since, number(text)?),
        "valid_before" => earlier(&mut filter.valid_before, number(text)?),
        "valid_within" => {
            let days = text.parse::<u16>().map(i64::from).map_err(|_| ())?;
            let now = now();
            later(&mut filter.valid_since, now);
            earlier(&mut filter.valid_before, now + days * 24 * 3_600_000);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Parses the parameters that all lists share, and passes the others to `own`, which returns whether it knows the name,
/// or an error for a wrong value.
fn parse(
    query: &[(String, String)],
    accounts: Accounts,
    fields: &OrderFieldRules,
    own: impl Fn(&mut Filter, &str, &str) -> Result<bool, ()>,
) -> Result<Filter, ParameterError> {
    let mut filter = Filter { accounts, limit: DEFAULT_PAGE_SIZE, ..Filter::default() };
    for (index, (name, text)) in query.iter().enumerate() {
        if query[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(ParameterError::new(Code::DuplicateParameter, name));
        }
        if let Some(key) = name.strip_prefix(FIELD) {
            // One that is misspelt would find nothing, in silence.
            let is_known = fields.iter().any(|rule| rule.field.key == key);
            let is_value = !text.is_empty() && text.chars().count() <= LONGEST_VALUE && is_plain(text);
            match (is_known, is_value) {
                (false, _) => return Err(ParameterError::new(Code::UnknownParameter, name)),
                (true, false) => return Err(ParameterError::new(Code::InvalidParameter, name)),
                (true, true) => drop(filter.fields.insert(key.to_owned(), text.to_owned())),
            }
            continue;
        }
        let known = parse_common(&mut filter, name, text)
            .and_then(|known| if known { Ok(true) } else { own(&mut filter, name, text) });
        match known {
            Ok(true) => {}
            Ok(false) => return Err(ParameterError::new(Code::UnknownParameter, name)),
            Err(()) => return Err(ParameterError::new(Code::InvalidParameter, name)),
        }
    }
    Ok(filter)
}

fn parse_common(filter: &mut Filter, name: &str, text: &str) -> Result<bool, ()> {
    match name {
        "limit" => filter.limit = text.parse().ok().filter(|limit| (1..=MAX_PAGE_SIZE).contains(limit)).ok_or(())?,
        "cursor" => filter.before = Some(text.parse()?),
        "region" => filter.region = Some(text.parse().map_err(|_| ())?),
        "account" => filter.account = Some(text.parse().map_err(|_| ())?),
        "user" => filter.user = Some(non_empty(text)?),
        // An empty search field matches everything.
        "q" => filter.search = if text.is_empty() { None } else { Some(non_empty(text)?) },
        "since" => later(&mut filter.since, number(text)?),
        // By the proxy's clock: a browser's may be wrong by hours.
        "within" => later(&mut filter.since, now() - text.parse::<u32>().map(i64::from).map_err(|_| ())? * 1000),
        "until" => filter.until = Some(number(text)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// The time, in milliseconds since 1970 UTC.
pub(in crate::http) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Bounds that are there twice, by a time and by a length of time, hold both.
fn later(bound: &mut Option<i64>, time: i64) {
    *bound = Some(bound.map_or(time, |other| other.max(time)));
}

fn earlier(bound: &mut Option<i64>, time: i64) {
    *bound = Some(bound.map_or(time, |other| other.min(time)));
}

fn number(text: &str) -> Result<i64, ()> {
    text.parse().ok().filter(|number| *number >= 0).ok_or(())
}

/// A non-empty text of limited length. NUL is refused, because PostgreSQL stores none.
fn non_empty(text: &str) -> Result<String, ()> {
    let fits = !text.is_empty() && text.len() <= MAX_SEARCH_LENGTH && !text.contains('\0');
    fits.then(|| text.to_owned()).ok_or(())
}

#[cfg(test)]
mod tests {
    use orders::Place;
    use shared::order::{Sort, SortKey};

    use super::*;

    fn orders_filter(query: &[(String, String)]) -> Result<Filter, ParameterError> {
        super::orders_filter(query, Accounts::All, &rules())
    }

    fn desktops_filter(query: &[(String, String)]) -> Result<Filter, ParameterError> {
        super::desktops_filter(query, Accounts::All, &rules())
    }

    fn rules() -> OrderFieldRules {
        crate::order_fields::read("[[field]]\nkey = \"cost_centre\"\nlabel = { zh = \"甲\", en = \"A\" }").unwrap()
    }

    fn pairs(query: &str) -> Vec<(String, String)> {
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    #[test]
    fn what_can_be_asked_for() {
        let filter = orders_filter(&pairs(
            "limit=200&cursor=7&state=sending,unresolved&action=CreateDesktop&region=cn-beijing&user=%E5%BC%A0&q=x\
             &since=1&until=2",
        ));
        let expect = Filter {
            accounts: Accounts::All,
            states: vec![OrderState::Sending, OrderState::Unresolved],
            action: Some("CreateDesktop".to_owned()),
            region: "cn-beijing".parse().ok(),
            user: Some("张".to_owned()),
            search: Some("x".to_owned()),
            since: Some(1),
            until: Some(2),
            before: Some(7.into()),
            limit: 200,
            ..Filter::default()
        };
        assert_eq!(filter, Ok(expect));
        assert_eq!(orders_filter(&[]).map(|filter| filter.limit), Ok(DEFAULT_PAGE_SIZE));
        assert_eq!(orders_filter(&pairs("q=")).map(|filter| filter.search), Ok(None));
        let account = orders_filter(&pairs("account=42")).map(|filter| filter.account);
        assert_eq!(account, Ok("42".parse().ok()));
        let of_type = desktops_filter(&pairs("type=desktop.n1.small&valid_since=1&valid_before=2")).unwrap();
        assert_eq!(of_type.type_item.unwrap().as_str(), "desktop.n1.small");
        assert_eq!((of_type.valid_since, of_type.valid_before), (Some(1), Some(2)));
        let soon = desktops_filter(&pairs("valid_within=7")).unwrap();
        assert_eq!(soon.valid_before.unwrap() - soon.valid_since.unwrap(), 7 * 24 * 3_600_000);
        let both = desktops_filter(&pairs("valid_since=9&valid_within=7&valid_before=8&since=5&within=3")).unwrap();
        assert!(both.valid_since.unwrap() > 9 && both.valid_before == Some(8) && both.since.unwrap() > 5, "{both:?}");
        let by_field = orders_filter(&pairs("field.cost_centre=CN-1%2C+2")).unwrap();
        assert_eq!(by_field.fields, [("cost_centre".to_owned(), "CN-1, 2".to_owned())].into());
        assert_eq!(desktops_filter(&pairs("released=false")).map(|filter| filter.released), Ok(Some(false)));
        let query = pairs("sort=-valid_until&cursor=9.7&released=false");
        let sorted = sorted_desktops_filter(&query, Accounts::All, &rules()).unwrap();
        assert_eq!(sorted.sort, Some(Sort { key: SortKey::ValidUntil, descending: true }));
        assert_eq!((sorted.before, sorted.released), (Some(Place { position: 7, end: Some(9) }), Some(false)));
    }

    #[test]
    fn within_a_time_is_since_then() {
        let before = now() - 900_000;
        let since = orders_filter(&pairs("within=900")).unwrap().since.unwrap();
        assert!((before..=now() - 900_000).contains(&since));
        for text in ["", "-1", "x", "4294967296"] {
            let expect = Err(ParameterError::new(Code::InvalidParameter, "within"));
            assert_eq!(orders_filter(&pairs(&format!("within={text}"))), expect, "{text}");
        }
    }

    #[test]
    fn what_cannot() {
        let check = |query: &str, code: Code, name: &str| {
            assert_eq!(orders_filter(&pairs(query)), Err(ParameterError::new(code, name)), "{query}");
        };
        check("limit=0", Code::InvalidParameter, "limit");
        check("limit=201", Code::InvalidParameter, "limit");
        check("limit=x", Code::InvalidParameter, "limit");
        check("cursor=-1", Code::InvalidParameter, "cursor");
        check("cursor=next", Code::InvalidParameter, "cursor");
        check("cursor=1.7", Code::InvalidParameter, "cursor");
        check("sort=bought", Code::UnknownParameter, "sort");
        check("state=bought", Code::InvalidParameter, "state");
        check("state=", Code::InvalidParameter, "state");
        check("region=a.b", Code::InvalidParameter, "region");
        check("user=", Code::InvalidParameter, "user");
        check("user=%00", Code::InvalidParameter, "user");
        check("type=x", Code::UnknownParameter, "type");
        check("valid_within=7", Code::UnknownParameter, "valid_within");
        check("action=Create", Code::InvalidParameter, "action");
        check("field.ticket=1", Code::UnknownParameter, "field.ticket");
        check("field.=1", Code::UnknownParameter, "field.");
        check("field.cost_centre=", Code::InvalidParameter, "field.cost_centre");
        check("field.cost_centre=a%0Ab", Code::InvalidParameter, "field.cost_centre");
        check("field.cost_centre=a&field.cost_centre=b", Code::DuplicateParameter, "field.cost_centre");
        check("page=2", Code::UnknownParameter, "page");
        check("released=true", Code::UnknownParameter, "released");
        check("q=a&q=b", Code::DuplicateParameter, "q");
        assert_eq!(
            desktops_filter(&pairs("released=maybe")),
            Err(ParameterError::new(Code::InvalidParameter, "released"))
        );
        // Files and totals have no order.
        assert_eq!(desktops_filter(&pairs("sort=user")), Err(ParameterError::new(Code::UnknownParameter, "sort")));
        for text in ["", "token", "user,bought"] {
            let found = sorted_desktops_filter(&pairs(&format!("sort={text}")), Accounts::All, &rules());
            assert_eq!(found, Err(ParameterError::new(Code::InvalidParameter, "sort")), "{text}");
        }
    }
}
