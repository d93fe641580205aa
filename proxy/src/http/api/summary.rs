//! `GET /api/summary` and `GET /api/summary.csv`: what was ordered by month, as the database adds it up.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use shared::{
    Code, Outcome, Problem,
    csv::{BYTE_ORDER_MARK, write_row},
    language::Language,
    order::{Summary, SummaryBy, SummaryRow},
    parameters::ParameterError,
    prices::{Amount, Currency},
};

use super::{export, query::Query};
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};

/// Months that are answered unless others are asked for, and the most.
const MONTHS: u32 = 12;
const MOST_MONTHS: u32 = 60;
/// Names the file.
const FILE: &str = "summary.csv";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    by: SummaryBy,
    months: u32,
}

impl Asked {
    fn of(query: &[(String, String)]) -> Result<Self, ParameterError> {
        let (mut by, mut months) = (None, None);
        for (name, text) in query {
            let invalid = || ParameterError::new(Code::InvalidParameter, name);
            let is_repeated = match name.as_str() {
                "by" => by.replace(text.parse().map_err(|()| invalid())?).is_some(),
                "months" => {
                    let number = text.parse().ok().filter(|months| (1..=MOST_MONTHS).contains(months));
                    months.replace(number.ok_or_else(invalid)?).is_some()
                }
                _ => return Err(ParameterError::new(Code::UnknownParameter, name)),
            };
            if is_repeated {
                return Err(ParameterError::new(Code::DuplicateParameter, name));
            }
        }
        Ok(Self { by: by.unwrap_or_default(), months: months.unwrap_or(MONTHS) })
    }

    /// What the orders are grouped by, in words; nothing if there is no such order field.
    fn label<'a>(&self, app: &'a App, language: Language) -> Option<&'a str> {
        Some(match (&self.by, language) {
            (SummaryBy::Type, Language::English) => "Desktop type",
            (SummaryBy::Type, Language::Chinese) => "桌面规格",
            (SummaryBy::Account, Language::English) => "Account",
            (SummaryBy::Account, Language::Chinese) => "账号",
            (SummaryBy::Person, Language::English) => "Placed by",
            (SummaryBy::Person, Language::Chinese) => "提交人",
            (SummaryBy::Field(key), language) => {
                let rule = app.guard.limits.fields.iter().find(|rule| rule.field.key == *key)?;
                rule.field.label.of(language)
            }
        })
    }

    async fn answer(&self, app: &App, caller: &Caller) -> Result<Summary, Failure> {
        // Neither one that was never asked for, nor one that is no longer.
        self.label(app, Language::English).ok_or_else(|| ParameterError::new(Code::InvalidParameter, "by"))?;
        let summary = app.orders.summary(&self.by, self.months, &caller.accounts).await?;
        summary.ok_or_else(|| {
            let problem = Problem::new(Code::InvalidParameter, Outcome::NotSent).at("months");
            problem.because("The summary has too many rows. Fewer months have fewer.").into()
        })
    }
}

/// The summary.
pub(in crate::http) async fn months(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<Summary>, Failure> {
    Ok(Json(Asked::of(&query.0?)?.answer(&app, &caller).await?))
}

/// The summary as a file.
pub(in crate::http) async fn file(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Response, Failure> {
    let mut query = query.0?;
    let language = export::language(&mut query)?;
    let asked = Asked::of(&query)?;
    let summary = asked.answer(&app, &caller).await?;
    let rows = summary.rows.len();
    tracing::info!(target: "audit", by = caller.name.as_deref(), file = FILE, rows, "an export is complete");
    let headers =
        [(header::CONTENT_TYPE, export::content_type()), (header::CONTENT_DISPOSITION, export::disposition(FILE))];
    Ok((headers, text(&summary, asked.label(&app, language).unwrap_or_default(), language)).into_response())
}

/// The rows of the file, and the names of its columns.
fn text(summary: &Summary, group: &str, language: Language) -> String {
    let mut text = BYTE_ORDER_MARK.to_owned();
    write_row(&mut text, names(group, language));
    for row in &summary.rows {
        write_row(&mut text, cells(row));
    }
    text
}

fn names(group: &str, language: Language) -> [&str; 8] {
    match language {
        Language::English => [
            "Month (UTC+8)",
            group,
            "Currency",
            "Desktops bought",
            "Renewals",
            "Amount of subscriptions and renewals",
            "Amount of pay as you go, by the hour",
            "Orders of unknown outcome",
        ],
        Language::Chinese => [
            "月份 (UTC+8)",
            group,
            "币种",
            "购买桌面数",
            "续费次数",
            "包年包月与续费金额",
            "按量付费每小时金额",
            "结果未知的订单数",
        ],
    }
}

/// The cells of a row. What is not known is empty, and never 0.
fn cells(row: &SummaryRow) -> [String; 8] {
    let amount = |amount: Option<Amount>, currency: Option<Currency>| {
        let (amount, currency) = amount.zip(currency)?;
        Some(format!("{amount:.*}", usize::from(currency.decimals())))
    };
    [
        row.month.clone(),
        row.group.clone().unwrap_or_default(),
        row.currency.map(|currency| currency.to_string()).unwrap_or_default(),
        row.bought.to_string(),
        row.renewed.to_string(),
        amount(row.amount, row.currency).unwrap_or_default(),
        amount(row.amount_per_hour, row.currency).unwrap_or_default(),
        row.unknown.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_asked_for() {
        let check = |query: &str, expect: Result<(SummaryBy, u32), Code>| {
            let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let found = Asked::of(&pairs).map(|asked| (asked.by, asked.months)).map_err(|error| error.code);
            assert_eq!(found, expect, "{query}");
        };
        check("", Ok((SummaryBy::Type, 12)));
        check("by=account&months=1", Ok((SummaryBy::Account, 1)));
        check("by=person&months=60", Ok((SummaryBy::Person, 60)));
        check("months=0", Err(Code::InvalidParameter));
        check("months=61", Err(Code::InvalidParameter));
        check("by=field.cost_centre", Ok((SummaryBy::Field("cost_centre".to_owned()), 12)));
        check("by=", Err(Code::InvalidParameter));
        check("by=field.a'b", Err(Code::InvalidParameter));
        check("by=type&by=type", Err(Code::DuplicateParameter));
        check("q=x", Err(Code::UnknownParameter));
    }

    #[test]
    fn what_is_not_known_is_empty() {
        let row = SummaryRow {
            month: "2026-11".to_owned(),
            group: Some("=1+1".to_owned()),
            currency: None,
            bought: 2,
            renewed: 0,
            amount: None,
            amount_per_hour: None,
            unknown: 1,
        };
        let priced = SummaryRow {
            currency: "CNY".parse().ok(),
            amount: Some(Amount::ZERO),
            amount_per_hour: "0.5525".parse().ok(),
            ..row.clone()
        };
        let summary = Summary { months: Vec::new(), rows: vec![row, priced] };
        let text = text(&summary, "Account", Language::English);
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(rows, ["2026-11,'=1+1,,2,0,,,1", "2026-11,'=1+1,CNY,2,0,0.00,0.5525,1"]);
    }
}
